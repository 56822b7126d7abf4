from collections import Counter
from collections.abc import Mapping
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.messaging.credit import Credit


class Purse:
    """Balances of which each payer's is known; charges come off at once."""

    def __init__(self, **cash: int) -> None:
        self.cash = Counter(cash)

    def spendable(self, payer: str) -> int:
        return self.cash[payer]

    def charged(self, paid: Mapping[str, int]) -> None:
        self.cash.subtract(paid)


def credit(purse: Purse) -> Credit:
    return Credit(cast(Any, purse))


def test_what_is_reserved_cannot_be_spent_twice() -> None:
    one = credit(Purse(a=100))
    assert one.reserve("a", 60)
    assert not one.reserve("a", 41)
    assert one.reserve("a", 40)
    assert not one.reserve("a", 1)


def test_what_is_released_can_be_spent_again() -> None:
    one = credit(Purse(a=100))
    assert one.reserve("a", 100)
    one.release("a", 30)
    assert not one.reserve("a", 31)
    assert one.reserve("a", 30)


def test_what_is_charged_is_gone_once() -> None:
    purse = Purse(a=100)
    one = credit(purse)
    assert one.reserve("a", 60)
    one.charged("a", 60)
    assert purse.cash["a"] == 40
    assert not one.reserve("a", 41)
    assert one.reserve("a", 40)


def test_payers_do_not_touch_each_other() -> None:
    one = credit(Purse(a=10, b=10))
    assert one.reserve("a", 10)
    assert one.reserve("b", 10)
    one.release("a", 10)
    assert not one.reserve("b", 1)


@pytest.mark.parametrize("cash", [0, -5])
def test_what_costs_nothing_needs_nothing(cash: int) -> None:
    one = credit(Purse(a=cash))
    assert one.reserve("a", 0)
    assert not one.reserve("a", 1)
    one.release("a", 0)


def test_releasing_nothing_keeps_what_is_reserved() -> None:
    one = credit(Purse(a=10))
    assert one.reserve("a", 10)
    one.release("a", 0)
    one.charged("a", 0)
    assert not one.reserve("a", 1)


@given(st.lists(st.tuples(st.integers(0, 30), st.sampled_from(["keep", "release", "charge"]))))
def test_never_more_leaves_than_there_was(steps: list[tuple[int, str]]) -> None:
    purse = Purse(a=100)
    one = credit(purse)
    held = spent = 0
    for amount, then in steps:
        fits = amount == 0 or held + spent + amount <= 100
        assert one.reserve("a", amount) is fits
        if not fits:
            continue
        held += amount
        if then != "keep":
            held -= amount
        if then == "release":
            one.release("a", amount)
        elif then == "charge":
            one.charged("a", amount)
            spent += amount
    assert purse.cash["a"] == 100 - spent
