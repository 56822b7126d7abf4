"""What the price list answers, once it is in memory."""

from collections.abc import Sequence
from typing import Any, cast

import pytest

from trunkline.billing.model import Direction, NumberPrice, Price, Product, VoicePrice
from trunkline.billing.pricelist import parse_prices, sample_prices
from trunkline.billing.rates import Rates
from trunkline.billing.voice import VoiceRates

IN, OUT = Direction.INBOUND, Direction.OUTBOUND
LIST = """country,direction,product,price,variant,prefixes,origins
*,outbound,sms,0.1,,,
*,inbound,sms,0,,,
*,outbound,mms,0.2,,,
*,inbound,mms,0,,,
*,outbound,whatsapp,0.05,,,
*,outbound,whatsapp,0.08,marketing,,
*,outbound,voice,0.25,local,,
US,outbound,sms,0.0055,,,
US,outbound,sms,0.007,T-Mobile,,
US,outbound,sms_fee,0.003,,,
US,outbound,sms_fee,0.01,,,unregistered
US,outbound,sms_fee,0.0045,T-Mobile,,
US,outbound,sms_fee,0.012,T-Mobile,,unregistered
US,outbound,whatsapp,0.01,marketing,,
US,inbound,sms_fee,0.001,,,
US,,local_monthly,0.5,mms+voice+sms,,
US,,local_setup,0.1,voice+sms+mms,,
US,,local_monthly,0.4,voice,,
GB,outbound,voice,0.02,United Kingdom,44,
GB,outbound,voice,0.05,Mobile,447,44 33
GB,outbound,voice,0.2,Mobile from elsewhere,447,
GB,outbound,voice,0.09,Premium,4487 4490,
GB,inbound,voice,0.01,local,,
"""


class OneList:
    """A database that has one list of prices, new each time."""

    def __init__(self, prices: Sequence[Price]) -> None:
        self._prices = prices

    async def read(self, _unit: object) -> tuple[int, list[str], Sequence[Price]]:
        return 1, [], self._prices


@pytest.fixture
async def rates() -> Rates:
    made = Rates()
    await made.refresh(cast(Any, OneList(parse_prices(LIST, "p.csv"))))
    return made


async def test_a_network_has_its_own_price_or_its_countrys(rates: Rates) -> None:
    assert rates.sms("US", OUT) == rates.sms("US", OUT, "Verizon") == 550
    assert rates.sms("US", OUT, "T-Mobile") == 700
    assert rates.sms("FR", OUT, "T-Mobile") == 10_000
    assert rates.mms("US", OUT) == 20_000
    assert rates.whatsapp("US", OUT, "marketing") == 1_000
    assert rates.whatsapp("FR", OUT, "marketing") == 8_000
    assert rates.whatsapp("US", OUT, "utility") == 5_000


async def test_the_likeliest_fee_is_taken(rates: Rates) -> None:
    def fee(country: str, network: str = "", sender: str = "", direction: Direction = OUT) -> int:
        return rates.fee(Product.SMS, country, direction, network, sender)

    assert fee("US") == fee("US", "Verizon") == fee("US", "", "tollfree") == 300
    assert fee("US", "", "unregistered") == fee("US", "Verizon", "unregistered") == 1_000
    assert fee("US", "T-Mobile") == fee("US", "T-Mobile", "tollfree") == 450
    assert fee("US", "T-Mobile", "unregistered") == 1_200
    assert fee("US", direction=IN) == 100
    assert fee("GB") == 0
    assert rates.fee(Product.MMS, "US", OUT) == 0


async def test_a_number_costs_what_fits_it_best(rates: Rates) -> None:
    whole = NumberPrice(("voice", "sms", "mms"), 10_000, 50_000)
    assert rates.number("US", "local", ["sms"]) == whole
    assert rates.number("US", "local", ["voice"]) == NumberPrice(("voice",), 0, 40_000)
    assert rates.number("US", "mobile") is None
    assert rates.number("GB", "local") is None


@pytest.mark.parametrize(
    ("number", "caller", "rate"),
    [
        ("442071234567", "", 2_000),
        ("447911123456", "", 20_000),
        ("447911123456", "14155550100", 20_000),
        ("447911123456", "33612345678", 5_000),
        ("447911123456", "442071234567", 5_000),
        ("44871234567", "", 9_000),
        ("33612345678", "", 25_000),
    ],
)
async def test_the_longest_prefixes_of_a_call_decide(
    rates: Rates, number: str, caller: str, rate: int
) -> None:
    assert rates.call(number, "GB" if number.startswith("44") else "FR", caller).rate == rate


def test_a_prefix_for_some_callers_leaves_others_to_a_shorter_one() -> None:
    some = VoicePrice(("447",), ("33",), "", 1)
    every = VoicePrice(("44",), (), "", 2)
    found = VoiceRates([some, every])
    assert found.find("447911", "33612") is some
    assert found.find("447911", "1415") is every
    assert found.find("1415") is None
    assert VoiceRates().find("1415") is None


async def test_a_list_without_calls_and_numbers_has_them_at_no_price() -> None:
    rates = Rates()
    short = "country,direction,product,price\n*,outbound,sms,1\n*,inbound,sms,1\n"
    lines = parse_prices(short + "*,outbound,mms,1\n*,inbound,mms,1\n", "p.csv")
    await rates.refresh(cast(Any, OneList(lines)))
    assert rates.voice("US", OUT, "local") is None
    assert rates.call("14155550100", "US").rate == 0
    assert rates.number("US", "local") is None
    assert rates.fee(Product.SMS, "US", OUT) == 0


async def test_every_sample_country_has_a_price_for_its_calls() -> None:
    rates = Rates()
    await rates.refresh(cast(Any, OneList(sample_prices())))
    assert rates.call("19075550100", "US").group.endswith("Alaska")
    assert rates.call("447911123456", "GB").rate > rates.call("442071234567", "GB").rate
    assert rates.number("US", "tollfree", ["voice", "sms"]) is not None
