import math

import pytest

from trunkline.values.moments import Interval, interval_of, parse_moment

NEW_YEAR = 1_767_225_600.0  # 2026-01-01T00:00:00Z


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("2026-01-01 00:00", 0),
        ("2026-01-01 00:01", 60),
        ("2026-01-01 00:00:05", 5),
        ("2026-01-01T00:00:05", 5),
        ("2026-01-01 00:00:05Z", 5),
        ("2026-01-01 05:30:05+05:30", 5),
        ("2026-01-01 05:30:05 05:30", 5),  # a plus that was not escaped
        ("2025-12-31 19:00:05-05:00", 5),
        ("2026-01-01", 0),
    ],
)
def test_a_moment_without_fraction_is_its_whole_second(text: str, after: float) -> None:
    assert parse_moment(text) == (NEW_YEAR + after, NEW_YEAR + after + 1)


def test_a_moment_with_fraction_is_that_microsecond() -> None:
    kept = NEW_YEAR + 5.1234567
    low, high = parse_moment("2026-01-01 00:00:05.123457")  # as a record shows it
    assert low <= kept < high
    assert high - low == pytest.approx(1e-6, abs=5e-7)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-02-30 10:00", "2026-01-01 25:00", "9"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be YYYY-MM-DD HH:MM"):
        parse_moment(text)


def test_comparisons_make_an_interval() -> None:
    at = parse_moment("2026-01-01 00:00:05")
    t = NEW_YEAR + 5
    assert interval_of({}) == Interval(-math.inf, math.inf)
    assert interval_of({"eq": at}) == (t, t + 1)
    assert interval_of({"gt": at}) == (t + 1, math.inf)
    assert interval_of({"gte": at}) == (t, math.inf)
    assert interval_of({"lt": at}) == (-math.inf, t)
    assert interval_of({"lte": at}) == (-math.inf, t + 1)
    since, until = interval_of({"gt": at, "lt": at})
    assert since > until  # nothing is in it
