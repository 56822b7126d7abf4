"""Deletes what recipients knew of pools that are gone, a little at a time."""

import asyncio

from trunkline.messaging.pools.store import pairs
from trunkline.runtime.clock import Clock
from trunkline.runtime.db import Database
from trunkline.runtime.sweep import keep_sweeping

EVERY_S = 300.0
BREATH_S = 0.05  # real time between two deletions: a pool may have millions of pairs


class Forgetter:
    """Runs beside the janitor; one a process, and several do no harm."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def run(self) -> None:
        """Look for deleted pools for ever; cancel to stop."""
        await keep_sweeping(self._clock, EVERY_S, self.sweep)

    async def sweep(self) -> None:
        """Delete everything there is to delete."""
        while await self._db.read(pairs.anything_to_forget):
            await self._db.write(pairs.forget)
            await asyncio.sleep(BREATH_S)
