"""Where calls may go: trunks that have room, and accounts that may pay."""

from collections.abc import Sequence

import pytest

from trunkline.messaging.carriers.routes import Route
from trunkline.runtime.clock import ControlledClock
from trunkline.voice.placing.callers import CallerRule
from trunkline.voice.records.model import Call
from trunkline.voice.switch import Target, TrunkWay, Way
from trunkline.voice.telephony import Destination, Refused
from trunkline.voice.tolls import ASK_AGAIN_S, Barred, TollLimits, Tolls
from trunkline.voice.trunks import TrunkLimits, TrunkTable

US = Destination("14155550123", "14155550100", account_id="SA1")
ONE, TWO = TrunkWay("one", "192.0.2.1"), TrunkWay("two", "192.0.2.2")


def table(busy: dict[str, int], **limits: TrunkLimits) -> TrunkTable:
    return TrunkTable(
        ways={"one": ONE, "two": TWO},
        routes=[Route("one", prefixes=("1415",)), Route("two", prefixes=("1",))],
        limits=limits,
        clock=ControlledClock(0.0),
        calls_at=lambda way: busy.get(way.name, 0),
        rnd=lambda: 0.0,
    )


def test_the_longest_prefix_first_and_others_behind_it() -> None:
    assert table({}).ways(US) == [ONE, TWO]
    with pytest.raises(Refused) as refused:
        table({}).ways(Destination("442071838750", "1"))
    assert refused.value.cause is not None
    assert refused.value.cause.code == 5020


def test_a_full_trunk_is_passed_over() -> None:
    full = TrunkLimits(max_calls=2)
    assert table({"one": 1}, one=full).ways(US) == [ONE, TWO]
    assert table({"one": 2}, one=full).ways(US) == [TWO]
    with pytest.raises(Refused) as refused:
        table({"one": 2, "two": 9}, one=full, two=full).ways(US)
    assert refused.value.cause is not None
    assert refused.value.cause.code == 3090


def test_a_trunk_gets_no_more_calls_a_second_than_agreed_on() -> None:
    trunks = table({}, one=TrunkLimits(calls_per_second=2))
    firsts = [trunks.ways(US)[0].name for _ in range(3)]
    assert firsts == ["one", "one", "two"]


class Credit:
    """What an account has left."""

    def __init__(self) -> None:
        self.amount = 1_000

    def left(self, _payer: str, _now: float) -> int:
        return self.amount


class Gate:
    """Tolls before one trunk, with an account whose means are set by a test."""

    def __init__(self, limits: TollLimits, way: str = "acme") -> None:
        self.clock = ControlledClock(0.0)
        self.credit = Credit()
        self.out, self.there, self.spent, self.asked = 1, 1, 0, 0
        self.way = Way(way, (Target("sip:x@y", "sip:z@y"),))
        self.tolls = Tolls(
            self,
            clock=self.clock,
            limits=limits,
            credit=self.credit,  # type: ignore[arg-type]
            main_of=lambda _: "MA1",
            legs=self,
            spent_today=self.spent_today,
            free=frozenset({"simulator"}),
        )

    async def ways(self, destination: Destination) -> Sequence[Way]:
        return [self.way]

    def calls_out(self, _: str) -> int:
        return self.out

    def calls_to(self, _: str) -> int:
        return self.there

    async def spent_today(self, _: str) -> int:
        self.asked += 1
        return self.spent

    async def code(self, destination: Destination = US) -> int:
        try:
            ways = await self.tolls.ways(destination)
        except Refused as refused:
            return -1 if refused.cause is None else refused.cause.code
        assert ways == [self.way]
        return 0


EVERYWHERE = frozenset({"*"})


async def test_who_cannot_pay_calls_nobody() -> None:
    one = Gate(TollLimits(EVERYWHERE))
    assert await one.code() == 0
    one.credit.amount = 0  # the call's own first minute is held already
    assert await one.code() == 0
    one.credit.amount = -1
    assert await one.code() == 1010


async def test_countries_are_barred_until_they_are_allowed() -> None:
    assert await Gate(TollLimits()).code() == 2030
    assert await Gate(TollLimits(frozenset({"US"}))).code() == 0
    assert await Gate(TollLimits(frozenset({"GB"}))).code() == 2030
    assert await Gate(TollLimits(), "simulator").code() == 0
    assert await Gate(TollLimits()).code(Destination("sip:a@b", "1")) == 0


PREMIUM = Destination("19005550123", "14155550100")


@pytest.mark.parametrize("way", ["acme", "simulator"])
async def test_what_the_operator_has_barred(way: str) -> None:
    barred = Barred(frozenset({"14155550123"}), frozenset({"4490", "8"}), frozenset({"911"}), 2)
    one = Gate(TollLimits(EVERYWHERE, barred=barred), way)
    assert await one.code() == 2040
    assert await one.code(Destination("14155550124", "1")) == 0
    assert await one.code(Destination("449012345678", "1")) == 2050
    assert await one.code(Destination("442071838750", "911")) == 3140
    assert await one.code(Destination("sip:8@b.test", "911")) == 0  # no number
    one.there = 2
    assert await one.code(Destination("14155550124", "1")) == 0
    one.there = 3
    assert await one.code(Destination("14155550124", "1")) == 1020
    assert await one.code(Destination("sip:8@b.test", "1")) == 1020


async def test_premium_numbers_are_barred_on_trunks_until_they_are_allowed() -> None:
    assert await Gate(TollLimits(EVERYWHERE)).code(PREMIUM) == 2040
    assert await Gate(TollLimits(EVERYWHERE, premium_numbers=True)).code(PREMIUM) == 0
    assert await Gate(TollLimits(EVERYWHERE), "simulator").code(PREMIUM) == 0


async def test_calls_at_once() -> None:
    one = Gate(TollLimits(EVERYWHERE, concurrent_calls=2))
    one.out = 2
    assert await one.code() == 0
    one.out = 3
    assert await one.code() == 5030


async def test_spending_of_a_day_is_asked_for_now_and_then() -> None:
    one = Gate(TollLimits(EVERYWHERE, spend_per_day=500))
    one.spent = 499
    assert [await one.code(), await one.code(), one.asked] == [0, 0, 1]
    one.spent = 500
    one.clock.advance(ASK_AGAIN_S + 1)
    assert [await one.code(), one.asked] == [1010, 2]


def test_callers_to_the_us_are_numbers_of_the_account() -> None:
    class Numbers:
        def get(self, number: str) -> object:
            return type("N", (), {"main_auth_id": "MA1"}) if number == "14155550100" else None

    def code(recipient: str, sender: str, *, main: str = "MA1", on_trunk: bool = True) -> int:
        rule = CallerRule(Numbers(), frozenset({"US"}), lambda _: on_trunk)  # type: ignore[arg-type]
        call = Call("u", main, main, "outbound", "queued", sender, recipient, 0.0)
        barred = rule.barred(call)
        return 0 if barred is None else barred.code

    assert code("14155550123", "14155550100") == 0
    assert code("14155550123", "14155550199") == 3030
    assert code("14155550123", "14155550100", main="MA2") == 3030
    assert code("442071838750", "14155550199") == 0
    assert code("14155550123", "14155550199", on_trunk=False) == 0
    assert code("sip:a@b", "14155550199") == 0
