"""The rate controller against simulated carriers, with a clock of its own."""

import heapq
import random
from dataclasses import dataclass, field

import pytest

from trunkline.engines.smpp.rate import UNLIMITED, RateController


class FixedWindow:
    """A carrier that takes `limit` messages in every whole second (beginning at `phase`)."""

    def __init__(self, limit: float, phase: float = 0.0) -> None:
        self.limit = limit
        self.phase = phase
        self.second = -1
        self.taken = 0

    def accept(self, now: float) -> bool:
        second = int(now + self.phase)
        if second != self.second:
            self.second, self.taken = second, 0
        self.taken += 1
        return self.taken <= self.limit


class Bucket:
    """A carrier with a token bucket."""

    def __init__(self, limit: float, burst: float) -> None:
        self.limit = limit
        self.burst = burst
        self.tokens = burst
        self.at = 0.0

    def accept(self, now: float) -> bool:
        self.tokens = min(self.burst, self.tokens + (now - self.at) * self.limit)
        self.at = now
        if self.tokens < 1.0:
            return False
        self.tokens -= 1.0
        return True


@dataclass
class Run:
    """What was attempted and accepted, and how often the controller was asked."""

    attempts: list[float] = field(default_factory=list)
    accepted: list[float] = field(default_factory=list)
    wakes: int = 0

    def rate(self, start: float, end: float) -> float:
        return sum(start <= t < end for t in self.accepted) / (end - start)

    def waste(self, start: float, end: float) -> float:
        tried = sum(start <= t < end for t in self.attempts)
        return tried / max(1, sum(start <= t < end for t in self.accepted))


def simulate(carrier, *, tps=None, burst=None, window=50, rtt=0.02, seconds=30.0, demand=None):
    """Endless demand (or demand(t) -> bool) through the controller; events in time order."""
    control = RateController(tps, burst, 0.0)
    run = Run()
    answers: list[tuple[float, float, bool]] = []
    now = 0.0
    noise = random.Random(7)
    while now < seconds:
        run.wakes += 1
        while len(answers) < window and control.available(now) and (not demand or demand(now)):
            assert control.take(now)
            run.attempts.append(now)
            ok = carrier.accept(now + rtt / 2)
            if ok:
                run.accepted.append(now)
            heapq.heappush(answers, (now + rtt * (1.0 + 0.2 * noise.random()), now, ok))
        wake = now + 0.05 if demand else seconds
        if len(answers) < window and (wait_s := control.wait_s(now)) > 0.0:
            wake = min(wake, now + wait_s)
        if answers:
            wake = min(wake, answers[0][0])
        now = max(wake, now + 1e-6)
        while answers and answers[0][0] <= now:
            _, sent_at, ok = heapq.heappop(answers)
            (control.accepted if ok else control.throttled)(sent_at, now)
    return control, run


CARRIERS = {
    "window": lambda: FixedWindow(100),
    "window beginning late": lambda: FixedWindow(100, 0.3),
    "window about to turn": lambda: FixedWindow(100, 0.99),
    "bucket of a second": lambda: Bucket(100, 100),
    "bucket of a tenth": lambda: Bucket(100, 10),
    "bucket of one": lambda: Bucket(100, 2),
}


@pytest.mark.parametrize("rtt", [0.001, 0.02, 0.3])
@pytest.mark.parametrize("name", CARRIERS)
def test_an_unknown_limit_is_found_and_used(name, rtt):
    _, run = simulate(CARRIERS[name](), window=50, rtt=rtt)
    assert run.rate(5, 30) >= 97
    assert run.waste(5, 30) <= 1.1
    assert run.wakes <= 30 * 450


@pytest.mark.parametrize("name", CARRIERS)
def test_an_agreed_rate_that_is_too_high_is_corrected(name):
    _, run = simulate(CARRIERS[name](), tps=1000.0)
    assert run.rate(5, 30) >= 97
    assert run.waste(5, 30) <= 1.1


@pytest.mark.parametrize("name", ["window", "bucket of a second", "bucket of a tenth"])
def test_few_throttles_once_settled(name):
    _, run = simulate(CARRIERS[name](), seconds=60.0)
    assert run.waste(20, 60) <= 1.02
    assert run.rate(20, 60) >= 98


def test_an_agreed_rate_is_kept_and_never_exceeded():
    control, run = simulate(FixedWindow(1e9), tps=100.0, seconds=10.0)
    assert 99 <= run.rate(1, 10) <= 101
    assert control.rate == 100.0


def test_without_throttling_nothing_limits():
    control, run = simulate(FixedWindow(1e9), window=10, rtt=0.01, seconds=1.0)
    assert control.rate == UNLIMITED
    assert len(run.attempts) >= 800


def test_a_raised_limit_is_discovered():
    class Raised(Bucket):
        def accept(self, now: float) -> bool:
            self.limit = 100.0 if now < 20.0 else 200.0
            return super().accept(now)

    _, run = simulate(Raised(100, 10), seconds=60.0)
    assert run.rate(10, 20) >= 97
    assert run.rate(50, 60) >= 180


def test_a_lowered_limit_is_followed():
    class Lowered(Bucket):
        def accept(self, now: float) -> bool:
            self.limit = 200.0 if now < 15.0 else 40.0
            return super().accept(now)

    _, run = simulate(Lowered(200, 20), seconds=40.0)
    assert run.rate(20, 40) >= 38
    assert run.waste(20, 40) <= 1.1


def test_after_a_minute_of_refusals_it_comes_back_fast():
    class Outage(Bucket):
        def accept(self, now: float) -> bool:
            return super().accept(now) and not 20.0 <= now < 40.0

    _, run = simulate(Outage(100, 10), seconds=60.0)
    assert run.rate(55, 60) >= 95
    assert sum(25 <= t < 40 for t in run.attempts) <= 200  # knocking, not hammering


def test_an_idle_hour_does_not_forget_the_rate():
    quiet = lambda now: now < 10 or now >= 20  # noqa: E731
    _, run = simulate(Bucket(100, 10), demand=quiet)
    assert run.rate(22, 30) >= 97


def test_a_bucket_gives_its_burst_and_then_its_rate():
    control = RateController(10.0, 3.0, 0.0)
    assert [control.take(0.0) for _ in range(4)] == [True, True, True, False]
    assert control.wait_s(0.0) == pytest.approx(0.1)
    assert not control.take(0.05)
    assert control.take(0.11)


def test_waiting_for_tokens_is_not_done_in_crumbs():
    control = RateController(1000.0, None, 0.0)
    while control.take(0.0):
        pass
    assert control.wait_s(0.0) >= 0.004


@pytest.mark.parametrize("limit", [1, 5, 1000])
def test_other_limits_are_found_too(limit):
    _, run = simulate(Bucket(limit, max(2, limit / 10)), seconds=60.0, window=200)
    assert run.rate(20, 60) >= 0.93 * limit
    assert run.waste(20, 60) <= 1.15
