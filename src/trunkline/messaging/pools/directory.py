"""Every pool and its members in memory, for sending and receiving."""

from collections.abc import Sequence

from trunkline.messaging.pools.live import LivePool
from trunkline.messaging.pools.model import Member, Pool
from trunkline.messaging.pools.store import members, pools
from trunkline.runtime.changes import Follower
from trunkline.runtime.db import Database


class Directory:
    """Synchronous answers about pools; as fresh as the last `refresh`."""

    def __init__(self) -> None:
        self._pools: dict[str, LivePool] = {}
        self._by_number_pool: dict[str, str] = {}
        self._members: dict[str, Member] = {}
        self._waiting: dict[str, dict[str, Member]] = {}  # of pools not read yet
        self._pool_follower = Follower(pools.TOPIC, pools.changed_since)
        self._member_follower = Follower(members.TOPIC, members.changed_since)

    async def refresh(self, db: Database) -> None:
        """Take over what was committed since the last time."""
        await self._pool_follower.pull(db, self._apply_pools, self._pools)
        await self._member_follower.pull(db, self._apply_members, self._members)

    def get(self, pool_id: str) -> LivePool | None:
        """Return the pool, whoever owns it."""
        return self._pools.get(pool_id)

    def pool_of(self, number: str) -> str:
        """Return the id of the pool a number is in, "" if none."""
        member = self._members.get(number)
        return "" if member is None else self._by_number_pool.get(member.number_pool_id, "")

    def _apply_pools(self, removed: Sequence[str], changed: Sequence[Pool]) -> None:
        for pool_id in removed:
            gone = self._pools.pop(pool_id, None)
            if gone is not None:
                self._by_number_pool.pop(gone.pool.number_pool_id, None)
        for pool in changed:
            live = self._pools.get(pool.pool_id)
            if live is None:
                live = self._pools[pool.pool_id] = LivePool(pool)
                self._by_number_pool[pool.number_pool_id] = pool.pool_id
                for member in self._waiting.pop(pool.number_pool_id, {}).values():
                    live.add(member)
            live.pool = pool

    def _apply_members(self, removed: Sequence[str], changed: Sequence[Member]) -> None:
        for number in removed:
            self._forget(number)
        for member in changed:
            self._forget(member.number)
            self._members[member.number] = member
            live = self._live(member)
            if live is None:
                self._waiting.setdefault(member.number_pool_id, {})[member.number] = member
            else:
                live.add(member)

    def _forget(self, number: str) -> None:
        member = self._members.pop(number, None)
        if member is None:
            return
        live = self._live(member)
        if live is None:
            self._waiting.get(member.number_pool_id, {}).pop(number, None)
        else:
            live.drop(number)

    def _live(self, member: Member) -> LivePool | None:
        return self._pools.get(self._by_number_pool.get(member.number_pool_id, ""))
