"""Recordings of calls and conferences."""

from typing import Annotated, Literal

from msgspec import Meta

from trunkline.contract.fields import SAMPLE_META, Limit, Offset, SubaccountId
from trunkline.contract.operation import Answer, Operation, Request
from trunkline.contract.operations.voice.filters import Days, Moment, Short
from trunkline.values.pages import DEFAULT_LIMIT, PageMeta

_RECORDINGS = "/v1/Account/{auth_id}/Recording/"
_RECORDING = "/v1/Account/{auth_id}/Recording/{recording_id}/"

RecordingId = Annotated[str, Meta(description="Id of the recording.", max_length=64)]


class RecordingList(Request, kw_only=True, frozen=True):
    """A page of recordings, the newest first.

    Without a time, an age, a call, a conference or a multiparty call the last 7 days; with one
    bound of `add_time` 30 days from or to it; never more than 30 days.
    """

    subaccount: Annotated[SubaccountId | None, Meta(description="Only of that subaccount.")] = None
    call_uuid: Annotated[Short | None, Meta(description="Only of that call.")] = None
    from_number: Annotated[Short | None, Meta(description="Only of calls from there.")] = None
    to_number: Annotated[Short | None, Meta(description="Only of calls to there.")] = None
    conference_name: Annotated[Short | None, Meta(description="Only of such conferences.")] = None
    conference_uuid: Annotated[Short | None, Meta(description="Only of that conference.")] = None
    mpc_name: Annotated[Short | None, Meta(description="Only of such multiparty calls.")] = None
    mpc_uuid: Annotated[Short | None, Meta(description="Only of that multiparty call.")] = None
    add_time: Annotated[Moment | None, Meta(description="Added exactly then.")] = None
    add_time__gt: Annotated[Moment | None, Meta(description="Added later than.")] = None
    add_time__gte: Annotated[Moment | None, Meta(description="Added then or later.")] = None
    add_time__lt: Annotated[Moment | None, Meta(description="Added before.")] = None
    add_time__lte: Annotated[Moment | None, Meta(description="Added then or before.")] = None
    recording_storage_duration: Annotated[
        Days | None, Meta(description="Kept exactly so many days.")
    ] = None
    recording_storage_duration__gt: Annotated[Days | None, Meta(description="Kept longer.")] = None
    recording_storage_duration__gte: Annotated[
        Days | None, Meta(description="Kept that long or longer.")
    ] = None
    recording_storage_duration__lt: Annotated[Days | None, Meta(description="Kept less.")] = None
    recording_storage_duration__lte: Annotated[
        Days | None, Meta(description="Kept that long or less.")
    ] = None
    limit: Limit = DEFAULT_LIMIT
    offset: Offset = 0


class RecordingGet(Request, kw_only=True, frozen=True):
    """One recording."""

    recording_id: RecordingId


class RecordingDelete(Request, kw_only=True, frozen=True):
    """Delete for good, the audio and its transcription too."""

    recording_id: RecordingId


class RecordingAnswer(Answer, kw_only=True):
    """The recording object; what is measured in milliseconds is text, as in `345100.00000`."""

    recording_id: str
    add_time: Annotated[str, Meta(description="In the account's zone, with microseconds.")]
    call_uuid: str
    conference_name: Annotated[str | None, Meta(description="null if it is of a plain call.")]
    recording_type: Literal["normal", "conference"]
    recording_format: Literal["mp3", "wav"]
    recording_url: Annotated[str, Meta(description="Signed: whoever has it may fetch the audio.")]
    recording_start_ms: Annotated[str, Meta(description="Since 1970.")]
    recording_end_ms: Annotated[str, Meta(description="Since 1970.")]
    recording_duration_ms: str
    rounded_recording_duration: Annotated[int, Meta(description="Seconds, in whole minutes.")]
    recording_storage_duration: Annotated[int, Meta(ge=1, description="Days, begun ones too.")]
    recording_storage_rate: Annotated[float, Meta(description="0: keeping them costs nothing.")]
    monthly_recording_storage_amount: float
    from_number: str
    to_number: str
    resource_uri: str


class RecordingPage(Answer, kw_only=True):
    """A page of recordings."""

    meta: PageMeta
    objects: list[RecordingAnswer]


_ACCOUNT = "MA2025RK4E639VJFZAGV"
_ID = "c2186400-1c8c-4124-a664-0026b945b522"
_EXAMPLE = {
    "recording_id": _ID,
    "add_time": "2026-03-02 10:17:02.852059+00:00",
    "call_uuid": "eba53b9e-8fbd-45c1-9444-696d2172fbc8",
    "conference_name": None,
    "recording_type": "normal",
    "recording_format": "mp3",
    "recording_url": f"https://api.example.com/media/Account/{_ACCOUNT}/Recording/{_ID}.mp3"
    "?expires=1773051422&signature=7d5c7bd4f2f4a3e6b1f0c2d3e4f5a6b7c8d9e0f1",
    "recording_start_ms": "1772446536907.00000",
    "recording_end_ms": "1772446621907.00000",
    "recording_duration_ms": "85000.00000",
    "rounded_recording_duration": 120,
    "recording_storage_duration": 1,
    "recording_storage_rate": 0.0,
    "monthly_recording_storage_amount": 0.0,
    "from_number": "14155550100",
    "to_number": "14155550123",
    "resource_uri": f"/v1/Account/{_ACCOUNT}/Recording/{_ID}/",
}

OPERATIONS = (
    Operation(
        id="recording.list",
        name="getRecordings",
        method="GET",
        path=_RECORDINGS,
        request=RecordingList,
        response=RecordingPage,
        summary="List recordings",
        source="PLIVO recording: list; filters of the SDKs",
        tags=("recording",),
        voice=True,
        request_example={"limit": 20, "offset": 0},
        response_example={
            "meta": SAMPLE_META,
            "objects": [_EXAMPLE],
        },
    ),
    Operation(
        id="recording.get",
        name="getSingleRecording",
        method="GET",
        path=_RECORDING,
        request=RecordingGet,
        response=RecordingAnswer,
        summary="Get a recording",
        source="PLIVO recording: retrieve",
        tags=("recording",),
        voice=True,
        response_example=_EXAMPLE,
    ),
    Operation(
        id="recording.delete",
        name="deleteRecording",
        method="DELETE",
        path=_RECORDING,
        request=RecordingDelete,
        response=None,
        success_status=204,
        summary="Delete a recording",
        source="PLIVO recording: delete",
        tags=("recording",),
        voice=True,
    ),
)
