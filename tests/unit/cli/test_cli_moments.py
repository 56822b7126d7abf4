"""Times and spans of time as people write them."""

from datetime import UTC, datetime

import pytest

from trunkline.cli.environment import Refused
from trunkline.cli.remote.moments import moment, seconds_of


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("1.5s", 1.5), ("15m", 900), ("2h", 7_200), ("1d", 86_400)]
)
def test_spans(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "-5", "2 hours", "h", "1e9", "٣"])
def test_no_spans(text: str) -> None:
    with pytest.raises(Refused, match="no span of time"):
        seconds_of(text)


def test_moments_are_utc_unless_they_say_otherwise() -> None:
    assert moment("2026-05-01 12:30") == datetime(2026, 5, 1, 12, 30, tzinfo=UTC)
    assert moment("2026-05-01T12:30:00+02:00") == datetime(2026, 5, 1, 10, 30, tzinfo=UTC)
    with pytest.raises(Refused, match="no time"):
        moment("tomorrow")
