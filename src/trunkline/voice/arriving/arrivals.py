"""Begins calls that come in, or refuses them, with a record wherever they are somebody's."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from trunkline.engines.sip import FromTrunk
from trunkline.voice.arriving.judge import Call, Judge, Verdict
from trunkline.voice.call import Plan, farewell
from trunkline.voice.causes import CAUSES, OUT_OF_CREDITS, Cause
from trunkline.voice.credit import CallCredit
from trunkline.voice.interpreter.walk import Start
from trunkline.voice.journal import Details, RecordedCalls
from trunkline.voice.live import LiveCalls
from trunkline.voice.placing.pace import Pace
from trunkline.voice.records.model import Stir
from trunkline.voice.session.facts import Facts
from trunkline.voice.session.ports import Ports
from trunkline.voice.switch import Arrival
from trunkline.voice.telephony import LegGone
from trunkline.voice.xml.check import read
from trunkline.voice.xml.document import Document

log = structlog.get_logger(__name__)

CONGESTED = CAUSES[3090]
STOP_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalPorts:
    """What calls that come in are begun with."""

    judge: Judge
    live: LiveCalls
    ports: Ports
    journal: RecordedCalls
    credit: CallCredit
    carriers: Callable[[], Mapping[str, frozenset[str]]]
    calls_per_second: float = 10.0  # PLIVO voice: inbound 10 CPS, excess refused


class Arrivals:
    """What the switch hands calls to: `arrived`. It owns the refusals under way."""

    def __init__(self, around: ArrivalPorts) -> None:
        self._around = around
        self._pace = Pace(around.calls_per_second)
        self._tasks: set[asyncio.Task[None]] = set()

    def arrived(self, arrival: Arrival) -> None:
        """Take a call; returns at once."""
        around = self._around
        call = Call(arrival.origin, arrival.caller, arrival.called, arrival.called_uri)
        verdict = around.judge.decide(call, around.carriers())
        cause = verdict.refused or self._barred(verdict)
        if not verdict.account_id:
            log.info(
                "call.refused",
                origin=str(arrival.origin),
                called=arrival.called_uri[:200],
                code=cause.code if cause else 0,
            )
            self._spawn(_hang_up(arrival, cause or CONGESTED))
            return
        facts, plan = self._facts(arrival, verdict), _plan(verdict)
        around.journal.expect(facts.call_uuid, _details(arrival, verdict, plan))
        if cause is not None:
            self._spawn(self._refuse(arrival, facts, plan, cause))
            return
        around.live.arrived(arrival.leg, facts, plan)

    async def close(self) -> None:
        """Wait a moment for refusals under way."""
        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=STOP_S)

    def _barred(self, verdict: Verdict) -> Cause | None:
        around = self._around
        now = around.ports.clock.now()
        if around.live.full:
            return CONGESTED
        if not around.credit.can_call(verdict.main_id, verdict.price.rate, now):
            return OUT_OF_CREDITS
        if not verdict.main_id or self._pace.allowed(verdict.main_id, now):
            self._pace.spend(verdict.main_id, 1, now)
            return None
        return CONGESTED

    def _facts(self, arrival: Arrival, verdict: Verdict) -> Facts:
        told = {"SIP-H-To": arrival.sip_to, "ForwardedFrom": arrival.forwarded_from}
        extra = {name: value for name, value in told.items() if value}
        return Facts(
            arrival.leg.uuid,
            verdict.account_id,
            verdict.main_id,
            "inbound",
            verdict.sender,
            verdict.recipient,
            self._around.ports.clock.now(),
            caller_name=arrival.caller_name,
            headers=dict(arrival.headers),
            extra=extra,
        )

    async def _refuse(self, arrival: Arrival, facts: Facts, plan: Plan, cause: Cause) -> None:
        ports = self._around.ports
        ports.journal.started(facts)
        await _hang_up(arrival, cause)
        await farewell(ports, facts, plan, cause)
        log.info("call.refused", call=facts.call_uuid, code=cause.code, cause=cause.name)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name="refused call")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _hang_up(arrival: Arrival, cause: Cause) -> None:
    try:
        await arrival.leg.hang_up(cause)
    except LegGone:
        return


def _details(arrival: Arrival, verdict: Verdict, plan: Plan) -> Details:
    from_trunk = isinstance(arrival.origin, FromTrunk)
    us = verdict.recipient.startswith("1") and verdict.sender.startswith("1")
    return Details(
        app_id="" if verdict.app is None else verdict.app.app_id,
        endpoint_id=verdict.endpoint_id,
        carrier=arrival.origin.name if isinstance(arrival.origin, FromTrunk) else "",
        source_ip=arrival.origin.host,
        # Without an Identity header of the caller's there is nothing that could be verified.
        stir_verification=(Stir.NOT_VERIFIED if from_trunk and us else Stir.NOT_APPLICABLE).value,
        hangup_url=plan.hangup_url or plan.start.url,
        hangup_method=plan.hangup_method,
        price=verdict.price,
    )


def _plan(verdict: Verdict) -> Plan:
    if verdict.rings is not None:
        return Plan(Start("", document=_ringing(verdict.recipient)))
    app = verdict.app
    if app is None:
        return Plan(Start(""))
    return Plan(
        Start(
            app.answer_url,
            app.answer_method,
            app.fallback_answer_url,
            app.fallback_method,
        ),
        app.hangup_url or app.answer_url,  # PLIVO application: hangup_url
        app.hangup_method if app.hangup_url else app.answer_method,
    )


def _ringing(address: str) -> Document:
    """Return the document that rings an endpoint; usernames are letters and digits."""
    return read(f"<Response><Dial><User>{address}</User></Dial></Response>".encode())
