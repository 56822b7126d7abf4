"""Ten minutes over a bad network: 2 % loss, 40 ms of jitter, disorder, duplicates.

The network is between the peer and the socket, in the rig's time, so ten minutes take seconds.
"""

import heapq
import itertools
import random
from pathlib import Path

import numpy as np
import pytest
import soundfile
from media_rig import FRAME, Peer, Rig, power_at, sine

from trunkline.engines.media import messages as m
from trunkline.engines.media.dsp.g711 import ulaw_encode
from trunkline.protocols.rtp import (
    Packet,
    SenderReport,
    TelephoneEvent,
    parse_rtcp,
    serialize,
    serialize_event,
)

ALL = "0123456789*#ABCD"
TICKS = 10 * 60 * 50
LOSS, COPIES, JITTER_S = 0.02, 0.005, 0.040
MARK_EACH, MARK_TICKS = 3_000, 10  # a tone of 200 ms each minute
PRESS_EACH, PRESS_TICKS = 100, 6  # a key each 2 s, 120 ms long


class Network:
    """Loses, delays, reorders and copies what the peer sends."""

    def __init__(self, peer: Peer, seed: int) -> None:
        self._peer, self._pick = peer, random.Random(seed)
        self._waiting: list[tuple[float, int, bytes]] = []
        self._numbers = itertools.count()
        self.lost = self.copied = 0

    def take(self, data: bytes, at: float) -> None:
        if self._pick.random() < LOSS:
            self.lost += 1
            return
        copies = 2 if self._pick.random() < COPIES else 1
        self.copied += copies - 1
        for _ in range(copies):
            due = at + self._pick.random() * JITTER_S
            heapq.heappush(self._waiting, (due, next(self._numbers), data))

    def deliver(self, now: float) -> None:
        while self._waiting and self._waiting[0][0] <= now:
            self._peer.sock.sendto(heapq.heappop(self._waiting)[2], self._peer.target)


