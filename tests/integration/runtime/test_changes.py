import asyncio
from collections.abc import Sequence
from functools import partial

import pytest
from sqlalchemy import BigInteger, Column, MetaData, Table, Text, select, update

from trunkline.runtime.changes import (
    KEPT,
    OPT_OUT_TOPIC,
    OPT_OUTS,
    TABLES,
    Follower,
    current_revision,
    forget_removals,
    next_revision,
    record_removals,
    removals,
    revisions,
)
from trunkline.runtime.db import Connection, Database


async def test_a_follower_hands_on_what_came_after_the_last_time(database: Database) -> None:
    rows: list[tuple[int, str]] = []

    def add(conn: Connection, name: str) -> None:
        rows.append((next_revision(conn), name))

    def fetch(_conn: Connection, revision: int) -> list[str]:
        return [name for at, name in rows if at > revision]

    follower = Follower("things", fetch)
    seen: list[tuple[list[str], list[str]]] = []

    def take(removed: object, changed: object) -> None:
        seen.append((list(removed), list(changed)))  # type: ignore[call-overload]

    assert await follower.pull(database, take)
    assert not await follower.pull(database, take)
    await database.write(lambda conn: add(conn, "a"))
    await database.write(lambda conn: add(conn, "b"))
    assert await follower.pull(database, take)
    await database.write(lambda conn: record_removals(conn, "things", next_revision(conn), ["a"]))
    await database.write(lambda conn: record_removals(conn, "others", next_revision(conn), ["b"]))
    assert await follower.pull(database, take)
    assert not await follower.pull(database, take)
    assert seen == [([], []), ([], ["a", "b"]), (["a"], [])]
    await database.write(lambda conn: add(conn, "c"))
    assert await Follower("things", fetch).pull(database, take)
    assert seen[-1] == ([], ["a", "b", "c"])  # who begins reads no removals of years


async def kept(database: Database) -> list[tuple[str, str]]:
    def read(conn: Connection) -> list[tuple[str, str]]:
        rows = conn.execute(select(removals.c.topic, removals.c.key).order_by(removals.c.key))
        return [(row.topic, row.key) for row in rows]

    return await database.read(read)


async def pass_on(database: Database, count: int, counter: int = TABLES) -> None:
    """Let so many further changes have happened."""
    where = revisions.c.id == counter
    further = update(revisions).where(where).values(revision=revisions.c.revision + count)
    await database.write(lambda conn: conn.execute(further))


async def test_removals_are_forgotten_when_nobody_needs_them(database: Database) -> None:
    def remove(conn: Connection, topic: str, counter: int, keys: list[str]) -> None:
        record_removals(conn, topic, next_revision(conn, counter), keys)

    for key in "abc":
        await database.write(lambda conn, key=key: remove(conn, "things", TABLES, [key]))
    await database.write(lambda conn: remove(conn, OPT_OUT_TOPIC, OPT_OUTS, ["o"]))
    await pass_on(database, KEPT - 3)
    assert await database.write(forget_removals) == 0
    await pass_on(database, 2)
    assert await database.write(partial(forget_removals, limit=1)) == 1
    assert await database.write(partial(forget_removals, limit=1)) == 1
    assert await database.write(forget_removals) == 0
    assert await kept(database) == [("things", "c"), ("optouts", "o")]
    await pass_on(database, KEPT, OPT_OUTS)
    assert await database.write(forget_removals) == 1
    assert await kept(database) == [("things", "c")]


async def test_who_was_away_for_long_reads_all_anew(database: Database) -> None:
    stored: dict[str, int] = {}
    mirror: set[str] = set()
    asked: list[int] = []

    def add(conn: Connection, name: str) -> None:
        stored[name] = next_revision(conn)

    def remove(conn: Connection, name: str) -> None:
        record_removals(conn, "things", next_revision(conn), [name])
        del stored[name]

    def fetch(_conn: Connection, revision: int) -> list[str]:
        asked.append(revision)
        return [name for name, at in stored.items() if at > revision]

    def take(removed: Sequence[str], changed: Sequence[str]) -> None:
        mirror.difference_update(removed)
        mirror.update(changed)

    follower = Follower("things", fetch)
    for name in ("stays", "goes", "goes too"):
        await database.write(partial(add, name=name))
    assert await follower.pull(database, take, mirror)
    await database.write(partial(remove, name="goes"))
    assert await follower.pull(database, take, mirror)
    assert (mirror, asked) == ({"stays", "goes too"}, [-1, 3])
    await database.write(partial(remove, name="goes too"))
    await pass_on(database, KEPT)
    await database.write(forget_removals)
    assert await kept(database) == []
    assert await follower.pull(database, take, mirror)
    assert (mirror, asked[2:]) == ({"stays"}, [-1])


async def test_a_revision_that_is_not_committed_does_not_count(database: Database) -> None:
    def fail(conn: Connection) -> None:
        next_revision(conn)
        raise LookupError

    with pytest.raises(LookupError):
        await database.write(fail)
    assert await database.read(current_revision) == 0


async def test_two_writers_take_revisions_in_the_order_of_their_commits(
    database_url: str, database: Database
) -> None:
    other = Database(database_url)
    other.start()
    table = Table("turns", MetaData(), Column("n", BigInteger), Column("who", Text))
    await database.write(table.create)
    try:

        async def write(db: Database, who: str) -> None:
            def unit(conn: Connection) -> None:
                n = next_revision(conn)
                conn.execute(table.insert().values(n=n, who=who))

            for _ in range(20):
                await db.write(unit)

        await asyncio.gather(write(database, "a"), write(other, "b"))
        found = await database.read(
            lambda conn: [row.n for row in conn.execute(table.select().order_by(table.c.n))]
        )
        assert found == list(range(1, 41))
    finally:
        await other.close()
