"""Closes segments of messages behind the traffic, so that lists need not count what is old."""

import asyncio
from functools import partial

from trunkline.messaging.store import segments
from trunkline.runtime.clock import Clock
from trunkline.runtime.db import Database
from trunkline.runtime.sweep import keep_sweeping

LOOK_S = 30.0
BREATH_S = 0.02  # of real time between two segments: closing one takes the writer that long too


class SegmentCloser:
    """Looks at every account now and then; one a process, harmless when several look."""

    def __init__(self, db: Database, clock: Clock, size: int = segments.SEGMENT) -> None:
        self._db = db
        self._clock = clock
        self._size = size

    async def run(self) -> None:
        """Close segments for ever; cancel to stop."""
        await keep_sweeping(self._clock, LOOK_S, self.look)

    async def look(self) -> int:
        """Close all segments that are due; returns how many."""
        closed, account = 0, ""
        while accounts := await self._db.read(partial(segments.accounts, after=account)):
            for account in accounts:
                closed += await self._close(account)
        return closed

    async def _close(self, account: str) -> int:
        closed = 0
        wanted = {"main_id": account, "now": self._clock.now(), "size": self._size}
        while await self._db.read(partial(segments.due, **wanted)):
            if not await self._db.write(partial(segments.close, **wanted)):
                break  # another process was faster
            closed += 1
            await asyncio.sleep(BREATH_S)
        return closed
