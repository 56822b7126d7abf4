"""Whether a machine answered: a model of who says how much, and when (docs/machine-detection.md).

A human being says a few words and waits for an answer. A machine says a whole greeting, or
nothing, or beeps.
"""

from typing import Final

from trunkline.voice.senses.beeps import BeepFinder
from trunkline.voice.senses.levels import FRAME_MS, Loudness
from trunkline.voice.telephony import MachineSpec

GREETING_MS: Final = 1_800  # who says more than this without a pause is no human being
PAUSE_MS: Final = 800  # so long nobody stops within a sentence
_WORD_MS: Final = 60  # a sound that is shorter is a click


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
        self._beeps = BeepFinder()

    def hear(self, frame: bytes) -> bool | None:
        """Return True for a machine, False for a human being, None as long as it is open."""
        self._heard_ms += FRAME_MS
        sounds = self._loudness.sounds(frame)
        if self._beeps.hear(frame, sounds=sounds):
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
