"""Commands where several nodes have calls: who is asked, and what is made of their answers."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
import pytest

from trunkline.contract.errors import Conflict, NotFound, Unavailable
from trunkline.runtime.bus import BusAway, InProcessBus, OtherRelease
from trunkline.runtime.db import DatabaseError
from trunkline.voice.commands import results, wire
from trunkline.voice.commands.client import CallControl
from trunkline.voice.commands.spread import Spread

ANN = wire.Scope("ann", "ann")
NODES = ["host.one:1:aaa", "host.two:2:bbb", "host:3:ccc"]
ROOM = wire.Which(kind="conference", name="Room")
Answer = results.Outcome | msgspec.Struct | Exception
Answerer = Callable[[Any], Answer]
NOT_LIVE = results.Outcome(why="not_live", message="The call is not live.")
NO_ROOM = results.Outcome(why="no_such", message="conference 'Room' is not live")


class Where:
    """What the database knows."""

    def __init__(self) -> None:
        self.calls: dict[str, list[str | None]] = {}
        self.nodes: list[str] = list(NODES)
        self.is_away = False

    async def holder(self, call_uuid: str) -> str | None:
        found = self.calls.get(call_uuid, [None])
        return found.pop(0) if len(found) > 1 else found[0]

    async def living(self) -> list[str]:
        if self.is_away:
            raise DatabaseError("away")
        return self.nodes


class Nodes:
    """Nodes that answer as they are told, and what each was asked."""

    def __init__(self) -> None:
        self.bus = InProcessBus()
        self.where = Where()
        self.asked: dict[str, list[Any]] = defaultdict(list)
        self._ends: dict[str, Callable[[], None]] = {}
        self.control = CallControl(self.bus, spread=Spread(self.bus, self.where, 0.2))

    def answer(self, node: str, answer: Answer | Answerer) -> None:
        decoder = msgspec.msgpack.Decoder(wire.AnyCommand)

        async def handle(payload: bytes) -> bytes:
            command = decoder.decode(payload)
            self.asked[node].append(command)
            found = answer(command) if callable(answer) else answer
            if isinstance(found, asyncio.Event):
                await found.wait()
            if isinstance(found, Exception):
                raise found
            if not isinstance(found, results.Outcome):
                found = results.Outcome(msgspec.Raw(msgspec.msgpack.encode(found)))
            return msgspec.msgpack.encode(found)

        self._ends[node] = self.bus.serve(wire.subject_of(node), handle)

    def all_answer(self, answer: Answer | Answerer) -> None:
        for node in NODES:
            self.answer(node, answer)

    def counts(self) -> list[int]:
        return [len(self.asked[node]) for node in NODES]


@pytest.fixture
async def nodes() -> AsyncIterator[Nodes]:
    made = Nodes()
    yield made
    await made.bus.close()


def speak(uuid: str = "c") -> wire.PlayToCall:
    return wire.PlayToCall(scope=ANN, call_uuid=uuid, audio=(wire.Audio(text="Hi"),), kind="speak")


def member(member_id: str, call_uuid: str = "c", joined_at: float = 1.0) -> results.MemberFacts:
    return results.MemberFacts(
        member_id=member_id, call_uuid=call_uuid, address="1", role="", starts=True, ends=False,
        joined_at=joined_at,
    )  # fmt: skip


def room(*members: str, opened_at: float = 1.0, uuid: str = "u") -> results.GatheringFacts:
    return results.GatheringFacts(
        uuid=uuid, name="Room", account_id="ann", opened_at=opened_at, started_at=None,
        ended_at=None, termination=0, recording="not-recording",
        members=[member(one) for one in members],
    )  # fmt: skip


def having(facts: results.GatheringFacts) -> Answerer:
    """Answer as a node does that has a conference."""

    def answer(command: Any) -> Answer:
        if isinstance(command, wire.GetGathering):
            return facts
        if isinstance(command, wire.ToMembers):
            wanted = command.members or tuple(one.member_id for one in facts.members)
            return results.Members(list(wanted), facts.name)
        return results.Recorded("r", facts.uuid)

    return answer


async def test_who_has_the_call_alone_is_asked(nodes: Nodes) -> None:
    nodes.all_answer(results.Text())
    nodes.where.calls["c"] = [NODES[1]]
    await nodes.control.do(speak())
    assert nodes.counts() == [0, 1, 0]


async def test_a_queued_call_is_asked_of_one_in_turn(nodes: Nodes) -> None:
    nodes.all_answer(results.Text())
    nodes.where.calls["c"] = [""]
    for _ in range(3):
        await nodes.control.do(wire.HangUpCall(scope=ANN, call_uuid="c"))
    assert nodes.counts() == [1, 1, 1]


async def test_a_call_that_has_its_turn_meanwhile_is_found(nodes: Nodes) -> None:
    nodes.answer(NODES[0], NOT_LIVE)
    nodes.answer(NODES[1], results.Text())
    nodes.where.nodes = NODES[:1]
    nodes.where.calls["c"] = ["", NODES[1]]
    await nodes.control.do(wire.HangUpCall(scope=ANN, call_uuid="c"))
    assert nodes.counts() == [1, 1, 0]


async def test_a_call_that_is_not_recorded_is_looked_for(nodes: Nodes) -> None:
    nodes.all_answer(lambda _: NOT_LIVE)
    with pytest.raises(NotFound, match="not live"):
        await nodes.control.do(speak())
    assert nodes.counts() == [1, 1, 1]


async def test_a_node_that_cannot_be_reached_is_told_of(nodes: Nodes) -> None:
    nodes.answer(NODES[0], NOT_LIVE)
    nodes.where.calls["c"] = [NODES[1]]
    with pytest.raises(Unavailable, match="cannot be reached"):
        await nodes.control.do(speak())
    with pytest.raises(Unavailable, match="cannot be reached"):  # it may have this one
        await nodes.control.do(speak("unknown"))
    nodes.where.nodes = []
    with pytest.raises(Unavailable, match="--role voice"):
        await nodes.control.do(speak("unknown"))
    nodes.where.is_away = True
    with pytest.raises(Unavailable, match="database"):
        await nodes.control.do(speak("unknown"))


async def test_a_silent_node_is_no_error_of_5xx(nodes: Nodes) -> None:
    nodes.answer(NODES[0], lambda _: asyncio.Event())
    nodes.where.calls["c"] = [NODES[0]]
    with pytest.raises(Conflict, match="may still be done"):
        await nodes.control.do(speak())


async def test_what_concerns_all_is_asked_of_all(nodes: Nodes) -> None:
    nodes.all_answer(results.Text())
    await nodes.control.do(wire.HangUpAllCalls(scope=ANN))
    assert nodes.counts() == [1, 1, 1]


async def test_what_all_must_do_is_not_said_to_be_done_without_one(nodes: Nodes) -> None:
    for node in NODES[:2]:
        nodes.answer(node, results.Text())
    with pytest.raises(Unavailable):
        await nodes.control.do(wire.HangUpAllCalls(scope=ANN))
    assert nodes.counts() == [1, 1, 0]


async def test_a_request_is_cancelled_by_who_has_it(nodes: Nodes) -> None:
    nodes.answer(NODES[0], NO_ROOM)
    nodes.answer(NODES[1], results.Text())
    command = wire.CancelRequest(scope=ANN, request_uuid="r")
    await nodes.control.do(command)
    nodes.answer(NODES[2], NO_ROOM)
    await nodes.control.do(command)


async def test_lists_are_put_together_in_order(nodes: Nodes) -> None:
    for node, at in zip(NODES, (3.0, 1.0, 2.0), strict=True):
        nodes.answer(node, results.Gatherings([room(opened_at=at, uuid=node)]))
    command = wire.ListGatherings(scope=ANN, kind="conference")
    found = await nodes.control.ask(command, results.Gatherings)
    assert [one.opened_at for one in found.gatherings] == [1.0, 2.0, 3.0]


async def test_a_conference_is_asked_where_it_is(nodes: Nodes) -> None:
    nodes.all_answer(lambda _: NO_ROOM)
    nodes._ends[NODES[1]]()
    nodes.answer(NODES[1], having(room("1", "2")))
    command = wire.ToMembers(scope=ANN, which=ROOM, members=("2",), action="mute")
    done = await nodes.control.ask(command, results.Members)
    assert (done.members, nodes.counts()) == (["2"], [1, 2, 1])


async def test_one_of_no_node_is_not_found(nodes: Nodes) -> None:
    nodes.all_answer(lambda _: NO_ROOM)
    with pytest.raises(NotFound, match="Room"):
        await nodes.control.do(wire.EndGathering(scope=ANN, which=ROOM))


async def test_one_of_several_nodes_is_one_for_who_asks(nodes: Nodes) -> None:
    nodes.answer(NODES[0], having(room("1", "2", opened_at=5.0, uuid="younger")))
    nodes.answer(NODES[1], having(room("1", "3", opened_at=4.0, uuid="older")))
    nodes.answer(NODES[2], NO_ROOM)
    control = nodes.control
    facts = await control.ask(wire.GetGathering(scope=ANN, which=ROOM), results.GatheringFacts)
    assert (facts.uuid, [one.member_id for one in facts.members]) == ("older", ["1", "3", "1", "2"])
    mute = wire.ToMembers(scope=ANN, which=ROOM, action="mute")
    everybody = await control.ask(mute, results.Members)
    assert sorted(everybody.members) == ["1", "1", "2", "3"]
    some = msgspec.structs.replace(mute, members=("2", "3"))
    assert sorted((await control.ask(some, results.Members)).members) == ["2", "3"]
    with pytest.raises(Conflict, match="several voice processes have a member 1"):
        await control.ask(msgspec.structs.replace(mute, members=("1",)), results.Members)
    tape = wire.RecordGathering(scope=ANN, which=ROOM, tape=wire.Tape())
    assert (await control.ask(tape, results.Recorded)).url == "older"


async def test_participants_are_called_where_the_others_are(nodes: Nodes) -> None:
    which = wire.Which(kind="multiparty", name="Room")
    command = wire.AddParticipants(scope=ANN, which=which, attributes={}, to=())
    added = results.Added("r", [])

    def there(command: Any) -> Answer:
        return room("1") if isinstance(command, wire.GetGathering) else added

    nodes.all_answer(lambda one: NO_ROOM if isinstance(one, wire.GetGathering) else added)
    await nodes.control.ask(command, results.Added)
    assert sum(nodes.counts()) == 4  # nobody has it: one of them begins it
    nodes._ends[NODES[2]]()
    nodes.answer(NODES[2], there)
    nodes.asked.clear()
    await nodes.control.ask(command, results.Added)
    assert nodes.counts() == [1, 1, 2]
    nodes.where.calls["c"] = [NODES[0]]
    fetched = msgspec.structs.replace(command, call_uuid="c")
    with pytest.raises(Conflict, match="another voice process"):
        await nodes.control.ask(fetched, results.Added)
    nodes.where.calls["c"] = [NODES[2]]
    await nodes.control.ask(fetched, results.Added)


async def test_an_answer_of_another_release_is_an_error(nodes: Nodes) -> None:
    async def strange(_payload: bytes) -> bytes:
        return b"\xc1"

    nodes.bus.serve(wire.subject_of(NODES[0]), strange)
    nodes.where.calls["c"] = [NODES[0]]
    with pytest.raises(Conflict, match="cannot be read"):
        await nodes.control.do(speak())


@pytest.mark.parametrize(
    ("error", "words"),
    [(BusAway("no server"), "NATS is not connected"), (OtherRelease("2"), "another release")],
)
async def test_what_the_bus_says_is_told(nodes: Nodes, error: Exception, words: str) -> None:
    class Broken(InProcessBus):
        async def request(self, *_: Any, **__: Any) -> bytes:
            raise error

    nodes.where.calls["c"] = [NODES[0]]
    control = CallControl(Broken(), spread=Spread(Broken(), nodes.where, 0.2))
    with pytest.raises(Unavailable, match=words):
        await control.do(speak())
