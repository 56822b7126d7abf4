"""Who does not want messages from which number (PLIVO messaging: DND service)."""

from collections.abc import Callable

from trunkline.messaging.store import optouts as store
from trunkline.runtime.db import Database

Pair = tuple[str, str]


def alone(_number: str) -> str:
    """Tell of a number that it belongs to no group."""
    return ""


class OptOuts:
    """All blocked pairs (number, handset) in memory; the table is the truth.

    In the place of a number may stand the group it belongs to, its 10DLC campaign.
    """

    def __init__(self, group_of: Callable[[str], str] = alone) -> None:
        self._group_of = group_of
        self._pairs: set[Pair] = set()
        self._changes = 0

    def blocked(self, number: str, handset: str) -> bool:
        """Tell whether `handset` told `number`, or another of its group, to stop."""
        if not self._pairs:
            return False
        if (number, handset) in self._pairs:
            return True
        group = self._group_of(number)
        return bool(group) and (group, handset) in self._pairs

    def follow(self, db: Database) -> None:
        """Hear of each change once it is committed, before the carrier hears that it is."""
        db.listen(store.CHANGED, self._committed)

    async def refresh(self, db: Database) -> None:
        """Read what other processes have changed."""
        while True:
            changes = self._changes
            pairs = await db.read(store.load)
            if changes == self._changes:  # else the reading may be older than what we know
                self._pairs = pairs
                return

    def _committed(self, keys: set[str]) -> None:
        self._changes += 1
        stopped, started = store.changed_pairs(keys)
        self._pairs -= started
        self._pairs |= stopped  # both in one commit: blocked until the next refresh
