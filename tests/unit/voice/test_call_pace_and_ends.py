"""How fast an account's calls may start, and what may be called at all."""

import pytest

from trunkline.voice.placing.ends import MOST_DESTINATIONS, NoEnd, end_of, ends_of
from trunkline.voice.placing.pace import Pace


def test_a_bucket_holds_one_seconds_calls() -> None:
    pace = Pace(2.0)
    assert pace.allowed("a", 0) == 2
    pace.spend("a", 2, 0)
    assert (pace.allowed("a", 0), pace.wait_s("a", 0)) == (0, 0.5)
    assert pace.allowed("a", 0.5) == 1
    assert pace.allowed("a", 100) == 2  # nothing is saved up
    assert pace.allowed("b", 0) == 2  # each account by itself


def test_less_than_one_a_second() -> None:
    pace = Pace(0.1)
    assert pace.allowed("a", 0) == 1
    pace.spend("a", 1, 0)
    assert pace.wait_s("a", 0) == pytest.approx(10)
    assert (pace.allowed("a", 9.9), pace.allowed("a", 10)) == (0, 1)


def test_a_clock_that_goes_back_gives_nothing() -> None:
    pace = Pace(1.0)
    pace.spend("a", 1, 100)
    assert pace.allowed("a", 50) == 0


@pytest.mark.parametrize(
    ("written", "end"),
    [
        ("14155550100", "14155550100"),
        ("+1 (415) 555-0100", "14155550100"),
        ("911", "911"),
        ("sip:bob@phone.plivo.com", "sip:bob@phone.plivo.com"),
        ("sip:+14155550100;ext=5@pbx.test", "sip:+14155550100;ext=5@pbx.test"),
        ("sip:bob,sales@pbx.test;transport=tcp", "sip:bob,sales@pbx.test;transport=tcp"),
        ("SIPS:Bob@Example.com;transport=tcp", "SIPS:Bob@Example.com;transport=tcp"),
    ],
)
def test_ends(written: str, end: str) -> None:
    assert end_of(written) == end


@pytest.mark.parametrize(
    "written",
    ["", "+", "12", "1234567890123456", "bob", "sip:bob", "sip:@x", "sip:a b@c", "sip:a@b<c>",
     'sip:a"@b', "sip:a@b\r\nVia: x", "tel:123456", "١٢٣٤٥", "sip:" + "a" * 300 + "@b"],
)  # fmt: skip
def test_what_is_no_end(written: str) -> None:
    with pytest.raises(NoEnd):
        end_of(written)


def test_a_list_has_each_end_once() -> None:
    assert ends_of("911< +911 <sip:a@b<") == ["911", "sip:a@b"]
    with pytest.raises(NoEnd, match="no destination"):
        ends_of(" < ")
    many = "<".join(str(10**9 + number) for number in range(MOST_DESTINATIONS))
    assert len(ends_of(many)) == MOST_DESTINATIONS
    with pytest.raises(NoEnd, match="more than 1000"):
        ends_of(many + "<911")
