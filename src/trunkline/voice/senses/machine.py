"""Whether a machine answered: a model of who says how much, and when (docs/machine-detection.md).

A human being says a few words and waits for an answer. A machine says a whole greeting, or
nothing, or beeps.
"""

from typing import Final

from trunkline.voice.senses.levels import FRAME_MS, Loudness, level_db, tone_hz
from trunkline.voice.telephony import MachineSpec

GREETING_MS: Final = 1_800  # who says more than this without a pause is no human being
PAUSE_MS: Final = 800  # so long nobody stops within a sentence
_WORD_MS: Final = 60  # a sound that is shorter is a click
_BEEP_MS: Final = 200
_BEEP_HZ: Final = (300.0, 2_500.0)
_STEADY: Final = 0.03
_STEADY_DB: Final = 1.0


class MachineJudge:
    """Takes frames of 20 ms (μ-law, 8 kHz) from the answer on, until it has a verdict."""

    def __init__(self, spec: MachineSpec) -> None:
        self._spec = spec
        self._loudness = Loudness()
        self._heard_ms = 0
        self._sounding_ms = 0  # of the sound that goes on
        self._silent_ms = 0  # since the last sound
        self._begun_ms: int | None = None  # when what is being said began
        self._spoken_ms = 0  # how long it is, without the silence after it
        self._tone_ms = 0
        self._tone_hz = 0.0
        self._tone_db = 0.0

    def hear(self, frame: bytes) -> bool | None:
        """Return True for a machine, False for a human being, None as long as it is open."""
        self._heard_ms += FRAME_MS
        sounds = self._loudness.sounds(frame)
        if sounds and self._beeps(frame):
            return True
        self._follow(sounds=sounds)
        return self._verdict()

    def end(self) -> bool:
        """Return the verdict on what was heard so far."""
        if self._begun_ms is None:
            # PLIVO make call: silence is a machine's only when initial_silence is reached
            return self._heard_ms >= self._spec.initial_silence_ms
        return self._spoken_ms > GREETING_MS

    def _follow(self, *, sounds: bool) -> None:
        if not sounds:
            self._sounding_ms = 0
            self._tone_ms = 0
            self._silent_ms += FRAME_MS
            return
        self._sounding_ms += FRAME_MS
        if self._begun_ms is None and self._sounding_ms >= _WORD_MS:
            self._begun_ms = self._heard_ms - self._sounding_ms
        if self._begun_ms is not None and self._sounding_ms >= _WORD_MS:
            self._spoken_ms = self._heard_ms - self._begun_ms
            self._silent_ms = 0

    def _verdict(self) -> bool | None:
        if self._heard_ms >= self._spec.time_ms:
            return self.end()
        if self._begun_ms is None:
            return True if self._heard_ms >= self._spec.initial_silence_ms else None
        if self._spoken_ms >= self._spec.maximum_speech_ms:
            return True
        if self._silent_ms >= PAUSE_MS and self._spoken_ms <= GREETING_MS:
            return False
        return None

    def _beeps(self, frame: bytes) -> bool:
        found, level = tone_hz(frame), level_db(frame)
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
