"""Whether someone speaks: level of each frame against a floor that follows the noise."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from trunkline.engines.media.dsp.frames import TICK_MS, Reals, Samples

SILENT: Final = -90.0
_ABOVE_FLOOR: Final = 10.0  # dB
_FLOOR_RISE: Final = 0.05  # dB a frame: 2.5 dB/s, so that speech does not lift it much
_FLOOR_MOST: Final = -30.0
_ONSET: Final = 3  # loud frames of the last four that begin speech: 60 ms, clicks are shorter


def levels(frames: Samples) -> Reals:
    """Level of each row in dBFS, -90 for silence."""
    x = frames.astype(np.float32)
    power = (x * x).mean(axis=-1) / np.float32(32767.0**2 / 2)
    return np.maximum(10 * np.log10(power + 1e-12), SILENT).astype(np.float32)


@dataclass(slots=True)
class SpeechState:
    """Of one leg; times in ms."""

    threshold: float
    hangover_ms: int
    floor: float = -60.0
    loud: int = 0
    quiet_ms: int = 0
    speaking: bool = False
    began_ms: int = 0

    def follow(self, level: float, at_ms: int) -> str:
        """Take a frame's level: "started", "stopped" or ""."""
        self.floor = min(level, self.floor + _FLOOR_RISE, _FLOOR_MOST)
        is_loud = level > max(self.threshold, self.floor + _ABOVE_FLOOR)
        if not self.speaking:
            self.loud = min(self.loud + 1, _ONSET) if is_loud else max(0, self.loud - 1)
            if self.loud < _ONSET:
                return ""
            self.speaking, self.quiet_ms = True, 0
            self.began_ms = max(0, at_ms - _ONSET * TICK_MS)
            return "started"
        self.quiet_ms = 0 if is_loud else self.quiet_ms + TICK_MS
        if self.quiet_ms < self.hangover_ms:
            return ""
        self.speaking, self.loud = False, 0
        return "stopped"
