"""Receipts: matched, early, twice, of long messages, with ids in another notation."""

import asyncio
import itertools

import pytest
from messaging_world import CASH, HANDSET, RATE, World

from trunkline.messaging.carriers.dialect import IdDialect, receipt_keys, response_key
from trunkline.messaging.model import Sent, State
from trunkline.messaging.report import Reporter
from trunkline.messaging.store import outbound, receipts
from trunkline.protocols.sms.receipts import Receipt

U = State.UNDELIVERED


async def test_a_receipt_ends_its_message(world: World) -> None:
    dispatch = await world.claimed()
    await world.mark_sent(dispatch, "K1")
    world.clock.advance(3)
    assert await world.report("K1") == receipts.Applied("K1", final=True)
    record = await world.record(dispatch.message_uuid)
    assert (record["state"], record["error_code"]) == ("delivered", 0)
    assert record["reported_at"] == record["updated_at"] == world.clock.now()
    assert await world.told(dispatch.message_uuid) == ["queued", "sent", "delivered"]
    assert (await world.queue(), await world.parts(), await world.unmatched()) == ([], [], [])


async def test_undelivered_is_charged_all_the_same(world: World) -> None:
    dispatch = await world.claimed()
    await world.mark_sent(dispatch, "K1")
    await world.report("K1", state=U, code=80)
    assert await world.state(dispatch.message_uuid) == ("undelivered", 80)
    assert (await world.record(dispatch.message_uuid))["amount"] == RATE
    assert await world.cash() == CASH - RATE
    assert (await world.webhooks())[-1]["ErrorCode"] == "80"


async def test_a_receipt_before_its_response_counts(world: World) -> None:
    dispatch = await world.claimed()
    assert (await world.report("K1", state=U, code=50)).key is None
    assert await world.state(dispatch.message_uuid) == ("queued", None)
    world.clock.advance(1)
    await world.mark_sent(dispatch, "K1")
    assert await world.state(dispatch.message_uuid) == ("undelivered", 50)
    assert await world.told(dispatch.message_uuid) == ["queued", "sent", "undelivered"]
    assert (await world.queue(), await world.parts(), await world.unmatched()) == ([], [], [])
    assert await world.cash() == CASH - RATE


@pytest.mark.parametrize("receipt_first", [True, False])
async def test_receipt_and_response_in_one_commit(world: World, receipt_first: bool) -> None:
    dispatch = await world.claimed()
    calls = [
        (receipts.apply, world.receipt("K1")),
        (outbound.mark_sent, world.taken(dispatch, "K1")),
    ]
    commits = world.db.writer.commits
    await asyncio.gather(
        *(world.db.submit(*call) for call in (calls if receipt_first else calls[::-1]))
    )
    assert world.db.writer.commits == commits + 1
    assert await world.state(dispatch.message_uuid) == ("delivered", 0)
    assert await world.told(dispatch.message_uuid) == ["queued", "sent", "delivered"]
    assert (await world.queue(), await world.unmatched()) == ([], [])


async def test_many_early_and_late_receipts_at_once(world: World) -> None:
    uuids = await world.send(*(str(14_155_551_000 + at) for at in range(40)))
    rows = await world.claim()
    early = [world.receipt(f"K{at}") for at in range(0, 40, 2)]
    late = [world.receipt(f"K{at}", state=U, code=80) for at in range(1, 40, 2)]
    sent = [world.taken(row, f"K{at}") for at, row in enumerate(rows)]
    await asyncio.gather(*(world.db.submit(receipts.apply, item) for item in early))
    await asyncio.gather(*(world.db.submit(outbound.mark_sent, item) for item in sent))
    await asyncio.gather(*(world.db.submit(receipts.apply, item) for item in late))
    states = [await world.state(uuid) for uuid in uuids]
    assert states == [("delivered", 0), ("undelivered", 80)] * 20
    assert (await world.queue(), await world.unmatched()) == ([], [])


