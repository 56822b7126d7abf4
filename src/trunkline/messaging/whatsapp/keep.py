"""Forgets what no callback needs any more; one task a process, harmless when several run."""

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


class Keeper:
    """Sweeps once an hour."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def run(self) -> None:
        """Sweep for ever; cancel to stop."""
        await keep_sweeping(self._clock, SWEEP_S, self.sweep)

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
