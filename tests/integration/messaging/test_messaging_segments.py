"""Counts of closed stretches of messages: always what the messages themselves say."""

import asyncio
import random
from collections.abc import Iterator
from typing import Any

from messaging_rows import COLUMNS, SPAN_S, a_message
from messaging_world import World
from sqlalchemy import insert, select, text, update

from trunkline.messaging.lists.closing import SegmentCloser
from trunkline.messaging.store import records, segments
from trunkline.messaging.store.records import Filters
from trunkline.messaging.store.tables import messages
from trunkline.runtime.db import Connection
from trunkline.values.pages import Page

OTHER_MAIN = "MA" + "9" * 18
COUNT = 700
SIZE = 100


async def fill(world: World, count: int = COUNT) -> list[dict[str, Any]]:
    """Store messages of the last hours, several at some moments, and some of another account."""
    dice = random.Random(7)
    now, main = world.clock.now(), world.account.auth_id
    times = [now - SPAN_S + dice.randrange(0, int(SPAN_S)) for _ in range(count)]
    rows = [a_message(dice, main, at) for at in sorted(times)]
    rows += [a_message(dice, OTHER_MAIN, now - n) for n in range(150)]
    await world.db.write(lambda conn: conn.execute(insert(messages), rows) and None)
    return [row for row in rows if row["main_id"] == main]


async def close_all(world: World) -> int:
    closed, now = 0, world.clock.now()
    while await world.db.write(lambda conn: segments.close(conn, world.account.auth_id, now, SIZE)):
        closed += 1
    return closed


def expected(rows: list[dict[str, Any]], filters: Filters) -> list[str]:
    tests = {
        "eq": lambda a, b: abs(a - b) <= 5e-7, "gt": lambda a, b: a > b, "gte": lambda a, b: a >= b,
        "lt": lambda a, b: a < b, "lte": lambda a, b: a <= b,
    }  # fmt: skip
    chosen = [
        row
        for row in rows
        if all(
            row["campaign_id"] > "-" if name == segments.REGISTERED else row[name] == value
            for name, value in filters.equal.items()
        )
        and all(tests[name](row["created_at"], at) for name, at in filters.times.items())
    ]
    chosen.sort(key=lambda row: (row["created_at"], row["message_uuid"]), reverse=True)
    return [row["message_uuid"] for row in chosen]


def some_filters(now: float, main: str) -> Iterator[Filters]:
    yield Filters(main, {}, {})
    for name, values in COLUMNS.items():
        for value in dict.fromkeys(values[:3]):
            if value not in (None, ""):
                yield Filters(main, {name: value}, {})
    yield Filters(main, {"state": "delivered", "error_code": 0, "country": "GB"}, {})
    yield Filters(main, {"sender": "14155550101", "state": "sent"}, {})
    yield Filters(main, {"sender": "14155550101", "recipient": "12065550003"}, {})
    yield Filters(main, {"recipient": "nobody"}, {})
    yield Filters(main, {segments.REGISTERED: True, "state": "sent"}, {})
    yield Filters(main, {"carrier": ""}, {})  # a column that segments do not count
    yield Filters(main, {"carrier": "", "state": "sent"}, {})
    yield Filters(main, {"carrier": "nobody"}, {})
    for times in (
        {"gte": now - 20_000}, {"gt": now - 20_000}, {"lt": now - 9_000}, {"lte": now - 9_000},
        {"gte": now - 30_000, "lt": now - 10_000}, {"eq": now - 12_345},
        {"gt": now - 10_000, "lt": now - 30_000},
    ):  # fmt: skip
        yield Filters(main, {}, times)
        yield Filters(main, {"state": "delivered"}, times)


async def page(world: World, filters: Filters, limit: int, offset: int) -> tuple[list[str], int]:
    rows, total = await world.db.read(lambda conn: records.page(conn, filters, Page(limit, offset)))
    return [row.message_uuid for row in rows], total


