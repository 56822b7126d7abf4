"""Who we are to a server: a credentials file of the JWT kind, made here as `nsc` makes them."""

import base64
import binascii
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nats_server import NatsServer

from trunkline.engines.nats.bus import NatsBus
from trunkline.engines.nats.credentials import place_of, signer_of, tls_context
from trunkline.engines.nats.link import Servers
from trunkline.runtime.bus import BusAway

OPERATOR, ACCOUNT, USER, SEED = 14 << 3, 0, 20 << 3, 18 << 3  # NATS nkeys: kinds


class Key:
    """An nkey of a kind."""

    def __init__(self, kind: int) -> None:
        self._private = Ed25519PrivateKey.generate()
        self._kind = kind
        self.name = _base32(bytes([kind]) + self._private.public_key().public_bytes_raw())

    @property
    def seed(self) -> str:
        head = bytes([SEED | self._kind >> 5, (self._kind & 31) << 3])
        return _base32(head + self._private.private_bytes_raw())

    def jwt(self, about: "Key", what: str, **more: Any) -> str:
        """A token that says what `about` is, signed by this key."""
        claims = {"iss": self.name, "sub": about.name, "name": what, "iat": 1_700_000_000,
                  "nats": {"type": what, "version": 2, **more}}  # fmt: skip
        claims["jti"] = _base32(hashlib.sha256(json.dumps(claims).encode()).digest())
        head = {"typ": "JWT", "alg": "ed25519-nkey"}
        text = ".".join(_base64(json.dumps(one).encode()) for one in (head, claims))
        return f"{text}.{_base64(self._private.sign(text.encode()))}"


def _base32(data: bytes) -> str:
    checked = data + binascii.crc_hqx(data, 0).to_bytes(2, "little")
    return base64.b32encode(checked).decode().rstrip("=")


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def written(path: Path, jwt: str, key: Key) -> Path:
    path.write_text(
        f"-----BEGIN NATS USER JWT-----\n{jwt}\n------END NATS USER JWT------\n\n"
        "************************* IMPORTANT *************************\n\n"
        f"-----BEGIN USER NKEY SEED-----\n{key.seed}\n------END USER NKEY SEED------\n"
    )
    return path


async def connected(server: NatsServer, file: Path) -> NatsBus:
    place = place_of(server.url)
    bus = NatsBus(Servers((place,), tls_context(None, None, None), signer_of(file)))
    bus.start()
    await bus.tried(5)
    return bus


async def test_a_credentials_file_lets_us_in(tmp_path: Path) -> None:
    operator, account, user = Key(OPERATOR), Key(ACCOUNT), Key(USER)
    limits = {"limits": dict.fromkeys(
        ("subs", "data", "payload", "imports", "exports", "conn", "leaf"), -1)}  # fmt: skip
    preload = f"{account.name}: {operator.jwt(account, 'account', **limits)}"
    server = NatsServer(
        f"operator: {operator.jwt(operator, 'operator')}\n"
        f"resolver: MEMORY\nresolver_preload: {{ {preload} }}"
    ).start()
    allowed = dict.fromkeys(("subs", "data", "payload"), -1)
    jwt = account.jwt(user, "user", **allowed)
    good = await connected(server, written(tmp_path / "good.creds", jwt, user))
    bad = await connected(server, written(tmp_path / "bad.creds", jwt, Key(USER)))
    try:
        await good.ping()
        with pytest.raises(BusAway, match=r"Authorization Violation|may not let us in"):
            await bad.ping()
    finally:
        await good.close()
        await bad.close()
        server.close()