async def test_a_receipt_and_a_response_that_missed_each_other(world: World) -> None:
    """As when two processes commit them at one moment: the sweep brings them together."""
    dispatch = await world.claimed()
    await world.report("K1")  # kept, for its part is not there
    kept = await world.unmatched()
    await world.db.write(lambda conn: receipts.purge_unmatched(conn, world.clock.now() + 1))
    await world.mark_sent(dispatch, "K1")  # finds nothing
    await world.keep(kept)
    assert await world.state(dispatch.message_uuid) == ("sent", None)
    janitor = world.janitor()
    janitor._sweeps = 1  # not a slow one
    await janitor.sweep()
    assert await world.state(dispatch.message_uuid) == ("delivered", 0)
    assert (await world.queue(), await world.unmatched()) == ([], [])


async def test_an_early_receipt_that_is_too_old_is_of_another_message(world: World) -> None:
    await world.report("K1")
    world.clock.advance(receipts.EARLY_S + 1)
    dispatch = await world.claimed()
    await world.mark_sent(dispatch, "K1")
    assert await world.state(dispatch.message_uuid) == ("sent", None)


async def test_another_carriers_receipt_is_of_another_message(world: World) -> None:
    await world.report("K1", carrier="b")
    dispatch = await world.claimed()
    await world.mark_sent(dispatch, "K1", carrier="a")
    assert (await world.report("K1", carrier="b")).key is None
    assert await world.state(dispatch.message_uuid) == ("sent", None)


async def test_the_first_of_two_receipts_counts(world: World) -> None:
    dispatch = await world.claimed()
    await world.mark_sent(dispatch, "K1")
    await world.report("K1")
    assert (await world.report("K1", state=U, code=50)).key is None
    assert await world.state(dispatch.message_uuid) == ("delivered", 0)
    assert await world.told(dispatch.message_uuid) == ["queued", "sent", "delivered"]


@pytest.mark.parametrize("early", [True, False])
async def test_two_receipts_in_one_commit_count_once(world: World, early: bool) -> None:
    dispatch = await world.claimed()
    if not early:
        await world.mark_sent(dispatch, "K1")
    await asyncio.gather(world.report("K1"), world.report("K1", state=U, code=50))
    if early:
        await world.mark_sent(dispatch, "K1")
    assert (await world.state(dispatch.message_uuid))[0] in ("delivered", "undelivered")
    assert len(await world.told(dispatch.message_uuid)) == 3
    assert await world.queue() == []


async def long_message(world: World, parts: int = 3, prefix: str = "K") -> Sent:
    dispatch = await world.claimed(text="x" * (parts * 153))
    return world.taken(dispatch, *(f"{prefix}{at}" for at in range(1, parts + 1)))


async def test_a_long_message_is_delivered_with_its_last_part(world: World) -> None:
    for turn, order in enumerate(itertools.permutations((1, 2, 3))):
        sent = await long_message(world, prefix=f"T{turn}-")
        await world.db.submit(outbound.mark_sent, sent)
        uuid = sent.dispatch.message_uuid
        for part in order:
            assert await world.state(uuid) == ("sent", None)
            await world.report(f"T{turn}-{part}")
        assert await world.state(uuid) == ("delivered", 0)
        assert await world.told(uuid) == ["queued", "sent", "delivered"]
    assert await world.parts() == []


async def test_all_parts_in_one_commit(world: World) -> None:
    sent = await long_message(world)
    await world.db.submit(outbound.mark_sent, sent)
    await asyncio.gather(*(world.report(part.key) for part in sent.parts))
    assert await world.state(sent.dispatch.message_uuid) == ("delivered", 0)
    assert len(await world.told(sent.dispatch.message_uuid)) == 3


async def test_one_undelivered_part_decides(world: World) -> None:
    for bad in (1, 2, 3):
        sent = await long_message(world, prefix=f"B{bad}-")
        await world.db.submit(outbound.mark_sent, sent)
        uuid = sent.dispatch.message_uuid
        for part in (1, 2, 3):
            assert await world.state(uuid) == ("sent", None)  # until all have told
            if part == bad:
                await world.report(f"B{bad}-{part}", state=U, code=70)
            else:
                await world.report(f"B{bad}-{part}")
        assert await world.state(uuid) == ("undelivered", 70)
        assert await world.told(uuid) == ["queued", "sent", "undelivered"]


