"""Tones made as they are needed, with continuous phase."""

from typing import Final

import numpy as np

from trunkline.engines.media.dsp.frames import FRAME, RATE, Samples

_KEYS: Final = ("123A", "456B", "789C", "*0#D")
_ROWS: Final = (697.0, 770.0, 852.0, 941.0)
_COLUMNS: Final = (1209.0, 1336.0, 1477.0, 1633.0)
_FREQUENCIES: Final = {
    digit: (row, column)
    for keys, row in zip(_KEYS, _ROWS, strict=True)
    for digit, column in zip(keys, _COLUMNS, strict=True)
}
FULL_SCALE: Final = 32767.0
_RAMP: Final = 16  # samples at each edge: 2 ms against clicks


def digit_frequencies(digit: str) -> tuple[float, float]:
    """Row and column of a digit in Hz (ITU-T Q.23)."""
    return _FREQUENCIES[digit]


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
