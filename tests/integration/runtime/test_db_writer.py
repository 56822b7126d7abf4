"""The group-commit writer: faults of one unit, of the database, and of others who write."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, Table, Text, select, text
from sqlalchemy.exc import IntegrityError

from trunkline.runtime.db import (
    BulkInsert,
    Database,
    DatabaseUnavailable,
    WriterFull,
    announce,
)
from trunkline.runtime.db.writer import LOST_RACES, GroupWriter

own = MetaData()
marks = Table("marks", own, Column("id", Integer, primary_key=True), Column("word", Text))
INSERT = BulkInsert(marks, ("id", "word"))
TOPIC = "marks"


def mark(conn: Connection, items: list[tuple[int, str]]) -> list[int]:
    for _, word in items:
        announce(conn, TOPIC, word)
    INSERT.run(conn, items)
    return [number for number, _ in items]


def note(conn: Connection, items: list[str]) -> None:
    """A second kind of unit, which fails on a word of its own."""
    for word in items:
        announce(conn, TOPIC, word)
        if word == "bad":
            raise LookupError(word)
        number = conn.execute(text("SELECT 1000 + count(*) FROM marks")).scalar_one()
        INSERT.run(conn, [(int(number), word)])


async def words(db: Database) -> list[str]:
    return await db.read(
        lambda conn: list(conn.execute(select(marks.c.word).order_by(marks.c.id)).scalars())
    )


@pytest.fixture
async def db(database: Database) -> Database:
    await database.write(own.create_all)
    return database


class Faulty:
    """Transactions that fail where they are told to, over the real ones."""

    def __init__(self, db: Database) -> None:
        self._real = db.writer._transactions
        self.begins = self.commits = 0
        self.down = self.commit_fails = False
        db.writer._transactions = cast(Any, self)

    @property
    def connection(self) -> Connection:
        return self._real.connection

    def begin(self) -> None:
        self.begins += 1
        if self.down:
            raise DatabaseUnavailable("connection refused")
        self._real.begin()

    def commit(self) -> Any:
        self.commits += 1
        if self.commit_fails:
            self._real.rollback()
            raise DatabaseUnavailable("commit failed: connection reset")
        return self._real.commit()

    def rollback(self) -> None:
        self._real.rollback()

    def close(self) -> None:
        self._real.close()


async def reached(seen: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not seen():  # noqa: ASYNC110 - the writer has no event for this
            await asyncio.sleep(0.005)


# -- one unit's own fault


async def test_a_bad_kind_does_not_hurt_another(db: Database) -> None:
    results = await asyncio.gather(
        db.submit(mark, (1, "one")),
        db.submit(note, "bad"),
        db.submit(mark, (2, "two")),
        db.submit(note, "good"),
        return_exceptions=True,
    )
    assert (results[0], results[2], results[3]) == (1, 2, None)
    assert isinstance(results[1], LookupError)
    assert await words(db) == ["one", "two", "good"]


async def test_results_go_to_their_own_unit(db: Database) -> None:
    numbers = list(range(100))
    assert await asyncio.gather(*(db.submit(mark, (n, "")) for n in numbers)) == numbers


async def test_units_of_a_kind_keep_their_order(db: Database) -> None:
    order: list[str] = []

    def keep(_conn: Connection, items: list[str]) -> None:
        order.extend(items)

    await asyncio.gather(*(db.submit(keep, str(n)) for n in range(50)))
    assert order == [str(n) for n in range(50)]


async def test_a_later_commit_comes_later(db: Database) -> None:
    first = db.submit(mark, (1, "one"))
    await first
    second = db.submit(mark, (2, "two"))
    assert not second.done()
    assert await second == 2


async def test_a_caller_who_gives_up_does_not_stop_the_commit(db: Database) -> None:
    given_up, kept = db.submit(mark, (1, "one")), db.submit(mark, (2, "two"))
    given_up.cancel()
    assert await kept == 2
    assert await words(db) == ["one", "two"]


async def test_two_units_that_exclude_each_other(db: Database) -> None:
    results = await asyncio.gather(
        *(db.submit(mark, (1, word)) for word in ("one", "other")), return_exceptions=True
    )
    assert results[0] == 1
    assert isinstance(results[1], IntegrityError) or "unique" in str(results[1]).lower()
    assert await words(db) == ["one"]


# -- announcements


async def test_listeners_hear_after_the_commit_and_once(db: Database) -> None:
    heard: list[set[str]] = []
    future = db.submit(mark, (1, "one"))
    db.listen(TOPIC, lambda keys: heard.append(set(keys)))
    other: list[set[str]] = []
    db.listen("another", other.append)
    both = asyncio.gather(future, db.submit(mark, (2, "two")), db.submit(mark, (3, "two")))
    assert heard == []
    await both
    assert (heard, other) == ([{"one", "two"}], [])


async def test_what_was_undone_is_not_announced(db: Database) -> None:
    heard: list[set[str]] = []
    db.listen(TOPIC, lambda keys: heard.append(set(keys)))
    await asyncio.gather(
        db.submit(note, "bad"), db.submit(mark, (1, "one")), return_exceptions=True
    )
    assert heard == [{"one"}]
    faulty = Faulty(db)
    faulty.commit_fails = True
    with pytest.raises(DatabaseUnavailable):
        await db.submit(mark, (2, "two"))
    faulty.commit_fails = False
    await db.submit(mark, (3, "three"))
    assert heard == [{"one"}, {"three"}]


# -- a database that is away


async def test_patient_units_wait_and_others_are_told(db: Database) -> None:
    faulty = Faulty(db)
    faulty.down = True
    hasty, patient = db.submit(mark, (1, "hasty")), db.submit(mark, (2, "a"), patient=True)
    more = db.submit(mark, (3, "b"), patient=True)
    with pytest.raises(DatabaseUnavailable, match="refused"):
        await hasty
    assert not patient.done()
    await reached(lambda: faulty.begins >= 2)
    later = db.submit(mark, (4, "c"), patient=True)
    faulty.down = False
    assert await asyncio.gather(patient, more, later) == [2, 3, 4]
    assert await words(db) == ["a", "b", "c"]


async def test_patient_units_keep_their_order(db: Database) -> None:
    faulty = Faulty(db)
    order: list[int] = []

    def keep(_conn: Connection, items: list[int]) -> None:
        order.extend(items)

    faulty.down = True
    futures = [db.submit(keep, n, patient=True) for n in range(5)]
    await reached(lambda: faulty.begins >= 1)
    futures += [db.submit(keep, n, patient=True) for n in range(5, 10)]
    faulty.down = False
    await asyncio.gather(*futures)
    assert order == list(range(10))


async def test_a_commit_that_failed_is_not_believed(db: Database) -> None:
    faulty = Faulty(db)
    faulty.commit_fails = True
    hasty, patient = db.submit(mark, (1, "hasty")), db.submit(note, "patient", patient=True)
    with pytest.raises(DatabaseUnavailable, match="commit failed"):
        await hasty
    faulty.commit_fails = False
    await patient
    assert await words(db) == ["patient"]


async def test_closing_does_not_wait_for_a_dead_database(database_url: str) -> None:
    database = Database(database_url)
    database.start()
    faulty = Faulty(database)
    faulty.down = True
    patient = database.submit(mark, (1, "one"), patient=True)
    await reached(lambda: faulty.begins >= 1)
    async with asyncio.timeout(5):
        await database.close()
    with pytest.raises(DatabaseUnavailable):
        await patient
    with pytest.raises(DatabaseUnavailable, match="closed"):
        database.submit(mark, (2, "two"))


async def test_closing_writes_what_waits(database_url: str) -> None:
    database = Database(database_url)
    database.start()
    await database.write(own.create_all)
    future = database.submit(mark, (1, "one"))
    await database.close()
    assert await future == 1
    again = Database(database_url)
    again.start()
    assert await words(again) == ["one"]
    await again.close()


async def test_a_full_queue_refuses_all_but_the_patient(db: Database) -> None:
    writer = GroupWriter(db.writer._transactions, inline=db.is_sqlite, limit=3)
    futures = [writer.submit(mark, (n, "")) for n in range(3)]  # nobody serves them yet
    with pytest.raises(WriterFull):
        writer.submit(mark, (3, ""))
    futures.append(writer.submit(mark, (4, ""), patient=True))
    assert writer.depth == 4
    writer.start()
    assert await asyncio.gather(*futures) == [0, 1, 2, 4]
    assert await writer.submit(mark, (5, "")) == 5
    # Its transactions are the database's, which closes them.
    writer._closing = True
    writer._arrived.set()
    assert writer._task is not None
    await writer._task
    writer._thread.shutdown()


async def test_more_than_a_round_takes_several(db: Database) -> None:
    before = db.writer.commits
    await asyncio.gather(*(db.submit(mark, (n, "")) for n in range(2_500)))
    assert db.writer.commits == before + 2
    assert len(await words(db)) == 2_500


# -- others who write


async def deadlocked(db: Database, other: Connection, *, times: int) -> list[int]:
    """Write 1 then 2, while the other holds 2 and wants 1, that many times; return the runs."""
    runs: list[int] = []
    held, over = threading.Event(), threading.Event()

    def crossed(conn: Connection, _items: list[None]) -> None:
        runs.append(len(runs))
        if len(runs) > times:
            over.wait(10)  # or who lost may be back before who won has woken up: a second deadlock
        conn.execute(text("UPDATE marks SET word = 'mine' WHERE id = 1"))
        if len(runs) > times:
            conn.execute(text("UPDATE marks SET word = 'mine' WHERE id = 2"))
            return
        held.set()
        conn.execute(text("UPDATE marks SET word = 'mine' WHERE id = 2"))

    def cross() -> None:
        # Patient enough that PostgreSQL finds the deadlock in the writer's transaction first.
        other.execute(text("SET deadlock_timeout = '20s'"))
        other.execute(text("UPDATE marks SET word = 'theirs' WHERE id = 2"))
        ready.set()
        held.wait(10)
        other.execute(text("UPDATE marks SET word = 'theirs' WHERE id = 1"))
        other.commit()
        over.set()

    ready = threading.Event()
    crossing = asyncio.get_running_loop().run_in_executor(None, cross)
    await asyncio.get_running_loop().run_in_executor(None, ready.wait, 10)
    async with asyncio.timeout(15):
        await asyncio.gather(db.submit(crossed, None), crossing)
    return runs


async def test_a_deadlock_is_run_again(postgresql_url: str) -> None:
    db, beside = Database(postgresql_url), Database(postgresql_url)
    db.start()
    beside.start()
    try:
        await db.write(own.create_all)
        await asyncio.gather(db.submit(mark, (1, "")), db.submit(mark, (2, "")))
        await db.write(lambda conn: conn.execute(text("SET deadlock_timeout = '50ms'")))
        with beside.engine.connect() as other:
            assert await deadlocked(db, other, times=1) == [0, 1]
        assert await words(db) == ["mine", "mine"]
    finally:
        await db.close()
        await beside.close()


class Lost(Exception):
    """What a driver says of a transaction that lost a race."""

    sqlstate = "40001"


async def test_who_loses_again_and_again_is_told_so(db: Database) -> None:
    runs = 0

    def unlucky(_conn: Connection, _items: list[None]) -> None:
        nonlocal runs
        runs += 1
        raise Lost("could not serialize access")

    with pytest.raises(DatabaseUnavailable, match="in a row"):
        await db.submit(unlucky, None)
    assert runs == LOST_RACES
    assert await db.submit(mark, (1, "one")) == 1


async def test_two_writers_take_turns_on_one_file(sqlite_url: str) -> None:
    """Two `Database`s, each with a thread of its own, as two processes have them."""
    one, two = Database(sqlite_url), Database(sqlite_url)
    one.start()
    two.start()
    try:
        await one.write(own.create_all)

        async def write(db: Database, first: int) -> None:
            for number in range(first, first + 60):
                await db.submit(mark, (number, str(number)))

        async with asyncio.timeout(20):
            await asyncio.gather(write(one, 0), write(two, 1_000))
        assert len(await words(one)) == len(await words(two)) == 120
    finally:
        await one.close()
        await two.close()


async def test_the_turn_comes_back_after_every_failure(sqlite_url: str) -> None:
    one, two = Database(sqlite_url), Database(sqlite_url)
    one.start()
    two.start()
    try:
        await one.write(own.create_all)
        with pytest.raises(LookupError):
            await one.submit(note, "bad")
        assert await two.submit(mark, (1, "one")) == 1
        path = Path(one.url.database or "")
        blocker = sqlite3.connect(path, isolation_level=None)
        blocker.execute("BEGIN IMMEDIATE")  # somebody who does not know of turns
        connection = one.writer._transactions.connection
        connection.exec_driver_sql("PRAGMA busy_timeout=1")
        connection.rollback()
        with pytest.raises(DatabaseUnavailable, match="locked"):
            await one.submit(mark, (2, "two"))
        blocker.execute("ROLLBACK")
        blocker.close()
        async with asyncio.timeout(5):
            assert await two.submit(mark, (3, "three")) == 3
            assert await one.submit(mark, (4, "four")) == 4
    finally:
        await one.close()
        await two.close()
