"""Tells the far ends of a dead node's calls that they are over.

Each node keeps what that takes of its legs (`records.dialogs`): a BYE for those that were answered,
a CANCEL for those that rang, a refusal for callers who wait for an answer. Who finds a node dead
claims that, says it all and forgets a leg once it was answered, or nobody answers: a node that dies
over it is found dead in its turn, so every far end is told at least once.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final, Protocol

import structlog

from trunkline.engines.sip import Remains, Word
from trunkline.protocols.sip import EncodeError, Malformed
from trunkline.protocols.sip.digest import Credentials
from trunkline.runtime.clock import Clock
from trunkline.runtime.db import Database
from trunkline.runtime.sweep import keep_sweeping
from trunkline.voice.partings.flows import Flows, goes_by_flow
from trunkline.voice.records.closing import SWEEP_S
from trunkline.voice.records.dialogs import KeptDialogs, remains_in
from trunkline.voice.records.store import dialogs
from trunkline.voice.records.store.dialogs import Kept

log = structlog.get_logger(__name__)

PACE_S: Final = 0.01  # between two legs: a trunk is not flooded
REASON: Final = 'Q.850;cause=41;text="Temporary failure"'  # RFC 3326
UNTOLD: Final = frozenset({408, 503})  # of silence, and where there is no way


class Agent(Protocol):
    """Who says it: `engines.sip.UserAgent`."""

    async def part(self, word: Word, *, credentials: Credentials | None, reason: str) -> int: ...


class Partings:
    """`is_dead` judges nodes, `on_outage` says that the database was away (`closing.Closer`).

    `credentials_of(trunk, username)` gives what a trunk's challenge is answered with; `flows` are
    the ways to phones that came by connections of their own.
    """

    def __init__(
        self,
        *,
        db: Database,
        clock: Clock,
        agent: Agent,
        kept: KeptDialogs,
        is_dead: Callable[[str], Awaitable[bool]],
        on_outage: Callable[[], None],
        credentials_of: Callable[[str, str], Credentials | None],
        flows: Flows,
    ) -> None:
        self._db = db
        self._clock = clock
        self._agent = agent
        self._kept = kept
        self._is_dead = is_dead
        self._on_outage = on_outage
        self._credentials_of = credentials_of
        self._flows = flows
        self._telling: set[asyncio.Task[None]] = set()
        self.untold = 0
        """Far ends that could not be told."""

    async def run(self) -> None:
        """Look for what dead nodes left for ever; cancel to stop."""
        try:
            await keep_sweeping(self._clock, SWEEP_S, self.sweep, on_outage=self._on_outage)
        finally:
            for task in self._telling:
                task.cancel()  # who comes next claims what is left

    async def sweep(self) -> int:
        """Look once and begin to tell; return of how many legs."""
        left: list[Kept] = []
        for node in await self._db.read(dialogs.nodes):
            if node != self._kept.node and await self._is_dead(node):
                claim = partial(dialogs.claim, node=node, heir=self._kept.node)
                left += await self._db.write(claim)
        for one in left:
            task = asyncio.create_task(self._part(one), name=f"parting {one.leg_uuid}")
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)
            await asyncio.sleep(PACE_S)
        return len(left)

    async def settled(self) -> None:
        """Wait until all that was found has been told, or given up."""
        while self._telling:
            await asyncio.wait(set(self._telling))

    async def _part(self, one: Kept) -> None:
        remains = remains_in(one) or Remains()
        async with asyncio.TaskGroup() as group:
            for word in remains.words:
                group.create_task(self._say(one, word))
        self._kept.forget(one.leg_uuid)

    async def _say(self, one: Kept, word: Word) -> None:
        async def send(word: Word) -> int:
            credentials = self._credentials_of(one.trunk, word.username)
            return await self._agent.part(word, credentials=credentials, reason=REASON)

        status, error = 0, ""
        try:
            if goes_by_flow(word):
                status = await self._flows.say(one.trunk, word, send)
            else:
                status = await send(word)
        except (Malformed, EncodeError) as unsendable:
            error = str(unsendable)
        self.untold += bool(error) or status in UNTOLD
        what = type(word).__name__.lower()
        log.info("call.parted", call_uuid=one.leg_uuid, what=what, status=status, error=error)
