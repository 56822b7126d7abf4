"""Recordings to files, by one thread: what is written is playable at any moment.

A WAV's header is corrected after each piece (half a second); MP3 plays without the frame that
tells its length, which comes at its end to the place of a silent one. A queue that is
full (a disk that stands still for long) drops pieces; silence of the same length is written
when there is room again.
"""

import importlib
import queue
import struct
import threading
from collections import deque
from pathlib import Path
from typing import BinaryIO, Final, Literal, NamedTuple, Protocol, cast

from trunkline.engines.media.dsp.frames import RATE

_MOST_WAITING: Final = 4000  # pieces: 20 s of 100 stereo recordings
_HEADER: Final = struct.Struct("<4sI4s4sIHHIIHH4sI")
_MOST_WAV: Final = 0xFFFFFFFF - 64
_MP3_KBPS: Final = 32  # a channel; plenty for 8 kHz
_MP3_QUALITY: Final = 5  # 2 best, 7 fastest
_MP3_FRAME: Final = 576  # samples
_MP3_DELAY: Final = 576  # samples that LAME puts before the sound, and tells its decoder of
_MP3_HEAD: Final = 4

Format = Literal["wav", "mp3"]


class _Lame(Protocol):
    def set_bit_rate(self, rate: int) -> None: ...

    def set_in_sample_rate(self, rate: int) -> None: ...

    def set_channels(self, channels: int) -> None: ...

    def set_quality(self, quality: int) -> None: ...

    def silence(self) -> None: ...

    def encode(self, pcm: bytes) -> bytes: ...

    def flush(self) -> bytes: ...


class _LameLibrary(Protocol):
    def Encoder(self) -> _Lame: ...  # noqa: N802 - the library's name


class Sink(Protocol):
    """A file that takes 16-bit PCM, interleaved."""

    def write(self, pcm: bytes) -> None: ...

    def close(self) -> int:
        """Finish it; its size in octets."""
        ...


class WavSink:
    """RIFF WAVE, PCM."""

    def __init__(self, path: str, channels: int) -> None:
        self._file: BinaryIO = Path(path).open("xb")  # noqa: SIM115 - closed by close()
        self._channels = channels
        self._data = 0
        self._head()

    def write(self, pcm: bytes) -> None:
        if self._data + len(pcm) > _MOST_WAV:
            return
        self._file.seek(0, 2)
        self._file.write(pcm)
        self._data += len(pcm)
        self._head()

    def _head(self) -> None:
        block = 2 * self._channels
        self._file.seek(0)
        self._file.write(_HEADER.pack(
            b"RIFF", 36 + self._data, b"WAVE", b"fmt ", 16, 1, self._channels, RATE,
            RATE * block, block, 16, b"data", self._data,
        ))  # fmt: skip
        self._file.flush()

    def close(self) -> int:
        self._file.close()
        return self._data + _HEADER.size


