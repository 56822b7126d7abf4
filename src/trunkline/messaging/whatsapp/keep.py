"""Forgets what no callback needs any more; one task a process, harmless when several run."""

import asyncio
from functools import partial

import structlog

from trunkline.messaging.whatsapp.model import CONVERSATION_S
from trunkline.messaging.whatsapp.store import outbound as store
from trunkline.runtime.clock import Clock
from trunkline.runtime.db import Database, DatabaseError
from trunkline.values.ids import uuid_at

log = structlog.get_logger(__name__)

SWEEP_S = 3_600.0
BREATH_S = 0.05  # of real time, however far a controlled clock is moved
CALLBACKS_KEEP_S = 7 * 86_400.0  # who reads a message later than that changes the record alone
EARLY_KEEP_S = 86_400.0


class Keeper:
    """Sweeps once an hour."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def run(self) -> None:
        """Sweep for ever; cancel to stop."""
        while True:
            try:
                await self.sweep()
            except DatabaseError as error:
                log.warning("whatsapp.keeper", error=str(error))
            await asyncio.sleep(BREATH_S)
            await self._clock.sleep(SWEEP_S)

    async def sweep(self) -> None:
        """One round."""
        now = self._clock.now()
        await self._db.write(
            partial(
                store.forget,
                before_uuid=uuid_at(now - CALLBACKS_KEEP_S),
                early_before=now - EARLY_KEEP_S,
                expired_before=now - CONVERSATION_S,
            )
        )
