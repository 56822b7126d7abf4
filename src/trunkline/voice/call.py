"""One call: its task from the first ring to the last callback.

The task alone touches the session. Whoever else wants something of the call gives it an order
(`do`) and gets its result.
"""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Literal

import structlog

from trunkline.voice.causes import (
    INTERNAL_ERROR,
    INVALID_DESTINATION,
    MACHINE_DETECTED,
    NETWORK_ERROR,
    RING_TIMEOUT,
    SCHEDULED,
    Cause,
)
from trunkline.voice.events import Answered, MachineJudged, Ringing
from trunkline.voice.gatherings.confirm import Confirmation, confirmed
from trunkline.voice.interpreter.walk import Interpreter, Start
from trunkline.voice.session.facts import Bill, Facts
from trunkline.voice.session.mailbox import Full, Mailbox
from trunkline.voice.session.obey import obey
from trunkline.voice.session.orders import Busy, NotLive, Order, Unanswered
from trunkline.voice.session.ports import Callback, Carried, Ports
from trunkline.voice.session.session import FAREWELL_S, Session
from trunkline.voice.session.signals import CallOver, GoOnWith, GoTo
from trunkline.voice.telephony import (
    Destination,
    Leg,
    LegGone,
    MachineSpec,
    Refused,
    TelephonyError,
)

log = structlog.get_logger(__name__)

ORDER_S = 15.0  # an order is answered by then, or given up
RECORDED_S = 1.0  # for the answer to be recorded, before the call goes on without
_JUDGING_GRACE_S = 1.0


