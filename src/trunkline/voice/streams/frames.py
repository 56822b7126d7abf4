"""Pieces of audio of any length to frames of 20 ms."""

from collections.abc import Iterator
from typing import Final

from trunkline.protocols.audiostream.formats import Format

FRAME_MS: Final = 20  # PLIVO streams: 20 ms frames
_ASTRAY_MS: Final = 200  # a resampler's delay is less; more means that frames were lost


class Framer:
    """One track; resampled audio comes in pieces that are a little longer and shorter."""

    def __init__(self, audio: Format) -> None:
        octets = 1 if audio.encoding == "mulaw" else 2
        self._size = audio.rate * FRAME_MS // 1000 * octets
        self._rest = bytearray()
        self._next_ms: int | None = None

    def cut(self, at_ms: int, octets: bytes) -> Iterator[tuple[int, bytes]]:
        """Give (time, frame) of each frame that is complete, 20 ms apart."""
        if self._next_ms is None or abs(at_ms - self._next_ms) > _ASTRAY_MS:
            self._next_ms = at_ms
        self._rest += octets
        while len(self._rest) >= self._size:
            yield self._next_ms, bytes(self._rest[: self._size])
            del self._rest[: self._size]
            self._next_ms += FRAME_MS
