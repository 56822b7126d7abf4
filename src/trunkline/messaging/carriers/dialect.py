"""Matching the id in a receipt with the id in the response: hex, decimal, zeros, case.

One normalised key is stored per response; a receipt yields the few keys it may be stored under.
"""

from enum import Enum
from typing import Final

# 128-bit ids take 32 hex digits or 39 decimal ones; longer ids are nobody's numbers.
_HEX_MAX: Final = 32
_DECIMAL_MAX: Final = 39
_HEX_DIGITS: Final = frozenset("0123456789ABCDEF")


class IdDialect(Enum):
    """How a carrier writes one id in submit_sm_resp and in receipts."""

    EXACT = "exact"
    HEX_DECIMAL = "hex-resp/dec-dlr"
    DECIMAL_HEX = "dec-resp/hex-dlr"
    AUTO = "auto"
    MIXED = "mixed"  # all of them at once, which AUTO would not believe: the simulator's way


def response_key(message_id: str) -> str:
    """Normalise an id: no blanks or NULs, upper case, no leading zeros (but "0" stays)."""
    key = message_id.strip(" \0").upper()
    return key.lstrip("0") or key[:1]


def receipt_keys(message_id: str, dialect: IdDialect) -> tuple[str, ...]:
    """List the response keys a receipt's id may stand for, the likeliest first.

    With AUTO and MIXED a number yields up to three. Two of them may be other messages, so take the
    first that is stored *and* whose recipient is the receipt's source address, and let `Learner`
    settle the dialect of AUTO.
    """
    exact = response_key(message_id)
    if dialect is IdDialect.EXACT:
        return (exact,)
    if dialect is IdDialect.HEX_DECIMAL:
        return (_to_hex(exact) or exact,)
    if dialect is IdDialect.DECIMAL_HEX:
        return (_to_decimal(exact) or exact,)
    keys = [exact]
    for other in (_to_hex(exact), _to_decimal(exact)):
        if other is not None and other not in keys:
            keys.append(other)
    return tuple(keys)


def _to_hex(key: str) -> str | None:
    if len(key) > _DECIMAL_MAX or not (key.isascii() and key.isdigit()):
        return None
    return format(int(key), "X")


def _to_decimal(key: str) -> str | None:
    if not key or len(key) > _HEX_MAX or not _HEX_DIGITS.issuperset(key):
        return None
    return str(int(key, 16))


class Learner:
    """Settles a carrier's dialect after `needed` matches of one kind in a row.

    Matches that fit several dialects (a one-digit id) teach nothing.
    """

    __slots__ = ("_needed", "_run", "_seen", "dialect")

    def __init__(self, dialect: IdDialect = IdDialect.AUTO, needed: int = 5) -> None:
        self.dialect = dialect
        self._needed = needed
        self._seen: IdDialect | None = None
        self._run = 0

    def matched(self, message_id: str, stored_key: str) -> None:
        """Note that the receipt's `message_id` belonged to the response `stored_key`."""
        if self.dialect is not IdDialect.AUTO:
            return
        kind = _kind(message_id, stored_key)
        if kind is None:
            return
        self._run = self._run + 1 if kind is self._seen else 1
        self._seen = kind
        if self._run >= self._needed:
            self.dialect = kind


def _kind(message_id: str, stored_key: str) -> IdDialect | None:
    fits = [
        kind
        for kind in (IdDialect.EXACT, IdDialect.HEX_DECIMAL, IdDialect.DECIMAL_HEX)
        if receipt_keys(message_id, kind) == (stored_key,)
    ]
    if len(fits) > 1 and not _HEX_DIGITS.issuperset(stored_key):
        return IdDialect.EXACT  # a UUID or the like can only ever match as it is
    return fits[0] if len(fits) == 1 else None
