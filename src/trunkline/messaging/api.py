"""Wire ↔ domain for messages."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from trunkline.accounts.directory import Directory as Accounts
from trunkline.compliance.enforce import NOT_APPLICABLE, UNREGISTERED
from trunkline.contract.context import Handler, RequestContext
from trunkline.contract.errors import Forbidden, InvalidParameter, MissingParameter, NotFound
from trunkline.contract.operations.messages import (
    MessageCreate,
    MessageCreated,
    MessageGet,
    MessageList,
    MessagePage,
    MessageRecord,
)
from trunkline.messaging.destinations.rules import DOMESTIC, INDIA
from trunkline.messaging.errors import CountryBarred, MessageRefused
from trunkline.messaging.kinds.port import Content, Validator
from trunkline.messaging.kinds.sms import text_of
from trunkline.messaging.model import ERROR_TEXTS
from trunkline.messaging.send import DEFAULT_EXPIRY_S, Sender, SendRequest
from trunkline.messaging.store import records, segments
from trunkline.messaging.whatsapp.store import conversations
from trunkline.runtime.db import Database
from trunkline.values.money import format_amount
from trunkline.values.networks.lookup import parse_network
from trunkline.values.pages import Page, page_meta
from trunkline.values.phone import sanitise

DEFAULT_WINDOW_S = 86_400.0  # PLIVO messaging: the last 24 hours unless message_time is given
REACH_S = 90 * 86_400.0  # PLIVO messaging: records of the last 90 days

_TIMES = {
    "eq": "message_time",
    "gt": "message_time__gt",
    "gte": "message_time__gte",
    "lt": "message_time__lt",
    "lte": "message_time__lte",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageApi:
    """What the message operations work with."""

    db: Database
    sender: Sender
    accounts: Accounts
    kinds: Mapping[str, Validator] = field(default_factory=dict[str, Validator])

    async def create(self, context: RequestContext, request: MessageCreate) -> MessageCreated:
        account = self.accounts.get(context.account_id)
        if account is None:
            raise NotFound
        content = await self._content(context, request)
        wanted = SendRequest(
            account_id=account.auth_id,
            payer=account.main_auth_id,
            sender=_sender(request),
            recipients=request.dst.split("<"),
            text=text_of(request) if content is None else content.text,
            requester_ip=context.remote_ip,
            callback_url=request.url or "",
            callback_method=request.method,
            log=request.log,
            expiry_s=request.message_expiry or DEFAULT_EXPIRY_S,
            extra=_extra(request) if content is None else {**_extra(request), **content.extra},
            once=context.api_id if context.background else "",
            kind=None if content is None else content.kind,
            powerpack_uuid=(request.powerpack_uuid or "").lower(),
        )
        try:
            prepared = await self.sender.send(wanted)
        except CountryBarred as refusal:
            raise Forbidden(refusal.why, refusal.field) from refusal
        except MessageRefused as refusal:
            raise InvalidParameter(refusal.field, refusal.why) from refusal
        answer = MessageCreated(message="message(s) queued", message_uuid=prepared.uuids)
        if prepared.invalid:
            answer.invalid_number = prepared.invalid
        return answer

    async def _content(self, context: RequestContext, request: MessageCreate) -> Content | None:
        """Check what is sent, by its type; None for SMS."""
        if request.type == "sms":
            return None
        validate = self.kinds.get(request.type)
        if validate is None:
            why = f"{request.type} messages are not available in this release"
            raise InvalidParameter("type", why)
        return await validate(context, request)

    async def get(self, context: RequestContext, request: MessageGet) -> MessageRecord:
        record = self._record(await self._find(context, request.message_uuid), context)
        await self._tell_conversations([record], context)
        return record

    async def list(self, context: RequestContext, request: MessageList) -> MessagePage:
        page = Page(request.limit, request.offset)
        filters = self._filters(context, request)
        rows, total = await self.db.read(partial(records.page, filters=filters, wanted=page))
        path = f"/v1/Account/{context.account_id}/Message/"
        objects = [self._record(row, context) for row in rows]
        await self._tell_conversations(objects, context)
        return MessagePage(meta=page_meta(page, total, path, _repeated(request)), objects=objects)

    async def _tell_conversations(
        self, objects: Sequence[MessageRecord], context: RequestContext
    ) -> None:
        """Add to records of WhatsApp messages what they are part of."""
        uuids = [one.message_uuid for one in objects if one.message_type == "whatsapp"]
        if not uuids:
            return
        found = await self.db.read(partial(conversations.details, uuids=uuids))
        account = self.accounts.get(context.account_id)
        zone = ZoneInfo(account.timezone) if account is not None else UTC
        for one in objects:
            conversation = found.get(one.message_uuid)
            if conversation is not None and conversation.id:
                one.conversation_id = conversation.id
                one.conversation_origin = conversation.origin
                one.conversation_expiry_timestamp = str(int(conversation.expires_at))
                one.conversation_expiration_timestamp = _wire_time(conversation.expires_at, zone)

    async def _find(self, context: RequestContext, message_uuid: str) -> records.Record:
        main_id = context.principal.main_auth_id
        row = await self.db.read(
            lambda conn: records.get(conn, main_id, context.account_id, message_uuid.lower())
        )
        if row is None or row.created_at < context.now - REACH_S:
            raise NotFound(f"message {message_uuid[:64]!r} not found", "message_uuid")
        return row

    def _filters(self, context: RequestContext, request: MessageList) -> records.Filters:
        equal: dict[str, Any] = {}
        if context.account_id != context.principal.main_auth_id:
            equal["account_id"] = context.account_id
        if request.subaccount:
            if equal.get("account_id", request.subaccount) != request.subaccount:
                raise NotFound(f"subaccount {request.subaccount} not found", "subaccount")
            equal["account_id"] = request.subaccount
        plain = {
            "direction": request.message_direction,
            "state": request.message_state,
            "type": request.message_type,
            "powerpack_uuid": request.powerpack_id and request.powerpack_id.lower(),
            "country": (request.destination_country_iso2 or "").upper() or None,
            "sender": sanitise(request.from_number) if request.from_number else None,
            "recipient": sanitise(request.to_number) if request.to_number else None,
        }
        equal |= {name: value for name, value in plain.items() if value is not None}
        if request.tendlc_campaign_id:
            equal["campaign_id"] = request.tendlc_campaign_id.upper()
        if request.tendlc_registration_status:
            equal |= _registered(request.tendlc_registration_status)
        if request.error_code:
            equal["error_code"] = _error_code(request.error_code)
        times = _times(request)
        times.setdefault("gte", context.now - REACH_S if times else context.now - DEFAULT_WINDOW_S)
        times["gte"] = max(times["gte"], context.now - REACH_S)
        wanted = {"conversation_id": request.conversation_id, "origin": request.conversation_origin}
        conversation = {name: value for name, value in wanted.items() if value}
        within = conversations.members(conversation) if conversation else None
        return records.Filters(context.principal.main_auth_id, equal, times, within)

    def _record(self, row: records.Record, context: RequestContext) -> MessageRecord:
        account = self.accounts.get(context.account_id)
        zone = ZoneInfo(account.timezone) if account is not None else UTC
        code = row.error_code
        extra: dict[str, str] = json.loads(row.extra) if row.extra.startswith("{") else {}
        network = parse_network(row.network)
        final_ok = row.state in ("delivered", "read") and row.direction == "outbound"
        return MessageRecord(
            message_uuid=row.message_uuid,
            message_time=_wire_time(row.created_at, zone),
            message_sent_time=_wire_time(row.sent_at, zone) if row.sent_at else None,
            message_updated_time=_wire_time(row.updated_at, zone),
            message_direction=row.direction,
            message_state=row.state,
            message_type=row.type,
            from_number=row.sender,
            to_number=row.recipient,
            units=row.units,
            total_rate=format_amount(row.rate),
            total_amount=format_amount(row.amount),
            resource_uri=f"/v1/Account/{context.account_id}/Message/{row.message_uuid}/",
            error_code=str(code) if code else "000" if final_ok else None,
            error_message=ERROR_TEXTS.get(code, "Unknown error") if code else "",
            powerpack_id=row.powerpack_uuid or None,
            requester_ip=row.requester_ip,
            mcc=network.mcc or None,
            mnc=network.mnc or None,
            destination_network=network.name or None,
            carrier_fees_rate=format_amount(row.fee_rate),
            carrier_fees=format_amount(0 if row.state == "failed" else row.fee_rate * row.units),
            is_domestic=row.country == INDIA and DOMESTIC in extra,
            destination_country_iso2=row.country,
            tendlc_campaign_id=row.campaign_id if row.campaign_id > UNREGISTERED else None,
            tendlc_registration_status=_registration(row.campaign_id),
            log=row.log,
            dlt_entity_id=extra.get("dlt_entity_id", ""),
            dlt_template_id=extra.get("dlt_template_id", ""),
            dlt_template_category=extra.get("dlt_template_category", ""),
        )


def handlers(api: MessageApi) -> Mapping[str, Handler]:
    """Return the handler of each message operation by its id."""
    return {
        "message.create": api.create,
        "message.get": api.get,
        "message.list": api.list,
    }


def _sender(request: MessageCreate) -> str:
    if request.powerpack_uuid and request.src:
        raise InvalidParameter("powerpack_uuid", "give either src or powerpack_uuid, not both")
    if request.powerpack_uuid and request.type == "whatsapp":
        raise InvalidParameter("powerpack_uuid", "is not for type whatsapp, which needs src")
    if request.powerpack_uuid:
        return ""
    if not request.src:
        raise MissingParameter("src")
    return request.src


def _extra(request: MessageCreate) -> dict[str, str]:
    fields = ("dlt_entity_id", "dlt_template_id", "dlt_template_category")
    extra = {name: value for name in fields if (value := getattr(request, name))}
    if request.trackable:
        extra["trackable"] = "true"
    return extra


def _registration(campaign_id: str) -> str:
    if campaign_id == NOT_APPLICABLE:
        return "not_applicable"
    return "unregistered" if campaign_id == UNREGISTERED else "registered"


def _registered(wanted: str) -> dict[str, Any]:
    """Return the columns that a registration status stands for."""
    match wanted.strip().lower():
        case "registered":
            return {segments.REGISTERED: True}
        case "unregistered":
            return {"campaign_id": UNREGISTERED}
        case "not_applicable":
            return {"campaign_id": NOT_APPLICABLE}
        case _:
            raise InvalidParameter(
                "tendlc_registration_status",
                "must be one of not_applicable, registered, unregistered",
            )


def _error_code(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise InvalidParameter("error_code", "must be a number such as 420, or 000")
    return int(text)


def _times(request: MessageList) -> dict[str, float]:
    times: dict[str, float] = {}
    for operator, name in _TIMES.items():
        text = getattr(request, name)
        if text:
            times[operator] = _seconds(name, text)
    return times


def _seconds(name: str, text: str) -> float:
    """Read `YYYY-MM-DD HH:MM[:SS[.ffffff]]` as UTC, or in the zone that it names as records do."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return (moment - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(seconds=1)
    except (ValueError, OverflowError):
        raise InvalidParameter(name, "must be YYYY-MM-DD HH:MM[:SS[.ffffff]] in UTC") from None


def _repeated(request: MessageList) -> list[tuple[str, str]]:
    names = (name for name in request.__struct_fields__ if name not in ("limit", "offset"))
    return [(name, str(value)) for name in names if (value := getattr(request, name)) is not None]


def _wire_time(at: float, zone: tzinfo) -> str:
    """Write a time as records have it, `YYYY-MM-DD HH:MM:SS.ffffff+00:00`, in that zone."""
    return datetime.fromtimestamp(at, zone).isoformat(" ", "microseconds")
