"""Multiparty calls: start, end, look at, record."""

from functools import partial
from typing import Annotated, Literal

from msgspec import Meta

from trunkline.contract.fields import AnsweredMethod, Limit, Offset, SubaccountId, Timestamp, Url
from trunkline.contract.operation import Answer, Confirmation, Operation, Request
from trunkline.contract.operations.voice.filters import Short
from trunkline.contract.operations.voice.streams import CountedMeta
from trunkline.contract.operations.voice.words import Format
from trunkline.values.pages import DEFAULT_LIMIT

_CALLS = "/v1/Account/{auth_id}/MultiPartyCall/"
MULTIPARTY_CALL = _CALLS + "{mpc_id}/"

MpcId = Annotated[
    str,
    Meta(
        description="`uuid_` and its id, or, while it is live, `name_` and its name.",
        max_length=300,
    ),
]
MpcStatus = Literal["Initialized", "Active", "Ended"]
Track = Annotated[Literal["all"], Meta(description="Only all: what everybody says, together.")]


class MpcList(Request, kw_only=True, frozen=True):
    """A page of multiparty calls, the newest first: those that live, and the last that ended."""

    sub_account: Annotated[SubaccountId | None, Meta(description="Only of that subaccount.")] = None
    friendly_name: Annotated[Short | None, Meta(description="Only of that name.")] = None
    status: Annotated[
        Literal["initialized", "active", "ended"] | None, Meta(description="Only in that state.")
    ] = None
    termination_cause_code: Annotated[
        Annotated[int, Meta(ge=0, le=99_999)] | None,
        Meta(description="Only those that ended so: 1000, 1010, 2000, 3000."),
    ] = None
    end_time__gt: Annotated[Timestamp | None, Meta(description="Ended later than.")] = None
    end_time__gte: Annotated[Timestamp | None, Meta(description="Ended then or later.")] = None
    end_time__lt: Annotated[Timestamp | None, Meta(description="Ended before.")] = None
    end_time__lte: Annotated[Timestamp | None, Meta(description="Ended then or before.")] = None
    creation_time__gt: Annotated[Timestamp | None, Meta(description="Made later than.")] = None
    creation_time__gte: Annotated[Timestamp | None, Meta(description="Made then or later.")] = None
    creation_time__lt: Annotated[Timestamp | None, Meta(description="Made before.")] = None
    creation_time__lte: Annotated[Timestamp | None, Meta(description="Made then or before.")] = None
    limit: Limit = DEFAULT_LIMIT
    offset: Offset = 0


class MpcRequest(Request, kw_only=True, frozen=True):
    """One multiparty call."""

    mpc_id: MpcId


class MpcStart(MpcRequest, kw_only=True, frozen=True):
    """Lets those who wait for its start hear each other."""

    status: Annotated[
        str,
        Meta(
            pattern=r"^(?i:active)(?!\n)$",
            description="What it becomes: active.",
            extra={"form": "active", "join": ","},  # plivo-python sends ["active"]
        ),
    ]


class MpcRecord(MpcRequest, kw_only=True, frozen=True):
    """Records what is said in it; one recording at a time."""

    file_format: Format = "mp3"
    recording_callback_url: Annotated[
        Url | None, Meta(description="Told when it begins, pauses, goes on and ends.")
    ] = None
    recording_callback_method: AnsweredMethod = "POST"
    record_track_type: Track = "all"
    transcript: Annotated[
        bool, Meta(description="Transcribe it, and tell `transcription_url`.")
    ] = False
    transcription_url: Annotated[Url | None, Meta(description="Told the transcription.")] = None


class MpcAnswer(Answer, kw_only=True):
    """The multiparty call object; times in the account's zone, null: not yet."""

    billed_amount: str | None
    billed_duration: int | None
    creation_time: str
    duration: Annotated[int | None, Meta(description="Seconds, once it has ended.")]
    end_time: str | None
    friendly_name: str
    mpc_uuid: str
    participants: Annotated[str, Meta(description="Where its participants are.")]
    recording: Annotated[str, Meta(description="recording, paused or not-recording.")]
    resource_uri: str
    start_time: str | None
    status: MpcStatus
    stay_alone: Annotated[bool, Meta(description="Whether all may stay alone.")]
    sub_account: Annotated[str | None, Meta(description="Whose it is, if a subaccount's.")]
    termination_cause: str | None
    termination_cause_code: int | None


