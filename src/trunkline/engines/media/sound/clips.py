"""Sound files as frames in memory, decoded by threads while they are already playing."""

import contextlib
import importlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from trunkline.engines.media.dsp.frames import FRAME, RATE, Samples

_BLOCK_S: Final = 2  # read at once, so that the interpreter's lock is held shortly
_THREADS: Final = 2
_MOST_WAITING: Final = 500
_MOST_RATE: Final = 384_000


class _SoundFile(Protocol):
    samplerate: int
    channels: int

    def read(self, frames: int, dtype: str, always_2d: bool) -> NDArray[np.float32]: ...

    def close(self) -> None: ...


class Resampler(Protocol):
    """Mono float32."""

    def resample_chunk(self, x: NDArray[np.float32], last: bool) -> NDArray[np.float32]: ...


class _SoundLibrary(Protocol):
    LibsndfileError: type[Exception]

    def SoundFile(self, file: str) -> _SoundFile: ...  # noqa: N802 - the library's name


class _ResampleLibrary(Protocol):
    def ResampleStream(  # noqa: N802 - the library's name
        self, in_rate: float, out_rate: float, num_channels: int, dtype: str, quality: str
    ) -> Resampler: ...


def resampler(in_rate: int, out_rate: int, quality: str = "MQ") -> Resampler:
    """A mono float32 resampler that keeps its state from chunk to chunk."""
    library = cast("_ResampleLibrary", importlib.import_module("soxr"))
    return library.ResampleStream(in_rate, out_rate, 1, dtype="float32", quality=quality)


class Clip:
    """Frames of 160 samples, growing until `complete`; `error` tells why it ends early."""

    __slots__ = ("_blocks", "_rest", "complete", "error", "frames")

    def __init__(self) -> None:
        self._blocks: list[Samples] = []
        self._rest: Samples = np.zeros(0, np.int16)
        self.frames = 0
        self.complete = False
        self.error = ""

    def frame(self, index: int) -> Samples | None:
        """One frame; None when it is not there, yet or at all."""
        if index >= self.frames:
            return None
        for block in self._blocks:
            if index < len(block):
                return block[index]
            index -= len(block)
        return None

    def append(self, samples: Samples) -> None:
        """Add samples; frames appear as they become whole. Called by one thread only."""
        joined = np.concatenate((self._rest, samples)) if len(self._rest) else samples
        whole = len(joined) // FRAME * FRAME
        self._rest = joined[whole:]
        if whole:
            self._blocks.append(joined[:whole].reshape(-1, FRAME))
            self.frames += whole // FRAME

    def finish(self, error: str = "") -> None:
        """There is no more: the last frame is filled with silence."""
        if len(self._rest):
            padding = np.zeros(FRAME - len(self._rest), np.int16)
            self.append(padding)
        if len(self._blocks) > 1:
            self._blocks = [np.concatenate(self._blocks)]
        self.error = error or ("" if self.frames else "the file has no sound")
        self.complete = True

    @property
    def size_bytes(self) -> int:
        return self.frames * FRAME * 2


class Clips:
    """Loads files once and keeps the last ones used; call from the tick's thread.

    A file must not change while the process lives: one path is one sound.
    """

    def __init__(self, most_s: int, cache_bytes: int) -> None:
        self._most_s = most_s
        self._cache_bytes = cache_bytes
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="clips")
        self._kept: OrderedDict[str, Clip] = OrderedDict()
        self._waiting = threading.BoundedSemaphore(_MOST_WAITING)

    def load(self, path: str) -> Clip | None:
        """The clip of a file, which may still be empty; None when too many files wait."""
        clip = self._kept.get(path)
        if clip is not None and not clip.error:
            self._kept.move_to_end(path)
            return clip
        if not self._waiting.acquire(blocking=False):
            return None
        clip = self._kept[path] = Clip()
        self._kept.move_to_end(path)
        self._threads.submit(self._decode, path, clip)
        self._shrink()
        return clip

    def _shrink(self) -> None:
        size = sum(clip.size_bytes for clip in self._kept.values())
        while size > self._cache_bytes and len(self._kept) > 1:
            size -= self._kept.popitem(last=False)[1].size_bytes

    def _decode(self, path: str, clip: Clip) -> None:
        try:
            most = self._most_s * RATE // FRAME
            for samples in read_file(path):
                clip.append(samples)
                if clip.frames >= most:
                    clip.finish(f"longer than {self._most_s} s")
                    return
            clip.finish()
        except Exception as error:  # noqa: BLE001 - whatever a broken file does to a library
            clip.finish(f"{type(error).__name__}: {error}")
        finally:
            self._waiting.release()

    def close(self) -> None:
        """Stop the threads after the file each of them reads."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def read_file(path: str) -> Iterator[Samples]:
    """A sound file in pieces of 8 kHz mono.

    Raises:
        OSError: it cannot be opened.
        Exception: what libsndfile says of it.
    """
    library = cast("_SoundLibrary", importlib.import_module("soundfile"))
    if not Path(path).is_file():
        raise FileNotFoundError(path)
    with contextlib.closing(library.SoundFile(path)) as file:
        rate = file.samplerate
        if not 0 < rate <= _MOST_RATE:
            raise ValueError(f"a rate of {rate} Hz")
        convert = _converter(rate)
        while True:
            block = file.read(rate * _BLOCK_S, dtype="float32", always_2d=True)
            last = len(block) < rate * _BLOCK_S
            mono = block[:, 0] if file.channels == 1 else block.mean(axis=1)
            yield to_samples(convert(np.ascontiguousarray(mono, np.float32), last))
            if last:
                return


def _converter(rate: int) -> Callable[[NDArray[np.float32], bool], NDArray[np.float32]]:
    if rate == RATE:
        return lambda x, _: x
    stream = resampler(rate, RATE, "HQ")
    return lambda x, last: stream.resample_chunk(x, last=last)


def to_samples(x: NDArray[np.float32]) -> Samples:
    """-1..1 to 16 bits."""
    return np.clip(np.rint(x * 32768), -32768, 32767).astype(np.int16)
