"""The process itself, in real time: started, spoken to, killed."""

import asyncio
import contextlib
import itertools
import os
import signal
import socket
import sys
import threading
import wave
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
import soundfile
from media_rig import Peer, power_at, sine

from trunkline.engines.media import MediaBusy, MediaConfig, MediaGone, MediaProcess, stream_of
from trunkline.engines.media import messages as m
from trunkline.engines.media.client import _MOST_OUTSTANDING
from trunkline.engines.media.legs.ports import PortPool
from trunkline.protocols import sdp

WAIT_S = 20.0
pytestmark = pytest.mark.asyncio(loop_scope="module")


class Told:
    """Events as they come."""

    def __init__(self) -> None:
        self.events: list[m.Event] = []
        self._more = asyncio.Event()

    def __call__(self, event: m.Event) -> None:
        self.events.append(event)
        self._more.set()

    async def wait(self, kind: type, count: int = 1) -> list[m.Event]:
        async with asyncio.timeout(WAIT_S):
            while True:
                found = [e for e in self.events if isinstance(e, kind)]
                if len(found) >= count:
                    return found
                self._more.clear()
                await self._more.wait()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncIterator[tuple[MediaProcess, Told]]:
    """One for all: what is killed comes again."""
    first, told = 30200 + os.getpid() % 100 * 20, Told()
    made = MediaProcess(MediaConfig(first_port=first, last_port=first + 19), told)
    await made.start()
    yield made, told
    await made.close()


@pytest.fixture
def process(running: tuple[MediaProcess, Told]) -> MediaProcess:
    running[1].events.clear()
    return running[0]


@pytest.fixture
def told(running: tuple[MediaProcess, Told]) -> Told:
    return running[1]


_peers: list[Peer] = []


@pytest.fixture(autouse=True)
def hang_up() -> Iterator[None]:
    yield
    while _peers:
        _peers.pop().close()


async def call(process: MediaProcess, leg: str) -> Peer:
    """A leg whose stream comes from offer and answer."""
    opened = await process.open_leg(leg)
    assert isinstance(opened, m.LegOpened)
    peer = Peer()
    _peers.append(peer)
    peer.target = (opened.address, opened.port)
    formats = (sdp.PCMU, sdp.TELEPHONE_EVENT)
    theirs = sdp.LocalAudio(peer.address, peer.port, formats)
    ours = sdp.LocalAudio(opened.address, opened.port, formats)
    _, agreed = sdp.answer(sdp.parse(sdp.serialize(sdp.offer(theirs))), ours)
    assert await process.set_stream(leg, stream_of(agreed)) is None
    return peer


async def speak(peers: dict[Peer, float], seconds: float, until: Callable[[], bool]) -> None:
    """Send tones in real time until something holds, at most for so long."""
    loop = asyncio.get_running_loop()
    began, index = loop.time(), 0
    while loop.time() - began < seconds and not until():
        for peer, frequency in peers.items():
            peer.send_audio(sine(frequency, 160, start=index * 160))
            peer.receive()
        index += 1
        await asyncio.sleep(max(0.0, began + index * 0.02 - loop.time()))


async def test_a_bridge_in_real_time(process: MediaProcess) -> None:
    one, two = await call(process, "one"), await call(process, "two")
    for leg in ("one", "two"):
        assert await process.request(m.Join(leg, "bridge")) == m.Done()
    await speak({one: 700.0, two: 1100.0}, 10.0, lambda: len(one.packets) > 100)
    assert power_at(one.audio()[-4000:], 1100.0) > -25
    assert power_at(one.audio()[-4000:], 700.0) < -45
    assert power_at(two.audio()[-4000:], 700.0) > -25
    stats = await process.close_leg("one")
    assert isinstance(stats, m.LegStats)
    assert stats.packets_sent > 100
    assert await process.close_leg("one") == m.Refused("unknown", "one")
    figures = await process.stats()
    assert (figures.legs, figures.rooms) == (1, 1)
    assert figures.ticks >= 100
    await process.close_leg("two")


async def test_commands_are_answered_in_order_even_when_wrong(process: MediaProcess) -> None:
    answers = await asyncio.gather(
        *(process.request(m.GetLegStats(f"nobody{n}")) for n in range(500))
    )
    assert answers == [m.Refused("unknown", f"nobody{n}") for n in range(500)]


