import stat
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from trunkline.intercept.authority import (
    CERTIFICATE_FILE,
    DAY_S,
    KEY_FILE,
    Authority,
    open_authority,
)
from trunkline.intercept.errors import AuthorityUnusable

NOW = 1_800_000_000.0


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return open_authority(tmp_path / "a" / "b", NOW)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_its_key_is_its_owners_alone(authority: Authority) -> None:
    folder = authority.path.parent
    assert mode(folder / KEY_FILE) == 0o600
    assert mode(folder) == 0o700
    assert sorted(one.name for one in folder.iterdir()) == [KEY_FILE, CERTIFICATE_FILE]


def test_a_key_that_became_readable_is_closed_again(authority: Authority) -> None:
    key = authority.path.with_name(KEY_FILE)
    key.chmod(0o644)
    assert open_authority(authority.path.parent, NOW).fingerprint == authority.fingerprint
    assert mode(key) == 0o600


def test_it_lives_ninety_days_and_is_made_anew_in_time(authority: Authority) -> None:
    assert authority.ends == NOW + 90 * DAY_S
    folder = authority.path.parent
    assert open_authority(folder, NOW + 75 * DAY_S).fingerprint == authority.fingerprint
    renewed = open_authority(folder, NOW + 77 * DAY_S)
    assert renewed.fingerprint != authority.fingerprint
    assert open_authority(folder, NOW + 77 * DAY_S).fingerprint == renewed.fingerprint


def test_it_is_constrained_to_the_domain(authority: Authority) -> None:
    limits = authority.certificate.extensions.get_extension_for_class(x509.NameConstraints)
    assert limits.critical
    assert limits.value.permitted_subtrees == [x509.DNSName("plivo.com")]
    excluded = limits.value.excluded_subtrees or []
    assert [str(one.value) for one in excluded] == ["0.0.0.0/0", "::/0"]


def verify(authority: Authority, name: str, later_s: float = 0.0) -> None:
    pem = authority.issue((name,), NOW)
    leaf = x509.load_pem_x509_certificates(pem)[0]
    when = x509.load_pem_x509_certificate(authority.pem).not_valid_before_utc
    moment = when.fromtimestamp(NOW + later_s, tz=when.tzinfo)
    policy = PolicyBuilder().store(Store([authority.certificate])).time(moment)
    policy.build_server_verifier(x509.DNSName(name)).verify(leaf, [])


@pytest.mark.parametrize("name", ["api.plivo.com", "plivo.com", "zt.plivo.com"])
def test_what_it_signs_for_the_domain_is_good(authority: Authority, name: str) -> None:
    verify(authority, name)


@pytest.mark.parametrize("name", ["example.com", "plivo.com.evil.test", "notplivo.com"])
def test_what_it_signs_for_others_is_worth_nothing(authority: Authority, name: str) -> None:
    with pytest.raises(VerificationError):
        verify(authority, name)


def test_what_it_signs_is_short_lived(authority: Authority) -> None:
    verify(authority, "api.plivo.com", later_s=6 * DAY_S)
    with pytest.raises(VerificationError):
        verify(authority, "api.plivo.com", later_s=8 * DAY_S)


@pytest.mark.parametrize("name", [CERTIFICATE_FILE, KEY_FILE])
@pytest.mark.parametrize("rubbish", [b"", b"\xff\x00", b"-----BEGIN CERTIFICATE-----\nx\n"])
def test_rubbish_is_replaced(authority: Authority, name: str, rubbish: bytes) -> None:
    folder = authority.path.parent
    (folder / name).write_bytes(rubbish)
    made = open_authority(folder, NOW)
    assert made.fingerprint != authority.fingerprint
    load_pem_private_key((folder / KEY_FILE).read_bytes(), None)


def test_a_key_of_another_authority_is_not_used(authority: Authority, tmp_path: Path) -> None:
    other = open_authority(tmp_path / "other", NOW)
    key = other.path.with_name(KEY_FILE)
    authority.path.with_name(KEY_FILE).write_bytes(key.read_bytes())
    made = open_authority(authority.path.parent, NOW)
    assert made.fingerprint not in (authority.fingerprint, other.fingerprint)


def test_a_folder_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(AuthorityUnusable, match="file"):
        open_authority(tmp_path / "file" / "x", NOW)
