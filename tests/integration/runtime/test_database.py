"""The `Database` on both engines: group commits, reads after writes, and a database that fails."""

import asyncio
from collections.abc import Callable

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, text
from sqlalchemy.exc import IntegrityError

from trunkline.runtime.db import BulkInsert, BulkSelect, BulkUpdate, Database, DatabaseUnavailable

own = MetaData()
things = Table(
    "things",
    own,
    Column("id", Integer, primary_key=True),
    Column("name", String(20), nullable=False),
    Column("size", Integer),
)
INSERT = BulkInsert(things, ("id", "name", "size"))
INSERT_ONCE = BulkInsert(things, ("id", "name", "size"), ignore_conflicts=True)
UPDATE = BulkUpdate(things, ("size",), ("id",), where="things.name <> 'locked'")
SELECT = BulkSelect(things, ("id", "name", "size"), "id")


def insert_all(conn: Connection, rows: list[tuple[int, str, int | None]]) -> None:
    INSERT.run(conn, rows)


async def create(database: Database) -> None:
    await database.write(own.create_all)


async def fetch(database: Database, *ids: int) -> list[tuple[int, str, int | None]]:
    return sorted(await database.read(lambda conn: SELECT.fetch(conn, ids)))


async def test_waiting_units_share_a_commit(database: Database) -> None:
    await create(database)
    before = database.writer.commits
    futures = [database.submit(insert_all, (n, f"thing {n}", None)) for n in range(500)]
    await asyncio.gather(*futures)
    assert database.writer.commits - before == 1
    assert len(await fetch(database, *range(500))) == 500


async def test_a_bad_unit_does_not_hurt_the_others(database: Database) -> None:
    await create(database)
    rows = [(1, "one", None), (1, "one again", None), (2, "two", None)]
    results = await asyncio.gather(
        *(database.submit(insert_all, row) for row in rows), return_exceptions=True
    )
    refused = [isinstance(result, Exception) for result in results]
    assert refused == [False, True, False]
    assert await fetch(database, 1, 2) == [(1, "one", None), (2, "two", None)]


async def test_bulk_statements_agree_on_both_engines(database: Database) -> None:
    await create(database)
    rows = [(1, "a", None), (2, "b", 2), (3, "locked", 3)]
    assert await database.write(lambda conn: INSERT.run(conn, rows)) == 3
    again = [(3, "c", 9), (4, "d", 4)]
    assert await database.write(lambda conn: INSERT_ONCE.run(conn, again)) == 1
    assert await database.write(lambda conn: UPDATE.run(conn, [(20, 2), (30, 3), (1, 99)])) == 1
    assert await fetch(database, *range(1_200)) == [
        (1, "a", None), (2, "b", 20), (3, "locked", 3), (4, "d", 4),
    ]  # fmt: skip


async def test_a_failed_unit_leaves_nothing_behind(database: Database) -> None:
    await create(database)

    def half(conn: Connection) -> None:
        INSERT.run(conn, [(1, "half", None)])
        conn.execute(things.insert().values(id=1, name="twice"))

    with pytest.raises(IntegrityError):
        await database.write(half)
    assert await fetch(database, 1) == []
    await database.write(lambda conn: INSERT.run(conn, [(1, "whole", None)]))
    assert await fetch(database, 1) == [(1, "whole", None)]


async def test_a_reader_survives_a_wrong_query(database: Database) -> None:
    with pytest.raises(LookupError):
        await database.read(lambda _conn: {}["missing"])
    await database.ping()


async def test_an_unreachable_postgresql_is_said_so(postgresql_url: str) -> None:
    database = Database(postgresql_url.replace("/test_", "/absent_"))
    database.start()
    try:
        with pytest.raises(DatabaseUnavailable):
            await database.write(lambda conn: conn.execute(text("SELECT 1")))
        with pytest.raises(DatabaseUnavailable):
            await database.read(lambda conn: conn.execute(text("SELECT 1")))
    finally:
        await database.close()


async def test_a_cut_connection_is_made_again(
    postgresql_url: str, make_empty_url: Callable[[str], str]
) -> None:
    database = Database(postgresql_url)
    killer = Database(make_empty_url("postgresql"))
    database.start()
    killer.start()
    cut = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
    ).bindparams(name=database.url.database)
    try:
        await create(database)
        await killer.read(lambda conn: conn.execute(cut).all())
        row = (7, "kept", None)
        await database.submit(insert_all, row, patient=True)
        assert await database.read(lambda conn: SELECT.fetch(conn, [7])) == [row]
    finally:
        await database.close()
        await killer.close()
