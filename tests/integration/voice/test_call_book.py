"""What call control notes is written in the order of each call's life, and nothing is lost."""

import asyncio

import pytest
from sqlalchemy import text
from voice_desk import NORMAL, Desk

from trunkline.billing import store as billing
from trunkline.billing.rates import Rates
from trunkline.runtime.db import Connection
from trunkline.values.ids import new_uuid
from trunkline.voice.causes import BUSY
from trunkline.voice.journal import RecordedCalls
from trunkline.voice.records.book import CallBook
from trunkline.voice.records.model import Answered, Call, Ended, Hangup
from trunkline.voice.records.store import calls, lists
from trunkline.voice.session.facts import Facts


async def test_many_short_calls_at_once(desk: Desk) -> None:
    book, now = CallBook(desk.db, desk.balances), desk.clock.now()
    before = desk.balances.spendable(desk.main)
    bills: list[asyncio.Future[Call | None]] = []
    for number in range(50):  # all steps of all calls are in one group commit, or a few
        call = desk.new_call(state="queued", node="here:1:a")
        book.started(call)
        book.begun(call.call_uuid, "here:1:a")
        book.ringing(call.call_uuid, now + 1)
        if number % 2:
            book.answered(call.call_uuid, now + 2)
        bills.append(asyncio.ensure_future(book.ended(Ended(call.call_uuid, now + 70, NORMAL))))
    assert desk.balances.spendable(desk.main) - book.credit.left(desk.main, now + 30) == 50 * 850
    done = [one for one in await asyncio.gather(*bills) if one is not None]
    assert [(one.state, one.billed_duration, one.node) for one in done] == [
        ("failed", 0, "here:1:a"),
        ("completed", 120, "here:1:a"),
    ] * 25
    assert all(one.ringing_at == now + 1 for one in done)
    assert desk.balances.spendable(desk.main) == before - 25 * 1700
    assert book.credit.left(desk.main, now) == desk.balances.spendable(desk.main)
    cash = await desk.db.read(lambda conn: billing.balance(conn, desk.main))
    assert cash == desk.balances.spendable(desk.main)


async def test_who_waits_holds_nothing_until_it_is_called(desk: Desk) -> None:
    book, now = CallBook(desk.db, desk.balances), desk.clock.now()
    one, other = (desk.new_call(state="queued", node="here:1:a") for _ in range(2))
    for call in (one, other):
        book.started(call)
    assert book.credit.left(desk.main, now) == desk.balances.spendable(desk.main)
    book.begun(one.call_uuid, "here:1:a")
    assert book.credit.left(desk.main, now) == desk.balances.spendable(desk.main) - 850
    for call in (one, other):
        await book.ended(Ended(call.call_uuid, now, NORMAL))
    assert book.credit.left(desk.main, now) == desk.balances.spendable(desk.main)


async def test_legs_to_addresses_are_no_calls_out_on_trunks(desk: Desk) -> None:
    journal = RecordedCalls(CallBook(desk.db, desk.balances), Rates(), "here:1:a")
    legs = [
        Facts(new_uuid(), desk.main, desk.main, "outbound", "14155550100", to, desk.clock.now())
        for to in ("sip:ann@phone.plivo.com", "12065550110", "sip:ann@phone.plivo.com")
    ]
    for leg in legs:
        journal.started(leg)
    assert journal.calls_out(desk.main) == 1
    assert journal.calls_to("sip:ann@phone.plivo.com") == 2
    for leg in legs:
        await journal.ended(leg, BUSY, desk.clock.now())
    assert journal.calls_out(desk.main) == journal.calls_to("sip:ann@phone.plivo.com") == 0


async def test_what_is_told_of_an_end_is_in_its_transaction(desk: Desk) -> None:
    book, call = CallBook(desk.db, desk.balances), desk.new_call()
    await book.started(call)
    told: list[tuple[str, int]] = []

    def tell(conn: Connection, record: Call) -> None:
        found = lists.get(conn, desk.main, desk.main, record.call_uuid)
        assert found == record
        told.append((record.call_uuid, record.hangup_code))

    end = Ended(call.call_uuid, desk.clock.now(), NORMAL, tell=tell)
    both = await asyncio.gather(book.ended(end), book.ended(end))
    assert [one is not None for one in both] == [True, False]
    assert await book.ended(end) is None
    assert told == [(call.call_uuid, 4000)]


async def test_the_first_end_counts(desk: Desk) -> None:
    one, now = desk.new_call(), desk.clock.now()
    busy = Hangup(3010, "Busy Line", "Callee")
    found = await desk.db.write(
        lambda conn: calls.record(
            conn,
            [
                Ended(one.call_uuid, now + 9, busy),
                Answered(one.call_uuid, now),
                one,
                Ended(one.call_uuid, now + 99, NORMAL),
            ],
        )
    )
    assert [record is not None for record in found] == [True, False, False, False]
    assert found[0] is not None
    assert (found[0].hangup_code, found[0].bill_duration) == (3010, 9)


async def test_who_waits_may_be_cancelled(desk: Desk) -> None:
    book, call = CallBook(desk.db, desk.balances), desk.new_call()
    book.started(call)
    waiting = asyncio.ensure_future(book.ended(Ended(call.call_uuid, desk.clock.now(), NORMAL)))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    again = await book.ended(Ended(call.call_uuid, desk.clock.now(), NORMAL))
    assert again is None
    rows = await desk.db.read(lambda conn: conn.execute(text("SELECT state FROM calls")).all())
    assert [row[0] for row in rows] == ["failed"]
