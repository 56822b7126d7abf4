"""The queue of outbound messages: accepted, claimed, sent, failed, released."""

import asyncio

import pytest
from messaging_world import CASH, HANDSET, RATE, STATUS_URL, World, open_world
from sqlalchemy import text

from trunkline.messaging.model import Dispatch, Failed, Released, State
from trunkline.messaging.store import outbound
from trunkline.runtime.clock import ControlledClock
from trunkline.runtime.db import Connection, Database


async def test_what_is_accepted_is_stored_queued_and_told(world: World) -> None:
    heard: list[set[str]] = []
    world.db.listen(outbound.QUEUED, heard.append)
    uuids = await world.send(HANDSET, "447700900100")
    assert heard == [{"a"}]
    assert [row.message_uuid for row in await world.queue()] == uuids
    for uuid in uuids:
        assert await world.state(uuid) == ("queued", None)
        assert await world.told(uuid) == ["queued"]


async def test_a_claim_takes_the_oldest_up_to_its_limit(world: World) -> None:
    uuids = [(await world.send())[0] for _ in range(5)]
    world.clock.advance(1)
    first = await world.claim(limit=2)
    rest = await world.claim(limit=10)
    assert [row.message_uuid for row in first] == uuids[:2]
    assert [row.message_uuid for row in rest] == uuids[2:]
    assert {(row.state, row.owner) for row in first + rest} == {("sending", "here:1:me")}
    assert await world.claim() == []


async def test_what_is_due_earlier_goes_first_and_what_is_not_due_stays(world: World) -> None:
    early, late, retry = [(await world.send())[0] for _ in range(3)]
    rows = {row.message_uuid: row for row in await world.claim()}
    now = world.clock.now()
    due = {early: now + 1, late: now + 3, retry: now + 2}
    for uuid, at in due.items():
        await world.db.submit(outbound.release, Released(rows[uuid], "a", at, 1, ""))
    assert await world.claim() == []
    world.clock.advance(2)
    assert [row.message_uuid for row in await world.claim()] == [early, retry]
    world.clock.advance(1)
    assert [row.message_uuid for row in await world.claim()] == [late]


async def test_a_claim_is_of_one_carrier(world: World) -> None:
    await world.send()
    assert await world.claim("b") == []
    assert len(await world.claim("a")) == 1


async def test_claims_of_one_commit_share_what_there_is(world: World) -> None:
    await world.send(*(str(14_155_551_000 + at) for at in range(10)))
    one, two, three = await asyncio.gather(
        world.claim(limit=4), world.claim(limit=4, owner="there:1:x"), world.claim(limit=4)
    )
    assert [len(one), len(two), len(three)] == [4, 4, 2]
    assert len({row.message_uuid for row in one + two + three}) == 10


async def test_claimers_on_two_connections_never_get_the_same(
    postgresql_url: str, clock: ControlledClock
) -> None:
    """Both transactions are open at once, which SQLite does not allow anyway."""
    db = Database(postgresql_url)
    db.start()
    world = await open_world(db, clock)
    await world.send(*(str(14_155_551_000 + at) for at in range(10)))
    want = [outbound.Claim("a", 4, clock.now(), "x:1:y")]
    with db.engine.connect() as one, db.engine.connect() as two:
        one.begin()
        two.begin()
        (first,) = outbound.claim(one, want)
        (second,) = outbound.claim(two, want)  # does not wait for the first
        one.commit()
        two.rollback()
    third = await world.claim()
    await db.close()
    assert [len(first), len(second), len(third)] == [4, 4, 6]
    taken = {row.message_uuid for row in first}
    assert taken.isdisjoint(row.message_uuid for row in second + third)


async def test_sent_is_recorded_charged_and_told(world: World) -> None:
    dispatch = await world.claimed(text="x" * 161)
    world.clock.advance(2)
    await world.mark_sent(dispatch, "K1", "K2", carrier="b")
    record = await world.record(dispatch.message_uuid)
    assert (record["state"], record["error_code"], record["carrier"]) == ("sent", None, "b")
    assert record["sent_at"] == record["updated_at"] == world.clock.now()
    assert await world.cash() == CASH - 2 * RATE
    assert await world.told(dispatch.message_uuid) == ["queued", "sent"]
    (row,) = await world.queue()
    assert (row.state, row.sent_at) == ("sent", world.clock.now())
    assert [(one["part"], one["total"], one["carrier_key"], one["carrier"], one["recipient"],
             one["state"]) for one in await world.parts()] == [
        (1, 2, "K1", "b", HANDSET, ""), (2, 2, "K2", "b", HANDSET, ""),
    ]  # fmt: skip


@pytest.mark.parametrize("later_s", [0.0, 1.0])
async def test_sent_twice_counts_once(world: World, later_s: float) -> None:
    dispatch = await world.claimed()
    await world.mark_sent(dispatch, "K1")
    before = await world.record(dispatch.message_uuid)
    world.clock.advance(later_s)
    await world.mark_sent(dispatch, "K1")
    await world.mark_sent(dispatch, "K2")
    assert await world.record(dispatch.message_uuid) == before
    assert await world.cash() == CASH - RATE
    assert await world.told(dispatch.message_uuid) == ["queued", "sent"]
    assert [one["carrier_key"] for one in await world.parts()] == ["K1"]


async def test_sent_twice_in_one_commit_counts_once(world: World) -> None:
    dispatch = await world.claimed()
    await asyncio.gather(world.mark_sent(dispatch, "K1"), world.mark_sent(dispatch, "K1"))
    assert await world.cash() == CASH - RATE
    assert await world.told(dispatch.message_uuid) == ["queued", "sent"]


