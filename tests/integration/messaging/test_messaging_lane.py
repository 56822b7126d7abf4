"""The lane of a carrier, from the queue to what the carrier answered, over a real database."""

import asyncio
from typing import Any

import pytest
from messaging_world import CASH, NUMBER, OWNER, RATE, World, accepted

from trunkline.messaging.carriers.port import Outcome, Refused, Uncertain, Unsent
from trunkline.messaging.carriers.status import submit_status
from trunkline.messaging.dispatch import BACKOFF_S, MAX_ATTEMPTS, Lane
from trunkline.messaging.model import Dispatch
from trunkline.messaging.store import outbound

TEMPORARY, REROUTE, FAILED, LINK = 0x008, 0x00A, 0x00B, 0x004


def refused(status: int) -> Refused:
    return Refused(submit_status(status))


async def step(world: World, lane: Lane, times: int = 1) -> None:
    """Turns of the lane that find work; one that finds none would wait for the clock."""
    for _ in range(times):
        await lane._step()


async def settled(world: World) -> None:
    """Return once everything that was written before is committed."""
    await world.db.write(lambda conn: None)


async def try_once(world: World, lane: Lane, outcome: Outcome) -> Dispatch:
    """Have the oldest message handed to the carrier, and answered."""
    await step(world, lane)
    dispatch = world.carriers[lane.carrier.name].answer(outcome)
    await settled(world)
    return dispatch


async def test_a_stream_of_messages_is_sent(world: World) -> None:
    for name in ("a", "b"):
        world.carriers[name].reply = accepted
        world.carriers[name].window = 7  # so that it takes many claims
    world.run("a", "b")
    batches = [world.send(*(str(14_155_560_000 + n * 100 + at) for at in range(50)))
               for n in range(10)]  # fmt: skip
    uuids = [uuid for batch in await asyncio.gather(*batches) for uuid in batch]
    lane = world.lanes["a"]
    await world.until(lambda: lane.counters.sent == len(uuids))
    await settled(world)
    assert {(record["state"], record["carrier"]) for record in await world.records()} == {
        ("sent", "a")
    }
    assert len(world.carriers["a"].history) == len(uuids)
    assert await world.cash() == CASH - RATE * len(uuids)
    assert world.credit._reserved == {}
    assert len(await world.parts()) == len(uuids)


async def test_messages_of_one_request_leave_in_its_order(world: World) -> None:
    world.carriers["a"].window = 3
    world.carriers["a"].reply = accepted
    world.run("a")
    uuids = await world.send(*(str(14_155_550_000 + at) for at in range(20)))
    await world.until(lambda: len(world.carriers["a"].history) == 20)
    assert [row.message_uuid for row in world.carriers["a"].history] == uuids


async def test_only_what_the_carrier_has_room_for_is_claimed(world: World) -> None:
    lane = world.lane("a")
    world.carriers["a"].window = 2
    await world.send("14155550001", "14155550002", "14155550003")
    await step(world, lane)
    assert len(world.carriers["a"].taken) == 2
    assert [row.state for row in await world.queue()] == ["sending", "sending", "waiting"]
    assert {row.owner for row in await world.queue()} == {OWNER, ""}


# -- refused, by class of the answer


async def test_temporary_is_tried_again_then_elsewhere_then_again(world: World) -> None:
    lanes = {name: world.lane(name) for name in ("a", "b")}
    (uuid,) = await world.send()
    seen: list[tuple[str, float]] = []
    began = world.clock.now()
    for _ in range(MAX_ATTEMPTS):
        (row,) = await world.queue()
        world.clock.advance(max(0.0, row.due_at - world.clock.now()))
        seen.append((row.carrier, world.clock.now() - began))
        await try_once(world, lanes[row.carrier], refused(TEMPORARY))
    first, second, third, fourth = (BACKOFF_S[0], *BACKOFF_S[2:4], 0.0)
    assert seen == [
        ("a", 0.0),
        ("a", first),
        ("b", first),
        ("b", first + second),
        ("b", first + second + third + fourth),
    ]
    assert await world.state(uuid) == ("failed", 20)
    assert await world.told(uuid) == ["queued", "failed"]
    assert (await world.cash(), world.credit._reserved) == (CASH, {})


async def test_temporary_without_another_carrier_backs_off(world: World) -> None:
    world.carriers["b"].is_up = False
    lane = world.lane("a")
    (uuid,) = await world.send()
    waits: list[float] = []
    for _ in range(MAX_ATTEMPTS - 1):
        await try_once(world, lane, refused(TEMPORARY))
        (row,) = await world.queue()
        waits.append(row.due_at - world.clock.now())
        world.clock.advance(waits[-1])
    assert waits == list(BACKOFF_S[:1] + BACKOFF_S[1:4])
    await try_once(world, lane, refused(TEMPORARY))
    assert await world.state(uuid) == ("failed", 20)


