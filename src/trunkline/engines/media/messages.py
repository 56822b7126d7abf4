"""What the control process and a media process say to each other (msgpack, see `wire`).

Every command has a reply: its result, or a `Refused`. Events come by themselves. Ids of legs,
rooms, playbacks, recordings and taps are chosen by the control process. Times are in ms, levels in
dBFS (0 is full scale, -90 silence). Audio is 8 kHz, 16 bit, mono unless said otherwise.
"""

from typing import Literal

import msgspec

Codec = Literal["PCMU", "PCMA", "G722", "opus"]
Track = Literal["inbound", "outbound"]
Encoding = Literal["l16", "mulaw"]
DigitMethod = Literal["auto", "rfc4733", "inband"]


class Stream(msgspec.Struct, frozen=True, kw_only=True):
    """Where a leg's RTP goes and what it carries; made from sdp.Negotiated.

    `address` may be "" while the peer holds us. `detect_inband` listens for digits in the audio:
    None does so if the peer has no telephone events.
    """

    address: str
    port: int
    codec: Codec
    payload_type: int
    receive_types: tuple[int, ...]
    rtcp_address: str = ""
    rtcp_port: int = 0
    rtcp_mux: bool = False
    event_type: int | None = None
    event_rate: int = 8000
    event_receive_types: tuple[int, ...] = ()
    noise_type: int | None = None
    ptime_ms: int = 20
    sends: bool = True
    receives: bool = True
    detect_inband: bool | None = None


class FileItem(msgspec.Struct, frozen=True, tag="file"):
    """A sound file: WAV or MP3 (anything libsndfile reads)."""

    path: str


class ToneItem(msgspec.Struct, frozen=True, tag="tone"):
    """Tones together, `on_ms` sounding and `off_ms` silent, for `duration_ms` (0: endless)."""

    frequencies: tuple[float, ...]
    duration_ms: int
    on_ms: int = 0
    off_ms: int = 0
    level: float = -13.0


class SilenceItem(msgspec.Struct, frozen=True, tag="silence"):
    duration_ms: int


Item = FileItem | ToneItem | SilenceItem


# -- commands ------------------------------------------------------------------------------------


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
    """Change what a leg may say and hear in its room; None leaves it."""

    leg: str
    muted: bool | None = None
    deaf: bool | None = None


class Play(msgspec.Struct, frozen=True, kw_only=True, tag="play"):
    """Play items in turn to a leg, or to all of a room; ends with `PlaybackFinished`.

    `loop` is how often (0: endless). `mix` False silences the room for the leg meanwhile. With
    `queue` it waits for the leg's or room's playbacks before it, else it sounds with them.
    """

    playback: str
    items: tuple[Item, ...]
    leg: str = ""
    room: str = ""
    loop: int = 1
    mix: bool = False
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
    left and outbound right.
    """

    recording: str
    path: str
    format: Literal["wav", "mp3"] = "wav"
    leg: str = ""
    room: str = ""
    tracks: tuple[Track, ...] = ("inbound", "outbound")
    stereo: bool = False
    limit_ms: int = 0


class StopRecord(msgspec.Struct, frozen=True, tag="stop_record"):
    """Stop one recording, or with "" all of a leg or room; answered with `Count`."""

    recording: str = ""
    leg: str = ""
    room: str = ""


class PauseRecord(msgspec.Struct, frozen=True, tag="pause_record"):
    recording: str
    paused: bool


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
    """Send a leg's audio as `TapAudio`, every 20 ms; feed audio back with `Feed`."""

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
    | Record | StopRecord | PauseRecord | Watch | OpenTap | CloseTap | Feed | Checkpoint
    | ClearFeed | GetLegStats | GetProcessStats
)  # fmt: skip


# -- results -------------------------------------------------------------------------------------


class Done(msgspec.Struct, frozen=True, tag="done"):
    pass


class Count(msgspec.Struct, frozen=True, tag="count"):
    count: int


class LegOpened(msgspec.Struct, frozen=True, tag="opened"):
    """`rtcp_port` is always `port` + 1, and `port` even."""

    leg: str
    address: str
    port: int
    rtcp_port: int


class LegStats(msgspec.Struct, frozen=True, kw_only=True, tag="stats_of_leg"):
    """`remote_*` and `round_trip_ms` are what the peer's RTCP said; -1: nothing."""

    leg: str
    packets_sent: int = 0
    octets_sent: int = 0
    packets_received: int = 0
    octets_received: int = 0
    packets_lost: int = 0
    jitter_ms: float = 0.0
    late: int = 0
    duplicates: int = 0
    concealed: int = 0
    underruns: int = 0
    skipped: int = 0
    refused: int = 0
    """Packets from elsewhere than the latched address, or no RTP."""
    buffer_ms: int = 0
    remote_lost: int = -1
    remote_jitter_ms: float = -1.0
    round_trip_ms: float = -1.0
    remote: str = ""
    """address:port packets come from; "" before the first."""


class ProcessStats(msgspec.Struct, frozen=True, kw_only=True, tag="stats_of_process"):
    """`late_ticks` began more than 20 ms after their time, `skipped_ticks` never ran."""

    legs: int
    rooms: int
    ticks: int
    late_ticks: int
    skipped_ticks: int
    busy_s: float
    """Time spent in ticks."""
    tap_frames_dropped: int
    free_ports: int


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """The command was not done. `reason`: full, ports, unknown, exists, busy, invalid."""

    reason: str
    detail: str = ""


Result = Done | Count | LegOpened | LegStats | ProcessStats | Refused


# -- events --------------------------------------------------------------------------------------


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """The process serves."""

    pid: int


class MediaStarted(msgspec.Struct, frozen=True, tag="media_started"):
    """The first RTP came from the peer, since the leg was opened or its latch opened again."""

    leg: str
    address: str
    port: int


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


class TapAudio(msgspec.Struct, frozen=True, tag="tap_audio"):
    """20 ms of one track in the tap's encoding; `at_ms` since the tap was opened."""

    tap: str
    track: Track
    at_ms: int
    audio: bytes


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
    Ready | MediaStarted | MediaTimeout | Digit | DigitsSent | PlaybackFinished
    | RecordingFinished | SpeechStarted | SpeechStopped | TapAudio | CheckpointReached
    | TapClosed | Lost
)  # fmt: skip


class Request(msgspec.Struct, frozen=True, array_like=True):
    number: int
    command: Command


class Reply(msgspec.Struct, frozen=True, array_like=True, tag="reply"):
    number: int
    result: Result


class Told(msgspec.Struct, frozen=True, array_like=True, tag="told"):
    event: Event
