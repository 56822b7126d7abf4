"""Between 8 kHz and its multiples, chunk by chunk: as many samples come out as belong to the chunk.

A stream resampler of a library gives nothing for several frames and then several at once, and keeps
the end of what was said until more is said. Here a chunk's end is late by 2 ms, and that is all.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from trunkline.engines.media.dsp.frames import Samples

_LOBES: Final = 16
"""Zero crossings of the filter on each side, in samples of 8 kHz: 70 dB from 4.4 kHz on."""
_CUTOFF: Final = 0.94
Floats = NDArray[np.float32]


def _low_pass(factor: int) -> Floats:
    """Let through what is below 4 kHz, at `factor` times 8 kHz: a windowed sinc."""
    half = _LOBES * factor
    at = np.arange(-half, half + 1)
    taps = np.sinc(at * _CUTOFF / factor) * np.kaiser(2 * half + 1, 7.0)
    return (taps / taps.sum()).astype(np.float32)


class Upsampler:
    """8 kHz to `factor` times that."""

    def __init__(self, factor: int) -> None:
        self._factor = factor
        self._taps = _low_pass(factor) * np.float32(factor)
        self._before = np.zeros(len(self._taps) - 1, np.float32)

    def convert(self, samples: Samples) -> Samples:
        """`factor` samples for each."""
        stuffed = np.zeros(len(samples) * self._factor, np.float32)
        stuffed[:: self._factor] = samples
        joined = np.concatenate((self._before, stuffed))
        self._before = joined[len(joined) - len(self._before) :]
        return _rounded(np.convolve(joined, self._taps, "valid"))


class Downsampler:
    """`factor` times 8 kHz to 8 kHz."""

    def __init__(self, factor: int) -> None:
        self._factor = factor
        self._taps = _low_pass(factor)
        self._before = np.zeros(len(self._taps) - 1, np.float32)
        self._skip = 0  # samples of the next chunk before the one that is kept

    def convert(self, samples: Samples) -> Samples:
        """One sample for each `factor`, over all chunks together."""
        if not len(samples):
            return np.zeros(0, np.int16)
        joined = np.concatenate((self._before, samples.astype(np.float32)))
        self._before = joined[len(joined) - len(self._before) :]
        filtered = np.convolve(joined, self._taps, "valid")
        kept = filtered[self._skip :: self._factor]
        self._skip = (self._skip - len(samples)) % self._factor
        return _rounded(kept)


def _rounded(x: Floats) -> Samples:
    return np.clip(np.rint(x), -32768, 32767).astype(np.int16)
