"""What a media process tells by itself."""

from typing import Literal

import msgspec

from trunkline.engines.media.messages.items import Track


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """The process serves."""

    pid: int


class Stalled(msgspec.Struct, frozen=True, tag="stalled"):
    """The process had no CPU; so much of all its legs was skipped."""

    skipped_ms: int


class MediaStarted(msgspec.Struct, frozen=True, tag="media_started"):
    """RTP comes from the peer: the first, or from another place than before."""

    leg: str
    address: str
    port: int


class LegFailed(msgspec.Struct, frozen=True, tag="leg_failed"):
    """A fault of ours: the leg is silent from now on and should be closed."""

    leg: str
    error: str


class MediaTimeout(msgspec.Struct, frozen=True, tag="media_timeout"):
    """No RTP came for so long, though the leg receives; once, until some comes again."""

    leg: str
    silent_ms: int


class Digit(msgspec.Struct, frozen=True, tag="digit"):
    leg: str
    digit: str
    duration_ms: int
    method: Literal["rfc4733", "inband"]


class DigitsSent(msgspec.Struct, frozen=True, tag="digits_sent"):
    leg: str


class PlaybackFinished(msgspec.Struct, frozen=True, kw_only=True, tag="played"):
    """`reason`: ended, stopped, limit, closed (its leg or room is gone) or failed (`error`)."""

    playback: str
    leg: str
    room: str
    reason: str
    played_ms: int
    error: str = ""


class RecordingFinished(msgspec.Struct, frozen=True, kw_only=True, tag="recorded"):
    """The file is closed. `reason`: stopped, limit, closed or failed (`error`)."""

    recording: str
    leg: str
    room: str
    path: str
    reason: str
    duration_ms: int
    size_bytes: int
    error: str = ""


class SpeechStarted(msgspec.Struct, frozen=True, tag="speech_started"):
    """`at_ms` since the leg was opened."""

    leg: str
    at_ms: int
    level: float


class SpeechStopped(msgspec.Struct, frozen=True, tag="speech_stopped"):
    """`at_ms` when it became quiet, `spoke_ms` before that."""

    leg: str
    at_ms: int
    spoke_ms: int


class TapAudio(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """20 ms of one track in the tap's encoding; `at_ms` since the tap was opened."""

    tap: str
    track: Track
    at_ms: int
    audio: bytes


class Heard(msgspec.Struct, frozen=True, tag="heard"):
    """What all taps hear in one tick: one message, however many there are."""

    frames: tuple[TapAudio, ...]


class CheckpointReached(msgspec.Struct, frozen=True, tag="checkpoint_reached"):
    tap: str
    name: str


class TapClosed(msgspec.Struct, frozen=True, tag="tap_closed"):
    """Its leg is gone."""

    tap: str


class Lost(msgspec.Struct, frozen=True, tag="lost"):
    """Made by the client: the process died with all its legs; another is started."""

    legs: tuple[str, ...]
    reason: str


Event = (
    Ready | Stalled | MediaStarted | MediaTimeout | LegFailed | Digit | DigitsSent
    | PlaybackFinished | RecordingFinished | SpeechStarted | SpeechStopped | Heard
    | CheckpointReached | TapClosed | Lost
)  # fmt: skip
Notice = Event | TapAudio
"""What the handler of an id is given: `Heard` is handed on by frames."""
