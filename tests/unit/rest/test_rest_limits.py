from hypothesis import given
from hypothesis import strategies as st

from trunkline.rest.limits import Rate, RateLimiter


def test_a_burst_then_the_rate() -> None:
    limiter = RateLimiter(Rate(300, 5.0), 10)
    assert [limiter.take("a", 100.0) for _ in range(300)] == [0.0] * 300
    wait = limiter.take("a", 100.0)
    assert 0 < wait <= 5.0 / 300 + 1e-9
    assert limiter.wait_s("a", 100.0) == wait
    assert limiter.take("b", 100.0) == 0.0
    assert limiter.take("a", 100.0 + wait + 1e-9) == 0.0
    assert limiter.take("a", 100.0 + wait + 1e-9) > 0


def test_asking_does_not_count() -> None:
    limiter = RateLimiter(Rate(1, 5.0), 10)
    assert limiter.wait_s("a", 0.0) == 0.0
    assert limiter.take("a", 0.0) == 0.0
    assert limiter.wait_s("a", 0.0) == 5.0
    assert limiter.wait_s("a", 5.0) == 0.0


def test_the_number_of_keys_is_bounded() -> None:
    limiter = RateLimiter(Rate(2, 10.0), 100)
    for number in range(1000):
        limiter.take(f"key {number}", 0.0)
        assert len(limiter) <= 100
    assert len(limiter) > 80
    assert limiter.wait_s("key 999", 0.0) == 0.0
    limiter.take("key 999", 0.0)
    assert limiter.wait_s("key 999", 0.0) > 0
    for number in range(100):
        limiter.take(f"later {number}", 1000.0)
    assert limiter.wait_s("key 999", 1000.0) == 0.0
    assert len(limiter) <= 100


def test_a_key_under_limit_survives_the_flood_of_others() -> None:
    limiter = RateLimiter(Rate(2, 10.0), 100)
    limiter.take("a", 5.0)
    limiter.take("a", 5.0)
    for number in range(99):
        limiter.take(f"old {number}", 0.0)
    limiter.take("one more", 6.0)
    assert limiter.take("a", 6.0) > 0


@given(st.lists(st.floats(0, 3), max_size=200))
def test_never_more_than_twice_the_rate_in_any_window(gaps: list[float]) -> None:
    limiter = RateLimiter(Rate(5, 10.0), 10)
    now, passed = 0.0, list[float]()
    for gap in gaps:
        now += gap
        if limiter.take("a", now) == 0.0:
            passed.append(now)
    for start in passed:
        assert sum(start <= at < start + 10.0 for at in passed) <= 10
