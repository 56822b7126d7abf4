"""Wire ↔ domain for placing calls."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from uuid import NAMESPACE_URL, uuid5

from trunkline.billing.rates import Rates
from trunkline.contract.context import Handler, RequestContext
from trunkline.contract.errors import InvalidParameter, NotFound
from trunkline.contract.operations.voice.placing import CallCreate, CallCreated
from trunkline.runtime.db import Database
from trunkline.values.ids import new_uuid
from trunkline.voice import rating
from trunkline.voice.commands.api.headers import headers_of
from trunkline.voice.keys import keys_of
from trunkline.voice.placing.ends import NoEnd, end_of, ends_of
from trunkline.voice.placing.wanted import Detection, Wanted
from trunkline.voice.records.model import Call, CallState
from trunkline.voice.records.store import lists, queue

RING_TIMEOUT_S = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacingApi:
    """What the operation works with."""

    db: Database
    rates: Rates

    async def create(self, context: RequestContext, request: CallCreate) -> CallCreated:
        """Take calls into the queue: they are durable when this returns."""
        sender = _end("from", request.from_)
        try:
            recipients = ends_of(request.to)
        except NoEnd as error:
            raise InvalidParameter("to", str(error)) from None
        if sender in recipients:  # PLIVO make call
            raise InvalidParameter("to", f"{sender} cannot call itself")
        parent = await self._parent(context, request)
        wanted = _wanted(request)
        calls = [
            self._call(context, request, wanted, (sender, recipient), parent, number)
            for number, recipient in enumerate(recipients)
        ]
        await self.db.submit(queue.add, calls)
        ids = [call.request_uuid for call in calls]
        return CallCreated(message="call fired", request_uuid=ids[0] if len(ids) == 1 else ids)

    async def _parent(self, context: RequestContext, request: CallCreate) -> str:
        uuid = (request.parent_call_uuid or "").lower()
        if not uuid:
            return ""
        main_id = context.principal.main_auth_id
        row = await self.db.read(
            partial(lists.get, main_id=main_id, account_id=context.account_id, call_uuid=uuid)
        )
        if row is not None and not row.is_over:
            return uuid
        if request.error_if_parent_not_found:
            raise NotFound(f"call {uuid[:64]!r} is not live", "parent_call_uuid")
        return ""

    def _call(
        self,
        context: RequestContext,
        request: CallCreate,
        wanted: Wanted,
        ends: tuple[str, str],
        parent: str,
        number: int,
    ) -> Call:
        sender, recipient = ends
        price = rating.outbound(self.rates, recipient, sender)
        # A background request may be carried out again after a crash: by the same id.
        again = str(uuid5(NAMESPACE_URL, f"{context.api_id}/{number}"))
        uuid = again if context.background else new_uuid()
        told = request.hangup_url is not None
        return Call(
            call_uuid=uuid,
            main_id=context.principal.main_auth_id,
            account_id=context.account_id,
            direction="outbound",
            state=CallState.QUEUED.value,
            sender=sender,
            recipient=recipient,
            initiated_at=context.now,
            request_uuid=uuid,
            caller_name=request.caller_name or "",
            parent_uuid=parent,
            rate=price.rate,
            network_group=price.group,
            hangup_url=request.hangup_url or request.answer_url,  # PLIVO make call
            hangup_method=request.hangup_method if told else request.answer_method,
            extra=wanted.written(),
        )


def handlers(api: PlacingApi) -> Mapping[str, Handler]:
    """Return the handler of the operation by its id."""
    return {"call.create": api.create}


def _end(field: str, written: str) -> str:
    try:
        return end_of(written)
    except NoEnd as error:
        raise InvalidParameter(field, str(error)) from None


def _wanted(request: CallCreate) -> Wanted:
    try:
        digits, tone_ms = keys_of(request.send_digits or "")
    except ValueError as error:
        raise InvalidParameter("send_digits", str(error)) from None
    machine = request.machine_detection
    return Wanted(
        answer_url=request.answer_url,
        answer_method=request.answer_method,
        fallback_url=request.fallback_url or "",
        fallback_method=request.fallback_method,
        ring_url=request.ring_url or "",
        ring_method=request.ring_method,
        ring_timeout_s=request.ring_timeout or RING_TIMEOUT_S,
        hangup_on_ring_s=request.hangup_on_ring,
        time_limit_s=request.time_limit,
        send_digits=digits,
        tone_ms=tone_ms,
        send_on_preanswer=request.send_on_preanswer,
        machine=None
        if machine is None
        else Detection(
            machine,
            request.machine_detection_time,
            request.machine_detection_maximum_speech_length,
            request.machine_detection_initial_silence,
            request.machine_detection_url or "",
            request.machine_detection_method,
        ),
        headers=headers_of(request.sip_headers),
    )
