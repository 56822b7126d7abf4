"""The authority of this installation: signs for Plivo's hosts, and can for no others.

Its key is readable by its owner alone. It is constrained to `plivo.com` (RFC 5280 4.2.1.10), so
that a stolen key is worth nothing against other sites, and lives 90 days.
"""

import datetime
import ipaddress
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from trunkline.intercept.errors import AuthorityUnusable
from trunkline.intercept.hosts import DOMAIN

CERTIFICATE_FILE: Final = "ca.pem"
KEY_FILE: Final = "ca-key.pem"
DAY_S: Final = 86_400
LIFE_S: Final = 90 * DAY_S
RENEW_S: Final = 14 * DAY_S  # before its end: a new one is made at the next start
LEAF_LIFE_S: Final = 7 * DAY_S
BACKDATED_S: Final = 3_600  # clocks of containers differ

_NAME: Final = "Trunkline local authority"
_NO_ADDRESSES: Final = [
    x509.IPAddress(ipaddress.ip_network("0.0.0.0/0")),
    x509.IPAddress(ipaddress.ip_network("::/0")),
]

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Authority:
    """`path` is where its certificate lies; empty if it is kept nowhere."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    path: Path

    @property
    def pem(self) -> bytes:
        """The certificate, as PEM."""
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def ends(self) -> float:
        """Unix time."""
        return self.certificate.not_valid_after_utc.timestamp()

    @property
    def fingerprint(self) -> str:
        """SHA-256 in lower-case hexadecimal."""
        return self.certificate.fingerprint(hashes.SHA256()).hex()

    def issue(self, names: tuple[str, ...], now: float) -> bytes:
        """Return key and certificate for `names` as PEM, valid for 7 days at most."""
        key = ec.generate_private_key(ec.SECP256R1())
        ends = min(now + LEAF_LIFE_S, self.ends)
        builder = _builder(names[0], self.certificate.subject, key, now, ends)
        builder = builder.add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False
        )
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        builder = builder.add_extension(usage, critical=False)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        builder = builder.add_extension(issuer, critical=False)
        leaf = builder.sign(self.key, hashes.SHA256())
        return _key_pem(key) + leaf.public_bytes(Encoding.PEM)


def open_authority(folder: Path, now: float) -> Authority:
    """Return the authority kept in `folder`; a new one if there is none or its end is near.

    Raises:
        AuthorityUnusable: the files cannot be read or written.
    """
    try:
        known = _read(folder)
        if known is not None and known.ends - now > RENEW_S:
            return known
        made = make_authority(now, folder / CERTIFICATE_FILE)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(folder / KEY_FILE, _key_pem(made.key), 0o600)
        _write(folder / CERTIFICATE_FILE, made.pem, 0o644)
        _give(folder)
    except OSError as error:
        raise AuthorityUnusable(f"{error.filename or folder}: {error.strerror}") from error
    if known is not None:
        logger.warning("authority.renewed", file=str(made.path), mend="trust the new one")
    return made


def make_authority(now: float, path: Path) -> Authority:
    """Make an authority that is kept nowhere yet."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{_NAME} {secrets.token_hex(4)}")])
    builder = _builder("", name, key, now, now + LIFE_S, subject=name)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    builder = builder.add_extension(usage, critical=True)
    limits = x509.NameConstraints([x509.DNSName(DOMAIN)], _NO_ADDRESSES)
    builder = builder.add_extension(limits, critical=True)
    return Authority(builder.sign(key, hashes.SHA256()), key, path)


def _builder(
    common_name: str,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    now: float,
    ends: float,
    subject: x509.Name | None = None,
) -> x509.CertificateBuilder:
    named = subject or x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(named)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_date(now - BACKDATED_S))
        .not_valid_after(_date(ends))
        .add_extension(identifier, critical=False)
    )


def _date(seconds: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(int(seconds), tz=datetime.UTC)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _read(folder: Path) -> Authority | None:
    """Return what the folder has; None if that is nothing, or of no use."""
    path, key_path = folder / CERTIFICATE_FILE, folder / KEY_FILE
    if not (path.exists() and key_path.exists()):
        return None
    key_path.chmod(0o600)
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        key = load_pem_private_key(key_path.read_bytes(), None)
    except (ValueError, TypeError):
        logger.warning("authority.unreadable", folder=str(folder))
        return None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        return None
    if key.public_key() != certificate.public_key():
        return None  # two programs made one at the same moment
    return Authority(certificate, key, path)


def _give(folder: Path) -> None:
    """Let the data folder's owner have what root makes in it (`sudo trunkline trust`)."""
    if os.geteuid() == 0:
        owner = folder.parent.stat()
        for path in (folder, *folder.iterdir()):
            os.chown(path, owner.st_uid, owner.st_gid)


def _write(path: Path, content: bytes, mode: int) -> None:
    """Put the file there in one piece; nobody else could ever read more than `mode` allows."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    draft.replace(path)
