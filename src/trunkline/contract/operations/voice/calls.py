"""Call detail records, and the calls that are live or queued now."""

from typing import Annotated, Literal

from msgspec import Meta

from trunkline.contract.fields import Limit, Offset, SubaccountId
from trunkline.contract.operation import Answer, Operation, Request
from trunkline.contract.operations.voice.filters import Moment, Numbers, Seconds, Short
from trunkline.values.pages import DEFAULT_LIMIT, MAX_LIMIT, PageMeta

_CALLS = "/v1/Account/{auth_id}/Call/"
_CALL = "/v1/Account/{auth_id}/Call/{call_uuid}/"
_LIVE = (("status", "live"),)
_QUEUED = (("status", "queued"),)

CallUuid = Annotated[str, Meta(description="Id of the call.", max_length=64)]
CallDirection = Literal["inbound", "outbound"]

_DIRECTION = Meta(description="Only that direction.")
_FROM = Meta(description="Only from numbers that begin so, or from that SIP URI.")
_TO = Meta(
    description="Only to numbers that begin so, or to that SIP URI; several joined with `<`.",
    extra={"join": "<"},
    extra_json_schema={"type": ["string", "array", "null"], "items": {"type": "string"}},
)


class CallList(Request, kw_only=True, frozen=True):
    """A page of calls that have ended, the newest first.

    Without a time the last 7 days; with one bound 30 days from or to it; never more than 30 days.
    """

    subaccount: Annotated[SubaccountId | None, Meta(description="Only of that subaccount.")] = None
    call_direction: Annotated[CallDirection | None, _DIRECTION] = None
    from_number: Annotated[Short | None, _FROM] = None
    to_number: Annotated[Numbers | None, _TO] = None
    bill_duration: Annotated[
        Seconds | None, Meta(description="Lasted exactly so many seconds.")
    ] = None
    bill_duration__gt: Annotated[Seconds | None, Meta(description="Lasted longer.")] = None
    bill_duration__gte: Annotated[Seconds | None, Meta(description="That long or longer.")] = None
    bill_duration__lt: Annotated[Seconds | None, Meta(description="Lasted less.")] = None
    bill_duration__lte: Annotated[Seconds | None, Meta(description="That long or less.")] = None
    end_time: Annotated[Moment | None, Meta(description="Ended exactly then.")] = None
    end_time__gt: Annotated[Moment | None, Meta(description="Ended later than.")] = None
    end_time__gte: Annotated[Moment | None, Meta(description="Ended then or later.")] = None
    end_time__lt: Annotated[Moment | None, Meta(description="Ended before.")] = None
    end_time__lte: Annotated[Moment | None, Meta(description="Ended then or before.")] = None
    parent_call_uuid: Annotated[Short | None, Meta(description="Only the B-legs of that call.")] = (
        None
    )
    hangup_cause_code: Annotated[
        Annotated[int, Meta(ge=0, le=99_999)] | None, Meta(description="Only with that code.")
    ] = None
    hangup_source: Annotated[
        Short | None,
        Meta(description="Only hung up by that: Caller, Callee, Plivo, Carrier, API Request …"),
    ] = None
    stir_verification: Annotated[
        Short | None, Meta(description="Verified, Not Verified or Not Applicable.")
    ] = None
    limit: Limit = DEFAULT_LIMIT
    offset: Offset = 0


class CallGet(Request, kw_only=True, frozen=True):
    """One call that has ended, one that is live or one that is queued."""

    call_uuid: CallUuid


class CallListNow(Request, kw_only=True, frozen=True):
    """Calls as they are now, the oldest first; all of them unless `limit` is given."""

    call_direction: Annotated[CallDirection | None, _DIRECTION] = None
    from_number: Annotated[Short | None, _FROM] = None
    to_number: Annotated[Numbers | None, _TO] = None
    limit: Annotated[
        Annotated[int, Meta(ge=1, le=MAX_LIMIT)] | None, Meta(description="At most so many.")
    ] = None
    offset: Offset = 0


class CallRecord(Answer, kw_only=True):
    """The call detail record; times in the account's zone, `YYYY-MM-DD HH:MM:SS+05:30`."""

    call_uuid: str
    call_direction: CallDirection
    call_state: Annotated[
        str, Meta(description="ANSWER, NOANSWER, BUSY, TIMEOUT, CANCEL or FAILED.")
    ]
    from_number: str
    to_number: str
    initiation_time: str
    answer_time: Annotated[str | None, Meta(description="null if it was not answered.")]
    end_time: str
    call_duration: Annotated[int, Meta(ge=0, description="Seconds from answer to end.")]
    bill_duration: Annotated[int, Meta(ge=0, description="The same.")]
    billed_duration: Annotated[int, Meta(ge=0, description="The same, in whole minutes.")]
    total_rate: Annotated[str, Meta(description="Price of a minute in US dollars.")]
    total_amount: Annotated[str, Meta(description="Price of the call in US dollars.")]
    voice_network_group: str
    hangup_cause_code: int
    hangup_cause_name: str
    hangup_source: str
    parent_call_uuid: Annotated[str | None, Meta(description="The A-leg, if this is a B-leg.")]
    conference_uuid: str
    stir_verification: str
    stir_attestation: str
    source_ip: str
    cnam_lookup: str
    resource_uri: str


