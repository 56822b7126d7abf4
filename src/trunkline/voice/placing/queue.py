"""The queue of calls out: takes each in hand once, no faster than its account may, and places it.

A call is claimed in the database before it is dialled, so none is placed twice, whatever dies; one
that was claimed by a process that died ends with 5010 (`records.closing`), one that was not is
placed by the next process.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import msgspec
import structlog

from trunkline.runtime.clock import Clock
from trunkline.runtime.db import Database, DatabaseError
from trunkline.values.money import format_amount
from trunkline.voice.call import farewell
from trunkline.voice.causes import CANCELED, INTERNAL_ERROR, OUT_OF_CREDITS, Cause, Source
from trunkline.voice.commands.wire import Scope
from trunkline.voice.journal import RecordedCalls
from trunkline.voice.live import LiveCalls
from trunkline.voice.placing.pace import Pace
from trunkline.voice.placing.wanted import Wanted, destination_of, facts_of, plan_of, read
from trunkline.voice.records.model import Call
from trunkline.voice.records.store import queue
from trunkline.voice.session.facts import Facts
from trunkline.voice.session.ports import Ports

log = structlog.get_logger(__name__)

LOOK_S = 2.0  # how late a call is seen that another process has taken in
MOST_AT_ONCE = 100  # calls of one account that are claimed together
_LEAST_WAIT_S = 0.005


@dataclass(frozen=True, slots=True)
class QueueLimits:
    """Calls a second that each main account may start, and how long one may wait, in seconds."""

    calls_per_second: float = 2.0  # PLIVO voice: outbound 2 CPS
    wait_s: float = 14_400.0


class CallQueue:
    """One object a node; `run` places what waits, for ever."""

    def __init__(
        self,
        *,
        db: Database,
        clock: Clock,
        live: LiveCalls,
        ports: Ports,
        journal: RecordedCalls,
        limits: QueueLimits,
        room: Callable[[], int] = lambda: MOST_AT_ONCE,
        barred: Callable[[Call], Cause | None] = lambda _: None,
    ) -> None:
        """`room`: how many calls can have audio now, others wait; `barred`: why not one."""
        self._db = db
        self._clock = clock
        self._live = live
        self._ports = ports
        self._journal = journal
        self._limits = limits
        self._room = room
        self._barred = barred
        self._pace = Pace(limits.calls_per_second)
        self._woken = asyncio.Event()
        self._doubtful: list[str] = []  # claimed, perhaps, and not to be dialled yet
        self._claiming = asyncio.Lock()  # no call is claimed by us and not live outside of it

    def wake(self, _accounts: set[str] | None = None) -> None:
        """Something was queued, or there is room again."""
        self._woken.set()

    async def run(self) -> None:
        """Place calls; cancel to stop. A dead database is tried again."""
        while True:
            self._woken.clear()
            try:
                wait_s = await self.place_what_may()
            except DatabaseError as error:
                log.warning("calls.queue_unread", error=str(error))
                wait_s = LOOK_S
            await self._clock.wait(self._woken, wait_s)

    async def place_what_may(self) -> float:
        """Place all calls that may start now; return after how many seconds to look again."""
        if self._doubtful:
            await self._give_back()
        if not self._room():
            return LOOK_S
        wait_s = LOOK_S
        for main_id in await self._db.read(queue.waiting):
            wait_s = min(wait_s, await self._serve(main_id))
        return max(wait_s, _LEAST_WAIT_S)

    async def _serve(self, main_id: str) -> float:
        """Place an account's calls; return after how many seconds another may start."""
        while room := min(self._live.room, self._room(), MOST_AT_ONCE):
            allowed = min(room, self._pace.allowed(main_id, self._clock.now()))
            if not allowed:
                return self._pace.wait_s(main_id, self._clock.now())
            async with self._claiming:
                taken = await self._take(main_id, allowed)
                await self._place_all(taken)
            if len(taken) < allowed:
                break
        return LOOK_S

    async def _place_all(self, taken: list[Call]) -> None:
        for call in taken:
            # Others may have come in meanwhile, a media process may have died.
            if self._live.full or not self._room():
                self._doubtful.append(call.call_uuid)
            else:
                await self._place(call)
        if self._doubtful:
            await self._give_back()

    def turn(self, main_id: str) -> float:
        """Take a turn for a call that does not wait here: 0; or the seconds until one is free."""
        now = self._clock.now()
        if not self._pace.allowed(main_id, now):
            return max(_LEAST_WAIT_S, self._pace.wait_s(main_id, now))
        self._pace.spend(main_id, 1, now)
        return 0.0

    async def _take(self, main_id: str, most: int) -> list[Call]:
        due = await self._db.read(partial(queue.next_of, main_id=main_id, limit=most))
        self._doubtful = [call.call_uuid for call in due]
        if not due:
            return []
        node = self._journal.node
        taken = await self._db.write(partial(queue.take, call_uuids=self._doubtful, node=node))
        self._doubtful = []
        self._pace.spend(main_id, len(taken), self._clock.now())
        return taken

    async def _give_back(self) -> None:
        """Put back what may have been claimed; none was dialled."""
        node = self._journal.node
        await self._db.write(partial(queue.give_back, call_uuids=self._doubtful, node=node))
        self._doubtful = []

    async def cancel(self, scope: Scope, *, call_uuid: str = "", request_uuid: str = "") -> int:
        """End waiting calls: one, those of a request, or all of the account; return how many.

        Calls that had their turn before are live when this returns.
        """
        taken: list[Call] = []
        async with self._claiming:
            due = await self._db.read(partial(queue.waiting_of, main_id=scope.main_id))
            meant = [one for one in due if _is_meant(one, scope, call_uuid, request_uuid)]
            if meant:
                wanted, node = [one.call_uuid for one in meant], self._journal.node
                taken = await self._db.write(partial(queue.take, call_uuids=wanted, node=node))
        # At once: they share commits, and whoever asks does not wait for a thousand of them.
        await asyncio.gather(*(self._call_off(call) for call in taken))
        return len(taken)

    async def _call_off(self, call: Call) -> None:
        wants, facts, _ = self._in_hand(call)
        await farewell(self._ports, facts, plan_of(call, wants), CANCELED.by(Source.API))

    async def _place(self, call: Call) -> None:
        wanted, facts, paid = self._in_hand(call)
        plan = plan_of(call, wanted)
        late = self._clock.now() > call.initiated_at + self._limits.wait_s
        cause = INTERNAL_ERROR if late or not wanted.answer_url else self._barred(call)
        if cause is None and not paid:
            cause = OUT_OF_CREDITS
        if cause is not None:
            await farewell(self._ports, facts, plan, cause)
            return
        self._live.place(facts, destination_of(call, wanted), plan)

    def _in_hand(self, call: Call) -> tuple[Wanted, Facts, bool]:
        """Take a call in hand; the last tells whether its first minute is paid."""
        try:
            wanted = read(call)
        except msgspec.MsgspecError as error:
            log.error("call.unreadable", call=call.call_uuid, error=str(error))
            wanted = Wanted(answer_url="")
        facts = facts_of(call, wanted.headers, format_amount(call.rate))
        return wanted, facts, self._journal.taken(call, facts, self._clock.now())


def _is_meant(call: Call, scope: Scope, call_uuid: str, request_uuid: str) -> bool:
    if not (call_uuid or request_uuid):
        return call.account_id == scope.account_id
    named = call.call_uuid == call_uuid if call_uuid else call.request_uuid == request_uuid
    return named and scope.covers(call.account_id, call.main_id)
