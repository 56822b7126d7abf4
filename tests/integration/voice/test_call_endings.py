"""How calls end: charged once with their record, and by somebody else when their node died."""

import os
import socket
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import func, select, text
from voice_desk import NORMAL, Desk

from trunkline.billing import store as billing
from trunkline.runtime.db import Connection
from trunkline.voice.records.closing import SILENT_S, SWEEP_S, Closer, Heartbeat, new_node
from trunkline.voice.records.model import (
    NODE_DIED,
    OUT_OF_CREDIT,
    Answered,
    Begun,
    Call,
    CallState,
    Ended,
    Rang,
)
from trunkline.voice.records.store import calls, lists, nodes


async def finish(desk: Desk, *ended: Ended) -> calls.Finished:
    return await desk.db.write(lambda conn: calls.finish(conn, ended))


async def cash(desk: Desk) -> int:
    return await desk.db.read(lambda conn: billing.balance(conn, desk.main))


async def ledger(desk: Desk) -> list[tuple[str, str, str, int]]:
    columns = ("resource_id", "kind", "used_by", "amount")

    def read(conn: Connection) -> list[tuple[Any, ...]]:
        wanted = [billing.ledger.c[name] for name in columns]
        rows = conn.execute(select(*wanted).where(billing.ledger.c.kind == "call"))
        return [tuple(row) for row in rows]

    return await desk.db.read(read)


async def test_a_call_is_charged_in_the_transaction_that_ends_it(desk: Desk) -> None:
    before, now = await cash(desk), desk.clock.now()
    one = desk.new_call(desk.sub)
    await desk.insert(one)
    await desk.db.write(lambda conn: calls.answer(conn, [Answered(one.call_uuid, now)]))

    def fail(conn: Connection) -> None:
        calls.finish(conn, [Ended(one.call_uuid, now + 61, NORMAL)])
        raise ZeroDivisionError  # what else belongs to its end cannot be written

    with pytest.raises(ZeroDivisionError):
        await desk.db.write(fail)
    assert await cash(desk) == before
    done = await finish(desk, Ended(one.call_uuid, now + 61, NORMAL))
    assert done.paid == {desk.main: 1700}
    (row,) = done.calls
    assert (row.bill_duration, row.billed_duration, row.amount) == (61, 120, 1700)
    assert row == await desk.db.read(
        lambda conn: lists.get(conn, desk.main, desk.sub, one.call_uuid)
    )
    assert await cash(desk) == before - 1700
    assert await ledger(desk) == [(one.call_uuid, "call", desk.sub, -1700)]
    wanted = "SELECT account_id, direction, items, units, amount FROM usage WHERE product = 'voice'"
    usage = await desk.db.read(lambda conn: conn.execute(text(wanted)).all())
    assert [tuple(row) for row in usage] == [(desk.sub, "outbound", 1, 2, 1700)]


async def test_it_ends_once(desk: Desk) -> None:
    made = await desk.ended(lasted=30)
    before = await cash(desk)
    again = await finish(
        desk,
        Ended(made.call_uuid, (made.ended_at or 0) + 600, OUT_OF_CREDIT),
        Ended("5b40a428-bfc7-4daf-9d06-726c558bf3b8", desk.clock.now(), NORMAL),
    )
    assert again == ([], {})
    assert await cash(desk) == before
    found = await desk.db.read(lambda conn: lists.get(conn, desk.main, desk.main, made.call_uuid))
    assert found == made


async def test_many_end_together(desk: Desk) -> None:
    now, before = desk.clock.now(), await cash(desk)
    made = [desk.new_call() for _ in range(40)]
    await desk.insert(*made)
    answered = [Answered(one.call_uuid, now) for one in made[:30]]
    await desk.db.write(lambda conn: calls.answer(conn, answered))
    done = await finish(desk, *(Ended(one.call_uuid, now + 10, NORMAL) for one in made))
    assert len(done.calls) == 40
    assert done.paid == {desk.main: 30 * 850}
    assert {one.state for one in done.calls} == {CallState.COMPLETED, CallState.FAILED}
    assert await cash(desk) == before - 30 * 850


async def test_what_comes_late_changes_nothing(desk: Desk) -> None:
    now = desk.clock.now()
    made = await desk.ended(lasted=None, state=CallState.CANCELLED)
    uuid = made.call_uuid

    def late(conn: Connection) -> Call | None:
        calls.begin(conn, [Begun(uuid, "other:1:a")])
        calls.ring(conn, [Rang(uuid, now)])
        calls.answer(conn, [Answered(uuid, now)])
        return lists.get(conn, desk.main, desk.main, uuid)

    assert await desk.db.write(late) == made


async def test_ringing_and_answer_are_noted_the_first_time(desk: Desk) -> None:
    now = desk.clock.now()
    one = desk.new_call()
    await desk.insert(one)

    def twice(conn: Connection) -> Call | None:
        for at in (now + 1, now + 2):
            calls.ring(conn, [Rang(one.call_uuid, at)])
        for at in (now + 3, now + 4):
            calls.answer(conn, [Answered(one.call_uuid, at)])
        return lists.get(conn, desk.main, desk.main, one.call_uuid)

    found = await desk.db.write(twice)
    assert found is not None
    assert (found.ringing_at, found.answered_at) == (now + 1, now + 3)


