"""Responses and receipts that wait for the same commit."""

import asyncio
from typing import Any

import pytest
from messaging_world import CASH, HANDSET, RATE, World

from trunkline.messaging.model import ReceiptItem, Released, Sent, State
from trunkline.messaging.store import answers, outbound
from trunkline.messaging.store.answers import Applied
from trunkline.runtime.db import Connection


async def record(world: World, *items: Sent | ReceiptItem) -> list[Applied | None]:
    """Store `items` in one commit."""
    commits = world.db.writer.commits
    told = await asyncio.gather(*(world.db.submit(answers.record, item) for item in items))
    assert world.db.writer.commits == commits + 1
    return told


async def sum_of_usage(world: World) -> int:
    def read(conn: Connection) -> int:
        found = conn.exec_driver_sql("SELECT coalesce(sum(units), 0) FROM usage")
        return int(found.scalar_one())

    return await world.db.read(read)


@pytest.mark.parametrize("receipt_first", [True, False])
async def test_a_response_and_its_receipt(world: World, receipt_first: bool) -> None:
    dispatch = await world.claimed()
    world.clock.advance(2)
    items = [world.taken(dispatch, "K1"), world.receipt("K1")]
    told = await record(world, *(items[::-1] if receipt_first else items))
    assert sorted(told, key=bool) == [None, Applied("K1", final=True)]
    seen = await world.record(dispatch.message_uuid)
    assert (seen["state"], seen["error_code"], seen["carrier"]) == ("delivered", 0, "a")
    now = world.clock.now()
    assert seen["sent_at"] == seen["reported_at"] == seen["updated_at"] == now
    assert await world.told(dispatch.message_uuid) == ["queued", "sent", "delivered"]
    last = (await world.webhooks())[-1]
    assert last["SentTime"] == last["DeliveryReportTime"] != ""
    assert (await world.queue(), await world.parts(), await world.unmatched()) == ([], [], [])
    assert await world.cash() == CASH - RATE


async def test_what_waits_apart_is_stored_as_always(world: World) -> None:
    """Early and late, of one part and of three, in any order, in three commits."""
    uuids = await world.send(*(str(14_155_551_000 + at) for at in range(6)), text="x" * 10)
    long = await world.claimed(text="x" * 400)
    rows = [row for row in await world.queue() if row.message_uuid in uuids]
    sent = [world.taken(row, f"K{at}") for at, row in enumerate(rows)]
    whole = world.taken(long, "L1", "L2", "L3")
    await record(world, world.receipt("K0"), world.receipt("L2"))
    await record(
        world, sent[0], world.receipt("L1"), sent[1], whole, world.receipt("K1"), *sent[2:5],
        world.receipt("K2", state=State.UNDELIVERED, code=80),
    )  # fmt: skip
    assert [(await world.state(uuid))[0] for uuid in uuids] == [
        "delivered", "delivered", "undelivered", "sent", "sent", "queued",
    ]  # fmt: skip
    assert (await world.state(long.message_uuid))[0] == "sent"
    await record(world, world.receipt("L3"), sent[5], world.receipt("K3"), world.receipt("K5"))
    assert await world.state(long.message_uuid) == ("delivered", 0)
    assert [(await world.state(uuid))[0] for uuid in uuids] == [
        "delivered", "delivered", "undelivered", "delivered", "sent", "delivered",
    ]  # fmt: skip
    assert await world.told(uuids[2]) == ["queued", "sent", "undelivered"]
    assert await world.cash() == CASH - 9 * RATE
    assert await world.unmatched() == []


async def test_two_receipts_beside_the_response(world: World) -> None:
    dispatch = await world.claimed()
    told = await record(
        world,
        world.taken(dispatch, "K1"),
        world.receipt("K1"),
        world.receipt("K1", state=State.UNDELIVERED, code=50),
    )
    assert told == [None, Applied("K1", final=True), Applied(None, final=True)]
    assert await world.state(dispatch.message_uuid) == ("delivered", 0)
    assert await world.told(dispatch.message_uuid) == ["queued", "sent", "delivered"]


async def test_a_receipt_that_is_not_final_waits_for_one_that_is(world: World) -> None:
    dispatch = await world.claimed()
    await record(world, world.taken(dispatch, "K1"), world.receipt("K1", state=None))
    assert await world.state(dispatch.message_uuid) == ("sent", None)
    await record(world, world.receipt("K1"))
    assert await world.state(dispatch.message_uuid) == ("delivered", 0)


async def test_a_guessed_id_is_not_taken_for_sure(world: World) -> None:
    """26 may be hexadecimal 1A: only the handset tells, and it is another."""
    dispatch = await world.claimed()
    await record(
        world, world.taken(dispatch, "1A"), world.receipt("26", "1A", handset="14155559999")
    )
    assert await world.state(dispatch.message_uuid) == ("sent", None)
    await record(world, world.receipt("26", "1A", handset=HANDSET))
    assert await world.state(dispatch.message_uuid) == ("delivered", 0)


async def test_another_carriers_receipt_is_of_another_message(world: World) -> None:
    dispatch = await world.claimed()
    told = await record(world, world.taken(dispatch, "K1"), world.receipt("K1", carrier="b"))
    assert told == [None, Applied(None, final=True)]
    assert await world.state(dispatch.message_uuid) == ("sent", None)


async def test_a_message_that_another_process_took_back_is_left_to_it(world: World) -> None:
    dispatch = await world.claimed()
    back = Released(dispatch, "a", world.clock.now(), 1, "")
    await world.db.submit(outbound.release, back)
    told = await record(world, world.taken(dispatch, "K1"), world.receipt("K1"))
    assert told == [None, Applied(None, final=True)]
    assert await world.state(dispatch.message_uuid) == ("queued", None)
    assert await world.cash() == CASH
    assert [row.state for row in await world.queue()] == ["waiting"]


async def test_the_same_commit_twice_counts_once(world: World) -> None:
    """As when the connection broke after the commit: nobody knows whether it was made."""
    dispatch = await world.claimed()
    items: list[Any] = [world.taken(dispatch, "K1"), world.receipt("K1")]
    await record(world, *items)
    await record(world, *items)
    assert await world.state(dispatch.message_uuid) == ("delivered", 0)
    assert await world.told(dispatch.message_uuid) == ["queued", "sent", "delivered"]
    assert await world.cash() == CASH - RATE
    assert await sum_of_usage(world) == 1
