"""Who does not want messages from which number (PLIVO messaging: DND service)."""

from collections.abc import Callable, Sequence

from trunkline.messaging.store import optouts as store
from trunkline.runtime.changes import OPT_OUTS, Follower
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
        self._follower = Follower(store.TOPIC, store.blocked_since, OPT_OUTS)
        self._heard: list[tuple[set[Pair], set[Pair]]] | None = None  # while the table is read

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
        """Read what was changed since the last time."""
        self._heard = []
        try:
            await self._follower.pull(db, self._read, store.keys_of(self._pairs))
        finally:
            self._heard = None

    def _read(self, removed: Sequence[str], blocked: Sequence[Pair]) -> None:
        self._pairs -= store.removed_pairs(removed)
        self._pairs.update(blocked)
        for stopped, started in self._heard or ():
            self._change(stopped, started)  # the reading may be older than these

    def _committed(self, keys: set[str]) -> None:
        stopped, started = store.changed_pairs(keys)
        self._change(stopped, started)
        if self._heard is not None:
            self._heard.append((stopped, started))

    def _change(self, stopped: set[Pair], started: set[Pair]) -> None:
        self._pairs -= started
        self._pairs |= stopped  # both in one commit: blocked until the next refresh