async def test_reroute_goes_elsewhere_at_once_and_fails_when_all_refuse(world: World) -> None:
    a, b = world.lane("a"), world.lane("b")
    (uuid,) = await world.send()
    await try_once(world, a, refused(REROUTE))
    (row,) = await world.queue()
    assert (row.state, row.carrier, row.tried, row.attempts) == ("waiting", "b", "a", 1)
    assert row.due_at == world.clock.now()
    await try_once(world, b, refused(REROUTE))
    assert await world.state(uuid) == ("failed", 40)


@pytest.mark.parametrize("status", [TEMPORARY, REROUTE, LINK])
async def test_elsewhere_it_may_be_taken(world: World, status: int) -> None:
    a, b = world.lane("a"), world.lane("b")
    (uuid,) = await world.send()
    await try_once(world, a, refused(status))
    if status == TEMPORARY:
        world.clock.advance(BACKOFF_S[0])
        await try_once(world, a, refused(status))
    await step(world, b)
    world.carriers["b"].answer(accepted(world.carriers["b"].taken[0]))
    await settled(world)
    assert (await world.record(uuid))["carrier"] == "b"
    assert await world.told(uuid) == ["queued", "sent"]
    assert await world.cash() == CASH - RATE


async def test_a_link_at_fault_does_not_fail_the_message_at_once(world: World) -> None:
    world.carriers["b"].is_up = False
    lane = world.lane("a")
    (uuid,) = await world.send()
    await try_once(world, lane, refused(LINK))
    (row,) = await world.queue()
    assert (row.carrier, row.due_at) == ("a", world.clock.now() + BACKOFF_S[0])
    assert await world.state(uuid) == ("queued", None)


async def test_final_fails_at_once_though_there_is_another_carrier(world: World) -> None:
    lane = world.lane("a")
    (uuid,) = await world.send()
    await try_once(world, lane, refused(FAILED))
    assert await world.state(uuid) == ("failed", 50)
    assert (lane.counters.failed, lane.counters.released) == (1, 0)


# -- no answer


async def test_uncertain_is_resent_by_another_carrier(world: World) -> None:
    lane = world.lane("a")
    (uuid,) = await world.send()
    await try_once(world, lane, Uncertain("timeout"))
    (row,) = await world.queue()
    assert (row.message_uuid, row.carrier, row.attempts) == (uuid, "b", 1)
    assert (lane.counters.uncertain, world.credit._reserved) == (1, {})


async def test_uncertain_is_resent_until_the_limit(world: World) -> None:
    world.carriers["b"].is_up = False
    lane = world.lane("a")
    (uuid,) = await world.send()
    for _ in range(MAX_ATTEMPTS):
        assert await world.state(uuid) == ("queued", None)
        await try_once(world, lane, Uncertain("timeout"))
        world.clock.advance(BACKOFF_S[0])
    assert await world.state(uuid) == ("failed", 20)
    assert lane.counters.uncertain == len(world.carriers["a"].history) == MAX_ATTEMPTS


async def test_uncertain_is_marked_if_none_may_arrive_twice(world: World) -> None:
    lane = world.lane("a", resend=False)
    (uuid,) = await world.send()
    await try_once(world, lane, Uncertain("timeout"))
    assert await world.state(uuid) == ("failed", 20)
    assert await world.cash() == CASH


@pytest.mark.parametrize("resend", [True, False])
async def test_what_never_left_is_no_attempt(world: World, resend: bool) -> None:
    lane = world.lane("a", resend=resend)
    await world.send()
    await try_once(world, lane, Unsent())
    (row,) = await world.queue()
    assert (row.state, row.carrier, row.attempts, row.owner) == ("waiting", "a", 0, "")
    assert world.credit._reserved == {}


async def test_a_claim_under_way_when_the_lane_ends_goes_back(world: World) -> None:
    lane = world.lane("a")
    await world.send()
    task = asyncio.create_task(lane.run())
    await asyncio.sleep(0)  # one turn: it has asked, and not yet been answered
    assert world.db.writer.depth == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await settled(world)
    (row,) = await world.queue()
    assert (row.state, row.attempts, world.carriers["a"].history) == ("waiting", 0, [])


# -- checks before it leaves


