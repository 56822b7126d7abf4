"""The bus that the settings ask for, and what is said of settings that cannot be used."""

from pathlib import Path

import pytest

from trunkline.processes.beside.bus import lay_bus
from trunkline.runtime.bus import InProcessBus
from trunkline.runtime.settings import load
from trunkline.runtime.settings.errors import SettingError

SEED = "SUAF7BVNHSAPPYQMEIQSCNA4FWKRIIMZWTCJOPPIFRVJ3ZOK6WPCSWWCVI"


def credentials(folder: Path, jwt: str = "a.b.c", seed: str = SEED) -> Path:
    path = folder / "user.creds"
    path.write_text(
        f"-----BEGIN NATS USER JWT-----\n{jwt}\n------END NATS USER JWT------\n\n"
        f"-----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n"
    )
    return path


def test_without_a_server_it_stays_in_the_process() -> None:
    assert isinstance(lay_bus(load({})), InProcessBus)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("localhost", "nats://"),
        ("http://host", "must begin with nats:// or tls://"),
        ("nats://", "names no host"),
        ("nats://host:99999", "range"),
        ("nats://host:port", "nats.url"),
        ("nats://host/queue", "after the port"),
        ("nats://one,,nats://two", "must begin"),
        ("nats://ann:s3cret@[::1", "nats.url"),
    ],
)
def test_urls_that_are_none(url: str, words: str) -> None:
    with pytest.raises(SettingError, match=words) as refusal:
        lay_bus(load({"TRUNKLINE_NATS": url}))
    assert refusal.value.key == "nats.url"
    assert "s3cret" not in str(refusal.value)


def test_files_that_cannot_be_used(tmp_path: Path) -> None:
    rubbish = tmp_path / "rubbish"
    rubbish.write_bytes(b"\xff\x00rubbish")
    env = {"TRUNKLINE_NATS": "nats://host"}
    for name, key in (
        ("CREDENTIALS", "nats.credentials"),
        ("TLS_AUTHORITY", "nats.tls_authority"),
        ("TLS_CERTIFICATE", "nats.tls_certificate"),
    ):
        for path in (rubbish, tmp_path / "none"):
            with pytest.raises(SettingError, match=str(path)) as refusal:
                lay_bus(load({**env, f"TRUNKLINE_NATS_{name}": str(path)}))
            assert refusal.value.key == key


@pytest.mark.parametrize(
    ("seed", "words"),
    [("SU!!", "no user JWT"), ("SUAA", "not a user's"), (SEED[:-1] + "J", "checksum"),
     ("SA" + SEED[2:], "not a user's"), ("SU1", "not Base32")],
)  # fmt: skip
def test_seeds_that_are_none(tmp_path: Path, seed: str, words: str) -> None:
    path = credentials(tmp_path, seed=seed)
    with pytest.raises(SettingError, match=words):
        lay_bus(load({"TRUNKLINE_NATS": "nats://h", "TRUNKLINE_NATS_CREDENTIALS": str(path)}))


def test_prefixes_that_are_no_subjects() -> None:
    for prefix in ("a b", "a..b", ">", "a.*", "é", ""):
        if prefix:
            with pytest.raises(SettingError, match="joined by dots"):
                load({"TRUNKLINE_NATS_PREFIX": prefix})