async def test_too_many_commands_are_refused_here(process: MediaProcess) -> None:
    waiting = [
        asyncio.create_task(process.request(m.GetLegStats("nobody")))
        for _ in range(_MOST_OUTSTANDING + 1)
    ]
    done = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(d) for d in done].count(MediaBusy) == 1


async def test_what_is_poured_goes_before_what_is_asked_after_it(
    process: MediaProcess, told: Told
) -> None:
    peer = await call(process, "poured")
    await process.request(m.OpenTap(tap="t", leg="poured"))
    answers: list[str | None] = []
    for _ in range(5):
        process.pour(m.Piece("t", b"\x80" * 160), answers.append)
    process.pour(m.Piece("nobody", b"\x80" * 160), answers.append)
    process.pour(m.Piece("t", b"1", "l16"), answers.append)
    assert await process.request(m.Checkpoint("t", "said")) == m.Done()
    assert answers == ["", "", "", "", "", "unknown", "invalid"]
    await told.wait(m.CheckpointReached)
    loud = sum(b"\x80" * 160 in packet.payload for packet in peer.receive())
    assert loud == 5
    heard = [frame for event in await told.wait(m.Heard) for frame in event.frames]  # type: ignore[attr-defined]
    assert {(frame.tap, frame.track, len(frame.audio)) for frame in heard} == {
        ("t", "inbound", 160)
    }
    alone: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
    process.pour(m.Piece("t", b"\x80" * 160), alone.set_result)
    assert await asyncio.wait_for(alone, WAIT_S) == ""
    await process.close_leg("poured")


async def test_a_leg_takes_room_as_soon_as_it_is_asked_for(process: MediaProcess) -> None:
    before = set(process.legs)
    opening = asyncio.ensure_future(process.open_leg("asked"))
    await asyncio.sleep(0)
    assert process.legs - before == {"asked"}
    await opening
    await process.close_leg("asked")
    assert process.legs == before


async def test_ports_are_exhausted_and_come_back(process: MediaProcess) -> None:
    legs = [await process.open_leg(f"leg{n}") for n in range(12)]
    opened = [leg for leg in legs if isinstance(leg, m.LegOpened)]
    refused = [leg for leg in legs if isinstance(leg, m.Refused)]
    assert opened
    assert {r.reason for r in refused} == {"ports"}
    assert len({leg.port for leg in opened}) == len(opened)
    assert process.legs == {leg.leg for leg in opened}
    for leg in opened:
        await process.close_leg(leg.leg)
    assert isinstance(await process.open_leg("again"), m.LegOpened)
    await process.close_leg("again")


@pytest.mark.parametrize("form", ["wav", "mp3"])
async def test_killed_while_recording_leaves_a_file_that_plays(
    process: MediaProcess, told: Told, tmp_path: Path, form: str
) -> None:
    peer = await call(process, "leg")
    path = tmp_path / f"r.{form}"
    record = m.Record(recording="r", path=str(path), format=form, leg="leg", tracks=("inbound",))  # type: ignore[arg-type]
    assert await process.request(record) == m.Done()
    most = 8000 * 2 + 44 if form == "wav" else 4000
    await speak({peer: 700.0}, 20.0, lambda: path.exists() and path.stat().st_size >= most)
    first = process.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    (lost,) = await told.wait(m.Lost)
    assert isinstance(lost, m.Lost)
    assert lost.legs == ("leg",)
    data, rate = soundfile.read(path, dtype="int16")
    assert rate == 8000
    assert len(data) >= 6000
    assert power_at(data[1600:6000], 700.0) > -20
    if form == "wav":
        with wave.open(str(path)) as file:  # a strict reader believes the header
            assert 44 + 2 * file.getnframes() == path.stat().st_size
    await told.wait(m.Ready)
    assert process.pid != first
    assert process.restarts >= 1
    assert isinstance(await process.open_leg("new"), m.LegOpened)
    await process.close_leg("new")


async def test_what_waits_for_an_answer_hears_of_the_death(
    process: MediaProcess, told: Told
) -> None:
    assert process.pid is not None
    os.kill(process.pid, signal.SIGSTOP)
    asked = asyncio.create_task(process.request(m.GetProcessStats()))
    await asyncio.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    with pytest.raises(MediaGone):
        await asked
    await told.wait(m.Ready)


