import asyncio

import pytest
from sqlalchemy import BigInteger, Column, MetaData, Table, Text

from trunkline.runtime.changes import Follower, current_revision, next_revision, record_removals
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
