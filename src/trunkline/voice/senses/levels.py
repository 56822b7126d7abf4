"""How loud a frame of 20 ms in μ-law is, whether somebody speaks, and whether it is a pure tone."""

import math
from typing import Final

FRAME_MS: Final = 20
_RATE: Final = 8_000
_FULL: Final = 32_768.0
_QUIET_DB: Final = -42.0  # below this nobody speaks
_ABOVE_NOISE_DB: Final = 12.0
_FLOOR_DB: Final = -70.0
_RISE_DB: Final = 0.05  # a frame: 2.5 dB a second
_PURE: Final = 0.02  # part of the energy that no single sine explains; μ-law leaves 0.001


def _linear(code: int) -> int:
    """ITU-T G.711: a μ-law octet as 16 bit."""
    code = ~code & 0xFF
    magnitude = (((code & 0x0F) << 3) + 0x84 << (code >> 4 & 0x07)) - 0x84
    return -magnitude if code & 0x80 else magnitude


LINEAR: Final = tuple(_linear(code) for code in range(256))
_SQUARES: Final = tuple(value * value for value in LINEAR)


def level_db(frame: bytes) -> float:
    """Return dBFS; -90 for silence."""
    if not frame:
        return -90.0
    power = sum(map(_SQUARES.__getitem__, frame)) / len(frame) / _FULL**2
    return 10 * math.log10(power) if power > 1e-9 else -90.0


def tone_hz(frame: bytes) -> float | None:
    """Return the frequency if the frame is one sine and little else.

    A sine obeys x[n] + x[n-2] = 2 cos(w) x[n-1]; what is left over is not of it.
    """
    samples = [LINEAR[code] for code in frame]
    pairs = [(now + before, middle) for now, middle, before in
             zip(samples[2:], samples[1:], samples, strict=False)]  # fmt: skip
    middle_power = sum(middle * middle for _, middle in pairs)
    outer_power = sum(outer * outer for outer, _ in pairs)
    if not middle_power or not outer_power:
        return None
    factor = sum(outer * middle for outer, middle in pairs) / middle_power
    left = outer_power - factor * factor * middle_power
    if left > _PURE * outer_power or abs(factor) >= 2:
        return None
    return math.acos(factor / 2) / (2 * math.pi) * _RATE


class Loudness:
    """Tells speech from silence, frame by frame; knows the noise of the line."""

    def __init__(self) -> None:
        self._noise_db = _FLOOR_DB

    def sounds(self, frame: bytes) -> bool:
        """Say whether the frame is louder than silence and than the noise there is."""
        level = level_db(frame)
        if level < self._noise_db:
            self._noise_db = max(level, _FLOOR_DB)
        else:
            self._noise_db += _RISE_DB
        return level > max(_QUIET_DB, self._noise_db + _ABOVE_NOISE_DB)
