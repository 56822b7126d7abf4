"""Rents by the clock: charged on the 1st, once, and what becomes of numbers that are not paid."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from number_desk import MONTHLY, Desk

from trunkline.numbers import store
from trunkline.numbers.samples import sample_numbers

DAY = 86_400.0
NUMBER, SECOND = "14155550100", "15105550102"


async def to_day(desk: Desk, year: int, month: int, day: int) -> None:
    target = datetime(year, month, day, 0, 0, 1, tzinfo=UTC).timestamp()
    desk.clock.advance(target - desk.clock.now())
    await desk.renewals.sweep()


async def test_each_month_is_charged_once_on_its_first_day(desk: Desk) -> None:
    await desk.buy(NUMBER)
    cash = await desk.cash(desk.main)
    await to_day(desk, 2026, 1, 31)
    assert await desk.cash(desk.main) == cash
    await to_day(desk, 2026, 2, 1)
    assert await desk.cash(desk.main) == cash - MONTHLY
    await desk.renewals.sweep()
    await to_day(desk, 2026, 2, 28)
    assert await desk.cash(desk.main) == cash - MONTHLY
    assert (await desk.get(NUMBER))["renewal_date"] == "2026-03-01"
    await to_day(desk, 2026, 5, 20)  # the program stood still: every month is charged
    assert await desk.cash(desk.main) == cash - 4 * MONTHLY
    assert (await desk.get(NUMBER))["renewal_date"] == "2026-06-01"


async def test_a_number_bought_on_the_first_pays_the_whole_month(desk: Desk) -> None:
    await to_day(desk, 2026, 2, 1)
    cash = await desk.cash(desk.main)
    await desk.buy(NUMBER)
    assert await desk.cash(desk.main) == cash - MONTHLY
    await desk.renewals.sweep()
    assert await desk.cash(desk.main) == cash - MONTHLY


async def test_what_is_not_paid_is_suspended_and_given_up_after_a_week(desk: Desk) -> None:
    await desk.buy(NUMBER)
    await desk.buy(SECOND, desk.sub)
    await desk.pay(MONTHLY - await desk.cash(desk.main))  # enough for one of the two
    await to_day(desk, 2026, 2, 1)
    assert await desk.cash(desk.main) == 0
    assert (await desk.get(NUMBER))["active"] is True
    owed = await desk.get(SECOND)
    assert (owed["active"], owed["renewal_date"]) == (False, "2026-02-01")
    directory = desk.directory.get(SECOND)
    assert directory is not None
    assert not directory.is_active
    await to_day(desk, 2026, 2, 7)
    assert await desk.listed() == [NUMBER, SECOND]
    await to_day(desk, 2026, 2, 8)
    assert await desk.listed() == [NUMBER]
    assert desk.released == [(desk.main, [SECOND])]
    assert desk.directory.get(SECOND) is None


async def test_credit_in_time_keeps_the_number(desk: Desk) -> None:
    await desk.buy(NUMBER)
    await desk.pay(-await desk.cash(desk.main))
    await to_day(desk, 2026, 2, 1)
    assert (await desk.get(NUMBER))["active"] is False
    await desk.pay(MONTHLY)
    desk.clock.advance(3_600)
    await desk.renewals.sweep()
    one = await desk.get(NUMBER)
    assert (one["active"], one["renewal_date"]) == (True, "2026-03-01")
    assert await desk.cash(desk.main) == 0


async def test_who_pays_afterwards_keeps_everything(desk: Desk) -> None:
    await desk.buy(NUMBER, desk.other)
    before = await desk.cash(desk.other)
    await to_day(desk, 2026, 3, 15)
    assert await desk.cash(desk.other) == before - 2 * MONTHLY


async def test_numbers_that_are_not_rented_cost_nothing(desk: Desk) -> None:
    samples = sample_numbers(desk.main, desk.clock.now())
    await desk.db.write(lambda conn: store.add(conn, samples))
    await desk.pay(-await desk.cash(desk.main))
    await to_day(desk, 2027, 1, 1)
    assert len(await desk.listed()) == len(samples)


@pytest.mark.parametrize("many", [1_100])
async def test_more_numbers_than_one_batch_are_renewed(desk: Desk, many: int) -> None:
    await desk.buy(NUMBER, desk.other)
    await desk.directory.refresh(desk.db)
    one = desk.directory.get(NUMBER)
    assert one is not None
    more = [replace(one, number=f"4930{n:07}", rental_id=f"r{n}") for n in range(1, many)]
    await desk.db.write(lambda conn: store.add(conn, more))
    before = await desk.cash(desk.other)
    await to_day(desk, 2026, 2, 1)
    assert before - await desk.cash(desk.other) == many * MONTHLY
