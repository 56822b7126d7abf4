"""New identifiers: uuids that sort by time, auth ids, auth tokens, application ids."""

import base64
import os
import secrets
import time
from typing import Literal

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_POOL_BYTES = 8192
_RANDOM_62 = (1 << 62) - 1
_VERSION_7 = 0x7 << 76  # RFC 9562 5.7
_VARIANT = 0x2 << 62  # RFC 9562 4.1

AUTH_ID_LENGTH = 20  # PLIVO SDK validators: ^(M|S)A[A-Z0-9]{18}$
UUID_LENGTH = 36
_UUID_DASHES = (8, 13, 18, 23)


class _UuidSource:
    """Time in 1/4096 ms, strictly rising within the process, before 62 random bits."""

    __slots__ = ("_at", "_pool", "_tick")

    def __init__(self) -> None:
        self._tick = 0
        self.forget_pool()

    def forget_pool(self) -> None:
        """Drop buffered randomness: a forked child must not repeat its parent's."""
        self._pool = b""
        self._at = 0

    def next_int(self) -> int:
        tick = time.time_ns() * 4096 // 1_000_000
        if tick <= self._tick:
            tick = self._tick + 1
        self._tick = tick
        at = self._at
        if at + 8 > len(self._pool):
            self._pool = os.urandom(_POOL_BYTES)
            at = 0
        self._at = at + 8
        random = int.from_bytes(self._pool[at : at + 8], "big") & _RANDOM_62
        return (tick >> 12) << 80 | _VERSION_7 | (tick & 0xFFF) << 64 | _VARIANT | random


_uuids = _UuidSource()
os.register_at_fork(after_in_child=_uuids.forget_pool)


def new_uuid() -> str:
    """Return a 36-character lower-case uuid (version 7); each sorts after the one before it."""
    text = f"{_uuids.next_int():032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def following(uuid: str, number: int) -> str:
    """Return the uuid that comes `number` + 1 after another: the same one each time."""
    head, tail = uuid[:-12], uuid[-12:]
    return f"{head}{(int(tail, 16) + number + 1) % (1 << 48):012x}"


def uuid_at(seconds: float) -> str:
    """Return a uuid that sorts before every `new_uuid` made at that unix time or later."""
    text = f"{int(max(0.0, seconds) * 1000) << 80 | _VERSION_7:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def new_auth_id(prefix: Literal["MA", "SA"]) -> str:
    """Return `prefix` and 18 of A–Z, 0–9: MA for a main account, SA for a subaccount."""
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(AUTH_ID_LENGTH - 2))


def new_auth_token() -> str:
    """Return 40 characters of base64 without `+`, `/` or `=`; 120 random bits."""
    return base64.b64encode(secrets.token_hex(15).encode()).decode()


def new_app_id() -> str:
    """Return 17 digits that do not start with 0."""
    return str(secrets.randbelow(9 * 10**16) + 10**16)


def new_carrier_id() -> str:
    """Return 14 digits that do not start with 0."""
    return str(secrets.randbelow(9 * 10**13) + 10**13)


def new_endpoint_id() -> str:
    """Return 14 digits that do not start with 0."""
    return str(secrets.randbelow(9 * 10**13) + 10**13)


def new_registry_id(prefix: Literal["B", "C"]) -> str:
    """Return the id of a 10DLC brand (B) or campaign (C): 7 capital letters and digits."""
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(6))


def is_auth_id(text: str) -> bool:
    """Tell whether `text` has the form of an account's or subaccount's id."""
    return (
        len(text) == AUTH_ID_LENGTH
        and text[:2] in ("MA", "SA")
        and text.isascii()
        and text.isalnum()
        and text == text.upper()
    )


def is_uuid(text: str) -> bool:
    """Tell whether `text` is 36 characters of hexadecimal with dashes where a uuid has them."""
    if len(text) != UUID_LENGTH or not text.isascii():
        return False
    if any(text[at] != "-" for at in _UUID_DASHES):
        return False
    digits = text.replace("-", "")
    return len(digits) == 32 and all(digit in "0123456789abcdefABCDEF" for digit in digits)