class Mp3Sink:
    """MPEG 2.5 layer III of a constant bit rate: its frames need nothing before or after them.

    The first is of silence, and in the end tells how much of the others is sound: they are whole
    frames, and an encoder begins late.
    """

    def __init__(self, path: str, channels: int) -> None:
        library = cast("_LameLibrary", importlib.import_module("lameenc"))
        self._lame = library.Encoder()
        self._lame.set_bit_rate(_MP3_KBPS * channels)
        self._lame.set_in_sample_rate(RATE)
        self._lame.set_channels(channels)
        self._lame.set_quality(_MP3_QUALITY)
        self._lame.silence()
        self._file: BinaryIO = Path(path).open("xb")  # noqa: SIM115 - closed by close()
        self._channels = channels
        self._frame = _MP3_KBPS * channels * 72_000 // RATE  # octets
        self._head = b""
        self._size = 0
        self._samples = 0
        self._begun = False

    def write(self, pcm: bytes) -> None:
        self._put(self._lame.encode(pcm))
        self._samples += len(pcm) // (2 * self._channels)
        self._begun = True

    def _put(self, octets: bytes) -> None:
        if octets and not self._head:
            self._head = bytes(octets[:_MP3_HEAD])
            octets = self._head + bytes(self._frame - _MP3_HEAD) + octets
        self._file.write(octets)
        self._file.flush()
        self._size += len(octets)

    def close(self) -> int:
        if self._begun:  # LAME refuses to end what never began
            self._put(self._lame.flush())
        if self._head:
            self._file.seek(0)
            self._file.write(self._first())
        self._file.close()
        return self._size

    def _first(self) -> bytes:
        """The frame that decoders do not play: Xing's tag, as LAME writes it."""
        frames = self._size // self._frame - 1
        behind = max(0, frames * _MP3_FRAME - _MP3_DELAY - self._samples)
        tag = struct.pack(">4sIII9s12x", b"Info", 3, frames, self._size, b"LAME3.100")
        tag += (_MP3_DELAY << 12 | behind).to_bytes(3, "big")
        # ISO/IEC 13818-3 2.4.1.7: it lies behind the side information.
        before = self._head + bytes(9 if self._channels == 1 else 17)
        return before + tag + bytes(self._frame - len(before) - len(tag))


class Closed(NamedTuple):
    """A file is finished, or failed with `error`."""

    recording: str
    size_bytes: int
    error: str


class _File:
    """What the thread knows of one recording."""

    __slots__ = ("channels", "error", "format", "path", "sink")

    def __init__(self, path: str, form: Format, channels: int) -> None:
        self.path, self.format, self.channels = path, form, channels
        self.sink: Sink | None = None
        self.error = ""

    def put(self, pcm: bytes) -> None:
        if self.error:
            return
        try:
            if self.sink is None:
                make = WavSink if self.format == "wav" else Mp3Sink
                self.sink = make(self.path, self.channels)
            if pcm:
                self.sink.write(pcm)
        except Exception as error:  # noqa: BLE001 - disk or encoder: it ends this recording only
            self.error = f"{type(error).__name__}: {error}"

    def close(self) -> int:
        if self.sink is None:
            return 0
        try:
            return self.sink.close()
        except Exception as error:  # noqa: BLE001 - as above
            self.error = self.error or f"{type(error).__name__}: {error}"
            return 0


class Writer:
    """Call from the tick's thread; nothing here waits but `close`."""

    def __init__(self) -> None:
        self._queue: queue.Queue[tuple[str, _File | None, bytes | None]] = queue.Queue(
            _MOST_WAITING
        )
        self._files: dict[str, _File] = {}
        self.closed: deque[Closed] = deque()
        self._thread = threading.Thread(target=self._run, name="recordings", daemon=True)
        self._thread.start()

    def open(self, recording: str, path: str, form: Format, channels: int) -> bool:
        """Begin a file, which must not exist; False when the queue is full."""
        return self._offer((recording, _File(path, form, channels), b""))

    def write(self, recording: str, pcm: bytes) -> bool:
        """Append PCM; False when the queue is full: keep it."""
        return self._offer((recording, None, pcm))

    def finish(self, recording: str) -> bool:
        """Close a file: `closed` tells when that is done. False when the queue is full."""
        return self._offer((recording, None, None))

    def _offer(self, job: "tuple[str, _File | None, bytes | None]") -> bool:
        try:
            self._queue.put_nowait(job)
        except queue.Full:
            return False
        return True

    def _run(self) -> None:
        while True:
            recording, begun, pcm = self._queue.get()
            if not recording:
                return
            if begun is not None:
                self._files[recording] = begun
            file = self._files.get(recording)
            if file is None:
                continue
            if pcm is not None:
                file.put(pcm)
                continue
            del self._files[recording]
            size = file.close()
            self.closed.append(Closed(recording, size, file.error))

    def close(self, timeout_s: float = 5.0) -> None:
        """Write what waits, then end the thread."""
        self._queue.put(("", None, None), timeout=timeout_s)
        self._thread.join(timeout_s)
