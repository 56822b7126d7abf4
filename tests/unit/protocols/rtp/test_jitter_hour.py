"""An hour of a sender whose clock is wrong by 200 ppm, over a bad network, in made-up time.

That alone would be 720 ms: 36 ticks that must be played short, or filled.
"""

import heapq
import random
import statistics

import pytest

from trunkline.protocols.rtp import Gap, JitterBuffer, Merge, Reception, SampleGrid

FRAME, TICK_S, RATE = 160, 0.02, 8_000
MINUTE = 3_000  # ticks
TICKS = 60 * MINUTE
LOSS, COPIES, LATE_S = 0.02, 0.01, 0.08


@pytest.mark.parametrize("ppm", [200, -200])
def test_an_hour(ppm: int) -> None:
    pick, step_s = random.Random(ppm), TICK_S * (1 + ppm / 1e6)
    buffer, reception = JitterBuffer(SampleGrid(FRAME, 0xFF)), Reception(1)
    waiting: list[tuple[float, int]] = []
    delays_ms: list[list[float]] = [[] for _ in range(60)]
    jitters: list[int] = []
    said = lost = copied = 0
    for tick in range(int(TICKS * (1 + min(0, ppm) / 1e6))):
        now = tick * TICK_S
        while said * step_s <= now:
            copies = 0 if pick.random() < LOSS else 2 if pick.random() < COPIES else 1
            lost, copied = lost + (copies == 0), copied + (copies == 2)
            for _ in range(copies):
                heapq.heappush(waiting, (said * step_s + pick.random() * LATE_S, said))
            said += 1
        while waiting and waiting[0][0] <= now:
            number = heapq.heappop(waiting)[1]
            timestamp = (number * FRAME + 0xFFFF0000) & 0xFFFFFFFF
            arrival = int(now * RATE)
            if reception.packet(number & 0xFFFF, timestamp, arrival):
                buffer.put(timestamp, number.to_bytes(4, "big") * (FRAME // 4), arrival)
        got = buffer.get()
        if not isinstance(got, Gap):
            cell = got.second if isinstance(got, Merge) else got
            said_at = int.from_bytes(cell[:4], "big") * step_s
            delays_ms[tick // MINUTE].append((now - said_at) * 1000)
        if tick % 250 == 0:
            jitters.append(reception.jitter)
    minutes = [statistics.fmean(each) for each in delays_ms]
    assert abs(statistics.fmean(minutes[-10:]) - statistics.fmean(minutes[1:11])) < 10  # no drift
    assert max(minutes) - min(minutes) < 30, minutes
    assert max(max(each) for each in delays_ms) < 220
    assert (buffer.stats.resyncs, buffer.stats.late <= TICKS // 5_000) == (0, True)
    assert all(len(each) > MINUTE * (1 - LOSS) - 80 for each in delays_ms)
    # RTCP tells the truth: of losses all but what is under way, and the mean difference of delays.
    assert abs(reception.lost - (lost - copied)) <= 8
    expected = LATE_S / 3 * RATE  # two delays that are uniform differ by a third on average
    assert 0.9 < statistics.fmean(jitters[5:]) / expected < 1.2
