from pathlib import Path

import pytest

from trunkline.runtime.secrets import (
    KeyFileInvalid,
    Keyring,
    SecretUnreadable,
    add_key,
    open_keyring,
)


def test_a_first_start_makes_a_key_that_only_the_owner_may_read(tmp_path: Path) -> None:
    path = tmp_path / "data" / "keys"
    made = open_keyring(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["keys"]
    assert open_keyring(path).unseal(made.seal("secret", "here"), "here") == "secret"


def test_the_same_secret_is_sealed_differently_each_time() -> None:
    keyring = Keyring({"k": bytes(32)})
    assert keyring.seal("secret", "here") != keyring.seal("secret", "here")


def test_a_sealed_secret_opens_only_in_its_place_and_unaltered() -> None:
    keyring = Keyring({"k": bytes(32)})
    sealed = keyring.seal("secret", "accounts/A/token")
    assert "secret" not in sealed
    assert keyring.unseal(sealed, "accounts/A/token") == "secret"
    with pytest.raises(SecretUnreadable):
        keyring.unseal(sealed, "accounts/B/token")
    at = len(sealed) // 2
    altered = sealed[:at] + ("A" if sealed[at] != "A" else "B") + sealed[at + 1 :]
    with pytest.raises(SecretUnreadable):
        keyring.unseal(altered, "accounts/A/token")
    for rubbish in ("", "k.", "k.####", "plain text"):
        with pytest.raises(SecretUnreadable):
            keyring.unseal(rubbish, "accounts/A/token")


def test_an_added_key_seals_and_the_older_one_still_opens(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    before = open_keyring(path)
    old = before.seal("secret", "here")
    after = add_key(path)
    assert after.current_id != before.current_id
    assert not after.is_current(old)
    assert after.unseal(old, "here") == "secret"
    assert after.is_current(after.seal("secret", "here"))
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(SecretUnreadable):
        before.unseal(after.seal("secret", "here"), "here")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "holds no key"),
        ("# only a comment\n", "holds no key"),
        ("k1 c2hvcnQ=\n", "line 1"),
        ("k1 !!!!\n", "not base64"),
        ("k1\n", "line 1"),
    ],
)
def test_a_wrong_key_file_is_refused_with_the_line(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "keys"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(KeyFileInvalid, match=why):
        open_keyring(path)


def test_a_key_file_that_everyone_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    open_keyring(path)
    path.chmod(0o644)
    with pytest.raises(KeyFileInvalid, match="chmod 600"):
        open_keyring(path)
