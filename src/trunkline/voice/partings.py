"""Tells the far ends of a dead node's calls that they are over.

Each node keeps what a BYE needs of its answered legs (`records.dialogs`). Who finds a node dead
claims that, sends the BYEs and forgets them once they are answered, or nobody answers: a node that
dies over it is found dead in its turn, so every far end is told at least once.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final, Protocol

import structlog

from trunkline.engines.sip import Farewell
from trunkline.protocols.sip import EncodeError, Malformed
from trunkline.protocols.sip.digest import Credentials
from trunkline.runtime.clock import Clock
from trunkline.runtime.db import Database
from trunkline.runtime.sweep import keep_sweeping
from trunkline.voice.records.closing import SWEEP_S
from trunkline.voice.records.dialogs import KeptDialogs, farewell_in
from trunkline.voice.records.store import dialogs
from trunkline.voice.records.store.dialogs import Kept

log = structlog.get_logger(__name__)

PACE_S: Final = 0.01  # between two BYEs: a trunk is not flooded
REASON: Final = 'Q.850;cause=41;text="Temporary failure"'  # RFC 3326


class Agent(Protocol):
    """Who sends BYEs: `engines.sip.UserAgent`."""

    async def part(
        self, farewell: Farewell, *, credentials: Credentials | None, reason: str
    ) -> int: ...


class Partings:
    """`is_dead` judges nodes, `on_outage` says that the database was away (`closing.Closer`).

    `credentials_of(trunk, username)` gives what a trunk's challenge is answered with.
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
    ) -> None:
        self._db = db
        self._clock = clock
        self._agent = agent
        self._kept = kept
        self._is_dead = is_dead
        self._on_outage = on_outage
        self._credentials_of = credentials_of

    async def run(self) -> None:
        """Look for dead nodes' dialogs for ever; cancel to stop."""
        await keep_sweeping(self._clock, SWEEP_S, self.sweep, on_outage=self._on_outage)

    async def sweep(self) -> int:
        """Look once; return how many far ends were told."""
        left: list[Kept] = []
        for node in await self._db.read(dialogs.nodes):
            if node != self._kept.node and await self._is_dead(node):
                claim = partial(dialogs.claim, node=node, heir=self._kept.node)
                left += await self._db.write(claim)
        async with asyncio.TaskGroup() as group:
            for one in left:
                group.create_task(self._part(one))
                await asyncio.sleep(PACE_S)
        return len(left)

    async def _part(self, one: Kept) -> None:
        farewell, status, error = farewell_in(one), 0, ""
        if farewell is not None:
            credentials = self._credentials_of(one.trunk, farewell.username)
            try:
                status = await self._agent.part(farewell, credentials=credentials, reason=REASON)
            except (Malformed, EncodeError) as unsendable:
                error = str(unsendable)
        log.info("call.parted", call_uuid=one.leg_uuid, status=status, error=error)
        self._kept.forget(one.leg_uuid)
