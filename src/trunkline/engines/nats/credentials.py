"""Who we are to a NATS server: a user or token of the URL, or a credentials file; and TLS."""

import base64
import binascii
import re
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from trunkline.values.errors import TrunklineError

DEFAULT_PORT: Final = 4222
_SEED_BYTES: Final = 36  # NATS nkeys: 2 of kind, 32 of seed, 2 of CRC-16
_BLOCK = re.compile(r"-+BEGIN ([A-Z ]+?)-+\s+([A-Za-z0-9_\-.=]+)\s+-+END \1-+")


class CannotConnect(TrunklineError):
    """What is needed to connect cannot be read; the text says which file and why."""


class PlainServer(TrunklineError):
    """TLS was asked for and the server does none: nothing secret is sent to it."""


@dataclass(frozen=True, slots=True)
class Signer:
    """A credentials file: a user's JWT, and the key that proves it is ours."""

    jwt: str
    key: Ed25519PrivateKey

    def sign(self, nonce: str) -> bytes:
        """Return the signature of a server's nonce, in Base64 as the protocol has it."""
        return base64.b64encode(self.key.sign(nonce.encode()))


@dataclass(frozen=True, slots=True)
class Place:
    """A server, and how its URL names us: user and password, a token as the user, or nothing."""

    host: str
    port: int
    tls: bool
    user: str | None
    password: str | None

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'tls' if self.tls else 'nats'}://{host}:{self.port}"


class TlsContext(ssl.SSLContext):
    """A client's context that remembers whether it was used since `forget`.

    The library encrypts when the server offers it; who asked for TLS must not get less.
    """

    used = False

    def forget(self) -> None:
        """Begin a connection."""
        self.used = False

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,  # noqa: FBT001, FBT002, RUF100 - as it is in ssl
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        self.used = True
        return super().wrap_bio(incoming, outgoing, server_side, server_hostname, session)


def place_of(url: str) -> Place:
    """Read the URL of a server, `nats://` or `tls://`; raises ValueError with what is wrong."""
    parts = urlsplit(url.strip())
    if parts.scheme not in ("nats", "tls"):
        raise ValueError("must begin with nats:// or tls://")
    if not parts.hostname:
        raise ValueError("names no host")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("must end after the port")
    port = parts.port  # raises ValueError
    return Place(
        parts.hostname,
        DEFAULT_PORT if port is None else port,
        parts.scheme == "tls",
        None if parts.username is None else unquote(parts.username),
        None if parts.password is None else unquote(parts.password),
    )


def tls_context(authority: Path | None, certificate: Path | None, key: Path | None) -> TlsContext:
    """Make the context of connections; raises CannotConnect."""
    context = TlsContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        if authority is None:
            context.load_default_certs()
        else:
            context.load_verify_locations(authority)
    except (OSError, ssl.SSLError) as error:
        raise CannotConnect(f"nats.tls_authority: {authority} cannot be used: {error}") from None
    if certificate is not None:
        try:
            context.load_cert_chain(certificate, key)
        except (OSError, ssl.SSLError) as error:
            reason = f"{certificate} and its key cannot be used: {error}"
            raise CannotConnect(f"nats.tls_certificate: {reason}") from None
    return context


def signer_of(file: Path) -> Signer:
    """Read a credentials file as `nsc` writes them; raises CannotConnect."""
    try:
        text = file.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise CannotConnect(f"nats.credentials: {file} cannot be read: {error}") from None
    blocks: dict[str, str] = dict(_BLOCK.findall(text))
    jwt, seed = blocks.get("NATS USER JWT"), blocks.get("USER NKEY SEED")
    if not jwt or not seed:
        raise CannotConnect(f"nats.credentials: {file} has no user JWT with its seed")
    try:
        return Signer(jwt, _key_of(seed))
    except ValueError as error:
        raise CannotConnect(f"nats.credentials: the seed of {file} {error}") from None


def _key_of(seed: str) -> Ed25519PrivateKey:
    """NATS nkeys: Base32 without padding of kind, seed and CRC-16/XMODEM, little-endian."""
    try:
        raw = base64.b32decode(seed + "=" * (-len(seed) % 8))
    except binascii.Error:
        raise ValueError("is not Base32") from None
    if not seed.startswith("SU") or len(raw) != _SEED_BYTES:
        raise ValueError("is not a user's")
    if binascii.crc_hqx(raw[:-2], 0) != int.from_bytes(raw[-2:], "little"):
        raise ValueError("has a wrong checksum")
    return Ed25519PrivateKey.from_private_bytes(raw[2:34])