class MpcPage(Answer, kw_only=True):
    """A page of multiparty calls."""

    meta: CountedMeta
    objects: list[MpcAnswer]


class MpcConfirmation(Confirmation, kw_only=True):
    """What was done."""

    request_uuid: str


class MpcRecordingStarted(Answer, kw_only=True):
    """A recording that has begun; `recording_url` is where it will be."""

    message: str
    recording_id: str
    recording_url: str
    request_uuid: str


ACCOUNT = "MA2025RK4E639VJFZAGV"
UUID = "c5712c9f-2e3f-48ec-afbb-075f424ddc44"
RECORDING_ID = "e06ac332-45dc-41eb-94fe-06dd7f581a50"
_PATH = f"/v1/Account/{ACCOUNT}/MultiPartyCall/uuid_{UUID}/"
_EXAMPLE = {
    "billed_amount": None,
    "billed_duration": None,
    "creation_time": "2026-03-02 10:48:43+00:00",
    "duration": None,
    "end_time": None,
    "friendly_name": "Support",
    "mpc_uuid": UUID,
    "participants": f"{_PATH}Participant/",
    "recording": "not-recording",
    "resource_uri": _PATH,
    "start_time": "2026-03-02 10:48:43+00:00",
    "status": "Active",
    "stay_alone": False,
    "sub_account": None,
    "termination_cause": None,
    "termination_cause_code": None,
}
_operation = partial(Operation, tags=("mpc",), voice=True)
_ends = partial(_operation, request=MpcRequest, response=None, success_status=204)

OPERATIONS = (
    _operation(
        id="mpc.list",
        method="GET",
        path=_CALLS,
        request=MpcList,
        response=MpcPage,
        summary="List multiparty calls",
        source="PLIVO multiparty: list; filters of the SDKs",
        request_example={"status": "active"},
        response_example={
            "meta": {"count": 1, "limit": 20, "next": None, "offset": 0, "previous": None},
            "objects": [_EXAMPLE],
        },
    ),
    _operation(
        id="mpc.get",
        method="GET",
        path=MULTIPARTY_CALL,
        request=MpcRequest,
        response=MpcAnswer,
        summary="Get a multiparty call",
        source="PLIVO multiparty: retrieve",
        response_example=_EXAMPLE,
    ),
    _operation(
        id="mpc.start",
        method="POST",
        path=MULTIPARTY_CALL,
        request=MpcStart,
        response=MpcConfirmation,
        summary="Start a multiparty call",
        source="PLIVO multiparty: start; 200 with JSON for plivo-java",
        request_example={"status": "active"},
        response_example={"message": "MPC: Support started", "request_uuid": UUID},
    ),
    _operation(
        id="mpc.stop",
        method="DELETE",
        path=MULTIPARTY_CALL,
        request=MpcRequest,
        response=MpcConfirmation,
        summary="End a multiparty call",
        source="PLIVO multiparty: end; 200 with JSON for plivo-ruby",
        response_example={
            "message": "MPC: Support kick member(s) succeeded",
            "request_uuid": UUID,
        },
    ),
    _operation(
        id="mpc.record_start",
        method="POST",
        path=MULTIPARTY_CALL + "Record/",
        request=MpcRecord,
        response=MpcRecordingStarted,
        success_status=202,
        summary="Record a multiparty call",
        source="PLIVO multiparty: start recording; its answer as plivo-go reads it",
        request_example={"file_format": "mp3"},
        response_example={
            "message": "MPC: Support started recording",
            "recording_id": RECORDING_ID,
            "recording_url": f"https://api.example.com/media/Account/{ACCOUNT}/Recording/"
            f"{RECORDING_ID}.mp3",
            "request_uuid": UUID,
        },
    ),
    _ends(
        id="mpc.record_stop",
        method="DELETE",
        path=MULTIPARTY_CALL + "Record/",
        summary="Stop recording a multiparty call",
        source="PLIVO multiparty: stop recording",
    ),
    _ends(
        id="mpc.record_pause",
        method="POST",
        path=MULTIPARTY_CALL + "Record/Pause/",
        summary="Pause recording a multiparty call",
        source="PLIVO multiparty: pause recording",
    ),
    _ends(
        id="mpc.record_resume",
        method="POST",
        path=MULTIPARTY_CALL + "Record/Resume/",
        summary="Go on recording a multiparty call",
        source="PLIVO multiparty: resume recording",
    ),
)
