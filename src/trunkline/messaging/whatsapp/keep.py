"""Matches statuses that missed their message, and forgets what no callback needs any more."""

import asyncio
from functools import partial

from trunkline.messaging.whatsapp.model import CONVERSATION_S
from trunkline.messaging.whatsapp.store import outbound as store
from trunkline.runtime.clock import Clock
from trunkline.runtime.db import Database
from trunkline.runtime.sweep import keep_sweeping
from trunkline.values.ids import uuid_at

SWEEP_S = 3_600.0
CALLBACKS_KEEP_S = 7 * 86_400.0  # who reads a message later than that changes the record alone
EARLY_KEEP_S = 86_400.0
MATCH_S = 1.0
RECENT_S = 10.0  # how long two commits that cross may take; a sweep finds what took longer


class Keeper:
    """Looks after the store of WhatsApp; one a process, harmless when several run."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def run(self) -> None:
        """Match each second and sweep once an hour, for ever; cancel to stop."""
        async with asyncio.TaskGroup() as group:
            group.create_task(keep_sweeping(self._clock, MATCH_S, self.match))
            group.create_task(keep_sweeping(self._clock, SWEEP_S, self.sweep))

    async def match(self) -> None:
        """Bring together what crossed lately."""
        if await self._db.read(partial(store.any_late, since=self._clock.now() - RECENT_S)):
            await self._db.write(store.match_late)

    async def sweep(self) -> None:
        """Match whatever can be, and forget."""
        await self._db.write(store.match_late)
        now = self._clock.now()
        await self._db.write(
            partial(
                store.forget,
                before_uuid=uuid_at(now - CALLBACKS_KEEP_S),
                early_before=now - EARLY_KEEP_S,
                expired_before=now - CONVERSATION_S,
            )
        )