async def test_closing_finishes_recordings(tmp_path: Path) -> None:
    told = Told()
    process = MediaProcess(MediaConfig(first_port=32300, last_port=32700), told)
    await process.start()
    peer = await call(process, "leg")
    path = tmp_path / "r.mp3"
    await process.request(m.Record(recording="r", path=str(path), format="mp3", leg="leg"))
    await speak({peer: 700.0}, 1.0, lambda: False)
    await process.close()
    assert process.pid is None or not process.ready
    data, _ = soundfile.read(path)
    assert len(data) > 4000
    (finished,) = await told.wait(m.RecordingFinished)
    assert isinstance(finished, m.RecordingFinished)
    assert finished.reason == "closed"
    assert finished.size_bytes == path.stat().st_size
    with pytest.raises(MediaGone):
        await process.request(m.GetProcessStats())


async def test_a_stall_is_caught_up_and_heals(process: MediaProcess) -> None:
    """The process stands still for a second; afterwards the audio is as before."""
    one, two = await call(process, "one"), await call(process, "two")
    for leg in ("one", "two"):
        await process.request(m.Join(leg, "bridge"))
    peers = {one: 700.0, two: 1100.0}
    await speak(peers, 10.0, lambda: len(one.packets) > 25)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGSTOP)
    await speak(peers, 1.0, lambda: False)
    os.kill(process.pid, signal.SIGCONT)
    async with asyncio.timeout(WAIT_S):  # a busy machine makes gaps of its own, and they pass
        while not (len(one.packets) > 120 and await is_well(process, "one", one, 1100.0)):
            await speak(peers, 0.5, lambda: False)
    figures = await process.stats()
    assert figures.skipped_ticks > 20
    stamps = [p.timestamp for p in one.packets]
    leap = max((b - a) & 0xFFFFFFFF for a, b in itertools.pairwise(stamps))
    assert leap > 20 * 160  # the time that was not sent is told by the timestamp
    await process.close_leg("one")
    await process.close_leg("two")


async def is_well(process: MediaProcess, leg: str, peer: Peer, tone: float) -> bool:
    """Whether its peer hears the tone all the time, and what it says is heard at once."""
    stats = await process.request(m.GetLegStats(leg))
    assert isinstance(stats, m.LegStats)
    return stats.buffer_ms <= 300 and power_at(peer.audio()[-4000:], tone) > -25


async def test_rubbish_on_the_port_is_counted(process: MediaProcess) -> None:
    peer = await call(process, "leg")
    pick = np.random.default_rng(7)
    await speak({peer: 700.0}, 10.0, lambda: len(peer.packets) > 10)
    for _ in range(3000):
        size = int(pick.integers(0, 200))
        data = bytearray(pick.integers(0, 256, size, dtype=np.uint8).tobytes())
        if size and pick.random() < 0.7:
            data[0] = 0x80 | data[0] & 0x3F
        peer.sock.sendto(bytes(data), peer.target)
    await speak({peer: 700.0}, 2.0, lambda: False)
    stats = await process.close_leg("leg")
    assert isinstance(stats, m.LegStats)
    assert stats.refused > 0


async def test_the_control_process_needs_no_numpy() -> None:
    code = "import sys, trunkline.engines.media; sys.exit('numpy' in sys.modules)"
    ended = await asyncio.create_subprocess_exec(sys.executable, "-c", code)
    assert await ended.wait() == 0


async def test_sockets_of_two_pools_do_not_collide() -> None:
    with contextlib.ExitStack() as held:
        port = 0
        while port % 2 == 0:  # RTCP of the only pair
            taken = held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
        pool = PortPool("127.0.0.1", port - 1, port)
        assert pool.take() is None
    pair = pool.take()
    assert pair is not None
    assert pair.port == port - 1
    pool.give_back(pair)


async def test_who_hangs_is_killed_but_not_for_a_stall_of_our_own() -> None:
    told = Told()
    process = MediaProcess(MediaConfig(first_port=32300, last_port=32700), told, reply_s=0.7)
    await process.start()
    try:
        pid = process.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        asked = asyncio.create_task(process.request(m.GetProcessStats()))
        await asyncio.sleep(0.05)
        threading.Event().wait(1.5)  # nothing of ours runs, as if the whole machine stood still
        os.kill(pid, signal.SIGCONT)
        assert isinstance(await asked, m.ProcessStats)
        assert (process.pid, told.events) == (pid, [m.Ready(pid)])
        os.kill(pid, signal.SIGSTOP)
        with pytest.raises(MediaGone, match=r"no answer within 0\.7 s"):
            await process.request(m.GetProcessStats())
        await told.wait(m.Lost)
        await told.wait(m.Ready, 2)
        assert process.pid != pid
    finally:
        await process.close()
