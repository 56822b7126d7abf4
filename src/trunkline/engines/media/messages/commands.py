"""What the control process asks for; each command has one result."""

from typing import Literal

import msgspec

from trunkline.engines.media.messages.items import DigitMethod, Encoding, Item, Stream, Track


class OpenLeg(msgspec.Struct, frozen=True, tag="open"):
    """Reserve ports; answered with `LegOpened`, or refused as "full" or "ports"."""

    leg: str


class SetStream(msgspec.Struct, frozen=True, tag="stream"):
    """Start RTP, or change it: the latch opens again if where to send to is another place."""

    leg: str
    stream: Stream


class CloseLeg(msgspec.Struct, frozen=True, tag="close"):
    """End everything of a leg; answered with its `LegStats`."""

    leg: str


class Join(msgspec.Struct, frozen=True, tag="join"):
    """Put a leg into a room, out of the one it was in; a room of two is a bridge."""

    leg: str
    room: str
    muted: bool = False
    deaf: bool = False


class Leave(msgspec.Struct, frozen=True, tag="leave"):
    leg: str


class SetMember(msgspec.Struct, frozen=True, tag="member"):
    """Change what a leg may say and hear in its room; None leaves it.

    With `heard_by` only these legs of the room hear it, and no recording has it; () is everybody.
    Who is deaf but `attentive` hears what is for it alone, and nothing else.
    """

    leg: str
    muted: bool | None = None
    deaf: bool | None = None
    heard_by: tuple[str, ...] | None = None
    attentive: bool = False


class Play(msgspec.Struct, frozen=True, kw_only=True, tag="play"):
    """Play items in turn to a leg, or to all of a room; ends with `PlaybackFinished`.

    `loop` is how often (0: endless). `mix` False silences the room for the leg meanwhile, `cover`
    the target's other playbacks, which go on unheard. With `queue` it waits for the leg's or room's
    playbacks before it, else it sounds with them.
    """

    playback: str
    items: tuple[Item, ...]
    leg: str = ""
    room: str = ""
    loop: int = 1
    mix: bool = False
    cover: bool = False
    queue: bool = False
    limit_ms: int = 0


class StopPlay(msgspec.Struct, frozen=True, tag="stop_play"):
    """Stop one playback, or with "" all of a leg or room; answered with `Count`."""

    playback: str = ""
    leg: str = ""
    room: str = ""


class SendDigits(msgspec.Struct, frozen=True, tag="digits"):
    """Send 0-9 * # A-D, w (0.5 s) and W (1 s); ends with `DigitsSent`. "" drops what waits."""

    leg: str
    digits: str
    tone_ms: int = 100
    gap_ms: int = 100
    method: DigitMethod = "auto"


class Record(msgspec.Struct, frozen=True, kw_only=True, tag="record"):
    """Record a leg or a room to a new file; ends with `RecordingFinished`.

    `tracks` of a leg: inbound is what the peer says, outbound what it hears. Stereo has inbound
    left and outbound right. `tail_ms` are held back while it runs, so that they can be cut off.
    """

    recording: str
    path: str
    format: Literal["wav", "mp3"] = "wav"
    leg: str = ""
    room: str = ""
    tracks: tuple[Track, ...] = ("inbound", "outbound")
    stereo: bool = False
    limit_ms: int = 0
    tail_ms: int = 0


class StopRecord(msgspec.Struct, frozen=True, tag="stop_record"):
    """Stop one recording, or with "" all of a leg or room; answered with `Count`.

    `cut_ms` of its end are left out, as far as they were held back.
    """

    recording: str = ""
    leg: str = ""
    room: str = ""
    cut_ms: int = 0


class PauseRecord(msgspec.Struct, frozen=True, tag="pause_record"):
    recording: str
    paused: bool


class Hear(msgspec.Struct, frozen=True, tag="hear"):
    """Tell the keys that have come for a leg before the answer, ahead of the next tick."""

    leg: str


class Watch(msgspec.Struct, frozen=True, kw_only=True, tag="watch"):
    """Report speech of a leg: `SpeechStarted` and `SpeechStopped`.

    `threshold` is the least level; above the noise floor by 10 dB it must be too. `hangover_ms`
    of quiet end it.
    """

    leg: str
    speech: bool
    threshold: float = -45.0
    hangover_ms: int = 300


class OpenTap(msgspec.Struct, frozen=True, kw_only=True, tag="open_tap"):
    """Send a leg's audio as `TapAudio` of a `Heard`, every 20 ms; feed audio back with `Feed`."""

    tap: str
    leg: str
    tracks: tuple[Track, ...] = ("inbound",)
    encoding: Encoding = "mulaw"
    rate: int = 8000
    exclusive: bool = True
    """Fed audio is heard alone, not with the leg's room."""


class CloseTap(msgspec.Struct, frozen=True, tag="close_tap"):
    tap: str


class Feed(msgspec.Struct, frozen=True, kw_only=True, tag="feed"):
    """Append audio to what a tap plays to its leg; refused as "full" beyond 60 s."""

    tap: str
    audio: bytes
    encoding: Encoding = "mulaw"
    rate: int = 8000


class Piece(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A `Feed` among others."""

    tap: str
    audio: bytes
    encoding: Encoding = "mulaw"
    rate: int = 8000


class Pour(msgspec.Struct, frozen=True, tag="pour"):
    """Feed many pieces in turn; answered with `Poured`."""

    pieces: tuple[Piece, ...]


class Checkpoint(msgspec.Struct, frozen=True, tag="checkpoint"):
    """`CheckpointReached` once what was fed before has been played; not if it is cleared."""

    tap: str
    name: str


class ClearFeed(msgspec.Struct, frozen=True, tag="clear_feed"):
    """Drop what was fed and has not been played; answered with `Count` of ms."""

    tap: str


class GetLegStats(msgspec.Struct, frozen=True, tag="leg_stats"):
    leg: str


class GetProcessStats(msgspec.Struct, frozen=True, tag="process_stats"):
    pass


Command = (
    OpenLeg | SetStream | CloseLeg | Join | Leave | SetMember | Play | StopPlay | SendDigits
    | Record | StopRecord | PauseRecord | Watch | OpenTap | CloseTap | Feed | Pour | Checkpoint
    | ClearFeed | Hear | GetLegStats | GetProcessStats
)  # fmt: skip
