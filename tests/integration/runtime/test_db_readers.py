"""Reads: many at once on few connections, and after the server has gone and come back."""

import asyncio
import threading
from typing import Any

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, Table, text
from sqlalchemy.exc import ProgrammingError

from trunkline.runtime.db import BulkSelect, Database, DatabaseUnavailable

own = MetaData()
numbers = Table("numbers_read", own, Column("id", Integer, primary_key=True))
SELECT = BulkSelect(numbers, ("id",), "id")
CUT = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def one(conn: Connection) -> int:
    return int(conn.execute(text("SELECT 1")).scalar_one())


async def test_many_reads_share_a_few_connections(database: Database) -> None:
    assert await asyncio.gather(*(database.read(one) for _ in range(200))) == [1] * 200
    assert len(database._idle) <= 4


async def test_a_connection_taken_by_another_reader_meanwhile_is_no_error(
    database: Database,
) -> None:
    await database.read(one)

    class Raced(list[Connection]):
        """An idle list that is empty by the time it is asked, though it just was not."""

        def pop(self, *_: object) -> Connection:
            raise IndexError("pop from empty list")

    database._idle = Raced(database._idle)
    assert await database.read(one) == 1


async def test_readers_run_beside_each_other(database: Database) -> None:
    met = threading.Barrier(4, timeout=5)

    def meet(conn: Connection) -> int:
        one(conn)
        return met.wait()

    assert sorted(await asyncio.gather(*(database.read(meet) for _ in range(4)))) == [0, 1, 2, 3]


async def test_reads_survive_a_restart_of_the_server(postgresql_url: str) -> None:
    database, killer = Database(postgresql_url), Database(postgresql_url)
    database.start()
    killer.start()
    try:
        await database.write(own.create_all)
        await asyncio.gather(*(database.read(one) for _ in range(20)))
        await killer.read(lambda conn: conn.execute(CUT).all())
        # Both ways a store asks: through SQLAlchemy, and below it.
        assert await database.read(one) == 1
        await killer.read(lambda conn: conn.execute(CUT).all())
        assert await database.read(lambda conn: SELECT.fetch(conn, [1])) == []
    finally:
        await database.close()
        await killer.close()


async def test_a_server_that_stays_away_is_said_so_whichever_way_is_asked(
    postgresql_server: Any, postgresql_url: str
) -> None:
    database = Database(postgresql_url)
    database.start()
    try:
        await database.write(own.create_all)
        await asyncio.gather(*(database.read(one) for _ in range(20)))
        postgresql_server.drop(postgresql_url)  # takes the connections along
        for query in (one, lambda conn: SELECT.fetch(conn, [1])):
            with pytest.raises(DatabaseUnavailable):
                await database.read(query)
    finally:
        await database.close()


async def test_a_reader_leaves_no_transaction_open(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    database.start()
    try:
        await database.write(own.create_all)
        await database.read(lambda conn: SELECT.fetch(conn, [1]))
        await database.write(own.drop_all)  # would wait for the reader's lock for ever
    finally:
        await database.close()


async def test_a_wrong_query_is_the_askers_fault(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    database.start()
    try:
        with pytest.raises(ProgrammingError):
            await database.read(lambda conn: conn.execute(text("SELECT * FROM absent")))
        assert await database.read(one) == 1
    finally:
        await database.close()