async def test_a_part_told_twice_is_no_other_part(world: World) -> None:
    sent = await long_message(world, parts=2)
    await world.db.submit(outbound.mark_sent, sent)
    await world.report("K1")
    await world.report("K1")
    assert await world.state(sent.dispatch.message_uuid) == ("sent", None)
    await asyncio.gather(world.report("K1", state=U, code=50), world.report("K2"))
    assert await world.state(sent.dispatch.message_uuid) == ("delivered", 0)


async def test_parts_early_and_late(world: World) -> None:
    sent = await long_message(world)
    await world.report("K2")
    await world.report("K3")
    await world.db.submit(outbound.mark_sent, sent)
    assert await world.state(sent.dispatch.message_uuid) == ("sent", None)
    assert await world.unmatched() == []
    await world.report("K1")
    assert await world.state(sent.dispatch.message_uuid) == ("delivered", 0)


async def test_all_parts_early(world: World) -> None:
    sent = await long_message(world)
    await asyncio.gather(*(world.report(part.key) for part in sent.parts))
    await world.db.submit(outbound.mark_sent, sent)
    assert await world.state(sent.dispatch.message_uuid) == ("delivered", 0)
    assert await world.told(sent.dispatch.message_uuid) == ["queued", "sent", "delivered"]


# -- ids that responses and receipts write differently

# The response said 1A (hexadecimal); the receipt says 26 (decimal), and the other way round.
NOTATIONS = [("1A", "26"), ("26", "1A"), ("1A", "1a"), ("26", "0026"), ("AB-1", "ab-1")]
GUESSES = [("2B", "43"), ("100", "64")]


def keys(written: str) -> tuple[str, ...]:
    return receipt_keys(written, IdDialect.AUTO)


@pytest.mark.parametrize("early", [True, False])
async def test_ids_in_another_notation_match(world: World, early: bool) -> None:
    for responded, reported in NOTATIONS:
        dispatch = await world.claimed()
        if early:
            await world.report(*keys(reported))
        await world.mark_sent(dispatch, response_key(responded))
        if not early:
            assert (await world.report(*keys(reported))).key == responded
        assert await world.state(dispatch.message_uuid) == ("delivered", 0)
    assert await world.unmatched() == []


@pytest.mark.parametrize("early", [True, False])
async def test_a_guessed_id_needs_the_recipient_too(world: World, early: bool) -> None:
    for responded, reported in GUESSES:
        dispatch = await world.claimed()
        if early:
            await world.report(*keys(reported), handset="14155550999")
        await world.mark_sent(dispatch, responded)
        if not early:
            applied = await world.report(*keys(reported), handset="14155550999")
            assert applied.key is None
        assert await world.state(dispatch.message_uuid) == ("sent", None)


@pytest.mark.parametrize("early", [True, False])
async def test_an_exact_id_needs_nothing_else(world: World, early: bool) -> None:
    """Some carriers write the handset without its country code."""
    dispatch = await world.claimed()
    if early:
        await world.report(*keys("26"), handset="4155550123")
    await world.mark_sent(dispatch, "26")
    if not early:
        await world.report(*keys("26"), handset="4155550123")
    assert await world.state(dispatch.message_uuid) == ("delivered", 0)


async def test_the_exact_id_wins_over_a_guess(world: World) -> None:
    exact, guess = await world.claimed(), await world.claimed()
    await world.mark_sent(guess, "1A")
    await world.mark_sent(exact, "26")
    assert (await world.report(*keys("26"))).key == "26"
    assert await world.state(exact.message_uuid) == ("delivered", 0)
    assert await world.state(guess.message_uuid) == ("sent", None)


@pytest.mark.parametrize("in_one_commit", [True, False])
async def test_an_early_receipt_is_of_one_message_only(world: World, in_one_commit: bool) -> None:
    exact, guess = await world.claimed(), await world.claimed()
    await world.report(*keys("26"))
    if in_one_commit:
        await asyncio.gather(world.mark_sent(guess, "1A"), world.mark_sent(exact, "26"))
    else:
        await world.mark_sent(exact, "26")
        await world.mark_sent(guess, "1A")
    assert await world.state(exact.message_uuid) == ("delivered", 0)
    assert await world.state(guess.message_uuid) == ("sent", None)
    assert await world.unmatched() == []


