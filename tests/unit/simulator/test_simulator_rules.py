"""Faults by rule: who they are for, which is obeyed, how long they hold."""

import pytest

from trunkline.simulator.rules import ANY, MOST_RULES, Rules, TooManyRules

OWNERS = {"14155550100": "MA1", "14155550101": "MA1", "12125550100": "MA2"}


@pytest.fixture
def rules() -> Rules:
    made = Rules()
    made.owner_of = lambda number: OWNERS.get(number, "")
    return made


def test_without_rules_a_destination_is_itself(rules: Rules) -> None:
    assert rules.stand_in("message", "14155550100", "+14155550199") == "+14155550199"


def test_a_rule_is_its_owners_alone(rules: Rules) -> None:
    rules.add("MA1", "message", "14155550199", "15005550023")
    assert rules.stand_in("message", "14155550100", "14155550199") == "15005550023"
    assert rules.stand_in("message", "+14155550101", "+14155550199") == "15005550023"
    assert rules.stand_in("message", "12125550100", "14155550199") == "14155550199"
    assert rules.stand_in("message", "ACME", "14155550199") == "14155550199"
    assert rules.stand_in("message", "14155550100", "14155550198") == "14155550198"


def test_rules_of_messages_are_not_those_of_calls(rules: Rules) -> None:
    rules.add("MA1", "call", ANY, "15005558001")
    assert rules.stand_in("message", "14155550100", "14155550199") == "14155550199"
    assert rules.stand_in("call", "14155550100", "14155550199") == "15005558001"


def test_the_newest_that_fits_is_obeyed(rules: Rules) -> None:
    rules.add("MA1", "message", "14155550199", "15005550001")
    rules.add("MA1", "message", ANY, "15005550004")
    assert rules.stand_in("message", "14155550100", "14155550199") == "15005550004"


def test_a_rule_holds_for_so_many_times(rules: Rules) -> None:
    rules.add("MA1", "message", ANY, "15005550004", times=2)
    seen = [rules.stand_in("message", "14155550100", "14155550199") for _ in range(3)]
    assert seen == ["15005550004", "15005550004", "14155550199"]
    assert rules.of("MA1") == []


def test_rules_are_removed_one_by_one_or_all(rules: Rules) -> None:
    first = rules.add("MA1", "message", ANY, "15005550004")
    second = rules.add("MA1", "call", ANY, "15005558001")
    rules.add("MA2", "call", ANY, "15005558001")
    assert rules.remove("MA2", first.id) == 0
    assert rules.remove("MA1", first.id) == 1
    assert rules.of("MA1") == [second]
    assert rules.remove("MA1") == 1
    assert rules.of("MA1") == []
    assert len(rules.of("MA2")) == 1


def test_an_owner_has_a_bounded_number(rules: Rules) -> None:
    for _ in range(MOST_RULES):
        rules.add("MA1", "message", ANY, "15005550004")
    with pytest.raises(TooManyRules):
        rules.add("MA1", "message", ANY, "15005550004")
    rules.add("MA2", "message", ANY, "15005550004")
