"""Bulk statements give the same on both engines, whatever the values."""

import math

import pytest
from sqlalchemy import BigInteger, Column, Float, Integer, MetaData, SmallInteger, Table, Text, text

from trunkline.runtime.db import BulkInsert, BulkSelect, BulkUpdate, Database

own = MetaData()
kinds = Table(
    "kinds",
    own,
    Column("key", Text, primary_key=True),
    Column("second", Integer, primary_key=True),
    Column("big", BigInteger),
    Column("small", SmallInteger),
    Column("real", Float(53)),
    Column("word", Text),
)
NAMES = ("key", "second", "big", "small", "real", "word")
INSERT = BulkInsert(kinds, NAMES)
INSERT_NEW = BulkInsert(kinds, NAMES, ignore_conflicts=True)
SELECT = BulkSelect(kinds, NAMES, "key")
SELECT_WORDS = BulkSelect(kinds, ("word",), "key", where="word IS NOT NULL", for_update=True)
UPDATE = BulkUpdate(kinds, ("real", "word"), ("key", "second"))
UPDATE_EMPTY = BulkUpdate(kinds, ("word",), ("key",), where="kinds.word IS NULL")

ROWS = [
    ("plain", 1, 1, 1, 1.5, "word"),
    ("nulls", 1, None, None, None, None),
    ("empty", 1, 0, 0, 0.0, ""),
    ("bounds", -(2**31), 2**63 - 1, -(2**15), 1e-300, "x" * 100_000),
    ("clock", 2**31 - 1, -(2**63), 2**15 - 1, 1_767_225_600.123_456_7, " blank "),
    ("Ünïcode 🎉", 1, 1, 1, -math.pi, "Ж€🎉 \u202e\u0301"),
    ("quotes'\"`", 1, 1, 1, 1.0, "'; DROP TABLE kinds; --"),
    ("marks", 1, 1, 1, 1.0, "%s %% ? :name {x} \\ \\n {\"a\",NULL}"),
    ("lines", 1, 1, 1, 1.0, "a\nb\r\nc\td"),
    ("NULL", 1, 1, 1, 1.0, "NULL"),
]  # fmt: skip


@pytest.fixture
async def db(database: Database) -> Database:
    await database.write(own.create_all)
    return database


async def test_every_value_comes_back_as_it_went_in(db: Database) -> None:
    assert await db.write(lambda conn: INSERT.run(conn, ROWS)) == len(ROWS)
    found = await db.read(lambda conn: SELECT.fetch(conn, [row[0] for row in ROWS]))
    assert sorted(found) == sorted(ROWS)
    assert all(type(value) is type(row[at]) for row, other in zip(sorted(ROWS), sorted(found),
               strict=True) for at, value in enumerate(other))  # fmt: skip


async def test_nothing_is_nothing(db: Database) -> None:
    for statement in (INSERT, INSERT_NEW, UPDATE, UPDATE_EMPTY):
        assert await db.write(lambda conn, one=statement: one.run(conn, [])) == 0
    assert await db.read(lambda conn: SELECT.fetch(conn, [])) == []
    assert await db.read(lambda conn: SELECT.fetch(conn, iter(()))) == []


async def test_a_column_of_nothing_but_null(db: Database) -> None:
    rows = [(f"k{at}", at, None, None, None, None) for at in range(3)]
    assert await db.write(lambda conn: INSERT.run(conn, rows)) == 3
    assert await db.read(lambda conn: sorted(SELECT.fetch(conn, ["k0", "k1", "k2"]))) == rows


async def test_a_conflict_leaves_what_is_there(db: Database) -> None:
    await db.write(lambda conn: INSERT.run(conn, ROWS[:2]))
    again = [(*ROWS[0][:5], "changed"), ROWS[2], ROWS[2]]
    assert await db.write(lambda conn: INSERT_NEW.run(conn, again)) == 1
    found = await db.read(lambda conn: SELECT.fetch(conn, [row[0] for row in ROWS]))
    assert sorted(found) == sorted(ROWS[:3])


async def test_a_conflict_undoes_the_whole_insert(db: Database) -> None:
    await db.write(lambda conn: INSERT.run(conn, ROWS[:1]))
    with pytest.raises(Exception, match=r"(?i)unique"):
        await db.write(lambda conn: INSERT.run(conn, [ROWS[1], ROWS[0]]))
    assert await db.read(lambda conn: SELECT.fetch(conn, [ROWS[1][0]])) == []


async def test_an_update_finds_its_rows_by_all_keys(db: Database) -> None:
    rows = [("k", 1, 1, 1, 1.0, "a"), ("k", 2, 1, 1, 1.0, "b"), ("l", 1, 1, 1, 1.0, "c")]
    await db.write(lambda conn: INSERT.run(conn, rows))
    changes = [(2.5, None, "k", 2), (None, "Ж", "l", 1), (9.0, "nobody", "m", 1)]
    assert await db.write(lambda conn: UPDATE.run(conn, changes)) == 2
    found = await db.read(lambda conn: sorted(SELECT.fetch(conn, ["k", "l"])))
    assert found == [rows[0], ("k", 2, 1, 1, 2.5, None), ("l", 1, 1, 1, None, "Ж")]


async def test_a_condition_holds_for_every_row(db: Database) -> None:
    await db.write(lambda conn: INSERT.run(conn, ROWS[:2]))
    changes = [("new", "plain"), ("new", "nulls")]
    assert await db.write(lambda conn: UPDATE_EMPTY.run(conn, changes)) == 1
    found = await db.read(lambda conn: sorted(SELECT.fetch(conn, ["plain", "nulls"])))
    assert [row[-1] for row in found] == ["new", "word"]


async def test_many_keys_and_a_condition(db: Database) -> None:
    rows = [(f"k{at}", 1, at, 1, 1.0, None if at % 2 else "even") for at in range(1_300)]
    await db.write(lambda conn: INSERT.run(conn, rows))
    keys = [row[0] for row in rows] + ["absent"]
    found = await db.read(lambda conn: SELECT.fetch(conn, (key for key in keys)))
    assert sorted(found) == sorted(rows)
    locked = await db.write(lambda conn: SELECT_WORDS.fetch(conn, set(keys)))
    assert [tuple(row) for row in locked] == [("even",)] * 650


async def test_a_unit_may_mix_them_with_ordinary_statements(db: Database) -> None:
    def mixed(conn: object) -> int:
        INSERT.run(conn, ROWS[:3])  # type: ignore[arg-type]
        conn.execute(text("DELETE FROM kinds WHERE word = 'word'"))  # type: ignore[attr-defined]
        return len(SELECT.fetch(conn, [row[0] for row in ROWS]))  # type: ignore[arg-type]

    assert await db.write(mixed) == 2
