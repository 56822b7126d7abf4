"""What is heard for a lost packet: the last pitch period again, fading (after G.711 appendix I)."""

from typing import Final

import numpy as np

from trunkline.engines.media.dsp.frames import FRAME, Samples

HISTORY: Final = 480
"""Samples needed before the gap: 60 ms."""
_LEAST_LAG: Final = 40  # 200 Hz
_MOST_LAG: Final = 120  # 66 Hz
_OVERLAP: Final = 32
_GAINS: Final = (1.0, 0.8, 0.45, 0.15, 0.0)  # at the edges of the frames of a gap
AUDIBLE: Final = len(_GAINS) - 1
"""Frames of a gap after which there is silence."""


def pitch_lag(history: Samples) -> int:
    """The lag in samples at which the end of the history is most like itself."""
    x = history.astype(np.float32)
    recent = x[-FRAME:]
    windows = np.lib.stride_tricks.sliding_window_view(x[-FRAME - _MOST_LAG : -_LEAST_LAG], FRAME)
    energy = np.sqrt((windows * windows).sum(axis=1)) + 1.0
    return _MOST_LAG - int(np.argmax((windows @ recent) / energy))


def conceal(history: Samples, lag: int, run: int) -> Samples:
    """Frame `run` (from 1) of a gap; `history` ends with what was heard before this frame."""
    if run > AUDIBLE:
        return np.zeros(FRAME, np.int16)
    gains = np.linspace(_GAINS[run - 1], _GAINS[run], FRAME, endpoint=False, dtype=np.float32)
    return (np.resize(history[-lag:], FRAME) * gains).astype(np.int16)


def recover(history: Samples, lag: int, run: int, frame: Samples) -> Samples:
    """The first frame after a gap of `run`, faded in over what would have been heard."""
    gain = _GAINS[min(run, AUDIBLE)]
    ghost = np.resize(history[-lag:], _OVERLAP) * np.float32(gain)
    slope = np.linspace(0.0, 1.0, _OVERLAP, dtype=np.float32)
    mended = frame.copy()
    mended[:_OVERLAP] = (ghost * (1 - slope) + frame[:_OVERLAP] * slope).astype(np.int16)
    return mended


def merge(first: Samples, second: Samples) -> Samples:
    """Two frames in the time of one: the first runs into the second."""
    slope = np.linspace(0.0, 1.0, FRAME, dtype=np.float32)
    return (first * (1 - slope) + second * slope).astype(np.int16)


def comfort_noise(generator: np.random.Generator, level: int) -> Samples:
    """White noise at -`level` dBov (RFC 3389 3.1)."""
    deviation = 32767.0 * 10 ** (-min(level, 127) / 20)
    return np.clip(generator.normal(0.0, deviation, FRAME), -32768, 32767).astype(np.int16)
