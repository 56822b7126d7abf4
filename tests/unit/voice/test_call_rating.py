import pytest

from trunkline.billing.model import Direction, Price, Product
from trunkline.billing.rates import Rates
from trunkline.voice import rating


def rates(*prices: Price) -> Rates:
    made = Rates()
    made._apply([], prices)
    return made


def voice(country: str, direction: Direction, price: int, variant: str = "", *ends: str) -> Price:
    return Price(country, direction, Product.VOICE, price, variant, *ends)


OUT, IN = Direction.OUTBOUND, Direction.INBOUND
RATES = rates(
    voice("*", OUT, 25_000, "local"),
    voice("*", OUT, 300, "ip"),
    voice("*", IN, 1_000, "local"),
    voice("*", IN, 4_000, "tollfree"),
    voice("*", IN, 310, "ip"),
    voice("GB", OUT, 2_000, "UK Landline", "44"),
    voice("GB", OUT, 5_000, "UK Mobile", "447"),
    voice("GB", OUT, 9_000, "UK Mobile", "447", "1"),
    voice("US", IN, 550, "local"),
)


@pytest.mark.parametrize(
    ("recipient", "caller", "rate", "group"),
    [
        ("442071838750", "", 2_000, "UK Landline"),
        ("447700900123", "", 5_000, "UK Mobile"),  # the longest prefix
        ("447700900123", "14155550100", 9_000, "UK Mobile"),  # and the caller's
        ("447700900123", "442071838750", 5_000, "UK Mobile"),
        ("447700900123", "sip:1@example.com", 5_000, "UK Mobile"),
        ("4915112345678", "", 25_000, "Germany All Networks"),
        ("sip:desk260101000000@phone.plivo.com", "", 300, ""),
    ],
)
def test_the_longest_prefixes_decide(recipient: str, caller: str, rate: int, group: str) -> None:
    assert rating.outbound(RATES, recipient, caller) == (rate, group)


@pytest.mark.parametrize(
    ("number", "kind", "rate"),
    [
        ("14155550100", "local", 550),
        ("4930123456", "local", 1_000),
        ("18005550199", "tollfree", 4_000),
        ("sip:desk260101000000@phone.plivo.com", "local", 310),
    ],
)
def test_the_own_number_decides_inbound(number: str, kind: str, rate: int) -> None:
    assert rating.inbound(RATES, number, kind).rate == rate


@pytest.mark.parametrize(
    ("lasted", "duration", "billed"),
    [
        (0.0, 0, 0),
        (0.2, 1, 60),
        (1.0, 1, 60),
        (59.5, 60, 60),
        (60.0, 60, 60),
        (60.0000005, 60, 60),  # a clock's fractions are no minute
        (60.3, 61, 120),
        (924.0, 924, 960),  # PLIVO call: fixture
    ],
)
def test_begun_minutes_count(lasted: float, duration: int, billed: int) -> None:
    at = 1_767_225_600.25
    assert rating.cost(850, at, at + lasted) == (duration, billed, billed // 60 * 850)


def test_what_was_not_answered_costs_nothing() -> None:
    assert rating.cost(850, None, 1_767_225_600.0) == (0, 0, 0)
