"""Tones made as they are needed, with continuous phase."""

from typing import Final

import numpy as np

from trunkline.engines.media.dsp.frames import FRAME, RATE, Samples

_ROWS: Final = {"1": 697, "2": 697, "3": 697, "A": 697, "4": 770, "5": 770, "6": 770, "B": 770,
                "7": 852, "8": 852, "9": 852, "C": 852, "*": 941, "0": 941, "#": 941, "D": 941}  # fmt: skip
_COLUMNS: Final = {"1": 1209, "4": 1209, "7": 1209, "*": 1209, "2": 1336, "5": 1336, "8": 1336,
                   "0": 1336, "3": 1477, "6": 1477, "9": 1477, "#": 1477, "A": 1633, "B": 1633,
                   "C": 1633, "D": 1633}  # fmt: skip
FULL_SCALE: Final = 32767.0
_RAMP: Final = 16  # samples at each edge: 2 ms against clicks


def digit_frequencies(digit: str) -> tuple[float, float]:
    """Row and column of a digit in Hz (ITU-T Q.23)."""
    return float(_ROWS[digit]), float(_COLUMNS[digit])


def amplitude(level: float) -> float:
    """Peak of one sine at `level` dBFS (0: a sine at full scale)."""
    return FULL_SCALE * 10 ** (level / 20)


def tone(frequencies: tuple[float, ...], start: int, count: int, level: float) -> Samples:
    """`count` samples of equally loud sines from sample `start` of the tone on."""
    at = np.arange(start, start + count, dtype=np.float64)
    wave = np.zeros(count)
    for frequency in frequencies:
        wave += np.sin(at * (2 * np.pi * frequency / RATE))
    return np.clip(wave * amplitude(level), -FULL_SCALE, FULL_SCALE).astype(np.int16)


def ramped(samples: Samples, *, begins: bool, ends: bool) -> Samples:
    """Fade the edges of a tone's first and last frame."""
    if not (begins or ends):
        return samples
    shaped = samples.astype(np.float64)
    slope = np.linspace(0.0, 1.0, _RAMP, endpoint=False)
    if begins:
        shaped[:_RAMP] *= slope
    if ends:
        shaped[-_RAMP:] *= slope[::-1]
    return shaped.astype(np.int16)


def digit_frame(digit: str, index: int, *, ends: bool, level: float = -10.0) -> Samples:
    """Frame `index` of a digit sent in the audio; the column 2 dB louder (ITU-T Q.24)."""
    row, column = digit_frequencies(digit)
    start = index * FRAME
    wave = tone((row,), start, FRAME, level - 2) + tone((column,), start, FRAME, level)
    return ramped(wave.astype(np.int16), begins=index == 0, ends=ends)
