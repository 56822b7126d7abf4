"""Messages and their detail records (MDR)."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from trunkline.contract.fields import HttpMethod, Limit, Offset, SubaccountId, Timestamp, Url
from trunkline.contract.operation import Answer, Confirmation, Operation, Request
from trunkline.values.pages import DEFAULT_LIMIT, PageMeta

_MESSAGES = "/v1/Account/{auth_id}/Message/"
_MESSAGE = "/v1/Account/{auth_id}/Message/{message_uuid}/"

MessageUuid = Annotated[str, Meta(description="Id of the message.", max_length=64)]
MessageType = Literal["sms", "mms", "whatsapp"]
LogChoice = Literal["true", "false", "content_only", "number_only"]
DltCategory = Literal["transactional", "promotional", "service_implicit", "service_explicit"]
ConversationOrigin = Literal["utility", "authentication", "marketing", "service"]
Short = Annotated[str, Meta(max_length=255)]

_MAX_TEXT = 32_768  # PLIVO messaging: the longest body any kind may have (WhatsApp template text)
_MAX_DESTINATIONS = 64 * 1024  # 1,000 destinations with any punctuation a person would write


class MessageCreate(Request, kw_only=True, frozen=True):
    """A message to one or many destinations; one of `src` and `powerpack_uuid` is needed."""

    dst: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=_MAX_DESTINATIONS,
            description="Destination, country code first; up to 1,000 joined with `<`, "
            "or a JSON list. `/ - . + ( )` and white space are dropped.",
            extra={"join": "<"},
            extra_json_schema={"type": ["string", "array"], "items": {"type": "string"}},
        ),
    ]
    src: Annotated[
        Short | None,
        Meta(description="Sender: a number (≤ 14 digits), a short code or up to 11 letters."),
    ] = None
    text: Annotated[
        Annotated[str, Meta(max_length=_MAX_TEXT)] | None,
        Meta(description="The text: up to 1,600 GSM or 737 Unicode characters for SMS."),
    ] = None
    powerpack_uuid: Annotated[
        Short | None, Meta(description="Sender pool to choose the sender from.")
    ] = None
    type: Annotated[MessageType, Meta(description="Kind of message.")] = "sms"
    url: Annotated[Url | None, Meta(description="Told about each change of state.")] = None
    method: Annotated[HttpMethod, Meta(description="Method of the request to `url`.")] = "POST"
    log: Annotated[
        LogChoice, Meta(description="What is kept readable in the record: number, content or both.")
    ] = "true"
    trackable: Annotated[bool, Meta(description="A conversion will be reported later.")] = False
    message_expiry: Annotated[
        Annotated[int, Meta(ge=5, le=10_799)] | None,
        Meta(description="Seconds in the queue before it fails with 420; 10,800 if absent."),
    ] = None
    media_urls: Annotated[
        Annotated[list[Url], Meta(max_length=10)] | None,
        Meta(description="MMS media to fetch, up to 10.", extra={"split": ","}),
    ] = None
    media_ids: Annotated[
        Annotated[list[Short], Meta(max_length=10)] | None,
        Meta(description="Uploaded media, up to 10.", extra={"split": ","}),
    ] = None
    template: Annotated[dict[str, Any] | None, Meta(description="WhatsApp template.")] = None
    interactive: Annotated[dict[str, Any] | None, Meta(description="WhatsApp buttons or list.")] = (
        None
    )
    location: Annotated[dict[str, Any] | None, Meta(description="WhatsApp location.")] = None
    dlt_entity_id: Annotated[Short | None, Meta(description="India DLT entity id.")] = None
    dlt_template_id: Annotated[Short | None, Meta(description="India DLT template id.")] = None
    dlt_template_category: Annotated[
        DltCategory | None, Meta(description="India DLT template category.")
    ] = None


class MessageGet(Request, kw_only=True, frozen=True):
    """One message."""

    message_uuid: MessageUuid


class MessageList(Request, kw_only=True, frozen=True):
    """A page of records, the newest first; the last 24 hours if no time is given."""

    subaccount: Annotated[SubaccountId | None, Meta(description="Only of that subaccount.")] = None
    message_direction: Annotated[
        Literal["inbound", "outbound"] | None, Meta(description="Only that direction.")
    ] = None
    message_time: Annotated[Timestamp | None, Meta(description="Exactly then.")] = None
    message_time__gt: Annotated[Timestamp | None, Meta(description="Later than.")] = None
    message_time__gte: Annotated[Timestamp | None, Meta(description="Then or later.")] = None
    message_time__lt: Annotated[Timestamp | None, Meta(description="Before.")] = None
    message_time__lte: Annotated[Timestamp | None, Meta(description="Then or before.")] = None
    message_state: Annotated[
        Literal[
            "queued", "sent", "failed", "delivered", "undelivered", "received", "rejected", "read"
        ]
        | None,
        Meta(description="Only in that state."),
    ] = None
    message_type: Annotated[MessageType | None, Meta(description="Only that kind.")] = None
    error_code: Annotated[Short | None, Meta(description="Only with that error code.")] = None
    powerpack_id: Annotated[Short | None, Meta(description="Only by that sender pool.")] = None
    from_number: Annotated[Short | None, Meta(description="Only from that sender.")] = None
    to_number: Annotated[Short | None, Meta(description="Only to that destination.")] = None
    destination_country_iso2: Annotated[
        Annotated[str, Meta(pattern=r"^[A-Za-z]{2}$", extra={"form": "two letters"})] | None,
        Meta(description="Only to that country (ISO 3166, two letters)."),
    ] = None
    tendlc_registration_status: Annotated[Short | None, Meta(description="10DLC status.")] = None
    tendlc_campaign_id: Annotated[Short | None, Meta(description="10DLC campaign.")] = None
    conversation_id: Annotated[Short | None, Meta(description="WhatsApp conversation.")] = None
    conversation_origin: Annotated[
        ConversationOrigin | None, Meta(description="Kind of WhatsApp conversation.")
    ] = None
    limit: Limit = DEFAULT_LIMIT
    offset: Offset = 0


class MessageCreated(Confirmation, kw_only=True):
    """One id per accepted destination; `invalid_number` only when some were refused."""

    message_uuid: list[str]
    invalid_number: list[str] | msgspec.UnsetType = msgspec.UNSET


class MessageRecord(Answer, kw_only=True):
    """The message detail record."""

    message_uuid: str
    message_time: Annotated[str, Meta(description="`YYYY-MM-DD HH:MM:SS.ffffff+00:00`.")]
    message_sent_time: str | None = None
    message_updated_time: str | None = None
    message_direction: Literal["inbound", "outbound"]
    message_state: str
    message_type: MessageType
    from_number: str
    to_number: str
    units: Annotated[int, Meta(ge=0, description="Parts the text was cut into.")]
    total_rate: Annotated[str, Meta(description="Price of one unit in US dollars.")]
    total_amount: Annotated[str, Meta(description="Price of all units in US dollars.")]
    resource_uri: str
    error_code: Annotated[
        str | None, Meta(description='"000" once delivered, null while not final.')
    ] = None
    error_message: str = ""
    powerpack_id: str | None = None
    requester_ip: str = ""
    mcc: str | None = None
    mnc: str | None = None
    destination_country_iso2: str = ""
    destination_network: str | None = None
    tendlc_campaign_id: str | None = None
    tendlc_registration_status: str | None = None
    replaced_sender: str = ""
    is_domestic: bool | None = None
    dlt_entity_id: str = ""
    dlt_template_id: str = ""
    dlt_template_category: str = ""
    carrier_fees_rate: str = "0.00000"
    carrier_fees: str = "0.00000"
    conversation_id: str = ""
    conversation_origin: str = ""
    conversation_expiry_timestamp: str = ""
    conversation_expiration_timestamp: str = ""
    log: LogChoice = "true"


class MessagePage(Answer, kw_only=True):
    """A page of records."""

    meta: PageMeta
    objects: list[MessageRecord]


_UUID = "5b40a428-bfc7-4daf-9d06-726c558bf3b8"
_META = {"limit": 20, "offset": 0, "next": None, "previous": None, "total_count": 1}
_RECORD = {
    "message_uuid": _UUID,
    "message_time": "2026-03-02 10:15:30.000000+00:00",
    "message_direction": "outbound",
    "message_state": "delivered",
    "message_type": "sms",
    "from_number": "14155550100",
    "to_number": "14155550123",
    "units": 1,
    "total_rate": "0.00350",
    "total_amount": "0.00350",
    "resource_uri": f"/v1/Account/MA2025RK4E639VJFZAGV/Message/{_UUID}/",
    "error_code": "000",
}

OPERATIONS = (
    Operation(
        id="message.create",
        name="sendMessage",
        method="POST",
        path=_MESSAGES,
        request=MessageCreate,
        response=MessageCreated,
        success_status=202,
        summary="Send a message",
        source="PLIVO messaging: send a message; bulk messaging",
        tags=("message",),
        request_example={"src": "14155550100", "dst": "14155550123", "text": "Hello"},
        response_example={"message": "message(s) queued", "message_uuid": [_UUID]},
    ),
    Operation(
        id="message.get",
        name="getSingleMessage",
        method="GET",
        path=_MESSAGE,
        request=MessageGet,
        response=MessageRecord,
        summary="Get a message",
        source="PLIVO messaging: retrieve a message; newer fields from the SDK fixtures",
        tags=("message",),
        response_example=_RECORD,
    ),
    Operation(
        id="message.list",
        name="getMessages",
        method="GET",
        path=_MESSAGES,
        request=MessageList,
        response=MessagePage,
        summary="List messages, the newest first",
        source="PLIVO messaging: list all messages",
        tags=("message",),
        request_example={"message_direction": "outbound", "limit": 20},
        response_example={"meta": _META, "objects": [_RECORD]},
    ),
)
