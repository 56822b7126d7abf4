"""Stalls, ours and the network's: what was said meanwhile is skipped, nothing is late for it."""

import random
import statistics

import pytest

from trunkline.protocols.rtp import Gap, JitterBuffer, Merge, Reception, SampleGrid

FRAME, STEP = 160, 20  # ms a packet, and a tick
AT_ONCE = 5  # ticks done after a stall; the others are never played


class Ears:
    """Plays what comes, and knows how long each packet was under way; times in ms."""

    def __init__(self, jitter_ms: float) -> None:
        pick = random.Random(1)
        sent = ((n * STEP + pick.random() * jitter_ms, n) for n in range(2_000))
        self.coming = sorted(sent)[::-1]
        self.buffer = JitterBuffer(SampleGrid(FRAME, 0xFF))
        self.reception = Reception(1)
        self.delays: list[tuple[int, int]] = []
        self.tick = 0

    def run(self, ticks: int) -> None:
        for _ in range(ticks):
            self.read(self.tick * STEP, known=True)
            self.play()

    def stall(self, ticks: int) -> None:
        end = (self.tick + ticks) * STEP
        missed = max(0, ticks - AT_ONCE)
        if missed:
            self.buffer.miss(missed)
            self.tick += missed
        for _ in range(min(AT_ONCE, ticks)):
            self.read(end, known=False)
            self.play()

    def read(self, now: int, *, known: bool) -> None:
        while self.coming and self.coming[-1][0] <= now:
            _, n = self.coming.pop()
            arrival = now * 8 if known else None
            if self.reception.packet(n, n * FRAME, arrival):
                self.buffer.put(n * FRAME, n.to_bytes(4, "big") * (FRAME // 4), arrival)

    def play(self) -> None:
        got = self.buffer.get()
        if not isinstance(got, Gap):
            cell = got.second if isinstance(got, Merge) else got
            now = self.tick * STEP
            self.delays.append((now, now - int.from_bytes(cell[:4], "big") * STEP))
        self.tick += 1

    def delay_ms(self, begin: int, end: int) -> float:
        """The mean of what was played between two times."""
        return statistics.fmean(delay for at, delay in self.delays if begin <= at < end)


@pytest.mark.parametrize("ticks", [2, 4, 6, 10, 50, 250, 500])
@pytest.mark.parametrize("jitter_ms", [0, 60])
def test_after_a_stall_of_ours_all_is_as_before(ticks: int, jitter_ms: int) -> None:
    ears = Ears(jitter_ms)
    ears.run(500)
    before, target, jitter = ears.delay_ms(8_000, 10_000), ears.buffer.target, ears.reception.jitter
    ears.stall(ticks)
    assert ears.buffer.target <= target
    assert ears.reception.jitter == jitter
    began = ears.tick * STEP
    ears.run(100)
    assert abs(ears.delay_ms(began, began + 2_000) - before) <= STEP
    assert (ears.buffer.stats.resyncs, ears.buffer.stats.late) == (0, 0)
    assert ears.reception.lost <= 3  # still under way


def test_after_a_stall_of_the_network_the_delay_is_soon_as_before() -> None:
    """It counts as no more than can be waited for."""
    ears = Ears(0)
    ears.run(200)
    ears.coming = [(max(at, 9_000.0), n) for at, n in ears.coming]
    ears.run(251)
    assert ears.buffer.target == 12
    ears.run(1_000)
    assert ears.buffer.target <= 3
    assert ears.delay_ms(28_000, 29_000) <= 80


def test_a_stall_before_anything_came_or_while_nothing_comes_skips_nothing() -> None:
    ears = Ears(0)
    ears.buffer.miss(100)
    ears.run(50)
    assert [at for at, _ in ears.delays][:3] == [20, 40, 60]
    ears.coming = [(at, n) for at, n in ears.coming if n >= 100]
    ears.run(25)
    ears.buffer.miss(20)
    ears.run(100)
    assert len(ears.delays) >= 50 + 70
