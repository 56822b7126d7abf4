"""Who cannot pay the next minute is cut off before it begins."""

from typing import cast

import pytest

from trunkline.billing.balances import UNLIMITED, Balances
from trunkline.voice.credit import LEAD_S, CallCredit

RATE = 100
T = 1_767_225_600.0


class Purse:
    """Balances that a test sets."""

    def __init__(self, **cash: int) -> None:
        self.cash = cash

    def spendable(self, account_id: str) -> int:
        return self.cash.get(account_id, 0)


def credit(**cash: int) -> CallCredit:
    return CallCredit(cast("Balances", Purse(**cash)))


def test_the_first_minute_is_held_from_the_beginning() -> None:
    one = credit(ann=250)
    assert one.can_call("ann", RATE, T)
    one.open("a", "ann", RATE)
    assert one.can_call("ann", RATE, T)
    one.open("b", "ann", RATE)
    assert not one.can_call("ann", RATE, T)
    assert one.can_call("ann", 0, T)  # what is free can be had without money
    assert not one.can_call("bob", RATE, T)
    one.close("a")
    assert one.can_call("ann", RATE, T)
    assert one.left("ann", T) == 150


def test_a_call_lasts_as_long_as_it_can_be_paid() -> None:
    one = credit(ann=250)
    one.open("a", "ann", RATE)
    one.answered("a", T)
    one.answered("a", T + 30)  # the first time counts
    assert one.next_look(T) == T + 60 - LEAD_S
    assert one.overdrawn(T + 58) == {}
    assert one.overdrawn(T + 60 - LEAD_S) == {}  # the second minute is there
    assert one.next_look(T + 60) == T + 120 - LEAD_S
    assert one.overdrawn(T + 118) == {}
    assert one.overdrawn(T + 120 - LEAD_S) == {"a": None}  # the third is not


def test_the_newest_goes_first_and_no_more_than_needed() -> None:
    one = credit(ann=450)
    for name, at in (("old", T), ("new", T + 10), ("ringing", None)):
        one.open(name, "ann", RATE)
        if at is not None:
            one.answered(name, at)
    assert one.overdrawn(T + 59) == {}  # two minutes of the old one, one of each other: 400
    assert one.overdrawn(T + 69) == {"ringing": None}  # and a second one of the new: 500
    one.close("ringing")
    assert one.overdrawn(T + 69) == {}
    assert one.overdrawn(T + 119) == {"old": None}  # its third minute; the new one's is not due
    one.close("old")
    assert one.overdrawn(T + 119) == {}


def test_time_that_is_moved_ends_calls_where_their_credit_ended() -> None:
    one = credit(ann=450)
    for name, at in (("old", T), ("new", T + 10)):
        one.open(name, "ann", RATE)
        one.answered(name, at)
    assert one.overdrawn(T + 30) == {}
    # At 119 s the third minute of the old one is due: there is no fifth. The new one has another.
    assert one.overdrawn(T + 125) == {"old": T + 120}
    assert one.overdrawn(T + 125) == {"old": T + 120}  # until it has ended
    assert one.left("ann", T + 125) == 50
    assert one.overdrawn(T + 3_600) == {"old": T + 120, "new": T + 130}
    one.close("old")
    one.close("new")
    assert one.overdrawn(T + 3_600) == {}


def test_a_balance_that_falls_ends_no_minute_that_was_paid() -> None:
    purse = Purse(ann=500)
    one = CallCredit(cast("Balances", purse))
    one.open("a", "ann", RATE)
    one.answered("a", T)
    assert one.overdrawn(T + 5) == {}
    purse.cash["ann"] = 0
    assert one.overdrawn(T + 6) == {}
    assert one.overdrawn(T + 58) == {}
    assert one.overdrawn(T + 59.5) == {"a": None}
    assert one.overdrawn(T + 61) == {"a": T + 60}


def test_who_pays_afterwards_is_never_cut_off() -> None:
    one = credit(ann=UNLIMITED)
    one.open("a", "ann", RATE)
    one.answered("a", T)
    assert one.can_call("ann", RATE, T)
    assert one.overdrawn(T + 10**6) == {}


@pytest.mark.parametrize("act", ["answered", "close"])
def test_calls_that_are_not_metered_do_no_harm(act: str) -> None:
    one = credit(ann=0)
    one.open("free", "ann", 0)
    if act == "answered":
        one.answered("free", T)
        one.answered("unknown", T)
    one.close("free")
    one.close("unknown")
    assert one.next_look(T) is None
    assert one.overdrawn(T) == {}