class CallPage(Answer, kw_only=True):
    """A page of records."""

    meta: PageMeta
    objects: list[CallRecord]


class CallIds(Answer, kw_only=True):
    """The calls' ids."""

    calls: list[str]


class LiveCall(Answer, kw_only=True, rename={"from_": "from"}):
    """A call that rings or is answered; `session_start` is UTC."""

    call_uuid: str
    request_uuid: str
    direction: CallDirection
    # The Java SDK's enum knows these.
    call_status: Literal["ringing", "in-progress"]
    from_: Annotated[str, Meta(description="Who calls.")]
    to: str
    caller_name: str
    session_start: str
    parent_call_uuid: str | None
    stir_verification: str
    stir_attestation: str


class QueuedCall(Answer, kw_only=True, rename={"from_": "from"}):
    """A call that waits for its turn."""

    call_uuid: str
    request_uuid: str
    direction: CallDirection
    call_status: Literal["queued"]
    from_: Annotated[str, Meta(description="Who calls.")]
    to: str
    caller_name: str


_UUID = "eba53b9e-8fbd-45c1-9444-696d2172fbc8"
_META = {"limit": 20, "offset": 0, "next": None, "previous": None, "total_count": 1}
_RECORD = {
    "call_uuid": _UUID,
    "call_direction": "outbound",
    "call_state": "ANSWER",
    "from_number": "14155550100",
    "to_number": "14155550123",
    "initiation_time": "2026-03-02 10:15:30+00:00",
    "answer_time": "2026-03-02 10:15:36+00:00",
    "end_time": "2026-03-02 10:17:01+00:00",
    "call_duration": 85,
    "bill_duration": 85,
    "billed_duration": 120,
    "total_rate": "0.00850",
    "total_amount": "0.01700",
    "voice_network_group": "United States All Networks",
    "hangup_cause_code": 4000,
    "hangup_cause_name": "Normal Hangup",
    "hangup_source": "Callee",
    "parent_call_uuid": None,
    "conference_uuid": "",
    "stir_verification": "Verified",
    "stir_attestation": "A",
    "source_ip": "",
    "cnam_lookup": "",
    "resource_uri": f"/v1/Account/MA2025RK4E639VJFZAGV/Call/{_UUID}/",
}
_NOW = {
    "call_uuid": _UUID,
    "request_uuid": _UUID,
    "direction": "outbound",
    "from": "14155550100",
    "to": "14155550123",
    "caller_name": "",
}

OPERATIONS = (
    Operation(
        id="call.list",
        name="getCallsDetails",
        method="GET",
        path=_CALLS,
        request=CallList,
        response=CallPage,
        summary="List calls that have ended",
        source="PLIVO call: retrieve details of all calls",
        tags=("call",),
        voice=True,
        request_example={"call_direction": "outbound", "limit": 20},
        response_example={"meta": _META, "objects": [_RECORD]},
    ),
    Operation(
        id="call.get",
        name="getSingleCallDetails",
        method="GET",
        path=_CALL,
        request=CallGet,
        response=CallRecord,
        summary="Get a call that has ended",
        source="PLIVO call: retrieve details of a call; newer fields from plivo-go",
        tags=("call",),
        voice=True,
        response_example=_RECORD,
    ),
    Operation(
        id="call.list_live",
        name="getLiveCalls",
        method="GET",
        path=_CALLS,
        query=_LIVE,
        request=CallListNow,
        response=CallIds,
        summary="List live calls",
        source="PLIVO call: retrieve all live calls",
        tags=("call",),
        voice=True,
        request_example={"call_direction": "inbound"},
        response_example={"calls": [_UUID]},
    ),
    Operation(
        id="call.get_live",
        name="getSingleLiveCallDetails",
        method="GET",
        path=_CALL,
        query=_LIVE,
        request=CallGet,
        response=LiveCall,
        summary="Get a live call",
        source="PLIVO call: retrieve a live call",
        tags=("call",),
        voice=True,
        response_example={
            **_NOW,
            "call_status": "in-progress",
            "session_start": "2026-03-02 10:15:30.050872",
            "parent_call_uuid": None,
            "stir_verification": "Verified",
            "stir_attestation": "A",
        },
    ),
    Operation(
        id="call.list_queued",
        method="GET",
        path=_CALLS,
        query=_QUEUED,
        request=CallListNow,
        response=CallIds,
        summary="List queued calls",
        source="PLIVO call: retrieve all queued calls",
        tags=("call",),
        voice=True,
        response_example={"calls": [_UUID]},
    ),
    Operation(
        id="call.get_queued",
        method="GET",
        path=_CALL,
        query=_QUEUED,
        request=CallGet,
        response=QueuedCall,
        summary="Get a queued call",
        source="PLIVO call: retrieve a queued call",
        tags=("call",),
        voice=True,
        response_example={**_NOW, "call_status": "queued"},
    ),
)
