"""The janitor: what dead processes had in hand, what is out of time, what nobody needs any more."""

import asyncio
import os
import socket
import subprocess
import sys
from functools import partial

import pytest
from messaging_world import HANDSET, World, accepted

from trunkline.messaging.carriers.routes import Route
from trunkline.messaging.model import Dispatch
from trunkline.messaging.recover import (
    OWNER_SILENT_S,
    SLOW_SWEEP,
    SWEEP_S,
    UNMATCHED_KEEP_S,
    new_owner,
)
from trunkline.messaging.routing import Router
from trunkline.messaging.store import presence
from trunkline.values.ids import new_uuid

HERE = socket.gethostname()
DAY = 86_400.0


@pytest.fixture(scope="module")
def dead_pid() -> int:
    """The id of a process that was, and is no more."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


async def in_hand(world: World, owner: str, count: int = 1) -> list[str]:
    uuids = await world.send(*(str(14_155_550_500 + at) for at in range(count)))
    assert len(await world.claim(owner=owner)) == count
    return uuids


async def seen(world: World, owner: str) -> None:
    await world.db.write(partial(presence.seen, owner=owner, now=world.clock.now()))


async def test_what_a_dead_process_had_is_resent(world: World, dead_pid: int) -> None:
    uuids = await in_hand(world, f"{HERE}:{dead_pid}:x", 3)
    janitor = world.janitor(resend=True)
    assert await janitor.recover(world.clock.now()) == 3
    rows = await world.claim()
    assert [(row.message_uuid, row.attempts) for row in rows] == [(uuid, 1) for uuid in uuids]
    assert (janitor.recovered.resent, janitor.recovered.marked) == (3, 0)
    for uuid in uuids:
        assert await world.told(uuid) == ["queued"]


async def test_or_marked_so_that_none_arrives_twice(world: World, dead_pid: int) -> None:
    uuids = await in_hand(world, f"{HERE}:{dead_pid}:x", 2)
    janitor = world.janitor(resend=False)
    assert await janitor.recover(world.clock.now()) == 2
    assert [await world.state(uuid) for uuid in uuids] == [("failed", 20)] * 2
    assert [await world.told(uuid) for uuid in uuids] == [["queued", "failed"]] * 2
    assert (janitor.recovered.resent, janitor.recovered.marked) == (0, 2)
    assert await world.claim() == []


async def test_what_living_processes_have_stays_theirs(world: World) -> None:
    me = f"{HERE}:{os.getpid()}:me"
    beside = f"{HERE}:{os.getppid()}:x"
    afar = "elsewhere:1:x"
    for owner in (me, beside, afar):
        await in_hand(world, owner)
    await seen(world, beside)
    await seen(world, afar)
    janitor = world.janitor(owner=me)
    world.clock.advance(OWNER_SILENT_S - 0.1)
    assert await janitor.recover(world.clock.now()) == 0
    world.clock.advance(0.2)
    assert await janitor.recover(world.clock.now()) == 2  # silent too long, but for oneself
    assert [row.owner for row in await world.queue() if row.state == "sending"] == [me]


async def test_a_process_that_had_our_id_is_dead(world: World) -> None:
    last = f"{HERE}:{os.getpid()}:last"
    await in_hand(world, last)
    await seen(world, last)  # a second ago, perhaps, in a container where ids begin at 1 again
    assert await world.janitor().recover(world.clock.now()) == 1


async def test_one_on_another_machine_never_seen_is_dead(world: World) -> None:
    await in_hand(world, "elsewhere:1:x")
    assert await world.janitor().recover(world.clock.now()) == 1


def test_owners_have_a_name_of_their_own() -> None:
    host, pid, _ = new_owner().split(":")
    assert (host, int(pid)) == (HERE, os.getpid())
    assert new_owner() != new_owner()


async def test_two_janitors_resolve_it_once(world: World, dead_pid: int) -> None:
    (uuid,) = await in_hand(world, f"{HERE}:{dead_pid}:x")
    await asyncio.gather(
        world.janitor(resend=False).recover(world.clock.now()),
        world.janitor(resend=False).recover(world.clock.now()),
    )
    assert await world.told(uuid) == ["queued", "failed"]


async def test_an_answer_that_comes_after_all_is_not_believed(world: World, dead_pid: int) -> None:
    """The process was not dead but slow: its message failed already."""
    (uuid,) = await in_hand(world, f"{HERE}:{dead_pid}:x")
    (row,) = await world.queue()
    await world.janitor(resend=False).recover(world.clock.now())
    await world.mark_sent(row, "K1")
    assert await world.state(uuid) == ("failed", 20)
    assert (await world.queue(), await world.parts()) == ([], [])


# -- time


async def test_what_waits_too_long_fails_with_420(world: World) -> None:
    (short,) = await world.send(expiry_s=5)
    (long,) = await world.send(expiry_s=6)
    janitor = world.janitor()
    world.clock.advance(4.9)
    await janitor.sweep()
    assert await world.state(short) == ("queued", None)
    world.clock.advance(0.1)
    await janitor.sweep()
    assert await world.state(short) == ("failed", 420)
    assert await world.state(long) == ("queued", None)
    assert (await world.webhooks())[-1]["ErrorCode"] == "420"


async def test_what_is_at_the_carrier_does_not_expire(world: World) -> None:
    sending = await world.claimed(expiry_s=5)
    sent = await world.claimed(expiry_s=5)
    await world.mark_sent(sent, "K1")
    world.clock.advance(10)
    await world.janitor(owner="here:1:me").sweep()
    assert await world.state(sending.message_uuid) == ("queued", None)
    assert await world.state(sent.message_uuid) == ("sent", None)


async def test_the_janitor_sweeps_when_the_clock_is_moved(world: World) -> None:
    (uuid,) = await world.send(expiry_s=5)
    janitor = world.janitor()
    task = asyncio.create_task(janitor.run())
    world.tasks.append(task)
    await world.until(lambda: janitor._sweeps == 1)
    world.clock.advance(5)
    await world.until_state(uuid, "failed")


async def test_a_dead_database_does_not_end_the_janitor(world: World) -> None:
    janitor = world.janitor()
    with world.broken() as gone:
        world.tasks.append(asyncio.create_task(janitor.run()))
        await world.until(lambda: gone.asked == 1)
    world.clock.advance(SWEEP_S)
    await world.until(lambda: janitor._sweeps == 1)


# -- carriers that are no more


async def test_orphans_find_another_carrier(world: World) -> None:
    (uuid,) = await world.send()
    carriers = {"b": world.carriers["b"]}
    router = Router([Route("b")], carriers)
    await world.janitor(router=router, carriers=frozenset(carriers)).sweep()
    assert [row.message_uuid for row in await world.claim("b")] == [uuid]


async def test_orphans_without_a_way_wait(world: World) -> None:
    (uuid,) = await world.send()
    router = Router([Route("b", prefixes=("44",))], {})
    await world.janitor(router=router, carriers=frozenset({"b"})).sweep()
    assert (await world.queue())[0].carrier == "a"
    assert await world.state(uuid) == ("queued", None)


# -- what is kept only for a time


async def test_texts_are_forgotten_in_time_and_the_rest_kept(world: World) -> None:
    """Message ids carry the real time, so the clock is set by them."""
    uuids = [(await world.send())[0] for _ in range(3)]
    made_at = int(uuids[-1].replace("-", "")[:12], 16) / 1_000
    world.clock.advance(made_at - world.clock.now())
    janitor = world.janitor(content_keep_s=7 * DAY)
    await janitor.sweep()
    assert [record["body"] for record in await world.records()] == ["Hi"] * 3
    world.clock.advance(7 * DAY + 1)
    for _ in range(SLOW_SWEEP):
        await janitor.sweep()
    assert [record["body"] for record in await world.records()] == [None] * 3
    assert [record["recipient"] for record in await world.records()] == [HANDSET] * 3


async def test_receipts_nobody_claimed_are_forgotten(world: World) -> None:
    await world.report("K1")
    world.clock.advance(UNMATCHED_KEEP_S - 1)
    await world.janitor().sweep()
    assert len(await world.unmatched()) == 1
    world.clock.advance(2)
    await world.janitor().sweep()
    assert await world.unmatched() == []


async def test_presence_is_noted_and_old_names_forgotten(world: World) -> None:
    await seen(world, "old:1:x")
    world.clock.advance(DAY + 1)
    await world.janitor(owner="h:1:new").sweep()
    assert await world.db.read(presence.last_seen) == {"h:1:new": world.clock.now()}


async def test_a_killed_sender_and_its_successor(world: World, dead_pid: int) -> None:
    """From the claim of the dead to the receipt of the living."""
    (uuid,) = await in_hand(world, f"{HERE}:{dead_pid}:{new_uuid()[-12:]}")
    world.carriers["a"].reply = accepted
    world.run("a")
    await world.janitor().sweep()
    await world.until(lambda: world.lanes["a"].counters.sent == 1)
    row: Dispatch = world.carriers["a"].history[0]
    await world.report(f"{uuid.upper()}-1", handset=row.recipient)
    assert await world.told(uuid) == ["queued", "sent", "delivered"]
