"""A call of ours: one way after the other, on each all targets at once, the first answer wins."""

import asyncio
from collections.abc import Sequence
from typing import Final

import structlog

from trunkline.engines import sip
from trunkline.protocols.sip import EncodeError, Headers, Malformed, readable
from trunkline.voice.causes import (
    CAUSES,
    INTERNAL_ERROR,
    LOST_RACE,
    NETWORK_ERROR,
    Cause,
    of_far_end,
)
from trunkline.voice.events import Answered, Ringing, Sink
from trunkline.voice.switch.channel import Channel
from trunkline.voice.switch.core import Core
from trunkline.voice.switch.legs.leg import SwitchLeg
from trunkline.voice.switch.ports import Target, Way

log = structlog.get_logger(__name__)

_ELSEWHERE: Final = 'SIP;cause=200;text="Call completed elsewhere"'  # RFC 3326 2
_TRY_NEXT: Final = frozenset({408, 500, 502, 503, 504})
"""Statuses of a trunk that is not able, rather than of a callee."""
_REQUEST_TIMEOUT: Final = 408
PROVING_TIMED_OUT: Final = CAUSES[4250]

_Event = tuple[sip.OutgoingCall, sip.Event]


class OutgoingLeg(SwitchLeg):
    """The callee's leg."""

    def __init__(self, core: Core, uuid: str, channel: Channel, sink: Sink) -> None:
        super().__init__(core, uuid, channel, sink)
        self._calls: list[sip.OutgoingCall] = []
        """Those that ring; the answered one alone once there is one."""
        self._offer = self._description.offer()
        self._rang = False
        self._way = ""
        self._early = ""
        """Call-ID and tag of the one whose early media is heard."""
        self._answers: dict[str, bytes] = {}
        """What each that rings has described, by Call-ID and tag."""

    async def run(self, ways: Sequence[Way]) -> None:
        """Call, and follow the call to its end."""
        failed: sip.Failed | None = None
        for way in ways:
            if self.over:  # hung up before it was called at all
                return
            outcome = await self._try(way)
            if self.over or not isinstance(outcome, sip.Failed):
                return
            failed = outcome
            if outcome.local and outcome.status != _REQUEST_TIMEOUT:
                log.warning("leg.unreached", leg=self.uuid, way=way.name, reason=outcome.reason)
            # Once it rang, somebody was reached: no other way is tried.
            if self._rang or not (outcome.local or outcome.status in _TRY_NEXT):
                break
            log.info("leg.way_failed", leg=self.uuid, way=way.name, status=outcome.status)
        self.end(_cause_of(failed))

    async def _try(self, way: Way) -> sip.Failed | None:
        """Ring all targets of a way; None once one has answered and the call is over."""
        self._way = way.name
        queue: asyncio.Queue[_Event | None] = asyncio.Queue()
        self._calls = [call for target in way.targets if (call := self._place(target))]
        calls = list(self._calls)
        for call in calls:
            self.core.spawn(_pump(call, queue), f"events of leg {self.uuid}")
        ringing, failures = len(calls), list[sip.Failed]()
        while ringing:
            item = await queue.get()
            if item is None:
                ringing -= 1
                continue
            call, event = item
            match event:
                case sip.Failed() if call in self._calls:
                    failures.append(event)
                case sip.Answered() if not self.over and not self.answered:
                    await self._answered(call, event)
                case sip.Unheard() | sip.Proceeding() if not self.over and not self.answered:
                    self._parting.keep(self._calls, self._way)
                case sip.Progress() if call in self._calls and not self.over and not self.answered:
                    await self._progress(call, event)
                case _ if call in self._calls:
                    await self.on_sip(call, event)
                case _:
                    pass  # of one that came too late
        if self.answered:
            return None
        return _worst(failures)

    def _place(self, target: Target) -> sip.OutgoingCall | None:
        placing = sip.Placing(
            uri=target.uri,
            caller=target.caller,
            sdp=self._offer,
            hop=target.hop,
            caller_name=target.caller_name,
            headers=target.headers,
            credentials=target.credentials,
        )
        try:
            return self.core.user_agent.place(placing)
        except (Malformed, EncodeError) as error:
            log.warning("leg.unplaceable", leg=self.uuid, uri=target.uri, reason=str(error))
            return None

    # --- what the callee does --------------------------------------------------------------------

    async def _progress(self, call: sip.OutgoingCall, event: sip.Progress) -> None:
        fork = f"{call.call_id};{event.leg}"
        others = [one for one in self._calls if one is not call]
        first = event.sdp and fork not in self._answers
        if first and others and not self._description.can_accept(event.sdp):
            log.info("leg.early_unspeakable", leg=self.uuid, sip=call.call_id)
            self._calls = others  # it rings in vain, the others may not
            call.hang_up()
            return
        if event.sdp:
            self._answers.setdefault(fork, event.sdp)
        if event.sdp and not self._early:
            self._early = fork
            await self.take_answer(event.sdp)
            if self.over:
                return
            self._rang = True
            self._tell(Ringing(self.uuid, early_media=True))
        elif event.status == 180 and not self._rang:
            self._rang = True
            self._tell(Ringing(self.uuid))

    async def _answered(self, call: sip.OutgoingCall, event: sip.Answered) -> None:
        """Take this one, and let the others go."""
        others, self._calls = [one for one in self._calls if one is not call], [call]
        for other in others:
            other.hang_up(reason=_ELSEWHERE)
        fork = f"{call.call_id};{event.leg}"
        if event.sdp or self._early != fork:
            # RFC 3261 13.2.1: who has answered our offer while it rang need not say it again.
            await self.take_answer(event.sdp or self._answers.get(fork, b""))
        if self.over:
            return
        self.was_answered(call, self._way)
        self._tell(Answered(self.uuid, readable(event.headers.get("to") or "")))

    def _let_go(self, cause: Cause) -> None:
        reason = _ELSEWHERE if cause.code == LOST_RACE.code else ""
        for call in self._calls:
            call.hang_up(reason=reason)


async def _pump(call: sip.OutgoingCall, queue: "asyncio.Queue[_Event | None]") -> None:
    while (event := await call.next()) is not None:
        queue.put_nowait((call, event))
    queue.put_nowait(None)


def _worst(failures: Sequence[sip.Failed]) -> sip.Failed:
    """Of several refusals the one that says most (RFC 3261 16.7 step 6)."""
    if not failures:
        return sip.Failed(484, "it cannot be placed", local=False, headers=Headers())
    return min(failures, key=_rank)


def _rank(failed: sip.Failed) -> tuple[int, int]:
    if failed.local:
        return 4, failed.status
    if failed.status >= 600:
        return 0, failed.status
    if failed.status == 486:
        return 1, failed.status
    return (3 if failed.status in _TRY_NEXT else 2), failed.status


def _cause_of(failed: sip.Failed | None) -> Cause:
    if failed is None:
        return INTERNAL_ERROR
    if failed.local and failed.status != _REQUEST_TIMEOUT:
        return NETWORK_ERROR  # nothing was sent: no address, no connection
    if failed.local and failed.proving:
        return PROVING_TIMED_OUT
    return of_far_end(failed.status)
