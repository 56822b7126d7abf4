"""Digits in the audio of many legs at once (ITU-T Q.23, Q.24).

Each 10 ms a window of 25.6 ms is compared with the eight tones, each also 1.5 % off. A digit is
one row and one column that together are nearly all of the window's energy; it counts after two
windows in a row and ends after three without it. What was made up for lost packets says nothing
against a digit: else a loss in the middle of a key would make two of it.
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from trunkline.engines.media.dsp.frames import FRAME, RATE, Reals, Samples

WINDOW: Final = 205
_HOP: Final = FRAME // 2
TAIL: Final = WINDOW - _HOP
"""Samples needed before the frame."""
_KEYS: Final = "123A456B789C*0#D"
_TONES: Final = (697.0, 770.0, 852.0, 941.0, 1209.0, 1336.0, 1477.0, 1633.0)
_OFFSETS: Final = (1.0, 0.982, 1.018)  # Q.24: accepts ±1.5 %
_LEAST_RMS: Final = 100.0  # about -50 dBFS for both tones: -36 dBm0 a tone and some
_SHARE: Final = 0.72  # of the energy, in both tones
_TWIST: Final = 10 ** (8.5 / 10)  # Q.24 asks for 4 dB reverse, 8 dB normal
_OTHERS: Final = 10 ** (-7.0 / 10)  # another tone of the same group must be weaker than that
_ON: Final = 2
_OFF: Final = 3
_MENDED: Final = 3  # frames; more may well hide the pause between two keys (Q.24: 40 ms at least)


def _basis() -> Reals:
    at = np.arange(WINDOW) / RATE
    waves: list[NDArray[np.float64]] = []
    for offset in _OFFSETS:
        for frequency in _TONES:
            angle = 2 * np.pi * frequency * offset * at
            waves += [np.cos(angle), np.sin(angle)]
    return np.stack(waves, axis=1).astype(np.float32)


_BASIS: Final = _basis()


@dataclass(slots=True)
class DigitState:
    """What is going on at one leg; windows are 10 ms apart."""

    candidate: int = -1
    hits: int = 0
    misses: int = 0
    digit: int = -1
    length: int = 0
    gap: int = 0
    """The caller's word: so many frames in a row, with this one, were made up for lost ones."""
    gap_before: int = 0
    found: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])


class DigitDetector:
    """Takes the frames of some legs each tick."""

    def detect(self, audio: Samples, states: list[DigitState]) -> None:
        """Look at (n, TAIL + 160) samples; digits that ended go to `found` with their ms."""
        for start in (0, _HOP):
            keys = classify(audio[:, start : start + WINDOW])
            for key, state in zip(keys, states, strict=True):
                _follow(state, key)
        for state in states:
            state.gap_before = state.gap


def classify(windows: Samples) -> list[int]:
    """The index of the key in each (n, WINDOW), or -1."""
    x = windows.astype(np.float32)
    energy = (x * x).sum(axis=1)
    loud = energy > _LEAST_RMS**2 * WINDOW
    keys = np.full(len(x), -1)
    if loud.any():
        keys[loud] = _classify_loud(x[loud], energy[loud])
    return keys.tolist()


def _classify_loud(x: Reals, energy: Reals) -> NDArray[np.intp]:
    products = x @ _BASIS
    power = products[:, 0::2] ** 2 + products[:, 1::2] ** 2
    # A sine of amplitude a has energy a²N/2 and power (aN/2)².
    tones = power.reshape(len(x), len(_OFFSETS), len(_TONES)).max(axis=1) * (2 / WINDOW)
    rows, columns = tones[:, :4], tones[:, 4:]
    row, column = rows.argmax(axis=1), columns.argmax(axis=1)
    index = np.arange(len(x))
    strong_row, strong_column = rows[index, row], columns[index, column]
    good = strong_row + strong_column > _SHARE * energy
    good &= strong_row < strong_column * _TWIST
    good &= strong_column < strong_row * _TWIST
    good &= np.partition(rows, 2, axis=1)[:, 2] < strong_row * _OTHERS
    good &= np.partition(columns, 2, axis=1)[:, 2] < strong_column * _OTHERS
    return np.where(good, row * 4 + column, -1)


def _is_mended(state: DigitState) -> bool:
    """Whether the windows of this frame, which reach into the last one, have made-up audio."""
    gap = state.gap or state.gap_before
    return 0 < gap <= _MENDED


def _follow(state: DigitState, key: int) -> None:
    if _is_mended(state) and (key < 0 or 0 <= state.digit != key):
        state.length += 1
        return
    if state.digit >= 0:
        state.length += 1
        if key == state.digit:
            state.misses = 0
            return
        state.misses += 1
        if state.misses >= _OFF:
            state.found.append((_KEYS[state.digit], (state.length - state.misses) * 10 + 10))
            state.digit, state.misses = -1, 0
    if key < 0 or key != state.candidate:
        state.candidate, state.hits = key, 1
    else:
        state.hits += 1
    if key >= 0 and state.digit < 0 and state.hits >= _ON:
        state.digit, state.length, state.misses = key, state.hits, 0
