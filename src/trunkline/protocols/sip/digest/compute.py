"""The digest's arithmetic (RFC 7616 3.4) and the form of its headers."""

import hashlib
from collections.abc import Callable
from typing import Final

from trunkline.protocols.sip.grammar import split_outside, unquote


def _md5(text: str) -> str:
    # RFC 3261 22.4 demands MD5; many phones know nothing else.
    return hashlib.md5(text.encode("utf-8", "surrogateescape"), usedforsecurity=False).hexdigest()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


ALGORITHMS: Final[dict[str, Callable[[str], str]]] = {"MD5": _md5, "SHA-256": _sha256}
"""By name in upper case, weakest first."""


def base_algorithm(name: str) -> tuple[str, bool]:
    """Give the algorithm's name in upper case without -sess, and whether it had that."""
    name = name.upper()
    return (name[:-5], True) if name.endswith("-SESS") else (name, False)


def hash_user(algorithm: str, username: str, realm: str, password: str) -> str:
    """H(A1) without -sess: what may be kept in the place of the password."""
    return ALGORITHMS[algorithm](f"{username}:{realm}:{password}")


def digest_response(  # noqa: PLR0913 - the digest is made of these
    algorithm: str,
    ha1: str,
    *,
    nonce: str,
    method: str,
    uri: str,
    body: bytes = b"",
    qop: str = "",
    nc: str = "",
    cnonce: str = "",
) -> str:
    """Compute `response`; `algorithm` as on the wire, `ha1` as hash_user gives it.

    Qop auth, auth-int or empty.
    """
    base, session = base_algorithm(algorithm)
    digest = ALGORITHMS[base]
    if session:
        ha1 = digest(f"{ha1}:{nonce}:{cnonce}")
    a2 = f"{method}:{uri}"
    if qop == "auth-int":
        a2 = f"{a2}:{digest(body.decode('utf-8', 'surrogateescape'))}"
    if qop:
        return digest(f"{ha1}:{nonce}:{nc}:{cnonce}:{qop}:{digest(a2)}")
    return digest(f"{ha1}:{nonce}:{digest(a2)}")


def parse_digest(text: str) -> dict[str, str] | None:
    """Read the fields of a Digest challenge or answer, names in lower case.

    None for another scheme.
    """
    scheme, _, rest = text.strip().partition(" ")
    if scheme.lower() != "digest":
        return None
    fields: dict[str, str] = {}
    for part in split_outside(rest, ","):
        name, equals, value = part.partition("=")
        if equals:
            fields.setdefault(name.strip().lower(), unquote(value.strip()))
    return fields
