"""Codecs of a leg: cells of the jitter buffer to frames, frames to payloads.

G.711 usually goes by table for all legs at once (see `bank`); what is here is for single frames.
G.722 and Opus are libraries in C; they run at 8 kHz, the rate of everything inside.
"""

import importlib
from collections.abc import Callable
from typing import Final, Protocol, cast

import numpy as np

from trunkline.engines.media.dsp.frames import FRAME, RATE, Octets, Samples
from trunkline.engines.media.dsp.g711 import (
    ALAW_SILENCE,
    FROM_ALAW,
    FROM_ULAW,
    ULAW_SILENCE,
    alaw_encode,
    ulaw_encode,
)
from trunkline.protocols.rtp import JitterBuffer, PacketGrid, SampleGrid

Cell = bytes | tuple[bytes, ...]
_G722_SILENCE: Final = 0xFA
_OPUS_BITRATE: Final = 24_000
_OPUS_COMPLEXITY: Final = 4  # 0-10; at 8 kHz more is not heard, but costs
_OPUS_MOST: Final = 960  # samples of 120 ms


class CodecUnavailable(Exception):
    """Its library has no wheel for this machine."""


class Format(Protocol):
    """`units` of RTP timestamp a frame; `by_table` frames need neither method."""

    name: str
    clock_rate: int
    units: int
    by_table: bool

    def jitter_buffer(self) -> "JitterBuffer[Cell]": ...

    def decode(self, cell: Cell) -> Samples: ...

    def encode(self, frame: Samples) -> bytes: ...


def _sample_buffer(silence: int) -> "JitterBuffer[Cell]":
    return cast("JitterBuffer[Cell]", JitterBuffer(SampleGrid(FRAME, silence)))


class G711:
    """PCMU or PCMA."""

    def __init__(
        self, name: str, table: Samples, encode: Callable[[Samples], Octets], silence: int
    ) -> None:
        self.name = name
        self.clock_rate = RATE
        self.units = FRAME
        self.by_table = True
        self._table = table
        self._encode = encode
        self._silence = silence

    def jitter_buffer(self) -> "JitterBuffer[Cell]":
        return _sample_buffer(self._silence)

    def decode(self, cell: Cell) -> Samples:
        return self._table[np.frombuffer(cast("bytes", cell), np.uint8)]

    def encode(self, frame: Samples) -> bytes:
        return self._encode(frame).tobytes()


class _G722Codec(Protocol):
    def encode(self, samples: Samples) -> bytes: ...

    def decode(self, data: bytes) -> bytes: ...


class G722:
    """64 kbit/s; the timestamp counts 8000 a second (RFC 3551 4.5.2)."""

    name = "G722"
    clock_rate = RATE
    units = FRAME
    by_table = False

    def __init__(self) -> None:
        make = cast("Callable[[int, int], _G722Codec]", _library("G722").G722)
        self._encoder = make(RATE, 64000)
        self._decoder = make(RATE, 64000)

    def jitter_buffer(self) -> "JitterBuffer[Cell]":
        return _sample_buffer(_G722_SILENCE)

    def decode(self, cell: Cell) -> Samples:
        return np.frombuffer(self._decoder.decode(cast("bytes", cell)), np.int16)

    def encode(self, frame: Samples) -> bytes:
        return self._encoder.encode(frame)


class _OpusEncoder(Protocol):
    bitrate: int
    complexity: int

    def encode(self, pcm: bytes, frame_size: int) -> bytes: ...


class _OpusDecoder(Protocol):
    def decode(self, data: bytes, frame_size: int) -> bytes: ...


class Opus:
    """RFC 7587: timestamps of 48 kHz whatever the audio's rate is."""

    name = "opus"
    clock_rate = 48000
    units = 960
    by_table = False

    def __init__(self) -> None:
        library = _library("opuslib_next")
        encoder = cast("Callable[[int, int, str], _OpusEncoder]", library.Encoder)
        decoder = cast("Callable[[int, int], _OpusDecoder]", library.Decoder)
        self._error = cast("type[Exception]", library.OpusError)
        self._encoder = encoder(RATE, 1, library.APPLICATION_VOIP)
        self._encoder.bitrate = _OPUS_BITRATE
        self._encoder.complexity = _OPUS_COMPLEXITY
        self._decoder = decoder(RATE, 1)
        self._decoded = b""

    def jitter_buffer(self) -> "JitterBuffer[Cell]":
        self._decoded = b""  # the rest of a packet from before
        return cast("JitterBuffer[Cell]", JitterBuffer(PacketGrid(self.units)))

    def decode(self, cell: Cell) -> Samples:
        for packet in cast("tuple[bytes, ...]", cell):
            try:
                self._decoded += self._decoder.decode(packet, _OPUS_MOST)
            except self._error:  # rubbish in a well-formed RTP packet
                continue
        size = 2 * FRAME
        now, self._decoded = self._decoded[:size], self._decoded[size:][-8 * size :]
        return np.frombuffer(now.ljust(size, b"\0"), np.int16)

    def encode(self, frame: Samples) -> bytes:
        return self._encoder.encode(frame.tobytes(), FRAME)


def _library(name: str) -> "_AnyLibrary":
    try:
        return cast("_AnyLibrary", importlib.import_module(name))
    except (ImportError, OSError) as error:
        raise CodecUnavailable(f"{name}: {error}") from None


class _AnyLibrary(Protocol):
    """What is used of G722 and opuslib_next, which have no types of their own."""

    G722: object
    Encoder: object
    Decoder: object
    OpusError: object
    APPLICATION_VOIP: str


_MAKERS: Final[dict[str, Callable[[], Format]]] = {
    "PCMU": lambda: G711("PCMU", FROM_ULAW, ulaw_encode, ULAW_SILENCE),
    "PCMA": lambda: G711("PCMA", FROM_ALAW, alaw_encode, ALAW_SILENCE),
    "G722": G722,
    "opus": Opus,
}


def make_format(name: str) -> Format:
    """A codec with fresh state.

    Raises:
        CodecUnavailable: its library is missing.
    """
    return _MAKERS[name]()


def available() -> tuple[str, ...]:
    """The codecs that can be spoken here."""
    found: list[str] = []
    for name in _MAKERS:
        try:
            make_format(name)
        except CodecUnavailable:
            continue
        found.append(name)
    return tuple(found)