async def test_receipts_nobody_claims_are_forgotten(world: World) -> None:
    await world.report(*keys("26"))
    middle = world.clock.now() + 1
    world.clock.advance(2)
    await world.report("K2")
    assert await world.db.write(lambda conn: receipts.purge_unmatched(conn, middle)) == 3
    assert [row["carrier_key"] for row in await world.unmatched()] == ["K2"]


# -- the reporter, which hears the carrier


class Ear:
    """Notes what the carrier is told."""

    def __init__(self) -> None:
        self.told: list[bool] = []
        self.heard = asyncio.Event()

    def __call__(self, stored: bool) -> None:
        self.told.append(stored)
        self.heard.set()

    async def wait(self) -> bool:
        async with asyncio.timeout(10):
            await self.heard.wait()
        (stored,) = self.told
        return stored


async def hear(reporter: Reporter, receipt: Receipt) -> bool:
    ear = Ear()
    reporter.receive(receipt, HANDSET, ear)
    return await ear.wait()


async def test_a_receipt_is_acknowledged_once_it_is_stored(world: World) -> None:
    reporter = Reporter("a", world.db, world.clock)
    dispatch = await world.claimed()
    await world.mark_sent(dispatch, "1A")
    ear = Ear()
    reporter.receive(Receipt("26", "UNDELIV", "001"), HANDSET, ear)
    assert ear.told == []
    assert await ear.wait()
    assert await world.state(dispatch.message_uuid) == ("undelivered", 50)
    assert (reporter.counters.matched, reporter.counters.unmatched) == (1, 0)
    assert await hear(reporter, Receipt("77", "DELIVRD"))
    assert (reporter.counters.matched, reporter.counters.unmatched) == (1, 1)


NOT_FINAL = [
    Receipt("1A", "ENROUTE"),
    Receipt("1A", "ACCEPTD"),
    Receipt("1A", "NONSENSE"),
    Receipt("1A", ""),
    Receipt("1A", "DELIVRD", intermediate=True),
]


async def test_what_is_not_final_changes_nothing(world: World) -> None:
    reporter = Reporter("a", world.db, world.clock)
    dispatch = await world.claimed()
    await world.mark_sent(dispatch, "1A")
    for receipt in NOT_FINAL:
        assert await hear(reporter, receipt)
    assert await world.state(dispatch.message_uuid) == ("sent", None)
    assert (await world.unmatched(), reporter.counters.not_final) == ([], len(NOT_FINAL))


async def test_the_reporter_learns_how_its_carrier_writes(world: World) -> None:
    reporter = Reporter("a", world.db, world.clock)
    for number in range(1_000, 1_005):
        await world.mark_sent(await world.claimed(), f"{number:X}")
        assert await hear(reporter, Receipt(str(number), "DELIVRD"))
    assert reporter.learner.dialect is IdDialect.HEX_DECIMAL


async def test_octets_that_a_database_cannot_keep(world: World) -> None:
    reporter = Reporter("a", world.db, world.clock)
    dispatch = await world.claimed()
    await world.mark_sent(dispatch, "1A")
    assert await hear(reporter, Receipt("X\0Y", "DELIVRD", "0\0"))
    assert await hear(reporter, Receipt("1A\0", "DELIVRD", "\xff\x00"))
    assert await world.state(dispatch.message_uuid) == ("delivered", 0)


async def test_a_dead_database_makes_the_carrier_try_again(world: World) -> None:
    reporter = Reporter("a", world.db, world.clock)
    with world.broken():
        assert not await hear(reporter, Receipt("1A", "DELIVRD"))
    assert await world.unmatched() == []
    assert await hear(reporter, Receipt("1A", "DELIVRD"))
    assert {row["carrier_key"] for row in await world.unmatched()} == {"1A", "26"}