async def test_without_credit_it_fails_with_900(world: World) -> None:
    lane = world.lane("a")
    world.balances.charged({world.account.auth_id: CASH - 2 * RATE})
    uuids = await world.send("14155550001", "14155550002", "14155550003")
    await step(world, lane)
    await settled(world)
    assert [await world.state(uuid) for uuid in uuids] == [
        ("queued", None), ("queued", None), ("failed", 900),
    ]  # fmt: skip
    world.carriers["a"].answer(refused(FAILED))  # its money is free again
    await settled(world)
    (more,) = await world.send("14155550004")
    await step(world, lane)
    assert [row.message_uuid for row in world.carriers["a"].taken] == [uuids[1], more]


async def test_what_expired_in_the_queue_fails_with_420(world: World) -> None:
    lane = world.lane("a")
    (uuid,) = await world.send(expiry_s=5)
    world.clock.advance(5)
    await step(world, lane)
    await settled(world)
    assert (await world.state(uuid), world.carriers["a"].history) == (("failed", 420), [])


# -- carriers and databases that go away


async def test_a_dead_carriers_queue_moves_where_routes_allow(world: World) -> None:
    a, b = world.carriers["a"], world.carriers["b"]
    uuids = await world.send("14155550001", "14155550002")
    a.is_up = False
    b.reply = accepted
    world.run("a", "b")
    await world.until(lambda: world.lanes["b"].counters.sent == 2)
    await settled(world)
    assert [row.message_uuid for row in b.history] == uuids
    assert {record["carrier"] for record in await world.records()} == {"b"}


async def test_a_long_queue_moves_in_one_go(world: World) -> None:
    world.carriers["a"].window = 0
    many = [str(14_155_000_000 + at) for at in range(600)]
    await world.send(*many)
    world.carriers["a"].is_up = False
    world.carriers["b"].reply = accepted
    world.carriers["b"].window = 1_000
    world.run("a", "b")  # the clock stands still
    await world.until(lambda: world.lanes["b"].counters.sent == len(many))


async def test_without_a_way_out_the_queue_stands(world: World) -> None:
    for carrier in world.carriers.values():
        carrier.is_up = False
    (uuid,) = await world.send()
    lane = world.lane("a")
    await lane._move_away()
    assert (await world.queue())[0].carrier == "a"
    assert await world.state(uuid) == ("queued", None)


async def test_a_full_carrier_is_not_a_dead_one(world: World) -> None:
    world.carriers["a"].window = 0
    await world.send()
    world.run("a", "b")
    for _ in range(5):
        await settled(world)
    assert (await world.queue())[0].carrier == "a"


async def test_nothing_the_carrier_said_is_lost_while_the_database_is_away(world: World) -> None:
    lane = world.lane("a")
    uuids = await world.send("14155550001", "14155550002", "14155550003")
    await step(world, lane)
    taken = list(world.carriers["a"].taken)
    with world.broken() as gone:
        world.carriers["a"].answer(accepted(taken[0]), taken[0])
        world.carriers["a"].answer(refused(FAILED), taken[1])
        world.carriers["a"].answer(Uncertain("timeout"), taken[2])
        await world.until(lambda: gone.asked >= 2)
        assert [await world.state(uuid) for uuid in uuids] == [("queued", None)] * 3
    await settled(world)
    assert [await world.state(uuid) for uuid in uuids] == [
        ("sent", None), ("failed", 50), ("queued", None),
    ]  # fmt: skip
    assert [row.carrier for row in await world.queue()] == ["a", "b"]
    assert await world.cash() == CASH - RATE
    assert [one["Status"] for one in await world.webhooks()][3:] == ["sent", "failed"]


async def test_the_lane_goes_on_when_the_database_is_back(world: World) -> None:
    world.carriers["a"].reply = accepted
    await world.send(sender=NUMBER)
    with world.broken() as gone:
        world.run("a")
        await world.until(lambda: gone.asked >= 1)
    await world.until(lambda: world.lanes["a"].counters.sent == 1)


async def test_a_claim_wanted_while_another_waits_takes_what_is_left(world: World) -> None:
    """Two lanes of one carrier, as in two processes, never hand over the same message."""
    await world.send(*(str(14_155_550_000 + at) for at in range(30)))
    first, second = world.lane("a"), world.lane("a")
    world.carriers["a"].window = 20
    await asyncio.gather(first._step(), second._step())
    history: list[Any] = [row.message_uuid for row in world.carriers["a"].history]
    assert len(history) == len(set(history)) == 30
    rows = await world.db.read(lambda conn: outbound.sending_of(conn, OWNER))
    assert len(rows) == 30