class Talker:
    """What the peer says: a marker each minute, a key each 2 s, otherwise a low tone."""

    def __init__(self, network: Network, ssrc: int, seed: int) -> None:
        self._network, self._ssrc = network, ssrc
        self._sequence = 65_000
        pick = random.Random(seed)
        self.typed = "".join(pick.choice(ALL) for _ in range(TICKS // PRESS_EACH))
        self._low = [ulaw_encode(sine(200, FRAME, 1000, n * FRAME)).tobytes() for n in range(50)]
        self._mark = [ulaw_encode(sine(1000, FRAME, 9000, n * FRAME)).tobytes() for n in range(50)]

    def say(self, tick: int, now: float) -> None:
        at = tick * FRAME
        phase = tick % PRESS_EACH - PRESS_EACH // 2
        if 0 <= phase < PRESS_TICKS + 2:
            end = phase >= PRESS_TICKS - 1  # and two copies of the end, RFC 4733 2.5.1.4
            event = ALL.index(self.typed[tick // PRESS_EACH])
            body = TelephoneEvent(event, min(phase + 1, PRESS_TICKS) * FRAME, end)
            begun = (tick - phase) * FRAME
            self._send(Packet(101, self._sequence, begun, self._ssrc, serialize_event(body)), now)
            if phase < PRESS_TICKS:
                return
        audio = self._mark if tick % MARK_EACH < MARK_TICKS else self._low
        self._send(Packet(0, self._sequence, at, self._ssrc, audio[tick % 50]), now)

    def _send(self, packet: Packet, now: float) -> None:
        self._network.take(serialize(packet), now)
        self._sequence = (self._sequence + 1) & 0xFFFF


def test_ten_minutes(rig: Rig, tmp_path: Path) -> None:
    peer = rig.open("leg")
    network = Network(peer, seed=1)
    talker = Talker(network, peer.ssrc, seed=2)
    path = tmp_path / "call.wav"
    rig.do(m.Record(recording="r", path=str(path), leg="leg", tracks=("inbound",)))
    reports: list[SenderReport] = []

    def each(tick: int) -> None:
        talker.say(tick, rig.now)
        network.deliver(rig.now)
        if tick % 250 == 249:
            reports.extend(received(peer))

    rig.tick(TICKS, each)
    assert "".join(event.digit for event in rig.of(m.Digit)) == talker.typed

    # RFC 3550 6.4.1: lost is what was expected less what came, copies included.
    said = reports[-1].blocks[0]
    assert said.ssrc == peer.ssrc
    assert abs(said.lost - (network.lost - network.copied)) <= 20  # in the last report's interval
    shares = [report.blocks[0].fraction_lost / 256 for report in reports[1:]]
    assert 0.01 < sum(shares) / len(shares) < 0.03
    stats = rig.do(m.GetLegStats("leg"))
    assert isinstance(stats, m.LegStats)
    assert stats.duplicates > 0
    assert stats.late < TICKS // 200
    assert stats.buffer_ms <= 120

    rig.do(m.StopRecord("r"))
    while not rig.of(m.RecordingFinished):
        rig.tick()
    delays_ms = [found - minute * 60_000 for minute, found in enumerate(marks(path))]
    assert len(delays_ms) == TICKS // MARK_EACH
    most_ms = JITTER_S * 1000 + stats.buffer_ms + 2 * 20  # and a tick at each end
    assert all(0 <= delay <= most_ms + 20 for delay in delays_ms), delays_ms  # to 10 ms
    early, late = delays_ms[1:5], delays_ms[-4:]  # the first minute's comes before it has adapted
    assert abs(sum(late) - sum(early)) / 4 <= 20, delays_ms  # within a tick: no drift


def test_a_stall_takes_no_time_from_a_recording(rig: Rig, tmp_path: Path) -> None:
    peer = rig.open("leg")
    paths = {name: tmp_path / f"{name}.wav" for name in ("whole", "short", "paused")}
    for name, path in paths.items():
        limit_ms = 700 if name == "short" else 0
        tracks = ("inbound",)
        rig.do(
            m.Record(recording=name, path=str(path), leg="leg", tracks=tracks, limit_ms=limit_ms)
        )
    sound = sine(400, FRAME)

    def each(_: int) -> None:
        peer.send_audio(sound)

    rig.tick(25, each)
    rig.do(m.PauseRecord("paused", paused=True))
    rig.now += 0.5
    rig.engine.skip(25)
    rig.tick(25, each)
    for name in ("whole", "paused"):
        rig.do(m.StopRecord(name))
    while len(rig.of(m.RecordingFinished)) < 3:
        rig.tick()
    lengths = {name: len(soundfile.read(str(path))[0]) / 8 for name, path in paths.items()}
    assert lengths == {"whole": 1_500, "short": 700, "paused": 500}
    audio = soundfile.read(str(paths["whole"]), dtype="int16")[0]
    assert not audio[8 * 520 : 8 * 980].any()
    assert np.abs(audio[8 * 1_200 :]).max() > 5_000


def received(peer: Peer) -> list[SenderReport]:
    found: list[SenderReport] = []
    while True:
        try:
            data = peer.rtcp.recv(2048)
        except BlockingIOError:
            return found
        found += [one for one in parse_rtcp(data) if isinstance(one, SenderReport)]


def marks(path: Path) -> list[int]:
    """Where markers begin in a recording, in milliseconds, to 10 ms."""
    audio = soundfile.read(str(path), dtype="int16")[0].astype(np.float64)
    blocks = audio[: len(audio) // 80 * 80].reshape(-1, 80)
    wave = np.exp(2j * np.pi * 1000 * np.arange(80) / 8000)
    loud = np.abs(blocks @ wave) / 80 > 1500
    begins = np.flatnonzero(loud & ~np.roll(loud, 1))
    kept = [int(begins[0])]
    for begin in begins[1:]:
        if begin - kept[-1] > 1_000:  # ten seconds; a loss inside a marker is no new one
            kept.append(int(begin))
    return [begin * 10 for begin in kept]


def test_a_stall_of_a_second_is_heard_no_later_once_it_is_over(rig: Rig) -> None:
    one, two = rig.open("one"), rig.open("two")
    for leg in ("one", "two"):
        rig.do(m.Join(leg, "bridge"))
    tones = {"one": 700.0, "two": 1100.0}
    rig.speak(50, tones)
    for index in range(50):  # nobody ticks meanwhile
        for peer, tone in ((one, 700.0), (two, 1100.0)):
            peer.send_audio(sine(tone, FRAME, start=(50 + index) * FRAME))
    rig.now += 1.0
    rig.engine.skip(45)
    for _ in range(5):
        rig.engine.tick(rig.now, late=True)
    two.packets.clear()
    rig.speak(25, tones)
    stats = rig.do(m.GetLegStats("one"))
    assert isinstance(stats, m.LegStats)
    assert stats.buffer_ms <= 60
    assert power_at(two.audio()[-3200:], 700.0) > -25


@pytest.mark.parametrize("passed", [10, 50])
@pytest.mark.parametrize("looks", [0, 1])
def test_what_comes_while_a_tick_is_held_up_came_at_no_time(
    rig: Rig, passed: int, looks: int
) -> None:
    """Between the look at the clock and the reading (`looks` of it) packets of `passed` ticks come.

    As if they had come when the tick was due, all later ones would look late.
    """
    one = rig.open("one")
    rig.speak(50, {"one": 700.0})
    for _ in range(passed):
        one.send_audio(sine(700.0, FRAME))
    answers = iter([False] * looks)
    began = rig.engine.tick(rig.now, held_up=lambda: next(answers, True))
    assert began == bool(looks)
    rig.now += passed * 0.02
    rig.engine.skip(passed - 5)
    for _ in range(5 - began):
        rig.engine.tick(rig.now, late=True)
    for _ in range(10):
        rig.speak(50, {"one": 700.0})
        stats = rig.do(m.GetLegStats("one"))
        assert isinstance(stats, m.LegStats)
        assert stats.buffer_ms <= 60
