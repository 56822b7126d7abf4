"""What listens to legs, through its port; and a room that loses a media process."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from switch_rig import WAIT_S, Events, Pair, Station, power_at, read_wav, until

from trunkline.engines.media.messages import GetLegStats
from trunkline.values.ids import new_uuid
from trunkline.voice.causes import INTERNAL_ERROR, NORMAL
from trunkline.voice.events import (
    Ended,
    Heard,
    MachineJudged,
    PlaybackEnded,
    RecordingEnded,
    StreamTold,
)
from trunkline.voice.switch import Tapped
from trunkline.voice.telephony import (
    File,
    LegGone,
    ListenSpec,
    MachineSpec,
    RecordingSpec,
    Refused,
    StreamSpec,
)

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.xdist_group("switch-senses"),  # they share their engines
]


class Sense:
    """Something at work that tells a word when it is closed."""

    def __init__(self, close) -> None:
        self.over = False
        self.closed = 0
        self._close = close

    async def close(self) -> None:
        self.closed += 1
        await self._close()


class Senses:
    """Recognition, judge and streams of a script."""

    def __init__(self) -> None:
        self.made: list[Sense] = []
        self.slow = asyncio.Event()
        self.slow.set()
        self.hangs = self.breaks = False

    def _make(self, tell, event) -> Sense:
        async def close() -> None:
            if self.hangs:
                await asyncio.Event().wait()
            if self.breaks:
                raise RuntimeError("broken")
            tell(event)

        self.made.append(Sense(close))
        return self.made[-1]

    async def listen(self, leg: Tapped, spec: ListenSpec, tell) -> Sense:
        await self.slow.wait()
        if spec.language == "xx":
            raise Refused("there is no model for xx")
        tap = await leg.open_tap()
        await tap.close()
        return self._make(tell, Heard(leg.uuid, "closed"))

    async def judge(self, leg: Tapped, spec: MachineSpec, tell) -> Sense:
        tell(MachineJudged(leg.uuid, machine=True))
        return self._make(tell, Heard(leg.uuid, "judged"))

    async def stream(self, leg: Tapped, spec: StreamSpec, tell) -> Sense:
        tell(StreamTold(leg.uuid, spec.stream_id, "StartStream"))
        return self._make(tell, StreamTold(leg.uuid, spec.stream_id, "StopStream", "ended"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sensing(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Pair, Senses]]:
    made, folder = Senses(), tmp_path_factory.mktemp("senses")
    near, far = Station(folder / "near", 2, senses=made), Station(folder / "far", 1)
    await near.start()
    await far.start()
    yield Pair(near, far), made
    await near.close()
    await far.close()


@pytest_asyncio.fixture(loop_scope="module")
async def senses(sensing: tuple[Pair, Senses]) -> AsyncIterator[tuple[Pair, Senses]]:
    pair, made = sensing
    made.made.clear()
    made.hangs = made.breaks = False
    yield pair, made
    await pair.clear()


async def test_what_listens_ends_with_its_leg_and_has_its_say(senses: tuple[Pair, Senses]) -> None:
    pair, made = senses
    talk = await pair.talk()
    near, told = talk.near, talk.near_events
    with pytest.raises(Refused, match="xx"):
        await near.listen(ListenSpec("xx"))
    await near.listen(ListenSpec())
    await near.listen(ListenSpec())  # the one before gives way
    assert [sense.closed for sense in made.made] == [1, 0]
    await near.stop_listening()
    await near.stop_listening()
    assert [sense.closed for sense in made.made] == [1, 1]
    await near.judge_machine(MachineSpec())
    assert told.of(MachineJudged)[0].machine
    await near.start_stream(StreamSpec("1", "ws://x"))
    with pytest.raises(Refused, match="already"):
        await near.start_stream(StreamSpec("2", "ws://x"))
    made.made[-1].over = True  # it has ended by itself: another one may follow
    await near.start_stream(StreamSpec("3", "ws://x"))
    await near.stop_stream("unknown")
    await talk.far.hang_up(NORMAL)
    await told.got(Ended)
    assert isinstance(told.all[-1], Ended)
    assert told.of(StreamTold)[-1].stream_id == "3"
    assert told.of(StreamTold)[-1].what == "StopStream"
    assert all(sense.closed == 1 for sense in made.made)
    with pytest.raises(LegGone):
        await near.listen(ListenSpec())


async def test_a_leg_that_ends_while_recognition_begins(senses: tuple[Pair, Senses]) -> None:
    pair, made = senses
    talk = await pair.talk()
    made.slow.clear()
    listening = asyncio.create_task(talk.near.listen(ListenSpec()))
    await asyncio.sleep(0)
    await talk.near.hang_up(NORMAL)
    await talk.near_events.got(Ended)
    made.slow.set()
    with pytest.raises(LegGone):
        await listening
    assert all(sense.closed for sense in made.made)


@pytest.mark.parametrize("how", ["hangs", "breaks"])
async def test_what_does_not_close_holds_nobody_up(senses: tuple[Pair, Senses], how: str) -> None:
    pair, made = senses
    setattr(made, how, True)
    talk = await pair.talk()
    await talk.near.listen(ListenSpec())
    await talk.near.hang_up(NORMAL)
    assert (await talk.near_events.got(Ended)).cause == NORMAL


async def test_without_senses_nothing_is_recognised(senses: tuple[Pair, Senses]) -> None:
    pair, _ = senses
    talk = await pair.talk()
    for refused in (
        talk.far.listen(ListenSpec()),
        talk.far.judge_machine(MachineSpec()),
        talk.far.start_stream(StreamSpec("1", "ws://x")),
    ):
        with pytest.raises(Refused):
            await refused
    await talk.near.hang_up(NORMAL)


async def test_a_room_lives_on_when_its_hub_dies(senses: tuple[Pair, Senses]) -> None:
    pair, _ = senses
    talks = [await pair.talk() for _ in range(4)]
    events = Events()
    room = await pair.near.switch.open_room(new_uuid(), events)
    for talk in talks:
        await room.add(talk.near)
    await room.record(RecordingSpec("room", "wav", "mono"))
    await room.play([File("tone:440/30")])
    await asyncio.sleep(1.2)
    hub = talks[0].near.channel.process
    dead = [talk for talk in talks if talk.near.channel.process is hub]
    alive = [talk for talk in talks if talk not in dead]
    assert dead
    assert alive
    os.kill(hub.pid, signal.SIGKILL)
    for talk in dead:
        assert (await talk.near_events.got(Ended)).cause == INTERNAL_ERROR
    await until(lambda: events.of(PlaybackEnded) and events.of(RecordingEnded))
    assert events.of(PlaybackEnded)[0].error
    assert events.of(RecordingEnded)[0].duration_ms >= 500
    # A newcomer in the process that was started anew is heard by those who stayed.
    await until(lambda: all(process.ready for process in pair.near.pool.processes))
    talks = [await pair.talk() for _ in range(2)]
    newcomer = next(talk for talk in talks if talk.near.channel.process is hub)
    await room.add(newcomer.near)
    await newcomer.far.play([File("tone:700/0.5", times=0)])
    await asyncio.sleep(0.4)
    stayed = alive[0]
    await stayed.far.record(RecordingSpec("ear", "wav", "mono"))
    await asyncio.sleep(0.6)
    await stayed.far.stop_recording("ear")
    await stayed.far_events.got(RecordingEnded)
    assert power_at(read_wav(pair.far.shelf.kept["ear"]), 700) > -36.0
    await room.close()
    for talk in (*alive, *talks):
        await talk.near.hang_up(NORMAL)


async def test_processes_reach_each_other_whatever_peers_are_told(
    senses: tuple[Pair, Senses], tmp_path: Path
) -> None:
    near = Station(tmp_path, 2, media={"bind": "0.0.0.0", "advertised": "203.0.113.5"})
    await near.start()
    pair = Pair(near, senses[0].far)
    one, two = await pair.talk(), await pair.talk()
    assert one.near.channel.process is not two.near.channel.process
    await one.near.connect(two.near)
    ((here, there),) = one.near.mix._links.values()
    for end in (here, there):
        async with asyncio.timeout(WAIT_S):
            while not (stats := await end.do(GetLegStats(end.id))).packets_received:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        assert stats.remote.startswith("127.0.0.1:")
    for talk in (one, two):
        await talk.near.hang_up(NORMAL)
    await pair.free()
    await near.close()
