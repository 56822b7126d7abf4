"""Usage by day: every charge counted once, by who used it."""

import asyncio

from trunkline.billing import store
from trunkline.billing.model import Debit
from trunkline.billing.store.usage import summarise
from trunkline.runtime.db import Database

DAY = 20_454  # 2026-01-01
AT = DAY * 86_400.0
MAIN, OTHER, SUB = "MA" + "1" * 18, "MA" + "2" * 18, "SA" + "1" * 18


def used(
    resource: str,
    amount: int = 850,
    *,
    main: str = MAIN,
    by: str = "",
    day: int = 0,
    product: str = "sms",
    units: int = 1,
) -> Debit:
    at = AT + day * 86_400.0 + 60
    fees = 300 if amount else 0
    return Debit(main, amount, "message", resource, at, by, fees, product, "outbound", units)


async def debit(db: Database, *entries: Debit) -> None:
    await db.write(lambda conn: store.debit(conn, entries))


async def test_usage_is_added_up_by_day_account_and_product(database: Database) -> None:
    await debit(
        database,
        used("a"),
        used("b", 1_700, units=2),
        used("c", by=SUB),
        used("d", product="mms"),
        used("e", main=OTHER),
        used("f", 0),
    )
    await debit(database, used("g", day=1), used("h"))
    found = await database.read(lambda conn: summarise(conn, DAY, DAY + 1))
    assert [tuple(one) for one in found] == [
        (DAY, MAIN, MAIN, "mms", "outbound", 1, 1, 850, 300),
        (DAY, MAIN, MAIN, "sms", "outbound", 4, 5, 3_400, 900),
        (DAY, MAIN, SUB, "sms", "outbound", 1, 1, 850, 300),
        (DAY, OTHER, OTHER, "sms", "outbound", 1, 1, 850, 300),
        (DAY + 1, MAIN, MAIN, "sms", "outbound", 1, 1, 850, 300),
    ]
    of_main = await database.read(
        lambda conn: summarise(conn, DAY, DAY, ("product",), account_id=MAIN)
    )
    assert [(one.day, one.product, one.items) for one in of_main] == [
        (None, "mms", 1),
        (None, "sms", 5),
    ]
    whole = await database.read(lambda conn: summarise(conn, DAY, DAY, ()))
    assert [(one.items, one.amount) for one in whole] == [(7, 5_950)]
    assert await database.read(lambda conn: summarise(conn, DAY - 9, DAY - 1, ())) == []
    of_sub = await database.read(lambda conn: summarise(conn, DAY, DAY, (), account_id=SUB))
    assert [one.items for one in of_sub] == [1]


async def test_of_a_cost_without_product_the_kind_is_counted(database: Database) -> None:
    await debit(database, Debit(MAIN, 100, "number_rent", "n/1", AT))
    (found,) = await database.read(lambda conn: summarise(conn, DAY, DAY))
    assert (found.product, found.direction, found.items, found.amount) == (
        "number_rent",
        "",
        1,
        100,
    )


async def test_what_was_charged_before_is_not_used_again(database: Database) -> None:
    await debit(database, used("a"), used("b"))
    await debit(database, used("b"), used("c"), used("c"))
    (found,) = await database.read(lambda conn: summarise(conn, DAY, DAY, ()))
    assert (found.items, found.amount, found.fees) == (3, 2_550, 900)


async def test_two_processes_count_together(database_url: str, database: Database) -> None:
    other = Database(database_url)
    other.start()
    try:
        work = [
            debit(db, *(used(f"{name}{n}-{i}", by=(SUB, "")[i % 2]) for i in range(10)))
            for n in range(10)
            for name, db in (("a", database), ("b", other))
        ]
        await asyncio.gather(*work)
    finally:
        await other.close()
    found = await database.read(lambda conn: summarise(conn, DAY, DAY, ("account_id",)))
    assert [(one.account_id, one.items) for one in found] == [(MAIN, 100), (SUB, 100)]
