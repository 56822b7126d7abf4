"""Files of authorities for programs that trust only what they are given: PEM, and a JVM's store."""

import ssl
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import certifi
from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import (
    PKCS12Certificate,
    serialize_java_truststore,
)
from cryptography.utils import CryptographyDeprecationWarning

from trunkline.intercept.authority import Authority

JVM_PASSWORD: Final = "changeit"  # noqa: S105 - the JVM's own default; the store has no secrets

_BEGIN: Final = b"-----BEGIN CERTIFICATE-----"
_END: Final = b"-----END CERTIFICATE-----"
_SYSTEM: Final = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
)


def system_bundle() -> Path:
    """Return the PEM file that this machine's programs trust; else that of Mozilla's list."""
    known = ssl.get_default_verify_paths().cafile
    paths = [Path(one) for one in (*([known] if known else []), *_SYSTEM)]
    return next((one for one in paths if one.is_file()), Path(certifi.where()))


def combined(bundle: Path, authority: Authority) -> bytes:
    """Return the bundle's authorities and ours, as PEM.

    Raises:
        OSError: the bundle cannot be read.
    """
    return bundle.read_bytes().rstrip() + b"\n\n" + authority.pem


def jvm_store(pem: bytes) -> bytes:
    """Return a PKCS #12 trust store of the authorities in `pem`, but for unreadable ones."""
    named = [
        PKCS12Certificate(one, f"authority-{number}".encode())
        for number, one in enumerate(_certificates(pem))
    ]
    return serialize_java_truststore(named, BestAvailableEncryption(JVM_PASSWORD.encode()))


def _certificates(pem: bytes) -> Iterator[x509.Certificate]:
    for part in pem.split(_BEGIN)[1:]:
        block = _BEGIN + part.partition(_END)[0] + _END + b"\n"
        with warnings.catch_warnings():  # of serial numbers that were allowed once
            warnings.simplefilter("ignore", CryptographyDeprecationWarning)
            try:
                known = x509.load_pem_x509_certificate(block)
            except ValueError:
                continue  # an old authority with a form that is not allowed any more
        yield known
