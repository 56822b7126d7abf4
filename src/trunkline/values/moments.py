"""Moments as callers write them in filters, and the stretch of time that each of them means."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HALF_MICROSECOND = 5e-7  # moments are shown to the microsecond, and kept finer
# A plus sign in a query string that was not escaped arrives as a blank.
_LOST_PLUS = re.compile(r"(\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?) (\d{2}:?\d{2})")


class Moment(NamedTuple):
    """Seconds since 1970, from `low` up to but without `high`.

    A moment without fraction is its whole second, as records without fraction are shown; one with
    a fraction is that microsecond.
    """

    low: float
    high: float


class Interval(NamedTuple):
    """From `since` up to but without `until`; either may be infinite."""

    since: float = -math.inf
    until: float = math.inf

    def within(self, other: "Interval") -> "Interval":
        """Return what both have in common; it may be empty."""
        return Interval(max(self.since, other.since), min(self.until, other.until))


def parse_moment(text: str) -> Moment:
    """Read `YYYY-MM-DD[ HH:MM[:SS[.ffffff]]]`, with a T between if wanted.

    It is UTC unless a Z or an offset such as +05:30 follows.

    Raises:
        ValueError: it is something else, or no day of the calendar.
    """
    try:
        at = datetime.fromisoformat(_LOST_PLUS.sub(r"\1+\2", text.strip(), count=1))
        if at.tzinfo is None:
            at = at.replace(tzinfo=UTC)
        seconds = (at - _EPOCH) / timedelta(seconds=1)
    except (ValueError, OverflowError):
        raise ValueError("must be YYYY-MM-DD HH:MM[:SS[.ffffff]] in UTC") from None
    if "." not in text:
        return Moment(seconds, seconds + 1.0)
    return Moment(seconds - _HALF_MICROSECOND, seconds + _HALF_MICROSECOND)


def interval_of(moments: Mapping[str, Moment]) -> Interval:
    """Return the interval that comparisons leave; the keys are eq, gt, gte, lt and lte."""
    found = Interval()
    for operator, moment in moments.items():
        found = found.within(_compared(operator, moment))
    return found


def _compared(operator: str, moment: Moment) -> Interval:
    match operator:
        case "gt":
            return Interval(since=moment.high)
        case "gte":
            return Interval(since=moment.low)
        case "lt":
            return Interval(until=moment.low)
        case "lte":
            return Interval(until=moment.high)
        case _:
            return Interval(*moment)
