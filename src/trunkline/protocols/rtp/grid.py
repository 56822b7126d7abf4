"""How packets of any length fall into the cells of a jitter buffer: one cell for each tick."""

from collections.abc import Iterator
from typing import Final, Protocol, TypeVar

T_co = TypeVar("T_co", covariant=True)
_MAX_PARTIAL: Final = 64


class Grid(Protocol[T_co]):
    """Cuts packets; `start` and `frame` are in timestamp units, `start` from the grid's origin."""

    frame: int

    def place(self, start: int, payload: bytes) -> Iterator[tuple[int, T_co]]:
        """Give the cells that are complete with this packet."""
        ...

    def partial(self, cell: int) -> T_co | None:
        """What there is of an incomplete cell that must be played now."""
        ...

    def duration(self, payload: bytes) -> int:
        """Timestamp units of a payload; 0 if it makes no sense."""
        ...

    @property
    def pending(self) -> bool:
        """Whether there are incomplete cells."""
        ...

    def clear(self) -> None:
        """Forget incomplete cells: the origin moves."""
        ...


class SampleGrid:
    """Codecs with one octet for each timestamp unit (PCMU, PCMA, G.722): cut anywhere."""

    def __init__(self, frame: int, silence: int) -> None:
        self.frame = frame
        self._silence = bytes([silence]) * frame
        self._parts: dict[int, tuple[bytearray, int]] = {}

    def duration(self, payload: bytes) -> int:
        return len(payload)

    def place(self, start: int, payload: bytes) -> Iterator[tuple[int, bytes]]:
        frame = self.frame
        cell, offset = divmod(start, frame)
        if offset == 0 and len(payload) == frame:
            yield cell, payload
            return
        at = 0
        while at < len(payload):
            piece = payload[at : at + frame - offset]
            at += len(piece)
            if len(piece) == frame:
                yield cell, piece
            elif (whole := self._join(cell, offset, piece)) is not None:
                yield cell, whole
            cell, offset = cell + 1, 0

    def _join(self, cell: int, offset: int, piece: bytes) -> bytes | None:
        found, filled = self._parts.pop(cell, (None, 0))
        octets = bytearray(self._silence) if found is None else found
        octets[offset : offset + len(piece)] = piece
        filled += len(piece)
        if filled >= self.frame:
            return bytes(octets)
        if len(self._parts) >= _MAX_PARTIAL:
            self._parts.pop(min(self._parts))
        self._parts[cell] = (octets, filled)
        return None

    def partial(self, cell: int) -> bytes | None:
        found = self._parts.pop(cell, None)
        return None if found is None else bytes(found[0])

    @property
    def pending(self) -> bool:
        return bool(self._parts)

    def clear(self) -> None:
        self._parts.clear()


class PacketGrid:
    """Codecs whose packets stay whole (Opus): a cell has the packets that begin in it.

    A cell that a longer packet covers is an empty tuple: nothing to decode, nothing lost.
    """

    def __init__(self, frame: int) -> None:
        self.frame = frame
        self._parts: dict[int, tuple[bytes, ...]] = {}

    def duration(self, payload: bytes) -> int:
        return opus_duration(payload)

    def place(self, start: int, payload: bytes) -> Iterator[tuple[int, tuple[bytes, ...]]]:
        duration = opus_duration(payload)
        cell, offset = divmod(start, self.frame)
        if duration < self.frame:
            parts = (*self._parts.pop(cell, ()), payload)
            if offset + duration >= self.frame or len(parts) * duration >= self.frame:
                yield cell, parts
                return
            if len(self._parts) >= _MAX_PARTIAL:
                self._parts.pop(min(self._parts))
            self._parts[cell] = parts
            return
        yield cell, (payload,)
        for more in range(1, duration // self.frame):
            yield cell + more, ()

    def partial(self, cell: int) -> tuple[bytes, ...] | None:
        return self._parts.pop(cell, None)

    @property
    def pending(self) -> bool:
        return bool(self._parts)

    def clear(self) -> None:
        self._parts.clear()


_SILK: Final = (480, 960, 1920, 2880)  # timestamp units at 48 kHz
_HYBRID: Final = (480, 960)
_CELT: Final = (120, 240, 480, 960)
_MOST_OPUS: Final = 5760  # 120 ms (RFC 6716 3.2.5)


def opus_duration(payload: bytes) -> int:
    """Duration of an Opus packet at 48 kHz, from its first octets (RFC 6716 3.1); 0: malformed."""
    if not payload:
        return 0
    config, code = payload[0] >> 3, payload[0] & 3
    if config < 12:
        one = _SILK[config & 3]
    elif config < 16:
        one = _HYBRID[config & 1]
    else:
        one = _CELT[config & 3]
    count = (1, 2, 2, payload[1] & 0x3F if len(payload) > 1 else 0)[code]  # RFC 6716 3.2
    return one * count if one * count <= _MOST_OPUS else 0
