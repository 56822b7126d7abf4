"""Audio streams of live calls."""

from functools import partial
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from trunkline.contract.fields import AnsweredMethod, Url
from trunkline.contract.operation import Answer, Operation, Request
from trunkline.contract.operations.voice.words import CallUuid, Seconds

_STREAMS = "/v1/Account/{auth_id}/Call/{call_uuid}/Stream/"
_STREAM = _STREAMS + "{stream_id}/"

StreamId = Annotated[str, Meta(description="Id of the stream.", max_length=64)]


class StreamStart(Request, kw_only=True, frozen=True):
    """Streams the call's audio to a WebSocket; a call has one stream at a time."""

    call_uuid: CallUuid
    service_url: Annotated[
        str,
        Meta(
            pattern=r"^wss?://[^\s/]+\S*(?!\s)$",
            max_length=2048,
            description="The WebSocket, ws:// or wss://.",
            extra={"form": "a ws:// or wss:// URL"},
        ),
    ]
    bidirectional: Annotated[
        bool, Meta(description="What the WebSocket sends is heard in the call.")
    ] = False
    audio_track: Annotated[
        Literal["inbound", "outbound", "both"],
        Meta(description="Which direction is sent; with `bidirectional` only inbound."),
    ] = "inbound"
    stream_timeout: Annotated[Seconds, Meta(description="Seconds of streaming at most.")] = 86_400
    status_callback_url: Annotated[
        Url | None, Meta(description="Told when it starts, stops, drops out or falls behind.")
    ] = None
    status_callback_method: AnsweredMethod = "POST"
    content_type: Annotated[
        Literal[
            "audio/x-l16;rate=8000",
            "audio/x-l16;rate=16000",
            "audio/x-l16;rate=24000",
            "audio/x-mulaw;rate=8000",
        ],
        Meta(description="Codec and sampling rate."),
    ] = "audio/x-l16;rate=8000"
    cx_bot: Annotated[
        bool, Meta(description="Only false: there are no agents of Plivo's here.")
    ] = False
    extra_headers: Annotated[
        str,
        Meta(
            max_length=512,
            description="`key=value` joined with commas, or a JSON object: told at the start.",
            extra={"pairs": ","},
            extra_json_schema={"type": ["string", "object"]},
        ),
    ] = ""


class StreamsOfCall(Request, kw_only=True, frozen=True):
    """All streams of a live call."""

    call_uuid: CallUuid


class OneStream(Request, kw_only=True, frozen=True):
    """One stream of a live call."""

    call_uuid: CallUuid
    stream_id: StreamId


class StreamStarted(Answer, kw_only=True):
    """The id of the stream."""

    message: str
    stream_id: str


class StreamAnswer(Answer, kw_only=True):
    """The stream object; times in the account's zone, null: not yet. Streams cost nothing."""

    audio_track: str
    bidirectional: bool
    bill_duration: Annotated[int, Meta(description="Seconds, so far or in all.")]
    billed_amount: str
    call_uuid: str
    created_at: str
    end_time: str | None
    plivo_auth_id: str
    resource_uri: str
    rounded_bill_duration: Annotated[str, Meta(description="Seconds, in whole minutes.")]
    service_url: str
    start_time: str | None
    status: Annotated[str, Meta(description="initiated, streaming or stopped.")]
    status_callback_url: str
    stream_id: str


class CountedMeta(msgspec.Struct, kw_only=True):
    """Where a page is; `count` is of all."""

    count: int
    limit: int
    next: str | None
    offset: int
    previous: str | None


class StreamPage(Answer, kw_only=True):
    """The streams that a live call has had, the oldest first."""

    meta: CountedMeta
    objects: list[StreamAnswer]


_ACCOUNT = "MA2025RK4E639VJFZAGV"
_CALL = "eba53b9e-8fbd-45c1-9444-696d2172fbc8"
_ID = "30852c23-ee79-4eb4-b7b9-cd360545965b"
_EXAMPLE = {
    "audio_track": "inbound",
    "bidirectional": True,
    "bill_duration": 21,
    "billed_amount": "0.00000",
    "call_uuid": _CALL,
    "created_at": "2026-03-02 10:15:36.617032+00:00",
    "end_time": "2026-03-02 10:15:57+00:00",
    "plivo_auth_id": _ACCOUNT,
    "resource_uri": f"/v1/Account/{_ACCOUNT}/Call/{_CALL}/Stream/{_ID}/",
    "rounded_bill_duration": "60",
    "service_url": "wss://app.example.com/audio",
    "start_time": "2026-03-02 10:15:36+00:00",
    "status": "stopped",
    "status_callback_url": "",
    "stream_id": _ID,
}
_operation = partial(Operation, tags=("call",), voice=True)

OPERATIONS = (
    _operation(
        id="call.stream_start",
        method="POST",
        path=_STREAMS,
        request=StreamStart,
        response=StreamStarted,
        success_status=201,
        summary="Stream a call's audio",
        source="PLIVO audio streams: initiate",
        request_example={"service_url": "wss://app.example.com/audio", "bidirectional": True},
        response_example={"message": "audio streaming started", "stream_id": _ID},
    ),
    _operation(
        id="call.stream_list",
        method="GET",
        path=_STREAMS,
        request=StreamsOfCall,
        response=StreamPage,
        summary="List a call's streams",
        source="PLIVO audio streams: retrieve all",
        response_example={
            "meta": {"count": 1, "limit": 20, "next": None, "offset": 0, "previous": None},
            "objects": [_EXAMPLE],
        },
    ),
    _operation(
        id="call.stream_get",
        method="GET",
        path=_STREAM,
        request=OneStream,
        response=StreamAnswer,
        summary="Get a call's stream",
        source="PLIVO audio streams: retrieve; text for numbers as plivo-go reads them",
        response_example=_EXAMPLE,
    ),
    _operation(
        id="call.stream_stop",
        method="DELETE",
        path=_STREAM,
        request=OneStream,
        response=None,
        success_status=204,
        summary="Stop a call's stream",
        source="PLIVO audio streams: stop one",
    ),
    _operation(
        id="call.stream_stop_all",
        method="DELETE",
        path=_STREAMS,
        request=StreamsOfCall,
        response=None,
        success_status=204,
        summary="Stop all streams of a call",
        source="PLIVO audio streams: stop all",
    ),
)
