"""Participants of multiparty calls: looked at, changed, sent away, recorded, played to."""

from functools import partial
from typing import Annotated, Literal

from msgspec import Meta

from trunkline.contract.fields import AnsweredMethod, Url
from trunkline.contract.operation import Answer, Operation, Request
from trunkline.contract.operations.voice.adding import ParticipantAdd, ParticipantsAdded
from trunkline.contract.operations.voice.filters import Short
from trunkline.contract.operations.voice.multiparty import (
    ACCOUNT,
    MULTIPARTY_CALL,
    RECORDING_ID,
    UUID,
    MpcConfirmation,
    MpcId,
    MpcRecordingStarted,
    MpcRequest,
)
from trunkline.contract.operations.voice.streams import CountedMeta
from trunkline.contract.operations.voice.words import Format, Language, Spoken, TextType, Voice

_PARTICIPANTS = MULTIPARTY_CALL + "Participant/"
_PARTICIPANT = _PARTICIPANTS + "{participant_id}/"
_MEMBER = MULTIPARTY_CALL + "Member/{participant_id}/"

ParticipantTracks = Annotated[
    Literal["all", "inbound", "outbound"],
    Meta(description="inbound: what it says; outbound: what it hears; all: both, in stereo."),
]
ParticipantIds = Annotated[
    str,
    Meta(
        description="Member id of a participant, several joined with commas, or `all`.",
        max_length=1024,
    ),
]


class ParticipantList(MpcRequest, kw_only=True, frozen=True):
    """All participants, also those who have left, the first to come first."""

    call_uuid: Annotated[Short | None, Meta(description="Only of that call.")] = None


class ParticipantGet(MpcRequest, kw_only=True, frozen=True):
    """One participant, also after it has left."""

    participant_id: Annotated[str, Meta(description="Its member id.", max_length=64)]


class ParticipantRequest(Request, kw_only=True, frozen=True):
    """Participants who are there."""

    mpc_id: MpcId
    participant_id: ParticipantIds


class ParticipantUpdate(ParticipantRequest, kw_only=True, frozen=True):
    """Changes what is given."""

    coach_mode: Annotated[
        bool | None, Meta(description="Of a supervisor: to be heard by agents alone.")
    ] = None
    mute: Annotated[bool | None, Meta(description="Not to be heard.")] = None
    hold: Annotated[bool | None, Meta(description="Taken out, to hear music.")] = None


class ParticipantRecord(ParticipantRequest, kw_only=True, frozen=True):
    """Records what participants say and hear, each by itself."""

    file_format: Format = "mp3"
    recording_callback_url: Annotated[Url | None, Meta(description="Told when it has ended.")] = (
        None
    )
    recording_callback_method: AnsweredMethod = "POST"
    record_track_type: ParticipantTracks = "all"
    transcript: Annotated[
        bool, Meta(description="Transcribe it, and tell `transcription_url`.")
    ] = False
    transcription_url: Annotated[Url | None, Meta(description="Told the transcription.")] = None


class ParticipantTrack(ParticipantRequest, kw_only=True, frozen=True):
    """Recordings of participants; those of one `record_track_type`, or all."""

    record_track_type: ParticipantTracks = "all"


class ParticipantPlay(ParticipantRequest, kw_only=True, frozen=True):
    """Plays a file to participants alone."""

    url: Annotated[Url, Meta(description="An MP3 or WAV file.")]


class ParticipantSpeak(ParticipantRequest, kw_only=True, frozen=True):
    """Speaks a text to participants alone."""

    text: Spoken
    voice: Voice = "WOMAN"
    language: Language = "en-US"
    type: TextType = "text"
    mix: Annotated[
        bool, Meta(description="Heard together with the others; false: instead of them.")
    ] = True


class ParticipantAnswer(Answer, kw_only=True):
    """The participant object; times in the account's zone, null: it is there."""

    billed_amount: str | None
    billed_duration: int | None
    call_uuid: str
    coach_mode: bool
    duration: Annotated[int | None, Meta(description="Seconds, once it has left.")]
    end_mpc_on_exit: bool
    exit_cause: str | None
    exit_time: str | None
    hold: bool
    join_time: str
    member_address: Annotated[str, Meta(description="Its number or SIP address.")]
    member_id: str
    mpc_uuid: str
    mute: bool
    resource_uri: str
    role: str
    start_mpc_on_enter: bool


class ParticipantPage(Answer, kw_only=True):
    """The participants."""

    meta: CountedMeta
    objects: list[ParticipantAnswer]


class ParticipantUpdated(Answer, kw_only=True, omit_defaults=True):
    """What was changed, in words."""

    request_uuid: str
    coach_mode: str = ""
    mute: str = ""
    hold: str = ""


class ParticipantsPlayedTo(
    Answer, kw_only=True, rename={"mpc_member_id": "mpcMemberId", "mpc_name": "mpcName"}
):
    """Who hears it."""

    message: str
    mpc_member_id: list[str]
    mpc_name: str


_CALL = "90de6710-9404-40d1-ba31-f26d2f7c533f"
_EXAMPLE = {
    "billed_amount": None,
    "billed_duration": None,
    "call_uuid": _CALL,
    "coach_mode": False,
    "duration": None,
    "end_mpc_on_exit": False,
    "exit_cause": None,
    "exit_time": None,
    "hold": False,
    "join_time": "2026-03-02 10:48:43+00:00",
    "member_address": "14155550123",
    "member_id": "209",
    "mpc_uuid": UUID,
    "mute": False,
    "resource_uri": f"/v1/Account/{ACCOUNT}/MultiPartyCall/uuid_{UUID}/Participant/209/",
    "role": "customer",
    "start_mpc_on_enter": True,
}
_of_participant = partial(Operation, tags=("mpc_participant",), voice=True)
_of_member = partial(Operation, tags=("mpc_member",), voice=True)
_ends = partial(_of_participant, request=ParticipantTrack, response=None, success_status=204)

