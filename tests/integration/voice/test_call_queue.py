"""Calls that are asked for: durable at once, placed at their pace, each at most once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from urllib.parse import parse_qsl

import pytest
from sqlalchemy import text
from voice_desk import Desk
from voice_node import Node

from trunkline.contract.errors import InvalidParameter, MissingParameter, NotFound
from trunkline.runtime.db import DatabaseUnavailable
from trunkline.values.ids import new_uuid
from trunkline.voice.call import Plan
from trunkline.voice.commands.wire import Scope
from trunkline.voice.interpreter.walk import Start
from trunkline.voice.orphans import tell_owners
from trunkline.voice.records.closing import SILENT_S, Closer
from trunkline.voice.records.store import nodes, queue
from trunkline.voice.session.facts import Facts
from trunkline.voice.telephony import Destination

ANSWER = "https://app.test/answer"


@pytest.fixture
async def new_node(desk: Desk) -> AsyncIterator[Callable[..., Node]]:
    made: list[Node] = []

    def make(**options: float) -> Node:
        made.append(Node(desk, **options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for node in made:
        await node.close()


async def ask(desk: Desk, to: str | list[str], **fields: object) -> list[str]:
    fields = {"from": "14155550100", "answer_url": ANSWER, **fields}
    answer = await desk.call("call.create", desk.main, to=to, **fields)
    assert answer["message"] == "call fired"
    ids = answer["request_uuid"]
    return ids if isinstance(ids, list) else [ids]


async def settled(node: Node) -> None:
    async with asyncio.timeout(20):
        while len(node.live):  # noqa: ASYNC110 - the calls' tasks end by themselves
            await asyncio.sleep(0.005)


async def hangups(desk: Desk) -> list[dict[str, str]]:
    """Return the parameters of the queued hangup callbacks, and their `url`."""
    query = text("SELECT url, body FROM webhooks WHERE kind = 'voice.hangup' ORDER BY id")
    found = await desk.db.read(lambda conn: conn.execute(query).all())
    return [{"url": url, **dict(parse_qsl(body))} for url, body in found]


async def queued(desk: Desk) -> list[str]:
    return (await desk.call("call.list_queued", desk.main))["calls"]


async def test_calls_start_at_the_accounts_pace(desk: Desk, new_node: Callable[..., Node]) -> None:
    node = new_node(calls_per_second=2)
    numbers = [f"1206555010{last}" for last in range(5)]
    ids = await ask(desk, numbers)
    assert len(set(ids)) == 5
    assert await queued(desk) == ids
    wait_s = await node.queue.place_what_may()
    await settled(node)
    assert node.telephony.dialled == numbers[:2]
    assert wait_s == pytest.approx(0.5)
    assert await queued(desk) == ids[2:]
    desk.clock.advance(wait_s)
    await node.queue.place_what_may()
    desk.clock.advance(10)  # what was not used is not saved up beyond a second's worth
    await node.queue.place_what_may()
    await settled(node)
    assert node.telephony.dialled == numbers
    assert [one["HangupCauseName"] for one in await hangups(desk)] == ["Busy Line"] * 5
    record = await desk.call("call.get", desk.main, call_uuid=ids[0])
    assert (record["call_state"], record["hangup_cause_code"]) == ("BUSY", 3010)


async def test_turns_of_other_calls_are_counted_too(
    desk: Desk, new_node: Callable[..., Node]
) -> None:
    node = new_node(calls_per_second=2)
    assert node.queue.turn(desk.main) == 0.0  # a participant that is called, and one more call
    await ask(desk, ["12065550110", "12065550111"])
    await node.queue.place_what_may()
    await settled(node)
    assert node.telephony.dialled == ["12065550110"]
    assert node.queue.turn(desk.main) == pytest.approx(0.5)
    assert node.queue.turn(desk.other) == 0.0
    desk.clock.advance(0.5)
    assert node.queue.turn(desk.main) == 0.0


async def test_of_calls_taken_together_as_many_are_placed_as_can_be_paid(
    desk: Desk, new_node: Callable[..., Node]
) -> None:
    node = new_node(calls_per_second=100)
    node.telephony.tried.clear()
    numbers = [f"1206555010{last}" for last in range(5)]
    ids = await ask(desk, numbers)
    await desk.db.write(lambda conn: conn.execute(text("UPDATE calls SET rate = 850")))
    desk.balances.charged({desk.main: desk.balances.spendable(desk.main) - 2 * 850})
    await node.queue.place_what_may()
    told = await hangups(desk)
    assert {one["CallUUID"]: one["HangupCauseCode"] for one in told} == dict.fromkeys(
        ids[2:], "1010"
    )
    node.telephony.tried.set()
    await settled(node)
    assert node.telephony.dialled == numbers[:2]


async def test_another_accounts_calls_do_not_wait_for_them(
    desk: Desk, new_node: Callable[..., Node]
) -> None:
    node = new_node(calls_per_second=1)
    await ask(desk, [f"12065550{last}" for last in range(100, 150)])
    fields = {"from": "14155550100", "answer_url": ANSWER}
    await desk.call("call.create", desk.other, to="442071838750", **fields)
    await node.queue.place_what_may()
    await settled(node)
    assert sorted(node.telephony.dialled) == ["12065550100", "442071838750"]


async def test_no_more_calls_begin_than_there_is_room_for(
    desk: Desk, new_node: Callable[..., Node]
) -> None:
    node = new_node(calls_per_second=1_000, most=3)
    await ask(desk, [f"12065550{last}" for last in range(100, 110)])
    placing = asyncio.ensure_future(node.queue.place_what_may())
    await placing
    assert len(node.live) == 3
    assert len(await queued(desk)) == 7
    await settled(node)


async def test_calls_wait_for_audio(desk: Desk, new_node: Callable[..., Node]) -> None:
    node = new_node(calls_per_second=1_000)
    ids = await ask(desk, ["12065550101", "12065550102", "12065550103"])
    node.room = 0
    assert await node.queue.place_what_may() > 0
    assert await queued(desk) == ids
    node.room = 2
    node.db.meanwhile = lambda: setattr(node, "room", 0)  # the media process dies
    await node.queue.place_what_may()
    assert (await queued(desk), node.telephony.dialled) == (ids, [])
    node.db.meanwhile, node.room = lambda: None, 2
    await node.queue.place_what_may()
    await settled(node)
    assert (await queued(desk), len(node.telephony.dialled)) == ([], 3)


async def test_calls_that_come_in_while_others_are_claimed(
    desk: Desk, new_node: Callable[..., Node]
) -> None:
    node = new_node(most=1, calls_per_second=100)
    ids = await ask(desk, ["12065550101", "12065550102"])

    def one_more() -> None:
        node.db.meanwhile = lambda: None
        facts = Facts(
            new_uuid(), desk.main, desk.main, "outbound", "14155550100",
            "12065550199", desk.clock.now(),
        )  # fmt: skip
        node.live.place(facts, Destination("12065550199", "14155550100"), Plan(Start(ANSWER)))

    node.db.meanwhile = one_more
    await node.queue.place_what_may()
    assert await queued(desk) == ids
    for _ in ids:
        await settled(node)
        await node.queue.place_what_may()
    await settled(node)
    assert node.telephony.dialled == ["12065550199", "12065550101", "12065550102"]


async def test_two_nodes_place_a_call_once(desk: Desk, new_node: Callable[..., Node]) -> None:
    one, other = new_node(calls_per_second=1_000), new_node(calls_per_second=1_000)
    numbers = [f"12065550{last}" for last in range(100, 140)]
    await ask(desk, numbers)
    await asyncio.gather(one.queue.place_what_may(), other.queue.place_what_may())
    await asyncio.gather(settled(one), settled(other))
    assert sorted(one.telephony.dialled + other.telephony.dialled) == numbers


async def test_a_claim_in_doubt_is_given_back_and_dialled_once(
    desk: Desk, new_node: Callable[..., Node]
) -> None:
    node = new_node()
    (uuid,) = await ask(desk, "12065550100")
    node.db.doubts = 1
    with pytest.raises(DatabaseUnavailable):
        await node.queue.place_what_may()
    assert node.telephony.dialled == []
    assert await queued(desk) == []  # claimed, though nobody was told
    await node.queue.place_what_may()
    await settled(node)
    assert node.telephony.dialled == ["12065550100"]
    assert (await desk.call("call.get", desk.main, call_uuid=uuid))["call_state"] == "BUSY"


async def test_a_call_that_waits_too_long_ends(desk: Desk, new_node: Callable[..., Node]) -> None:
    node = new_node(wait_s=60)
    (uuid,) = await ask(desk, "12065550100")
    desk.clock.advance(61)
    await node.queue.place_what_may()
    assert node.telephony.dialled == []
    record = await desk.call("call.get", desk.main, call_uuid=uuid)
    assert record["hangup_cause_code"] == 5010
    assert [one["url"] for one in await hangups(desk)] == [ANSWER]


async def test_waiting_calls_are_cancelled(desk: Desk, new_node: Callable[..., Node]) -> None:
    node = new_node()
    first, second, third = await ask(desk, ["12065550100", "12065550101", "12065550102"])
    foreign = Scope(desk.other, desk.other)
    assert await node.queue.cancel(foreign, call_uuid=first) == 0
    mine = Scope(desk.main, desk.main)
    assert await node.queue.cancel(mine, call_uuid=first) == 1
    assert await node.queue.cancel(mine, call_uuid=first) == 0
    assert await node.queue.cancel(mine, request_uuid=second) == 1
    assert await node.queue.cancel(mine) == 1
    await node.queue.place_what_may()
    assert node.telephony.dialled == []
    for uuid in (first, second, third):
        record = await desk.call("call.get", desk.main, call_uuid=uuid)
        assert (record["call_state"], record["hangup_source"]) == ("CANCEL", "API Request")
    assert [one["CallStatus"] for one in await hangups(desk)] == ["no-answer"] * 3


async def test_a_call_that_has_its_turn_is_live_for_whoever_cancels_it(
    desk: Desk, new_node: Callable[..., Node]
) -> None:
    node = new_node()
    (uuid,) = await ask(desk, "12065550100")
    node.db.held = asyncio.Event()
    node.telephony.tried.clear()
    placing = asyncio.create_task(node.queue.place_what_may())
    async with asyncio.timeout(20):
        while await queued(desk):  # noqa: ASYNC110 - the claim is committed by itself
            await asyncio.sleep(0.005)

    async def cancel() -> tuple[int, bool]:
        many = await node.queue.cancel(Scope(desk.main, desk.main), call_uuid=uuid)
        return many, node.live.find(uuid) is not None

    cancelling = asyncio.create_task(cancel())
    await asyncio.sleep(0.02)
    node.db.held.set()
    assert await cancelling == (0, True)
    node.telephony.tried.set()
    await placing


async def test_a_claimed_call_of_a_dead_node_ends_and_its_owner_is_told(desk: Desk) -> None:
    (uuid,) = await ask(desk, "12065550100", sip_headers="shoe=42")
    node, now = "elsewhere:1:dead", desk.clock.now()
    await desk.db.write(lambda conn: nodes.seen(conn, node, now))
    (taken,) = await desk.db.write(lambda conn: queue.take(conn, [uuid], node))
    assert taken.call_uuid == uuid
    desk.clock.advance(SILENT_S + 1)
    closer = Closer(db=desk.db, clock=desk.clock, balances=desk.balances, on_closed=[tell_owners])
    assert await closer.sweep() == 1
    assert await queued(desk) == []
    (told,) = await hangups(desk)
    assert told["url"] == ANSWER
    assert told["HangupCauseCode"] == "5010"
    assert told["X-PH-shoe"] == "42"


async def test_a_background_request_that_is_repeated_calls_once(desk: Desk) -> None:
    (uuid,) = await ask(desk, "12065550100")
    found = await desk.db.read(lambda conn: queue.next_of(conn, desk.main, 10))
    await desk.db.submit(queue.add, found)
    assert await queued(desk) == [uuid]


@pytest.mark.parametrize(
    ("fields", "error", "expected"),
    [
        ({"to": ""}, MissingParameter, "to parameter is missing"),
        ({"to": "14155550100"}, InvalidParameter, "14155550100 cannot call itself"),
        ({"to": "12065550100<+1 (415) 555-0100"}, InvalidParameter, "cannot call itself"),
        ({"to": "12"}, InvalidParameter, "'12' is not a number of 3 to 15 digits"),
        ({"to": "Bob"}, InvalidParameter, "to parameter is invalid: 'Bob' is not a number"),
        ({"to": "sip:nobody"}, InvalidParameter, "'sip:nobody' is not a SIP address"),
        ({"to": "sip:a@b\r\nX: y"}, InvalidParameter, "is not a SIP address"),
        ({"to": "<"}, InvalidParameter, "names no destination"),
        ({"to": "<".join(str(10**9 + n) for n in range(1_001))}, InvalidParameter, "1000"),
        ({"from": "Shop"}, InvalidParameter, "from parameter is invalid"),
        ({"answer_url": "ftp://x"}, InvalidParameter, "answer_url parameter is invalid"),
        ({"ring_timeout": -1}, InvalidParameter, "ring_timeout parameter is invalid"),
        ({"time_limit": 0}, InvalidParameter, "time_limit parameter is invalid"),
        ({"machine_detection": "maybe"}, InvalidParameter, "machine_detection parameter"),
        ({"machine_detection_time": 1}, InvalidParameter, "at least 2000"),
        ({"send_digits": "12x"}, InvalidParameter, "send_digits parameter is invalid"),
        ({"send_digits": "1@19"}, InvalidParameter, "send_digits parameter .* 20 to 8000 ms"),
        ({"send_digits": "1@8001"}, InvalidParameter, "send_digits parameter .* 20 to 8000 ms"),
        ({"send_digits": "1@99999"}, InvalidParameter, "send_digits parameter .* 20 to 8000 ms"),
        ({"caller_name": "x" * 51}, InvalidParameter, "at most 50 characters"),
        (
            {"sip_headers": "shoe=42,hat"},
            InvalidParameter,
            "sip_headers parameter .*: 'hat'",
        ),
        ({"sip_headers": {"Größe": 42}}, InvalidParameter, "'Größe=42' is not key=value"),
        (
            {"parent_call_uuid": "nobody", "error_if_parent_not_found": True},
            NotFound,
            "call 'nobody' is not live",
        ),
    ],
)
async def test_what_cannot_be_called(
    desk: Desk, fields: dict[str, object], error: type[Exception], expected: str
) -> None:
    with pytest.raises(error, match=expected.replace("(", r"\(").replace("+", r"\+")):
        await ask(desk, **{"to": "12065550100", **fields})  # type: ignore[arg-type]
    assert await queued(desk) == []


async def test_an_unknown_parent_is_passed_over(desk: Desk) -> None:
    (uuid,) = await ask(desk, "12065550100", parent_call_uuid="nobody")
    one = await desk.call("call.get_queued", desk.main, call_uuid=uuid)
    assert (one["from"], one["to"]) == ("14155550100", "12065550100")
    live = desk.new_call()
    await desk.insert(live)
    (child,) = await ask(desk, "12065550101", parent_call_uuid=live.call_uuid)
    (found,) = [
        call
        for call in await desk.db.read(lambda conn: queue.waiting_of(conn, desk.main))
        if call.call_uuid == child
    ]
    assert found.parent_uuid == live.call_uuid


async def test_a_database_that_is_away_for_a_while(
    desk: Desk, new_node: Callable[..., Node]
) -> None:
    node = new_node()
    (uuid,) = await ask(desk, "12065550100")
    node.db.away = 3
    running = asyncio.ensure_future(node.queue.run())
    async with asyncio.timeout(20):
        while not (told := await hangups(desk)):
            desk.clock.advance(1)
            await asyncio.sleep(0.005)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert node.db.away == 0
    assert node.telephony.dialled == ["12065550100"]
    assert told[0]["CallUUID"] == uuid


async def test_a_row_that_cannot_be_read_ends(desk: Desk, new_node: Callable[..., Node]) -> None:
    node = new_node()
    broken = desk.new_call(state="queued", node="", extra='{"answer_url": 5}')
    await desk.insert(broken)
    await node.queue.place_what_may()
    assert node.telephony.dialled == []
    record = await desk.call("call.get", desk.main, call_uuid=broken.call_uuid)
    assert record["hangup_cause_code"] == 5010
