"""Which process has a call, and which processes have calls at all, as the database knows."""

from functools import partial

from trunkline.runtime.clock import Clock
from trunkline.runtime.db import Database, DatabaseError
from trunkline.voice.records.closing import SILENT_S
from trunkline.voice.records.store import nodes


class StoredWhereabouts:
    """What nodes have said of themselves: a dead one is believed to live for `SILENT_S`."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._known: list[str] = []

    async def holder(self, call_uuid: str) -> str | None:
        """Return the node that has a call in hand, "" while it waits in the queue.

        None: there is no such call, or the database cannot tell.
        """
        try:
            return await self._db.read(partial(nodes.holder, call_uuid=call_uuid))
        except DatabaseError:
            return None

    async def living(self) -> list[str]:
        """Return the nodes that live; those known last when the database cannot be reached.

        Raises:
            DatabaseError: it cannot be reached, and none was known before.
        """
        since = self._clock.now() - SILENT_S
        try:
            self._known = await self._db.read(partial(nodes.living, since=since))
        except DatabaseError:
            if not self._known:
                raise
        return self._known
