"""What legs tell of themselves, in order, to whom they deliver it (`telephony.Leg.deliver_to`)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from trunkline.voice.causes import Cause


@dataclass(frozen=True, slots=True)
class LegEvent:
    """Something that happened to one leg."""

    leg: str  # its uuid


@dataclass(frozen=True, slots=True)
class Ringing(LegEvent):
    """The far end rings; with `early_media` it can be heard already."""

    early_media: bool = False


@dataclass(frozen=True, slots=True)
class Answered(LegEvent):
    """The far end has answered."""

    sip_to: str = ""  # the far end's own name, for `SIP-H-To`


@dataclass(frozen=True, slots=True)
class Ended(LegEvent):
    """The leg is over, and nothing follows: its recordings have ended before.

    The cause's source says who ended it, `at` (of the epoch) when: recordings are kept after that.
    """

    cause: Cause
    at: float | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Digit(LegEvent):
    """A key was pressed: one of 0-9, *, #, A-D; `audible`: by a tone that others hear as well."""

    digit: str
    audible: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class PlaybackEnded(LegEvent):
    """A playback is over; `error` says why it broke off, "" when it was played to its end."""

    playback: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class RecordingEnded(LegEvent):
    """A recording is written; times in milliseconds of the epoch, both 0 when nothing was recorded.

    `url` is where it can be had, `digit` the key that ended it; `error` is not empty when there is
    no file. With `later` there will be one, and its callbacks are told by whoever keeps it.
    """

    recording_id: str
    url: str
    start_ms: int
    end_ms: int
    why: Literal["key", "silence", "length", "stopped", "hangup"] = "stopped"
    digit: str = ""
    error: str = ""
    later: bool = False

    @property
    def duration_ms(self) -> int:
        """How long it is."""
        return self.end_ms - self.start_ms


@dataclass(frozen=True, slots=True)
class Heard(LegEvent):
    """Speech was recognised: a final result, or an interim one with its stable beginning."""

    text: str
    confidence: float = 0.0  # 0 to 1
    final: bool = True
    unstable: str = ""
    stability: float = 0.0
    error: str = ""  # nothing can be recognised: no model for the language, …


@dataclass(frozen=True, slots=True)
class Voice(LegEvent):
    """The far end has begun or stopped to make sounds above the threshold of silence."""

    active: bool


@dataclass(frozen=True, slots=True)
class MachineJudged(LegEvent):
    """Whether a machine answered."""

    machine: bool


@dataclass(frozen=True, slots=True)
class Beeped(LegEvent):
    """A beep was heard, as of an answering machine that begins to record."""


@dataclass(frozen=True, slots=True)
class StreamTold(LegEvent):
    """A stream has started, stopped, dropped out or fallen behind; `reason` in words."""

    stream_id: str
    what: Literal["StartStream", "StopStream", "DroppedStream", "DegradedStream"]
    reason: str = ""


Sink = Callable[[LegEvent], None]
