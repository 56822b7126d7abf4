"""Placing calls: one request for one call or for many."""

from typing import Annotated, Literal

from msgspec import Meta

from trunkline.contract.fields import HttpMethod, Url
from trunkline.contract.operation import Confirmation, Operation, Request
from trunkline.contract.operations.voice.filters import Short

_MAX_DESTINATIONS = 128 * 1024  # 1,000 SIP addresses of usual length
_MAX_HEADERS = 4096
_PLAIN = r"^[^\x00-\x1f\x7f]*$(?!\n)"
_PLAIN_FORM = {"form": "at most 50 characters, none of them a control character"}

Caller = Annotated[str, Meta(min_length=1, max_length=255)]
# PLIVO make call: digits, w and W to wait, the tones' length in ms behind an @.
Digits = Annotated[
    str,
    Meta(
        pattern=r"^[0-9*#A-Da-dwW]{1,128}(@[0-9]{1,5})?(?!\n)$",
        extra={"form": "made of 0-9 * # w W, and the tones' length in ms behind an @"},
    ),
]


class CallCreate(Request, kw_only=True, frozen=True, rename={"from_": "from"}):
    """A call to one destination, or a call each to many; URLs get `X-PH-` headers as parameters."""

    from_: Annotated[
        Caller,
        Meta(description="Who is shown as the caller: a number, the country code first."),
    ]
    to: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=_MAX_DESTINATIONS,
            description="Whom to call: numbers, the country code first, and `sip:` addresses; up "
            "to 1,000 joined with `<`, or a JSON list.",
            extra={"join": "<"},
            extra_json_schema={"type": ["string", "array"], "items": {"type": "string"}},
        ),
    ]
    answer_url: Annotated[Url, Meta(description="Fetched for XML when the call is answered.")]
    answer_method: Annotated[HttpMethod, Meta(description="Method of `answer_url`.")] = "POST"
    ring_url: Annotated[Url | None, Meta(description="Told when the call rings.")] = None
    ring_method: Annotated[HttpMethod, Meta(description="Method of `ring_url`.")] = "POST"
    hangup_url: Annotated[
        Url | None, Meta(description="Told when the call ends; `answer_url` if absent.")
    ] = None
    hangup_method: Annotated[HttpMethod, Meta(description="Method of `hangup_url`.")] = "POST"
    fallback_url: Annotated[
        Url | None, Meta(description="Fetched when `answer_url` fails or answers rubbish.")
    ] = None
    fallback_method: Annotated[HttpMethod, Meta(description="Method of `fallback_url`.")] = "POST"
    caller_name: Annotated[
        Annotated[str, Meta(max_length=50, pattern=_PLAIN, extra=_PLAIN_FORM)] | None,
        Meta(description="Name shown with the number."),
    ] = None
    send_digits: Annotated[
        Digits | None,
        Meta(
            description="Keys to press once it is answered: w waits 0.5 s, W 1 s. Behind an @"
            " stands how long each tone lasts, 20 to 8000 ms: `1w2@500`."
        ),
    ] = None
    send_on_preanswer: Annotated[
        bool, Meta(description="Press them as soon as it rings already.")
    ] = False
    time_limit: Annotated[
        Annotated[int, Meta(ge=1, le=86_400)],
        Meta(description="Seconds after which an answered call is ended."),
    ] = 14_400
    hangup_on_ring: Annotated[
        Annotated[int, Meta(ge=0, le=86_400)] | None,
        Meta(description="Seconds after which a call that rings is ended."),
    ] = None
    machine_detection: Annotated[
        Literal["true", "hangup"] | None,
        Meta(description="Find out whether a machine answers; `hangup` ends the call then."),
    ] = None
    machine_detection_time: Annotated[
        Annotated[int, Meta(ge=2_000, le=10_000)], Meta(description="Milliseconds to find it out.")
    ] = 5_000
    machine_detection_maximum_speech_length: Annotated[
        Annotated[int, Meta(ge=1_000, le=6_000)],
        Meta(description="A greeting that lasts so many milliseconds is a machine's."),
    ] = 5_000
    machine_detection_initial_silence: Annotated[
        Annotated[int, Meta(ge=2_000, le=10_000)],
        Meta(description="Milliseconds of silence at first that are a machine's."),
    ] = 4_500
    machine_detection_url: Annotated[
        Url | None, Meta(description="Told of a machine while the call goes on; else it waits.")
    ] = None
    machine_detection_method: Annotated[
        HttpMethod, Meta(description="Method of `machine_detection_url`.")
    ] = "POST"
    sip_headers: Annotated[
        Annotated[str, Meta(max_length=_MAX_HEADERS)] | None,
        Meta(
            description="`key=value` joined with commas, or a JSON object; sent as `X-PH-key`.",
            extra={"pairs": ","},
            extra_json_schema={"type": ["string", "object", "null"]},
        ),
    ] = None
    ring_timeout: Annotated[
        Annotated[int, Meta(ge=0, le=86_400)], Meta(description="Seconds that it may ring.")
    ] = 120
    parent_call_uuid: Annotated[
        Short | None, Meta(description="A live call, in whose conference this one will be.")
    ] = None
    error_if_parent_not_found: Annotated[
        bool, Meta(description="Refuse the request when that call is not live.")
    ] = False


class CallCreated(Confirmation, kw_only=True):
    """The id of the request, which is that of its call; a list of them for several calls."""

    request_uuid: str | list[str]


OPERATIONS = (
    Operation(
        id="call.create",
        name="makeCall",
        method="POST",
        path="/v1/Account/{auth_id}/Call/",
        request=CallCreate,
        response=CallCreated,
        success_status=201,
        summary="Make a call, or many",
        source="PLIVO call: make an outbound call",
        tags=("call",),
        voice=True,
        request_example={
            "from": "14155550100",
            "to": "14155550123",
            "answer_url": "https://example.com/answer/",
        },
        response_example={
            "message": "call fired",
            "request_uuid": "9834029e-58b6-11e1-b8b7-a5bd0e4e126f",
        },
    ),
)
