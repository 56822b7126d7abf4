"""Where calls are, as other processes learn it."""

from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from voice_desk import NORMAL, Desk

from trunkline.runtime.clock import ControlledClock
from trunkline.runtime.db import Connection, Database, DatabaseError, DatabaseUnavailable
from trunkline.voice.records.closing import SILENT_S, Heartbeat
from trunkline.voice.records.model import Begun, Ended
from trunkline.voice.records.store import calls
from trunkline.voice.records.whereabouts import StoredWhereabouts

T = TypeVar("T")


async def test_a_call_is_where_it_is_in_hand(desk: Desk) -> None:
    where = StoredWhereabouts(desk.db, desk.clock)
    one = desk.new_call(desk.main, state="queued", node="")
    assert await where.holder(one.call_uuid) is None
    await desk.insert(one)
    assert await where.holder(one.call_uuid) == ""
    await desk.db.write(lambda conn: calls.begin(conn, [Begun(one.call_uuid, "host:1:a")]))
    assert await where.holder(one.call_uuid) == "host:1:a"
    ended = Ended(one.call_uuid, desk.clock.now(), NORMAL)
    await desk.db.write(lambda conn: calls.finish(conn, [ended]))
    assert await where.holder(one.call_uuid) is None


async def test_nodes_live_as_long_as_they_say_so(desk: Desk, clock: ControlledClock) -> None:
    where = StoredWhereabouts(desk.db, clock)
    one, other = (Heartbeat(desk.db, clock, f"host:{n}:a") for n in (1, 2))
    assert await where.living() == []
    await one.beat()
    clock.advance(SILENT_S - 1)
    await other.beat()
    assert await where.living() == ["host:1:a", "host:2:a"]
    clock.advance(2)
    assert await where.living() == ["host:2:a"]


class Outage:
    """A database that can be away."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.is_on = False

    async def read(self, query: Callable[[Connection], T]) -> T:
        if self.is_on:
            raise DatabaseUnavailable("it cannot be reached")
        return await self._db.read(query)


async def test_without_a_database_those_known_last_count(desk: Desk) -> None:
    outage: Any = Outage(desk.db)
    known, fresh = (StoredWhereabouts(outage, desk.clock) for _ in range(2))
    await Heartbeat(desk.db, desk.clock, "host:1:a").beat()
    await known.living()
    outage.is_on = True
    assert (await known.living(), await known.holder("c")) == (["host:1:a"], None)
    with pytest.raises(DatabaseError):
        await fresh.living()
