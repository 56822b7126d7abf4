"""Who does not want messages from which number (PLIVO messaging: DND service)."""

from collections.abc import Iterable

from trunkline.messaging.store import optouts as store
from trunkline.runtime.db import Database


class OptOuts:
    """All blocked pairs (number, handset) in memory; the table is the truth."""

    def __init__(self) -> None:
        self._pairs: set[tuple[str, str]] = set()

    def blocked(self, number: str, handset: str) -> bool:
        """Tell whether `handset` told `number` to stop."""
        return (number, handset) in self._pairs

    async def refresh(self, db: Database) -> None:
        """Read what other processes have changed."""
        self._pairs = await db.read(store.load)

    def changed(
        self, stopped: Iterable[tuple[str, str]], started: Iterable[tuple[str, str]]
    ) -> None:
        """Follow a change this process committed."""
        self._pairs.update(stopped)
        self._pairs.difference_update(started)
