"""Beeps: pure tones of some length, as answering machines make before they record."""

from typing import Final

from trunkline.voice.senses.levels import FRAME_MS, level_db, tone_hz

_BEEP_MS: Final = 200
_BEEP_HZ: Final = (300.0, 2_500.0)
_STEADY: Final = 0.03
_STEADY_DB: Final = 1.0


class BeepFinder:
    """Takes frames of 20 ms (μ-law, 8 kHz), one after the other."""

    def __init__(self) -> None:
        self._tone_ms = 0
        self._tone_hz = 0.0
        self._tone_db = 0.0

    def hear(self, frame: bytes, *, sounds: bool) -> bool:
        """Return whether a beep has now been heard; `sounds`: the frame is no silence."""
        found, level = (tone_hz(frame), level_db(frame)) if sounds else (None, 0.0)
        if found is None or not _BEEP_HZ[0] <= found <= _BEEP_HZ[1]:
            self._tone_ms = 0
            return False
        # Two tones at once look like one for 20 ms, but their sum beats.
        steady = (
            abs(found - self._tone_hz) <= _STEADY * self._tone_hz
            and abs(level - self._tone_db) <= _STEADY_DB
        )
        self._tone_ms = self._tone_ms + FRAME_MS if steady else FRAME_MS
        self._tone_hz, self._tone_db = found, level
        return self._tone_ms >= _BEEP_MS
