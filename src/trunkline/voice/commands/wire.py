"""Commands as the bus carries them: MessagePack, told apart by their type's name.

Times are seconds since 1970 unless the name says otherwise; texts are "" when not given.
"""

from typing import Literal

import msgspec

from trunkline.voice.session.orders import Legs, MemberAction
from trunkline.voice.telephony import Tracks

SUBJECT = "voice.commands"
"""What the one process with calls serves; where there are several, each has a subject below it."""

Kind = Literal["conference", "multiparty"]
SoundKind = Literal["play", "speak"]


class Scope(msgspec.Struct, frozen=True):
    """Whose things are meant: the account's, and its subaccounts' when it is a main account."""

    account_id: str
    main_id: str

    def covers(self, account_id: str, main_id: str) -> bool:
        """Tell whether what belongs to these is in it."""
        return main_id == self.main_id and self.account_id in (account_id, main_id)


class Command(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Root of commands."""

    scope: Scope


def subject_of(node: str) -> str:
    """Return what a node serves among several; its nonce is enough, and host names have dots."""
    return f"{SUBJECT}.{node.rpartition(':')[2]}"


# --- parts ---------------------------------------------------------------------------------------


class Audio(msgspec.Struct, frozen=True, kw_only=True):
    """A file by its URL, or a text that is spoken; `ssml` as in telephony.Speech; 0 times: on."""

    url: str = ""
    text: str = ""
    ssml: str = ""
    voice: str = "WOMAN"
    language: str = "en-US"
    times: int = 1


class Tape(msgspec.Struct, frozen=True, kw_only=True):
    """How to record; `max_s` 0: without a limit. `api_id` is repeated in the callback."""

    format: Literal["mp3", "wav"] = "mp3"
    channels: Literal["mono", "stereo"] = "stereo"
    tracks: Tracks = "both"
    max_s: float = 0.0
    callback_url: str = ""
    callback_method: str = "POST"
    transcription: str = ""
    transcription_url: str = ""
    transcription_method: str = "POST"
    api_id: str = ""


class Which(msgspec.Struct, frozen=True, kw_only=True):
    """A live conference or multiparty call, by its name or its id."""

    kind: Kind
    name: str = ""
    uuid: str = ""


# --- calls ---------------------------------------------------------------------------------------


class HangUpCall(Command, frozen=True, kw_only=True):
    """End a call that is live or queued."""

    call_uuid: str


class HangUpAllCalls(Command, frozen=True, kw_only=True):
    """End all calls, live or queued, of the account alone."""


class CancelRequest(Command, frozen=True, kw_only=True):
    """End the calls that a request has asked for."""

    request_uuid: str


class TransferCall(Command, frozen=True, kw_only=True):
    """Let a call, the leg it is connected with, or both go on with other documents."""

    call_uuid: str
    legs: Legs = "aleg"
    aleg_url: str = ""
    aleg_method: str = "POST"
    bleg_url: str = ""
    bleg_method: str = "POST"


class PlayToCall(Command, frozen=True, kw_only=True):
    """Play beside what the call does; `length_s` 0: all."""

    call_uuid: str
    audio: tuple[Audio, ...]
    kind: SoundKind = "play"
    legs: Legs = "aleg"
    mix: bool = True
    length_s: float = 0.0


class StopPlayingToCall(Command, frozen=True, kw_only=True):
    """End what PlayToCall has started, of one kind."""

    call_uuid: str
    kind: SoundKind = "play"


class RecordCall(Command, frozen=True, kw_only=True):
    """Record a call; answered with Recorded."""

    call_uuid: str
    tape: Tape


class StopRecordingCall(Command, frozen=True, kw_only=True):
    """End one recording by its URL, or all that RecordCall has started."""

    call_uuid: str
    url: str = ""


class SendKeys(Command, frozen=True, kw_only=True):
    """Send keys on a leg or on both; `tone_ms` 0: the usual length."""

    call_uuid: str
    digits: str
    legs: Legs = "aleg"
    tone_ms: int = 0


class StartStream(Command, frozen=True, kw_only=True):
    """Stream a call's audio; answered with Text: the stream's id."""

    call_uuid: str
    url: str
    bidirectional: bool = False
    track: str = "inbound"
    content_type: str = "audio/x-l16;rate=8000"
    timeout_s: float = 86_400.0
    extra_headers: str = ""
    status_url: str = ""
    status_method: str = "POST"


class StopStream(Command, frozen=True, kw_only=True):
    """End one stream of a call, or all."""

    call_uuid: str
    stream_id: str = ""


class ListStreams(Command, frozen=True, kw_only=True):
    """Tell what streams a live call has had; answered with Streams."""

    call_uuid: str


# --- conferences and multiparty calls ------------------------------------------------------------


class ListGatherings(Command, frozen=True, kw_only=True):
    """Tell those that live, and with `past` those that have ended; answered with Gatherings."""

    kind: Kind
    past: bool = False


class GetGathering(Command, frozen=True, kw_only=True):
    """Tell of one; answered with GatheringFacts."""

    which: Which


class StartGathering(Command, frozen=True, kw_only=True):
    """Let those who wait come in; answered with GatheringFacts."""

    which: Which


class EndGathering(Command, frozen=True, kw_only=True):
    """End one; of a conference the members' calls are hung up."""

    which: Which


class EndAllConferences(Command, frozen=True, kw_only=True):
    """Hang up the calls of all members of all conferences."""


class RecordGathering(Command, frozen=True, kw_only=True):
    """Record what is said; answered with Recorded."""

    which: Which
    tape: Tape


class StopRecordingGathering(Command, frozen=True, kw_only=True):
    """End all recordings of one."""

    which: Which


class PauseRecordingGathering(Command, frozen=True, kw_only=True):
    """Let all recordings of one pause, or go on."""

    which: Which
    paused: bool


class ToMembers(Command, frozen=True, kw_only=True):
    """Do something to members; none named: to all. Answered with Members: whom it was done to."""

    which: Which
    members: tuple[str, ...] = ()
    action: MemberAction
    audio: tuple[Audio, ...] = ()
    kind: SoundKind = "play"
    mix: bool = True


class RecordMembers(Command, frozen=True, kw_only=True):
    """Record what is said and heard by one member, or by each; answered with Recorded: the last."""

    which: Which
    members: tuple[str, ...] = ()
    tape: Tape


class StopRecordingMembers(Command, frozen=True, kw_only=True):
    """End recordings of members: all, or those of some tracks."""

    which: Which
    members: tuple[str, ...] = ()
    tracks: Tracks | None = None


class PauseRecordingMembers(Command, frozen=True, kw_only=True):
    """Let recordings of members pause, or go on: all, or those of some tracks."""

    which: Which
    members: tuple[str, ...] = ()
    tracks: Tracks | None = None
    paused: bool


class Dialled(msgspec.Struct, frozen=True, kw_only=True):
    """Whom to call for a multiparty call: an E.164 number without plus or a SIP address."""

    address: str
    ring_timeout_s: float = 45.0
    delay_s: float = 0.0


class AddParticipants(Command, frozen=True, kw_only=True):
    """Call somebody, or fetch a live call, into a multiparty call; answered with Added.

    `attributes` are those of `<MultiPartyCall>` that say how they take part. Without a gathering of
    that name one is opened when the first of them answers. With `confirm_key` who answers has to
    press it; `dial_music` (`real` or a URL) is heard by those inside while it rings.
    """

    which: Which
    attributes: dict[str, str]
    to: tuple[Dialled, ...] = ()
    sender: str = ""
    caller_name: str = ""
    call_uuid: str = ""
    headers: dict[str, str] = {}
    send_digits: str = ""
    send_on_preanswer: bool = False
    status_url: str = ""
    status_method: str = "POST"
    confirm_key: str = ""
    confirm_sound_url: str = ""
    confirm_sound_method: str = "POST"
    dial_music: str = ""


AnyCommand = (
    HangUpCall | HangUpAllCalls | CancelRequest | TransferCall | PlayToCall | StopPlayingToCall
    | RecordCall | StopRecordingCall | SendKeys | StartStream | StopStream | ListStreams
    | ListGatherings | GetGathering | StartGathering | EndGathering | EndAllConferences
    | RecordGathering | StopRecordingGathering | PauseRecordingGathering | ToMembers
    | RecordMembers | StopRecordingMembers | PauseRecordingMembers | AddParticipants
)  # fmt: skip
