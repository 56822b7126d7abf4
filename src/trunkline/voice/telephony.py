"""The port to the engines: what calls ask of legs and rooms, and what legs tell.

A leg is one party of a call, from its first ring to its end. Commands return when the engine has
taken them; what becomes of them later comes as events. A leg hands its events, in order, to one
mailbox at a time (`deliver_to`); what happened before there was one is kept and handed over then.
Every command of a leg that has ended raises LegGone; what an engine cannot do raises Refused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from trunkline.values.errors import TrunklineError
from trunkline.voice.aftermath import Aftermath
from trunkline.voice.causes import Cause
from trunkline.voice.events import Sink


class TelephonyError(TrunklineError):
    """A command could not be carried out."""


class LegGone(TelephonyError):
    """The leg has ended; its Ended event is on the way or was there."""


class Refused(TelephonyError):
    """The engine cannot do this, or not now; the text says why.

    Of a call that cannot be placed `cause` is what it ends with, if that is known.
    """

    def __init__(self, text: str = "", cause: Cause | None = None) -> None:
        super().__init__(text)
        self.cause = cause


class KeptLater(Refused):
    """A recording cannot be kept yet; it will be, and whoever keeps it tells what was promised."""


# --- what is played ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class File:
    """A WAV or MP3 file at a URL, played `times` times; 0: without end."""

    url: str
    times: int = 1


@dataclass(frozen=True, slots=True)
class Speech:
    """Text to speak; `ssml` is the content of its `<speak>` when it has markup, else ""."""

    text: str
    voice: str = "WOMAN"
    language: str = "en-US"
    times: int = 1
    ssml: str = ""


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing, for a while."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Tone:
    """A tone by name; `ring` is the ringing tone, without end."""

    name: Literal["beep", "beep2", "ring"] = "beep"


Sound = File | Speech | Silence | Tone
Tracks = Literal["both", "inbound", "outbound"]
"""What a leg says is inbound, what it hears outbound."""


@dataclass(frozen=True, slots=True)
class RecordingSpec:
    """What is recorded; times in seconds, 0: no limit.

    `silence_s` ends it after so much silence, `finish_on` by one of these keys (kept out of the
    file's end). Of a leg, `session` records what it says and hears, or one `tracks` of that, until
    the leg ends or it is stopped. A room is recorded as a whole, and neither silence nor keys end
    it. `aftermath` comes of it even if this process dies.
    """

    recording_id: str
    format: Literal["mp3", "wav"] = "mp3"
    channels: Literal["mono", "stereo"] = "mono"
    max_s: float = 0.0
    silence_s: float = 0.0
    finish_on: str = ""
    session: bool = False
    tracks: Tracks = "both"
    aftermath: Aftermath | None = None


@dataclass(frozen=True, slots=True)
class ListenSpec:
    """What is to be recognised; times in seconds, `end_silence_s` None: the engine's choice."""

    language: str = "en-US"
    model: str = "default"
    hints: tuple[str, ...] = ()
    end_silence_s: float | None = None
    profanity_filter: bool = False
    interim: bool = False


@dataclass(frozen=True, slots=True)
class StreamSpec:
    """An audio stream to a WebSocket of the application."""

    stream_id: str
    url: str
    bidirectional: bool = False
    track: str = "inbound"
    content_type: str = "audio/x-l16;rate=8000"
    timeout_s: float = 86_400.0
    extra_headers: str = ""
    noise_cancellation: int | None = None  # level, 60 to 100
    headers: tuple[tuple[str, str], ...] = ()  # of the upgrade: signatures
    account_id: str = ""


@dataclass(frozen=True, slots=True)
class MachineSpec:
    """How long to listen for an answering machine; milliseconds."""

    time_ms: int = 5_000
    maximum_speech_ms: int = 5_000
    initial_silence_ms: int = 4_500


@dataclass(frozen=True, slots=True)
class Destination:
    """Whom to call: an E.164 number without "+", or a `sip:` address."""

    address: str
    caller_id: str
    caller_name: str = ""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])  # X-PH-…
    account_id: str = ""  # MA… or SA…: whose call it is
    auth_username: str = ""
    auth_password: str = ""


Layer = Literal["main", "mix", "cover"]
"""How a playback goes with others: `main` takes the place of the main one before it, `mix` is heard
together with everything else, `cover` hides everything else as long as it lasts."""


# --- what is asked of the engines ----------------------------------------------------------------