async def check(world: World, rows: list[dict[str, Any]]) -> None:
    now, main = world.clock.now(), world.account.auth_id
    for filters in some_filters(now, main):
        wanted = expected(rows, filters)
        for offset in (0, 99, len(wanted) // 2, len(wanted) - 3, len(wanted) + 500):
            if offset >= 0:
                found = await page(world, filters, 20, offset)
                assert found == (wanted[offset : offset + 20], len(wanted)), (filters, offset)


async def test_pages_are_the_same_with_and_without_segments(world: World) -> None:
    rows = await fill(world)
    await check(world, rows)
    closed = await close_all(world)
    assert closed in (5, 6, 7)
    await check(world, rows)
    assert await close_all(world) == 0


async def test_late_changes_are_counted(world: World) -> None:
    rows = await fill(world)
    await close_all(world)
    dice = random.Random(3)
    at = world.clock.now()
    for row in dice.sample(rows, 100):
        row["state"], row["error_code"] = dice.choice([("failed", 420), ("delivered", 0)])
        change = (
            update(messages)
            .where(messages.c.message_uuid == row["message_uuid"])
            .values(state=row["state"], error_code=row["error_code"], updated_at=at)
        )
        await world.db.write(lambda conn, change=change: conn.execute(change) and None)
    failed = Filters(world.account.auth_id, {"state": "failed"}, {})
    assert (await page(world, failed, 20, 0))[1] == sum(row["state"] == "failed" for row in rows)
    await check(world, rows)


async def test_late_arrivals_are_counted(world: World) -> None:
    rows = await fill(world)
    await close_all(world)
    dice = random.Random(5)
    late = [
        a_message(dice, world.account.auth_id, world.clock.now() - dice.randrange(50, 90_000))
        for _ in range(120)
    ]
    await world.db.write(lambda conn: conn.execute(insert(messages), late) and None)
    await check(world, rows + late)


async def test_what_happens_while_a_segment_is_closed_is_counted(world: World) -> None:
    """A change that is not committed yet when the segment is closed on another connection."""
    rows = await fill(world)
    if world.db.is_sqlite:
        return  # one writer at a time
    chosen = rows[:150]
    at = world.clock.now()
    change = (
        update(messages)
        .where(messages.c.message_uuid.in_([row["message_uuid"] for row in chosen]))
        .values(state="failed", updated_at=at)
    )
    with world.db.engine.connect() as other:
        other.execute(change)
        closing = world.db.write(
            lambda conn: segments.close(conn, world.account.auth_id, world.clock.now(), SIZE)
        )
        task = asyncio.ensure_future(closing)
        await asyncio.sleep(0.05)
        assert not task.done()  # it waits for the change
        other.commit()
        assert await task
    for row in chosen:
        row["state"] = "failed"
    await close_all(world)
    await check(world, rows)


async def test_many_at_one_moment_are_one_segment(world: World) -> None:
    dice = random.Random(1)
    now, main = world.clock.now(), world.account.auth_id
    rows = [a_message(dice, main, now - 500.0) for _ in range(350)]
    rows += [a_message(dice, main, now - 400.0 + n) for n in range(120)]
    await world.db.write(lambda conn: conn.execute(insert(messages), rows) and None)
    assert await close_all(world) >= 2
    await check(world, rows)


async def test_what_is_young_stays_open(world: World) -> None:
    dice = random.Random(1)
    now, main = world.clock.now(), world.account.auth_id
    rows = [a_message(dice, main, now - 59.0 + n / 10) for n in range(350)]
    await world.db.write(lambda conn: conn.execute(insert(messages), rows) and None)
    assert await close_all(world) == 0
    assert await world.db.read(lambda conn: segments.due(conn, main, now, SIZE)) is False
    world.clock.advance(3_600)
    assert await close_all(world) == 3


async def test_accounts_are_found_one_after_the_other(world: World) -> None:
    await fill(world, 10)
    both = sorted([world.account.auth_id, OTHER_MAIN])

    def look(conn: Connection) -> list[list[str]]:
        return [segments.accounts(conn, ""), segments.accounts(conn, both[0], 1)]

    assert await world.db.read(look) == [both, both[1:]]


async def test_the_counts_are_those_of_the_messages(world: World) -> None:
    await fill(world)
    await close_all(world)

    def look(conn: Connection) -> tuple[int, int, int, int]:
        until = segments.covered_until(conn, world.account.auth_id)
        inside = select(messages.c.message_uuid).where(
            messages.c.main_id == world.account.auth_id, messages.c.created_at < until
        )
        sums = [
            conn.execute(text(f"SELECT sum(total) FROM {name}")).scalar_one()
            for name in ("message_segments", "message_tallies", "message_ends")
        ]
        return len(conn.execute(inside).all()), sums[0], sums[1], sums[2] // 2

    inside, *sums = await world.db.read(look)
    assert sums == [inside] * 3


async def test_the_closer_closes_what_is_due_in_every_account(world: World) -> None:
    rows = await fill(world)
    closer = SegmentCloser(world.db, world.clock, SIZE)
    assert await closer.look() >= 6  # one of them the other account's
    assert await closer.look() == 0
    await check(world, rows)
