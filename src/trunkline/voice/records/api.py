"""Wire ↔ domain for call records, live calls and queued calls."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import partial
from zoneinfo import ZoneInfo

from trunkline.accounts.directory import Directory as Accounts
from trunkline.contract.context import Handler, RequestContext
from trunkline.contract.errors import NotFound
from trunkline.contract.operations.voice.calls import (
    CallGet,
    CallIds,
    CallList,
    CallListNow,
    CallPage,
    CallRecord,
    LiveCall,
    QueuedCall,
)
from trunkline.runtime.db import Database
from trunkline.values.money import format_amount
from trunkline.values.pages import Page, page_meta
from trunkline.voice.records import wanted
from trunkline.voice.records.model import REACH_S, Call, CallState
from trunkline.voice.records.store import lists

_STATES = {  # ours → Plivo's call_state
    CallState.COMPLETED: "ANSWER",
    CallState.BUSY: "BUSY",
    CallState.TIMEOUT: "TIMEOUT",
    CallState.NO_ANSWER: "NOANSWER",
    CallState.CANCELLED: "CANCEL",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CallApi:
    """What the operations of call records work with."""

    db: Database
    accounts: Accounts

    async def list(self, context: RequestContext, request: CallList) -> CallPage:
        page = Page(request.limit, request.offset)
        filters = wanted.filters_of(context, request)
        rows, total = await self.db.read(partial(lists.page, filters=filters, wanted=page))
        path = f"/v1/Account/{context.account_id}/Call/"
        zone = zone_of(self.accounts, context)
        objects = [_record(row, context, zone) for row in rows]
        for one in objects:
            one.api_id = context.api_id  # SDK fixtures: each call of the list has it too
        return CallPage(
            meta=page_meta(page, total, path, wanted.repeated(request)), objects=objects
        )

    async def get(self, context: RequestContext, request: CallGet) -> CallRecord:
        row = await self._find(context, request)
        if row.ended_at is None or row.ended_at < context.now - REACH_S:
            why = "" if row.ended_at is not None else " has not ended: ask with status=live"
            raise _missing(request, why or " not found")
        return _record(row, context, zone_of(self.accounts, context))

    async def list_live(self, context: RequestContext, request: CallListNow) -> CallIds:
        filters = wanted.filters_of_now(context, request)
        limit, offset = request.limit, request.offset
        found = await self.db.read(lambda conn: lists.live(conn, filters, limit, offset))
        return CallIds(calls=found)

    async def get_live(self, context: RequestContext, request: CallGet) -> LiveCall:
        row = await self._find(context, request)
        if row.is_over or row.state == CallState.QUEUED:
            raise _missing(request, " is not live")
        return LiveCall(
            call_uuid=row.call_uuid,
            request_uuid=row.request_uuid,
            direction=row.direction,
            call_status="in-progress" if row.state == CallState.ANSWERED else "ringing",
            from_=row.sender,
            to=row.recipient,
            caller_name=row.caller_name,
            session_start=_session_start(row.initiated_at),
            parent_call_uuid=row.parent_uuid or None,
            stir_verification=row.stir_verification,
            stir_attestation=row.stir_attestation,
        )

    async def list_queued(self, context: RequestContext, request: CallListNow) -> CallIds:
        filters = wanted.filters_of_now(context, request)
        limit, offset = request.limit, request.offset
        found = await self.db.read(lambda conn: lists.queued(conn, filters, limit, offset))
        return CallIds(calls=found)

    async def get_queued(self, context: RequestContext, request: CallGet) -> QueuedCall:
        row = await self._find(context, request)
        if row.is_over or row.state != CallState.QUEUED:
            raise _missing(request, " is not queued")
        return QueuedCall(
            call_uuid=row.call_uuid,
            request_uuid=row.request_uuid,
            direction=row.direction,
            call_status="queued",
            from_=row.sender,
            to=row.recipient,
            caller_name=row.caller_name,
        )

    async def _find(self, context: RequestContext, request: CallGet) -> Call:
        main_id = context.principal.main_auth_id
        call_uuid = request.call_uuid.lower()
        row = await self.db.read(
            lambda conn: lists.get(conn, main_id, context.account_id, call_uuid)
        )
        if row is None:
            raise _missing(request, " not found")
        return row


def handlers(api: CallApi) -> Mapping[str, Handler]:
    """Return the handler of each operation of call records by its id."""
    return {
        "call.list": api.list,
        "call.get": api.get,
        "call.list_live": api.list_live,
        "call.get_live": api.get_live,
        "call.list_queued": api.list_queued,
        "call.get_queued": api.get_queued,
    }


def zone_of(accounts: Accounts, context: RequestContext) -> tzinfo:
    """Return the zone in which an account sees times."""
    account = accounts.get(context.account_id)
    return ZoneInfo(account.timezone) if account is not None else UTC


def _missing(request: CallGet, why: str) -> NotFound:
    return NotFound(f"call {request.call_uuid[:64]!r}{why}", "call_uuid")


def _record(row: Call, context: RequestContext, zone: tzinfo) -> CallRecord:
    return CallRecord(
        call_uuid=row.call_uuid,
        call_direction=row.direction,
        call_state=_STATES.get(CallState(row.state), "FAILED"),
        from_number=row.sender,
        to_number=row.recipient,
        initiation_time=_wire_time(row.initiated_at, zone),
        answer_time=None if row.answered_at is None else _wire_time(row.answered_at, zone),
        end_time=_wire_time(row.ended_at or 0.0, zone),
        call_duration=row.bill_duration,
        bill_duration=row.bill_duration,
        billed_duration=row.billed_duration,
        total_rate=format_amount(row.rate),
        total_amount=format_amount(row.amount),
        voice_network_group=row.network_group,
        hangup_cause_code=row.hangup_code,
        hangup_cause_name=row.hangup_name,
        hangup_source=row.hangup_source,
        parent_call_uuid=row.parent_uuid or None,
        conference_uuid=row.conference_uuid,
        stir_verification=row.stir_verification,
        stir_attestation=row.stir_attestation,
        source_ip=row.source_ip,
        cnam_lookup=row.cnam_lookup,
        resource_uri=f"/v1/Account/{context.account_id}/Call/{row.call_uuid}/",
    )


def _wire_time(at: float, zone: tzinfo) -> str:
    """Write a time as records have it, `YYYY-MM-DD HH:MM:SS+05:30`, in that zone."""
    return datetime.fromtimestamp(at, zone).isoformat(" ", "seconds")


def _session_start(at: float) -> str:
    # PLIVO call: "2017-05-22 13:17:49.050872", UTC
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
