"""The jitter buffer against made-up networks: nothing is played twice, late or never again."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from trunkline.protocols.rtp import (
    Gap,
    GapKind,
    JitterBuffer,
    Merge,
    PacketGrid,
    SampleGrid,
    opus_duration,
)

FRAME = 160
START = 0xFFFFF000  # timestamps wrap soon


def payload(n: int, size: int = FRAME) -> bytes:
    return n.to_bytes(4, "big") * (size // 4)


class Copies(SampleGrid):
    """Its cells are never the packets themselves: the buffer cannot know which come in order."""

    def place(self, start: int, payload: bytes) -> Iterator[tuple[int, bytes]]:
        for cell, content in super().place(start, payload):
            yield cell, bytes(bytearray(content))


@dataclass
class Played:
    buffer: JitterBuffer[bytes] = field(
        default_factory=lambda: JitterBuffer(SampleGrid(FRAME, 0xFF))
    )
    kinds: Counter[str] = field(default_factory=Counter)
    numbers: list[int] = field(default_factory=list)
    runs: list[int] = field(default_factory=list)
    depths: list[int] = field(default_factory=list)

    def tick(self) -> object:
        got = self.buffer.get()
        if isinstance(got, Gap):
            self.kinds[got.kind.value] += 1
            self.runs.append(got.run)
        elif isinstance(got, Merge):
            self.kinds["merge"] += 1
            self.numbers += [int.from_bytes(c[:4], "big") for c in (got.first, got.second)]
        else:
            self.kinds["play"] += 1
            self.numbers.append(int.from_bytes(got[:4], "big"))
        self.depths.append(self.buffer.depth)
        return got

    def put(self, n: int, arrival_ms: float) -> None:
        self.buffer.put((START + n * FRAME) & 0xFFFFFFFF, payload(n), int(arrival_ms * 8))


def run(arrivals: list[tuple[float, int]], ticks: int) -> Played:
    """Packets (ms, number) in the order they arrive, a tick each 20 ms."""
    played, waiting = Played(), sorted(arrivals)
    for tick in range(ticks):
        while waiting and waiting[0][0] <= tick * 20:
            at, n = waiting.pop(0)
            played.put(n, at)
        played.tick()
    assert played.numbers == sorted(set(played.numbers))
    return played


def network(count: int, seed: int = 1, **more: float) -> list[tuple[float, int]]:
    pick, found = random.Random(seed), []
    for n in range(count):
        if pick.random() < more.get("loss", 0):
            continue
        at = n * 20 * (1 + more.get("drift", 0)) + 3 + pick.random() * more.get("jitter", 0)
        found.append((at, n))
        if pick.random() < more.get("copies", 0):
            found.append((at + pick.random() * 30, n))
    return found


def test_a_perfect_network_costs_two_packets_of_delay() -> None:
    played = run(network(500), 502)
    assert played.numbers == list(range(500))
    assert played.kinds["lost"] == 0
    assert played.kinds["hold"] == 2


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("jitter", [10, 30, 60, 100])
def test_jitter_is_absorbed(jitter: int, seed: int) -> None:
    played = run(network(2000, seed, jitter=jitter), 2020)
    assert len(played.numbers) >= 1990
    assert played.buffer.target <= jitter // 20 + 3


def test_losses_are_gaps_of_their_own_length() -> None:
    arrivals = [a for a in network(200) if a[1] not in {50, 90, 91, 92}]
    played = run(arrivals, 202)
    assert len(played.numbers) == 196
    assert played.kinds["lost"] + played.kinds["hold"] <= 7  # two while priming
    assert max(played.runs) <= 3
    assert played.depths[-10] <= 2  # no delay has piled up


@pytest.mark.parametrize("seed", range(3))
def test_disorder_and_copies(seed: int) -> None:
    played = run(network(1000, seed, jitter=45, copies=0.2), 1020)
    assert len(played.numbers) >= 990
    assert played.buffer.stats.resyncs == 0


@pytest.mark.parametrize("drift", [0.0005, -0.0005, 0.002, -0.002])
def test_clocks_that_differ(drift: float) -> None:
    """±500 and ±2000 ppm over ten minutes: nothing is lost, the delay does not grow."""
    played = run(network(30_000, drift=drift), int(30_000 * (1 + drift)))
    assert played.kinds["lost"] == 0
    assert max(played.depths) <= 4
    assert len(played.numbers) >= 29_990


def test_an_underrun_holds_and_the_pointer_never_overtakes_the_sender() -> None:
    """The sender pauses for a second at any time; afterwards everything is heard again."""
    arrivals = [(at + (1000 if n >= 100 else 0), n) for at, n in network(300)]
    played = run(arrivals, 370)
    assert played.numbers == list(range(300))
    assert played.kinds["lost"] == 0
    assert played.buffer.stats.underruns >= 1


def test_a_late_burst_is_skipped_to_the_target() -> None:
    """All packets of 1.2 s come at once: the delay must not stay."""
    arrivals = [(2200.0 + n / 1000 if 50 <= n < 110 else at, n) for at, n in network(1000)]
    played = run(arrivals, 1002)
    assert played.depths[130] <= 14
    assert played.depths[-10] <= 4
    assert played.buffer.stats.skipped >= 40


def test_silence_that_is_not_sent_is_not_waited_through() -> None:
    """Talkspurts: the timestamp jumps with the pause (RFC 3551 4.1)."""
    played = Played()
    for tick in range(60):
        played.put(tick, tick * 20)
        played.tick()
    for _ in range(100):
        played.tick()
    heard = len(played.numbers)
    for tick in range(60):
        played.put(160 + tick, (160 + tick) * 20)
        played.tick()
    assert len(played.numbers) - heard >= 57
    assert played.buffer.depth <= 3


def test_a_talkspurt_whose_beginning_was_overtaken_is_not_cut() -> None:
    said = [*range(50), *range(100, 150)]
    arrivals = [(n * 20 + 3.0 + (25 if n == 100 else 0), n) for n in said]
    played = run(arrivals, 155)
    assert played.numbers == said
    assert played.buffer.stats.late == 0


def test_a_talkspurt_that_begins_off_the_grid_is_not_cut() -> None:
    buffer = JitterBuffer(SampleGrid(FRAME, 0xFF))
    for n in range(10):
        buffer.put(n * FRAME, payload(n), n * 160)
        buffer.get()
    while isinstance(buffer.get(), bytes):
        pass
    for _ in range(20):
        buffer.get()
    got: list[object] = []
    for n in range(10):
        buffer.put(50_033 + n * FRAME, payload(n), (40 + n) * 160)
        got.append(buffer.get())
    assert [g for g in got if isinstance(g, bytes)] == [payload(n) for n in range(9)]


@pytest.mark.parametrize("jump", [-(1 << 20), 1 << 20, -8000 * 20, 1 << 31])
def test_a_clock_that_jumps_is_followed(jump: int) -> None:
    played = Played()
    for tick in range(100):
        played.put(tick, tick * 20)
        played.tick()
    heard = len(played.numbers)
    for tick in range(100, 200):
        timestamp = (START + tick * FRAME + jump) & 0xFFFFFFFF
        played.buffer.put(timestamp, payload(tick), tick * 160)
        played.tick()
    assert len(played.numbers) - heard >= 85
    assert played.buffer.depth <= 5


@pytest.mark.parametrize("size", [40, 80, 120, 240, 320, 480, 161])
def test_packets_of_any_length(size: int) -> None:
    """All octets come out in order, whatever they were cut into."""
    source = b"".join((n % 65536).to_bytes(2, "big") for n in range(8000))
    buffer = JitterBuffer(SampleGrid(FRAME, 0xFF))
    sent, heard = 0, bytearray()
    for tick in range(110):
        while sent + size <= min(len(source), (tick + 1) * FRAME):
            buffer.put(sent, source[sent : sent + size], tick * FRAME)
            sent += size
        got = buffer.get()
        if isinstance(got, Merge):
            heard += got.first + got.second
        elif isinstance(got, bytes):
            heard += got
    assert source.startswith(bytes(heard))
    assert len(heard) >= 15_000


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"jitter": 15},
        {"jitter": 60, "loss": 0.03, "copies": 0.02},
        {"jitter": 5, "drift": 0.002},
        {"jitter": 5, "drift": -0.002, "loss": 0.01},
    ],
)
@pytest.mark.parametrize("pause_ms", [0, 130, 700, 9000])
def test_packets_in_order_are_not_treated_otherwise(more: dict[str, float], pause_ms: int) -> None:
    before = network(300, 5, **more)
    after = [(at + pause_ms, n + 10) for at, n in network(600, 6, **more) if n >= 300]
    arrivals = [*before, *after]
    quick = run(arrivals, 620 + pause_ms // 20)
    slow = Played(JitterBuffer(Copies(FRAME, 0xFF)))
    waiting = sorted(arrivals)
    for tick in range(620 + pause_ms // 20):
        while waiting and waiting[0][0] <= tick * 20:
            at, n = waiting.pop(0)
            slow.put(n, at)
        slow.tick()
    assert (quick.numbers, quick.depths, quick.runs) == (slow.numbers, slow.depths, slow.runs)
    assert quick.buffer.stats == slow.buffer.stats


def test_what_has_no_length_is_nothing() -> None:
    buffer = JitterBuffer(SampleGrid(FRAME, 0xFF))
    buffer.put(0, b"", 0)
    assert buffer.get() == Gap(GapKind.HOLD, 1)


def test_memory_is_bounded() -> None:
    """A sender that only sends and never in order cannot fill the memory."""
    pick, buffer = random.Random(3), JitterBuffer(SampleGrid(FRAME, 0xFF))
    for n in range(20_000):
        buffer.put(pick.randrange(1 << 32), payload(n, pick.choice((20, 160, 400)) // 4 * 4), n)
        if n % 3 == 0:
            buffer.get()
    assert len(buffer._cells) < 400
    assert len(buffer._grid._parts) <= 65  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("toc", "duration"),
    [
        (b"\x08\0", 960), (b"\x00\0", 480), (b"\x18\0", 2880), (b"\x0b\x03", 2880),
        (b"\x09\0", 1920), (b"\x60\0", 480), (b"\x68\0", 960), (b"\x80\0", 120),
        (b"\x98\0", 960), (b"\x83\x04", 480), (b"", 0), (b"\x03", 0), (b"\x1b\x3f", 0),
    ],
)  # fmt: skip
def test_durations_of_opus(toc: bytes, duration: int) -> None:
    assert opus_duration(toc) == duration


@pytest.mark.parametrize(("toc", "units"), [(0x08, 960), (0x00, 480), (0x10, 1920), (0x18, 2880)])
def test_opus_packets_stay_whole(toc: int, units: int) -> None:
    buffer: JitterBuffer[tuple[bytes, ...]] = JitterBuffer(PacketGrid(960))
    sent, heard, gaps = 0, [], 0
    for tick in range(62):
        while sent * units + units <= (tick + 1) * 960:
            buffer.put(sent * units, bytes([toc, sent]), tick * 960)
            sent += 1
        got = buffer.get()
        if isinstance(got, Gap):
            gaps += bool(heard)
        elif isinstance(got, Merge):
            heard += [p[1] for p in (*got.first, *got.second)]
        else:
            heard += [p[1] for p in got]
    assert heard == list(range(len(heard)))
    assert len(heard) >= sent - 6
    assert gaps <= 2