async def test_one_lost_to_another_does_not_hurt_those_beside_it(world: World) -> None:
    uuids = await world.send(HANDSET, "14155550124", "14155550125")
    rows = await world.claim()
    await world.mark_failed(rows[1])
    await asyncio.gather(*(world.mark_sent(row, f"K{at}") for at, row in enumerate(rows)))
    assert [await world.state(uuid) for uuid in uuids] == [
        ("sent", None), ("failed", 50), ("sent", None),
    ]  # fmt: skip
    assert await world.told(uuids[1]) == ["queued", "failed"]
    assert await world.cash() == CASH - 2 * RATE
    assert {one["carrier_key"] for one in await world.parts()} == {"K0", "K2"}


async def test_what_went_back_to_the_queue_is_not_sent(world: World) -> None:
    dispatch = await world.claimed()
    await world.db.submit(outbound.release, Released(dispatch, "a", 0.0, 1, ""))
    await world.mark_sent(dispatch, "K1")
    assert await world.state(dispatch.message_uuid) == ("queued", None)
    assert (await world.cash(), await world.parts()) == (CASH, [])


async def test_released_is_tried_again_elsewhere(world: World) -> None:
    dispatch = await world.claimed()
    heard: list[set[str]] = []
    world.db.listen(outbound.QUEUED, heard.append)
    item = Released(dispatch, "b", world.clock.now(), 1, "a")
    await world.db.submit(outbound.release, item)
    assert heard == [{"b"}]
    assert await world.claim("a") == []
    (again,) = await world.claim("b")
    assert (again.message_uuid, again.attempts, again.tried) == (dispatch.message_uuid, 1, "a")
    assert await world.told(dispatch.message_uuid) == ["queued"]


async def test_what_was_sent_is_not_released(world: World) -> None:
    dispatch = await world.claimed()
    await world.mark_sent(dispatch, "K1")
    await world.db.submit(outbound.release, Released(dispatch, "b", 0.0, 1, "a"))
    assert (await world.queue())[0].state == "sent"


async def test_failed_is_final_free_and_told(world: World) -> None:
    dispatch = await world.claimed()
    world.clock.advance(1)
    await world.mark_failed(dispatch, 90)
    record = await world.record(dispatch.message_uuid)
    assert (record["state"], record["error_code"], record["amount"]) == ("failed", 90, 0)
    assert record["updated_at"] == world.clock.now()
    assert (await world.queue(), await world.cash()) == ([], CASH)
    assert (await world.webhooks())[-1]["ErrorCode"] == "90"
    await world.mark_failed(dispatch, 50)
    assert await world.state(dispatch.message_uuid) == ("failed", 90)
    assert await world.told(dispatch.message_uuid) == ["queued", "failed"]


async def test_what_was_sent_does_not_fail(world: World) -> None:
    dispatch = await world.claimed()
    await world.mark_sent(dispatch, "K1")
    await world.mark_failed(dispatch)
    assert await world.state(dispatch.message_uuid) == ("sent", None)
    assert len(await world.parts()) == 1


async def test_expired_is_what_waits_too_long(world: World) -> None:
    (short,) = await world.send(expiry_s=5)
    (long,) = await world.send(expiry_s=60)
    world.clock.advance(5)
    now = world.clock.now()
    rows = await world.db.read(lambda conn: outbound.expired(conn, now))
    assert [row.message_uuid for row in rows] == [short]
    await world.claim(limit=1)  # somebody was faster: it is not failed under their hands
    await world.db.write(lambda conn: outbound.mark_expired(conn, [Failed(rows[0], 420, now)]))
    assert await world.state(short) == ("queued", None)
    assert await world.state(long) == ("queued", None)


async def test_rerouting_moves_what_waits_only(world: World) -> None:
    (claimed,) = await world.send()
    await world.claim()
    (waiting,) = await world.send()
    rows = await world.db.read(lambda conn: outbound.waiting_for(conn, "a"))
    assert [row.message_uuid for row in rows] == [waiting]
    moves = [("b", claimed), ("b", waiting)]
    assert await world.db.write(lambda conn: outbound.reroute(conn, moves)) == 1
    assert [row.message_uuid for row in await world.claim("b")] == [waiting]


async def test_queued_for_nobody(world: World) -> None:
    (uuid,) = await world.send()
    known, gone = frozenset({"a"}), frozenset({"b", "c"})
    assert await world.db.read(lambda conn: outbound.carrierless(conn, known)) == []
    rows = await world.db.read(lambda conn: outbound.carrierless(conn, gone))
    assert [row.message_uuid for row in rows] == [uuid]


async def test_without_a_url_nothing_is_told(world: World) -> None:
    dispatch = await world.claimed(callback_url="")
    await world.mark_sent(dispatch, "K1")
    await world.report("K1")
    assert await world.webhooks() == []


async def test_a_batch_of_everything_at_once(world: World) -> None:
    """Unicode, quotes and all columns come back as they went in, in one commit."""
    texts = ["Grüße 🎉", "'; DROP TABLE messages; --", "a\nb\tc", "{}", "NULL"]
    await asyncio.gather(*(world.send(text=one, extra={"dlt_entity_id": "é"}) for one in texts))
    rows = await world.claim()
    assert sorted(row.body for row in rows) == sorted(texts)
    assert all(isinstance(row, Dispatch) for row in rows)
    assert {row.callback_url for row in rows} == {STATUS_URL}
    assert {row.extra for row in rows} == {'{"dlt_entity_id": "\\u00e9"}'}


async def test_states_in_the_tables_are_plain_words(world: World) -> None:
    """Other programs read them too."""
    dispatch = await world.claimed()
    await world.mark_sent(dispatch, "K1")

    def read(conn: Connection) -> list[str]:
        return list(conn.execute(text("SELECT state FROM messages")).scalars())

    assert await world.db.read(read) == [State.SENT.value]
