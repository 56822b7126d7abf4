"""Which stretch of time a list of calls searches."""

import pytest

from trunkline.contract.errors import InvalidParameter
from trunkline.values.moments import Moment
from trunkline.voice.records.wanted import DAY_S, ends_of, window

NOW = 1_767_225_600.0


def at(days_ago: float) -> Moment:
    return Moment(NOW - days_ago * DAY_S, NOW - days_ago * DAY_S + 1)


def test_without_a_time_it_is_the_last_seven_days() -> None:
    assert window({}, NOW, "end_time").since == NOW - 7 * DAY_S
    assert window({}, NOW, "end_time").until > NOW + 10**9


def test_a_bound_alone_reaches_thirty_days() -> None:
    since, until = window({"gte": at(80)}, NOW, "end_time")
    assert (since, until) == (NOW - 80 * DAY_S, NOW - 50 * DAY_S)
    since, until = window({"lt": at(10)}, NOW, "end_time")
    assert (since, until) == (NOW - 40 * DAY_S, NOW - 10 * DAY_S)


def test_more_than_thirty_days_are_refused() -> None:
    since, until = window({"gte": at(30), "lte": at(0)}, NOW, "end_time")
    assert (since, until) == (NOW - 30 * DAY_S, NOW + 1)
    with pytest.raises(InvalidParameter, match=r"end_time.*30 days"):
        window({"gte": at(30.1), "lt": at(0)}, NOW, "end_time")


def test_what_contradicts_itself_finds_nothing() -> None:
    since, until = window({"gt": at(1), "lt": at(2)}, NOW, "end_time")
    assert since > until


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        (None, ()),
        ("", ()),
        ("+1 (415) 555-0100", ("14155550100",)),
        ("1415<44", ("1415", "44")),
        ("sip:desk-1@example.com", ("sip:desk-1@example.com",)),
        (" < ", ()),
    ],
)
def test_numbers_are_cleaned_and_uris_are_not(text: str | None, ends: tuple[str, ...]) -> None:
    assert ends_of("from_number", text) == ends


def test_what_is_given_names_a_number() -> None:
    with pytest.raises(InvalidParameter, match="from_number parameter is invalid: names no number"):
        ends_of("from_number", "<+<")
