"""Calls to participants that wait: for their delay, for their account's pace, for room.

They are recorded as queued from the beginning, in the hand of this node: they can be cancelled as
every queued call, and should the process die their record says what became of them.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import structlog

from trunkline.voice.call import Plan, farewell
from trunkline.voice.causes import CANCELED, INTERNAL_ERROR, Cause, Source
from trunkline.voice.commands.desk import Queue
from trunkline.voice.commands.refusals import CommandRefused
from trunkline.voice.commands.wire import Scope
from trunkline.voice.live import LiveCalls
from trunkline.voice.session.facts import Facts
from trunkline.voice.session.ports import Ports
from trunkline.voice.telephony import Destination

log = structlog.get_logger(__name__)

MOST: Final = 1_000  # that wait in one process
ROOM_S: Final = 1.0  # how often it is looked for when the process has all calls it may have


@dataclass(frozen=True, slots=True)
class _Waiting:
    facts: Facts
    plan: Plan
    over: Callable[[], None]
    task: asyncio.Task[None]


class Later(Queue):
    """`Desk.queue` of a process: those that wait here, and the queue that all processes share."""

    def __init__(self, queue: Queue, calls: LiveCalls, ports: Ports) -> None:
        self._queue = queue
        self._calls = calls
        self._ports = ports
        self._waiting: dict[str, _Waiting] = {}

    def turn(self, main_id: str) -> float:
        """Take a turn in the queue."""
        return self._queue.turn(main_id)

    async def cancel(self, scope: Scope, *, call_uuid: str = "", request_uuid: str = "") -> int:
        """End what waits, here and in the queue."""
        meant = [
            one
            for one in self._waiting.values()
            if _is_meant(one.facts, scope, call_uuid, request_uuid)
        ]
        for one in meant:
            await self._end(one, CANCELED.by(Source.API))
        named = {"call_uuid": call_uuid, "request_uuid": request_uuid}
        return len(meant) + await self._queue.cancel(scope, **named)

    def check_room(self) -> None:
        """Raise CommandRefused when too many wait already."""
        if len(self._waiting) >= MOST:
            raise CommandRefused("too many participants wait to be called")

    def place(
        self,
        delay_s: float,
        facts: Facts,
        destination: Destination,
        plan: Plan,
        over: Callable[[], None],
    ) -> None:
        """Place a call that is recorded as queued when it may be; `over`: it never will."""

        async def wait() -> None:
            clock = self._ports.clock
            await clock.sleep(delay_s)
            while (wait_s := self._wait_s(facts.main_auth_id)) > 0:
                await clock.sleep(wait_s)
            if self._waiting.pop(facts.call_uuid, None) is not None:
                self._calls.place(facts, destination, plan)

        task = asyncio.create_task(wait(), name=f"participant {facts.call_uuid}")
        self._waiting[facts.call_uuid] = _Waiting(facts, plan, over, task)

    def waits(self, call_uuid: str) -> bool:
        """Whether it waits here."""
        return call_uuid in self._waiting

    async def give_up(self, call_uuid: str, cause: Cause) -> bool:
        """End one that waits here; False when it does not."""
        waiting = self._waiting.get(call_uuid)
        if waiting is None:
            return False
        await self._end(waiting, cause)
        return True

    async def close(self) -> None:
        """Call nobody any more."""
        for one in list(self._waiting.values()):
            await self._end(one, INTERNAL_ERROR)

    def _wait_s(self, main_id: str) -> float:
        """Return 0 when a call may begin, else when to ask again."""
        return self._queue.turn(main_id) if self._calls.room else ROOM_S

    async def _end(self, one: _Waiting, cause: Cause) -> None:
        if self._waiting.pop(one.facts.call_uuid, None) is None:
            return  # it had its turn meanwhile
        one.task.cancel()
        await farewell(self._ports, one.facts, one.plan, cause)
        one.over()
        log.info("call.ended", call=one.facts.call_uuid, code=cause.code, cause=cause.name)


def _is_meant(facts: Facts, scope: Scope, call_uuid: str, request_uuid: str) -> bool:
    if not (call_uuid or request_uuid):
        return facts.account_id == scope.account_id
    named = facts.call_uuid == call_uuid if call_uuid else facts.request_uuid == request_uuid
    return named and scope.covers(facts.account_id, facts.main_auth_id)