OPERATIONS = (
    _of_participant(
        id="mpc_participant.add",
        method="POST",
        path=_PARTICIPANTS,
        request=ParticipantAdd,
        response=ParticipantsAdded,
        success_status=201,
        summary="Call somebody into a multiparty call",
        source="PLIVO multiparty: add a participant",
        request_example={"role": "agent", "from": "14155550100", "to": "14155550123"},
        response_example={
            "message": "add participant action initiated",
            "request_uuid": "8420cdb1-f1d8-44a4-8c2a-556d156f1ffa",
            "calls": [{"to": "14155550123", "from": "14155550100", "call_uuid": _CALL}],
        },
    ),
    _of_participant(
        id="mpc_participant.list",
        method="GET",
        path=_PARTICIPANTS,
        request=ParticipantList,
        response=ParticipantPage,
        summary="List participants",
        source="PLIVO multiparty: list participants",
        response_example={
            "meta": {"count": 1, "limit": 20, "next": None, "offset": 0, "previous": None},
            "objects": [_EXAMPLE],
        },
    ),
    _of_participant(
        id="mpc_participant.get",
        method="GET",
        path=_PARTICIPANT,
        request=ParticipantGet,
        response=ParticipantAnswer,
        summary="Get a participant",
        source="PLIVO multiparty: retrieve a participant; text for amounts as plivo-go reads them",
        response_example=_EXAMPLE,
    ),
    _of_participant(
        id="mpc_participant.update",
        method="POST",
        path=_PARTICIPANT,
        request=ParticipantUpdate,
        response=ParticipantUpdated,
        success_status=202,
        summary="Mute, hold or let coach",
        source="PLIVO multiparty: update a participant; flat as plivo-go reads it",
        request_example={"mute": True},
        response_example={
            "mute": "MPC: Support mute/unmute member(s) succeeded",
            "request_uuid": UUID,
        },
    ),
    _of_participant(
        id="mpc_participant.kick",
        method="DELETE",
        path=_PARTICIPANT,
        request=ParticipantRequest,
        response=MpcConfirmation,
        summary="Send a participant away",
        source="PLIVO multiparty: kick; 200 with JSON for plivo-ruby",
        response_example={
            "message": "MPC: Support kick member(s) succeeded",
            "request_uuid": UUID,
        },
    ),
    _of_participant(
        id="mpc_participant.record_start",
        method="POST",
        path=_PARTICIPANT + "Record/",
        request=ParticipantRecord,
        response=MpcRecordingStarted,
        summary="Record a participant",
        source="PLIVO multiparty: record a participant",
        request_example={"file_format": "mp3"},
        response_example={
            "message": "MPC: Support record started",
            "recording_id": RECORDING_ID,
            "recording_url": f"https://api.example.com/media/Account/{ACCOUNT}/Recording/"
            f"{RECORDING_ID}.mp3",
            "request_uuid": UUID,
        },
    ),
    _ends(
        id="mpc_participant.record_stop",
        method="DELETE",
        path=_PARTICIPANT + "Record/",
        summary="Stop recording a participant",
        source="PLIVO multiparty: stop recording a participant",
    ),
    _ends(
        id="mpc_participant.record_pause",
        method="POST",
        path=_PARTICIPANT + "Record/Pause/",
        summary="Pause recording a participant",
        source="PLIVO multiparty: pause recording a participant",
    ),
    _ends(
        id="mpc_participant.record_resume",
        method="POST",
        path=_PARTICIPANT + "Record/Resume/",
        summary="Go on recording a participant",
        source="PLIVO multiparty: resume recording a participant",
    ),
    _of_member(
        id="mpc_member.play_start",
        method="POST",
        path=_MEMBER + "Play/",
        request=ParticipantPlay,
        response=ParticipantsPlayedTo,
        success_status=202,
        summary="Play a file to a participant",
        source="PLIVO multiparty: play audio",
        request_example={"url": "https://app.example.com/music.mp3"},
        response_example={
            "message": "play queued into MPC",
            "mpcMemberId": ["48"],
            "mpcName": "Support",
        },
    ),
    _of_member(
        id="mpc_member.play_stop",
        method="DELETE",
        path=_MEMBER + "Play/",
        request=ParticipantRequest,
        response=None,
        success_status=204,
        summary="Stop playing files to a participant",
        source="PLIVO multiparty: stop audio",
    ),
    _of_member(
        id="mpc_member.speak_start",
        method="POST",
        path=_MEMBER + "Speak/",
        request=ParticipantSpeak,
        response=ParticipantsPlayedTo,
        success_status=202,
        summary="Speak a text to a participant",
        source="PLIVO multiparty: speak, from plivo-go",
        request_example={"text": "You are next."},
        response_example={
            "message": "speak queued into MPC",
            "mpcMemberId": ["209"],
            "mpcName": "Support",
        },
    ),
    _of_member(
        id="mpc_member.speak_stop",
        method="DELETE",
        path=_MEMBER + "Speak/",
        request=ParticipantRequest,
        response=None,
        success_status=204,
        summary="Stop speaking to a participant",
        source="PLIVO multiparty: stop speaking, from plivo-go",
    ),
)
