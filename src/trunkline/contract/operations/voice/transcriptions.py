"""What was said in recordings."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from trunkline.contract.fields import Url
from trunkline.contract.operation import Answer, Confirmation, Operation, Request

_OF_RECORDING = "/v1/Account/{auth_id}/Transcription/{recording_id}/"
_TRANSCRIPTION = "/v1/Account/{auth_id}/Transcription/{transcription_id}/"

TranscriptionId = Annotated[
    str, Meta(description="Id of the transcription, or of its recording.", max_length=64)
]


class TranscriptionCreate(Request, kw_only=True, frozen=True):
    """Have a recording transcribed; 409 if it is already, or is about to be."""

    recording_id: Annotated[str, Meta(description="Id of the recording.", max_length=64)]
    transcription_callback_url: Annotated[
        Url | None, Meta(description="Told the text by POST, or why there is none.")
    ] = None


class TranscriptionGet(Request, kw_only=True, frozen=True):
    """One transcription."""

    transcription_id: TranscriptionId
    type: Annotated[
        Annotated[str, Meta(max_length=32)] | None,
        Meta(description="`raw` for all that was recognised, with times; else the text alone."),
    ] = None


class TranscriptionDelete(Request, kw_only=True, frozen=True):
    """Delete for good; the recording stays."""

    transcription_id: TranscriptionId


class TranscriptionAnswer(Answer, kw_only=True):
    """The transcription object."""

    status: Literal["in-progress", "success", "failed"]
    transcription: Annotated[Any, Meta(description="The text; its parts if `type` is raw.")]
    cost: Annotated[float, Meta(description="In US dollars.")]
    rate: Annotated[float, Meta(description="Of a minute, in US dollars.")]
    recording_duration_ms: int
    recording_start_ms: Annotated[int, Meta(description="Since 1970.")]


OPERATIONS = (
    Operation(
        id="transcription.create",
        method="POST",
        path=_OF_RECORDING,
        request=TranscriptionCreate,
        response=Confirmation,
        success_status=201,
        summary="Transcribe a recording",
        source="plivo-python, plivo-go: fixtures of transcriptions",
        tags=("recording",),
        voice=True,
        asynchronous=False,
        request_example={"transcription_callback_url": "https://app.example.com/transcribed"},
        response_example={"message": "transcription in progress"},
    ),
    Operation(
        id="transcription.get",
        method="GET",
        path=_TRANSCRIPTION,
        request=TranscriptionGet,
        response=TranscriptionAnswer,
        summary="Get a transcription",
        source="plivo-python, plivo-go: fixtures of transcriptions",
        tags=("recording",),
        voice=True,
        asynchronous=False,
        response_example={
            "status": "success",
            "transcription": "Please leave a message after the tone.",
            "cost": 0.0,
            "rate": 0.0,
            "recording_duration_ms": 22780,
            "recording_start_ms": 1772446536907,
        },
    ),
    Operation(
        id="transcription.delete",
        method="DELETE",
        path=_TRANSCRIPTION,
        request=TranscriptionDelete,
        response=Confirmation,
        success_status=202,
        summary="Delete a transcription",
        source="plivo-python: fixture; it accepts 202 with a body",
        tags=("recording",),
        voice=True,
        asynchronous=False,
        response_example={"message": "request accepted"},
    ),
)