class Told:
    """Hears of calls that were closed."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def __call__(self, _conn: Connection, closed: Sequence[Call]) -> None:
        self.calls += closed


def closer(desk: Desk, heartbeat: Heartbeat | None = None, told: Told | None = None) -> Closer:
    return Closer(
        db=desk.db,
        clock=desk.clock,
        balances=desk.balances,
        heartbeat=heartbeat,
        on_closed=[told] if told is not None else [],
    )


async def test_the_calls_of_a_dead_node_are_closed_within_thirty_seconds(desk: Desk) -> None:
    told = Told()
    watch = closer(desk, told=told)
    dead, living = (Heartbeat(desk.db, desk.clock, f"far{n}:1:abc") for n in (1, 2))
    await dead.beat()
    await living.beat()
    started = desk.clock.now()
    answered, ringing = desk.new_call(node=dead.node), desk.new_call(node=dead.node)
    queued = desk.new_call(node="", state="queued")
    other = desk.new_call(node=living.node)
    await desk.insert(answered, ringing, queued, other)
    desk.clock.advance(2)
    await desk.db.write(
        lambda conn: calls.answer(conn, [Answered(answered.call_uuid, desk.clock.now())])
    )
    desk.clock.advance(2)
    await dead.beat()  # its last
    died, before = desk.clock.now(), await cash(desk)
    for _ in range(20):
        assert desk.clock.now() - died <= 30
        desk.clock.advance(SWEEP_S)
        await living.beat()
        if await watch.sweep():
            break
    assert desk.clock.now() - died >= SILENT_S
    by_uuid = {one.call_uuid: one for one in told.calls}
    assert set(by_uuid) == {answered.call_uuid, ringing.call_uuid}
    one = by_uuid[answered.call_uuid]
    assert (one.state, one.hangup_code, one.hangup_name) == ("completed", 5010, "Internal Error")
    assert one.hangup_source == NODE_DIED.source
    assert (one.ended_at, one.bill_duration) == (died, 2)  # it cost what it had lasted for sure
    assert by_uuid[ringing.call_uuid].state == "failed"
    assert by_uuid[ringing.call_uuid].amount == 0
    assert await cash(desk) == before - 850
    assert desk.balances.spendable(desk.main) == before - 850
    left = await desk.db.read(nodes.with_calls)
    assert set(left) == {living.node}
    assert started < died
    assert await watch.sweep() == 0
    live = await desk.call("call.list_live", desk.main)
    assert live["calls"] == [other.call_uuid]
    assert (await desk.call("call.list_queued", desk.main))["calls"] == [queued.call_uuid]


async def test_a_process_that_is_gone_from_this_machine_is_dead_at_once(desk: Desk) -> None:
    host = socket.gethostname()
    gone = Heartbeat(desk.db, desk.clock, f"{host}:{2**22 + 1}:abc")
    here = Heartbeat(desk.db, desk.clock, f"{host}:{os.getpid()}:abc")
    for one in (gone, here):
        await one.beat()
        await desk.insert(desk.new_call(node=one.node))
    assert await closer(desk).sweep() == 1
    assert set(await desk.db.read(nodes.with_calls)) == {here.node}
    assert await closer(desk).is_dead(gone.node)
    assert not await closer(desk).is_dead(here.node)


async def test_a_node_does_not_seem_dead_to_itself_when_the_clock_jumps(desk: Desk) -> None:
    own = Heartbeat(desk.db, desk.clock, new_node())
    await own.beat()
    await desk.insert(desk.new_call(node=own.node))
    desk.clock.advance(86_400 * 2)
    assert await closer(desk, own).sweep() == 0
    await own.leave()
    assert await closer(desk).is_dead(own.node)


async def test_a_node_that_was_never_seen_has_no_calls_for_long(desk: Desk) -> None:
    one = desk.new_call(node="far:1:abc")
    await desk.insert(one)
    desk.clock.advance(5)
    told = Told()
    assert await closer(desk, told=told).sweep() == 1
    assert told.calls[0].ended_at == desk.clock.now()


async def test_after_the_database_was_away_nodes_may_speak_before_they_are_judged(
    desk: Desk,
) -> None:
    node = Heartbeat(desk.db, desk.clock, "far:1:abc")
    await node.beat()
    await desk.insert(desk.new_call(node=node.node))
    watch = closer(desk)
    desk.clock.advance(60)  # nobody could write
    watch.forgive()
    assert await watch.sweep() == 0
    await node.beat()
    desk.clock.advance(13)
    assert await watch.sweep() == 0
    desk.clock.advance(13)
    assert await watch.sweep() == 1


async def test_old_nodes_are_forgotten(desk: Desk) -> None:
    for name in ("a:1:a", "b:1:b"):
        await Heartbeat(desk.db, desk.clock, name).beat()
        desk.clock.advance(86_401)
    await Heartbeat(desk.db, desk.clock, "c:1:c").beat()
    count = await desk.db.read(
        lambda conn: conn.execute(select(func.count()).select_from(text("call_nodes"))).scalar_one()
    )
    assert count == 1
