"""How lists and the janitor's statements are answered: by indexes, never by the whole table."""

import random
from collections.abc import Callable
from typing import Any

from messaging_rows import COLUMNS, SPAN_S, a_message
from messaging_world import World
from sqlalchemy import event, insert, text

from trunkline.messaging.lists.closing import SegmentCloser
from trunkline.messaging.store import receipts, records, segments
from trunkline.messaging.store.records import Filters
from trunkline.messaging.store.tables import messages
from trunkline.runtime.db import Connection
from trunkline.values.pages import Page

SIZE = 200
NARROWED: tuple[dict[str, Any], ...] = (
    {},
    *({name: values[-1]} for name, values in COLUMNS.items()),
    {"state": "delivered", "country": "GB", "direction": "outbound"},
    {"sender": "14155550101", "state": "delivered"},
)
WHOLE_TABLE = (  # what no plan may have for `messages` or what is counted of them
    "SCAN messages", "SCAN message_", "USE TEMP B-TREE FOR ORDER BY",
    "Seq Scan on messages", "Seq Scan on message_",
)  # fmt: skip


async def fill(world: World, size: int = SIZE) -> None:
    dice, now = random.Random(1), world.clock.now()
    rows = [
        a_message(dice, world.account.auth_id, now - dice.randrange(70, int(SPAN_S)))
        for _ in range(3_000)
    ]
    rows += [a_message(dice, "MA" + "9" * 18, now - n) for n in range(3_000)]
    await world.db.write(lambda conn: conn.execute(insert(messages), rows) and None)
    await SegmentCloser(world.db, world.clock, size).look()


def plans_of(conn: Connection, work: Callable[[Connection], object]) -> list[str]:
    """Run `work`, and explain each statement that it made on messages."""
    made: list[tuple[str, Any]] = []

    def note(_conn: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.split()[0] in (
            "SELECT",
            "INSERT",
            "UPDATE",
            "DELETE",
        ) and not statement.startswith("EXPLAIN"):
            made.append((statement, parameters))

    event.listen(conn, "before_cursor_execute", note)
    work(conn)
    event.remove(conn, "before_cursor_execute", note)
    how = "EXPLAIN QUERY PLAN " if conn.dialect.name == "sqlite" else "EXPLAIN "
    return [
        f"{statement}\n"
        + "\n".join(str(row[-1]) for row in conn.exec_driver_sql(how + statement, parameters))
        for statement, parameters in made
    ]


async def check(world: World, work: Callable[[Connection], object]) -> None:
    def look(conn: Connection) -> list[str]:
        if conn.dialect.name == "postgresql":  # a few thousand rows are read faster as a whole
            conn.execute(text("ANALYZE"))
            conn.execute(text("SET LOCAL enable_seqscan = off"))
        return plans_of(conn, work)

    plans = await world.db.read(look)
    assert plans
    for plan in plans:
        assert not any(word in plan for word in WHOLE_TABLE), plan
        if " on messages" in plan and "Insert on messages" not in plan:
            assert "Index Cond: " in plan, plan


async def test_pages_are_read_by_index(world: World) -> None:
    await fill(world)
    now = world.clock.now()
    windows = ({}, {"gte": now - 30_000.0}, {"gt": now - 30_000.0, "lt": now - 100.0})
    wanted = [
        Filters(world.account.auth_id, equal, times) for equal in NARROWED for times in windows
    ]

    def look(conn: Connection) -> None:
        for filters in wanted:
            records.page(conn, filters, Page(20, 600))

    await check(world, look)


async def test_closing_is_by_index(world: World) -> None:
    await fill(world, size=10_000)
    main, now = world.account.auth_id, world.clock.now()
    await check(world, lambda conn: segments.accounts(conn, ""))
    await check(world, lambda conn: segments.due(conn, main, now, SIZE))
    await check(world, lambda conn: segments.close(conn, main, now, SIZE))


async def test_forgetting_is_by_index(world: World) -> None:
    await fill(world)
    await check(world, lambda conn: records.forget_content(conn, "f"))
    await check(world, lambda conn: receipts.purge_unmatched(conn, 0.0))
    await check(world, receipts.match_late)
