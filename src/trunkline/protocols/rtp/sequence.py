"""Numbers that wrap: sequence numbers of 16 bits and timestamps of 32, as ones that do not."""

from typing import Final

SEQUENCE_BITS: Final = 16
TIMESTAMP_BITS: Final = 32


def difference(a: int, b: int, bits: int) -> int:
    """`a` - `b`, the nearer way round (RFC 1982); within ±2^(bits-1)."""
    half = 1 << (bits - 1)
    return ((a - b + half) & ((1 << bits) - 1)) - half


class Unwrapped:
    """Follows a wrapping number; gives each value as the one nearest to the last."""

    __slots__ = ("_bits", "_last")

    def __init__(self, bits: int) -> None:
        self._bits = bits
        self._last: int | None = None

    def __call__(self, value: int) -> int:
        """The value without wrapping; the first is given as it is."""
        last = self._last
        found = value if last is None else last + difference(value, last, self._bits)
        self._last = found
        return found

    def follow(self, step: int) -> int:
        """The value so much after the last one; there was one."""
        found = self._last = (self._last or 0) + step
        return found

    def forget(self) -> None:
        """Start anew."""
        self._last = None
