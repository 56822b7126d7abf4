"""Which number asks which behaviour, and that the page says what the table says."""

from pathlib import Path

import pytest

from trunkline.simulator.outcomes import ORDINARY as ORDINARY_MESSAGE
from trunkline.simulator.outcomes import outcome_of
from trunkline.simulator.voice.log import CallLog, Entry
from trunkline.simulator.voice.outcomes import NAMED, ORDINARY, TABLE, Behaviour, Does, behaviour_of

PAGE = (Path(__file__).parents[3] / "docs" / "simulator.md").read_text()


def test_every_row_is_on_the_page_and_nothing_else() -> None:
    _, _, section = PAGE.partition("## Calls")
    lines = {line for line in section.splitlines() if line.startswith("| +1 500")}
    assert lines == {f"| {row.destination} | {row.summary} |" for row in TABLE}


@pytest.mark.parametrize("number", NAMED)
def test_the_named_ones(number: int) -> None:
    assert behaviour_of(f"+1500555{8000 + number}") == NAMED[number][0]


@pytest.mark.parametrize(
    ("number", "behaviour"),
    [
        ("15005558130", Behaviour(ring_s=30.0)),
        ("15005558205", Behaviour(hang_up_after_s=5.0)),
        ("15005558307", Behaviour(digits="07")),
        ("15005558442", Behaviour(digits="42#")),
        ("15005558610", Behaviour(does=Does.TALK, sound_s=10.0)),
        ("15005559486", Behaviour(486)),
        ("15005559699", Behaviour(699)),
    ],
)
def test_those_with_a_figure(number: str, behaviour: Behaviour) -> None:
    assert behaviour_of(number) == behaviour
    assert behaviour_of(f"+{number}") == behaviour


@pytest.mark.parametrize(
    "number",
    ["4915112345678", "15005550001", "15005558099", "15005558900", "15005559200", "15005559700",
     "1500555800", "150055580000", "1500555８００１", "", "alice"],
)  # fmt: skip
def test_all_others_are_ordinary(number: str) -> None:
    assert behaviour_of(number) == ORDINARY


def test_they_mean_nothing_to_messages() -> None:
    for number in range(8000, 10_000):
        assert outcome_of(f"1500555{number}") == ORDINARY_MESSAGE


def entry(number: str, call_id: str = "c", at: float = 0.0) -> Entry:
    return Entry(call_id, number, "14155550100", False, at)


def test_the_log_keeps_the_last_calls_of_the_last_numbers() -> None:
    log = CallLog(lambda: 0.0, per_number=2, numbers=2)
    for call_id in ("a", "b", "c"):
        log.open(entry("1", call_id))
    log.open(entry("2"))
    log.open(entry("1", "d"))
    log.open(entry("3"))
    assert [one.call_id for one in log.of("+1")] == ["c", "d"]
    assert log.of("2") == []
    assert len(log.of("3")) == 1


def test_a_call_that_goes_on_grows_and_one_that_ended_does_not() -> None:
    now = 10.0
    log = CallLog(lambda: now)
    kept = log.open(entry("1", at=1.0))
    assert log.of("1")[0].duration_s == 0.0
    kept.answered(4.0)
    assert log.of("1")[0].duration_s == 6.0
    kept.ended(9.0, "platform", "bye")
    kept.ended(9.5, "handset", "late")
    now = 99.0
    seen = log.of("1")[0]
    assert (seen.duration_s, seen.ended_by, seen.reason) == (5.0, "platform", "bye")


def test_digits_have_a_bound() -> None:
    kept = entry("1")
    for _ in range(2_000):
        kept.heard("5")
    assert len(kept.digits) == 1_000