@dataclass(frozen=True, slots=True)
class Machine:
    """PLIVO make call: machine_detection; with a URL it goes on beside the call."""

    mode: Literal["true", "hangup"] = "true"
    spec: MachineSpec = field(default_factory=MachineSpec)
    url: str = ""
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done with a call; seconds. URLs are "" when not set."""

    start: Start
    hangup_url: str = ""
    hangup_method: str = "POST"
    time_limit_s: float = 14_400.0  # PLIVO make call: time_limit
    # Of calls that we make:
    ring_url: str = ""
    ring_method: str = "POST"
    ring_timeout_s: float = 120.0  # PLIVO make call: ring_timeout
    hangup_on_ring_s: float | None = None
    send_digits: str = ""
    send_digits_ms: int = 0  # how long each tone lasts; 0: as usual
    send_on_preanswer: bool = False
    machine: Machine | None = None
    confirm: Confirmation | None = None  # of the one who answers, before anything else is done
    meanwhile: Callable[[], AbstractAsyncContextManager[None]] = nullcontext
    """Surrounds the time that it rings."""
    carried: Carried | None = None  # of a leg that was another call's


class Call:
    """A live call; `run` is its task."""

    def __init__(self, ports: Ports, facts: Facts, plan: Plan, party: Leg | Destination) -> None:
        """Prepare a call: with a leg that rings or talks already, or whom to call."""
        self.facts = facts
        self.session: Session | None = None
        self._ports = ports
        self._plan = plan
        self._party = party
        self._mailbox = Mailbox(ports.clock)
        self._recorded: asyncio.Future[Any] | None = None  # its answer

    async def do(self, order: Order, *, within_s: float = ORDER_S) -> str:
        """Have an order carried out, and return its result; raises OrderError."""
        try:
            self._mailbox.order(order)
        except Full:
            if self._mailbox.closed:
                raise NotLive("The call has ended.") from None
            raise Busy("The call has too many orders waiting.") from None
        try:
            async with asyncio.timeout(within_s):
                return await order.result
        except TimeoutError:
            raise Unanswered("The call did not answer in time.") from None

    def facts_of(self, uuid: str) -> Facts:
        """Return the facts of the leg that it is connected with, if it is named; else its own."""
        other = self.session.other if self.session is not None else None
        if other is not None and other.facts.call_uuid == uuid:
            return other.facts
        return self.facts

    async def run(self) -> None:
        """Live through the call; never raises but when it is cancelled."""
        over = CallOver(INTERNAL_ERROR)
        try:
            await self._live()
        except CallOver as signal:
            over = signal
        except LegGone:
            over = await self._told_gone()
        except asyncio.CancelledError:
            await self._end(over)
            raise
        except Exception:  # the edge of a call: one that fails must not take others along
            log.exception("call.broken", call=self.facts.call_uuid)
        await self._end(over)

    # --- the beginning ---------------------------------------------------------------------------

    async def _live(self) -> None:
        start = self._plan.start
        if isinstance(self._party, Destination):
            session = await self._place(self._party)
            try:
                async with self._plan.meanwhile():
                    await self._be_answered(session)
                if self._plan.confirm is not None:
                    await confirmed(session, self._plan.confirm)
                await self._be_recorded()
            except GoTo as goto:  # a transfer, while a machine was looked for
                start = Start(goto.url, goto.method, errand=goto.errand)
            except GoOnWith as go:
                start = Start("", errand=go.errand, document=go.document)
        else:
            session = self._begin(self._party)
            if self._plan.carried is not None:
                session.beside.take_over(self._plan.carried)
            if self.facts.parent_uuid == "":
                self._ports.journal.started(self.facts)
            session.end_at(self._ports.clock.now() + self._plan.time_limit_s)
        await Interpreter(session).run(start)

    def _begin(self, leg: Leg) -> Session:
        leg.deliver_to(self._mailbox.tell)
        self.session = Session(self._ports, self.facts, leg, self._mailbox, obey)
        return self.session

    async def _place(self, destination: Destination) -> Session:
        self._ports.journal.started(self.facts)
        try:
            leg = await self._ports.telephony.place(
                self.facts.call_uuid, destination, self._mailbox.tell
            )
        except Refused as refusal:
            log.info("call.unplaced", call=self.facts.call_uuid, reason=str(refusal))
            raise CallOver(refusal.cause or INVALID_DESTINATION, gone=True) from None
        self.session = Session(self._ports, self.facts, leg, self._mailbox, obey)
        return self.session

    async def _be_answered(self, session: Session) -> None:
        """Let it ring; returns when it is answered, and judged if that is to be waited for."""
        clock, plan = self._ports.clock, self._plan
        until, cause = clock.now() + plan.ring_timeout_s, RING_TIMEOUT
        while not session.answered:
            if clock.now() >= until:
                await session.leg.hang_up(cause)
                raise CallOver(cause)
            event = await session.next(until - clock.now())
            match event:
                case Ringing() if self.facts.ringing_at is None:
                    await self._rings(session)
                    if plan.hangup_on_ring_s is not None:
                        until = min(until, clock.now() + plan.hangup_on_ring_s)
                        cause = SCHEDULED
                case Answered(sip_to=sip_to):
                    answered_at = self._answers(sip_to)
                    # PLIVO make call: time_limit counts from the answer, not from a verdict.
                    session.end_at(answered_at + plan.time_limit_s)
                case _:
                    pass
        # Who answered without ringing has not been sent them yet.
        if plan.send_digits and (not plan.send_on_preanswer or self.facts.ringing_at is None):
            await session.leg.send_digits(plan.send_digits, tone_ms=plan.send_digits_ms)
        await self._judge(session)

    async def _rings(self, session: Session) -> None:
        plan = self._plan
        self.facts.ringing_at = self._ports.clock.now()
        self._ports.journal.ringing(self.facts)
        session.tell(plan.ring_url, plan.ring_method, "ring", {}, event="Ring", status="ringing")
        if plan.send_digits and plan.send_on_preanswer:
            await session.leg.send_digits(plan.send_digits, tone_ms=plan.send_digits_ms)

    def _answers(self, sip_to: str) -> float:
        answered_at = self.facts.answered_at = self._ports.clock.now()
        if sip_to:
            self.facts.extra["SIP-H-To"] = sip_to
        self._recorded = self._ports.journal.answered(self.facts)
        return answered_at

    async def _be_recorded(self) -> None:
        """Let the record say that it is answered before the application is asked what to do.

        So it finds the call in progress when it looks. A dead database holds no call up for long.
        """
        if self._recorded is not None:
            await asyncio.wait({self._recorded}, timeout=RECORDED_S)

    # --- answering machines ----------------------------------------------------------------------

    async def _judge(self, session: Session) -> None:
        """PLIVO make call: without a URL no XML is done while the far end is judged."""
        machine = self._plan.machine
        if machine is None:
            return
        try:
            await session.leg.judge_machine(machine.spec)
        except Refused as refusal:  # nobody is a machine then
            log.warning("call.unjudged", call=self.facts.call_uuid, reason=str(refusal))
            return
        if machine.url:
            session.on_machine = lambda found: self._judged_beside(session, machine, found)
            return
        until = self._ports.clock.now() + machine.spec.time_ms / 1000 + _JUDGING_GRACE_S
        while (left := until - self._ports.clock.now()) > 0:
            event = await session.next(left)
            if isinstance(event, MachineJudged):
                self.facts.machine = event.machine
                break
        if self.facts.machine and machine.mode == "hangup":
            raise CallOver(MACHINE_DETECTED)

    def _judged_beside(self, session: Session, machine: Machine, found: bool) -> None:
        self.facts.machine = found
        if not found:
            return
        session.tell(machine.url, machine.method, "machine", {}, event="MachineDetection")
        if machine.mode == "hangup":
            session.end_at(self._ports.clock.now(), MACHINE_DETECTED)

    # --- the end ---------------------------------------------------------------------------------

    async def _end(self, over: CallOver) -> None:
        session, told = self.session, None
        ended_at = self._ports.clock.now() if over.at is None else over.at
        if session is not None and not over.gone:
            told = await self._part(session, over.cause)
        elif session is not None and session.beside.awaits_others(session.leg):
            await session.drain(FAREWELL_S)
        if told is not None:  # the far end may have left before we let it go
            # Who limits a call to a minute is not charged for another until it has been let go.
            latest = over.at
            over, ended_at = told, ended_at if told.at is None else told.at
            ended_at = ended_at if latest is None else min(ended_at, latest)
        cause = over.cause
        for order in self._mailbox.close():
            order.refuse(NotLive("The call has ended."))
        await farewell(self._ports, self.facts, self._plan, cause, ended_at)
        log.info(
            "call.ended",
            call=self.facts.call_uuid,
            code=cause.code,
            cause=cause.name,
            source=cause.source.value,
        )

    async def _told_gone(self) -> CallOver:
        """The leg ended under a command; its Ended says why, when its recordings are kept."""
        if self.session is None:
            return CallOver(NETWORK_ERROR, at=self._ports.clock.now())
        return await self.session.departed()

    async def _part(self, session: Session, cause: Cause) -> CallOver | None:
        try:
            await session.leg.hang_up(cause)
            return await session.drain(FAREWELL_S)
        except TelephonyError:
            log.warning("call.stuck", call=self.facts.call_uuid, exc_info=True)
            return None


async def farewell(
    ports: Ports, facts: Facts, plan: Plan, cause: Cause, ended_at: float | None = None
) -> None:
    """Note the end of a call, now or a moment ago, and tell its hangup URL."""
    ended_at = ports.clock.now() if ended_at is None else ended_at
    # PLIVO application: without a hangup URL the answer URL is told.
    url, method = plan.hangup_url, plan.hangup_method
    if not url and not facts.parent_uuid:
        url, method = plan.start.url, plan.start.method

    def told(bill: Bill) -> Callback:
        params = facts.hangup_params(cause, ended_at, bill)
        return Callback("voice.hangup", facts.account_id, facts.call_uuid, url, method, params)

    await ports.journal.ended(facts, cause, ended_at, told if url else None)