class Leg(Protocol):
    """One party. All methods raise LegGone once it has ended, except `deliver_to` and `hang_up`."""

    @property
    def uuid(self) -> str:
        """The call uuid it has in callbacks and records."""
        ...

    @property
    def over(self) -> bool:
        """Whether it has ended; what else there is to tell of it may come before its Ended."""
        ...

    def deliver_to(self, sink: Sink) -> None:
        """Hand all events from now on, and those kept so far, to `sink`; it must not block."""
        ...

    async def ring(self) -> None:
        """Tell an inbound caller that it rings."""
        ...

    async def open_early(self) -> None:
        """Let an inbound caller hear us before the call is answered (and billed)."""
        ...

    async def answer(self) -> None:
        """Answer an inbound call."""
        ...

    async def hang_up(self, cause: Cause) -> None:
        """End the leg, or refuse or cancel it; does nothing when it has ended. Ended follows."""
        ...

    async def play(self, sounds: Sequence[Sound], *, layer: Layer = "main") -> str:
        """Play to the leg, after one another; return the playback's id: PlaybackEnded follows.

        A sound that cannot be had is passed over; if none can, it breaks off with an error.
        """
        ...

    async def stop_playing(self, playback: str) -> None:
        """End a playback at once; PlaybackEnded follows. Unknown ones are ignored."""
        ...

    async def send_digits(self, digits: str, *, tone_ms: int = 0, inband: bool = False) -> None:
        """Send keys: 0-9 * # A-D, w and W wait 0.5 s and 1 s; returns at once.

        With `inband` as tones even to a far end that knows events.
        """
        ...

    async def hear(self) -> None:
        """Return once the keys that have come until now are told. Raises LegGone, Refused."""
        ...

    async def record(self, spec: RecordingSpec) -> str:
        """Start a recording, return the URL it will have; RecordingEnded follows."""
        ...

    async def stop_recording(self, recording_id: str) -> None:
        """End a recording; RecordingEnded follows. Unknown ones are ignored."""
        ...

    async def pause_recording(self, recording_id: str, *, paused: bool) -> None:
        """Let a recording leave out what follows, or go on. Unknown ones are ignored."""

    async def listen(self, spec: ListenSpec) -> None:
        """Start to recognise speech: Heard follows, until `stop_listening`."""
        ...

    async def stop_listening(self) -> None:
        """End recognition."""
        ...

    async def watch_voice(self, *, on: bool) -> None:
        """Tell Voice from now on, or no longer; at first the far end counts as silent."""
        ...

    async def judge_machine(self, spec: MachineSpec) -> None:
        """Listen for a machine: MachineJudged follows once."""
        ...

    async def await_beep(self, *, on: bool) -> None:
        """Listen for a beep, or no longer: Beeped follows once."""
        ...

    async def start_stream(self, spec: StreamSpec) -> None:
        """Stream audio to a WebSocket; StreamTold follows. One stream at a time."""
        ...

    async def stop_stream(self, stream_id: str) -> None:
        """End a stream; StreamTold follows."""
        ...

    async def connect(self, other: "Leg") -> None:
        """Let two legs hear each other, until one ends or `disconnect`."""
        ...

    async def disconnect(self) -> None:
        """Undo `connect`; nothing happens when it is not connected."""
        ...


class Room(Protocol):
    """A mixing room: everybody hears everybody else. Events of its own go to its sink."""

    @property
    def uuid(self) -> str:
        """Of playbacks and recordings of the room, in the events' `leg`."""
        ...

    async def add(self, leg: Leg, *, muted: bool = False, deaf: bool = False) -> None:
        """Let a leg in."""
        ...

    async def remove(self, leg: Leg) -> None:
        """Let a leg out; ignored when it is not in."""
        ...

    async def set(self, leg: Leg, *, muted: bool, deaf: bool, heard_by: Sequence[Leg] = ()) -> None:
        """Change what a member says and hears; with `heard_by` only these hear it (a coach)."""
        ...

    async def play(self, sounds: Sequence[Sound]) -> str:
        """Play to everybody, mixed in."""
        ...

    async def stop_playing(self, playback: str) -> None:
        """End a playback of the room."""
        ...

    async def record(self, spec: RecordingSpec) -> str:
        """Record the mix; return the URL it will have."""
        ...

    async def stop_recording(self, recording_id: str) -> None:
        """End a recording of the room."""
        ...

    async def pause_recording(self, recording_id: str, *, paused: bool) -> None:
        """Let a recording of the room leave out what follows, or go on."""

    async def close(self) -> None:
        """Take the room down; legs stay up."""
        ...


class Telephony(Protocol):
    """Makes legs and rooms."""

    async def place(self, uuid: str, destination: Destination, sink: Sink) -> Leg:
        """Call somebody: Ringing, Answered and Ended follow.

        Raises Refused for what cannot be called at all; whatever the network says is an Ended.
        """
        ...

    async def open_room(self, uuid: str, sink: Sink) -> Room:
        """Open an empty room."""
        ...
