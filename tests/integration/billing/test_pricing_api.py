"""`Pricing/`: in Plivo's shape, from the prices that messages are charged by."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from trunkline.billing import store
from trunkline.billing.api import PricingApi, handlers
from trunkline.billing.pricelist import parse_prices, sample_prices
from trunkline.billing.rates import Rates
from trunkline.contract.catalog import operation
from trunkline.contract.context import Principal, RequestContext
from trunkline.contract.errors import NotFound
from trunkline.runtime.db import Database

ACCOUNT = "MA" + "1" * 18
SHORT = "country,direction,product,price\n" + "".join(
    f"*,{direction},{product},0.01\n"
    for direction in ("inbound", "outbound")
    for product in ("sms", "mms")
)


@pytest.fixture
async def rates(database: Database) -> Rates:
    await database.write(lambda conn: store.replace_prices(conn, sample_prices()))
    made = Rates()
    await made.refresh(database)
    return made


async def ask(rates: Rates, country_iso: str) -> Mapping[str, Any]:
    principal = Principal(auth_id=ACCOUNT, main_auth_id=ACCOUNT, is_subaccount=False, enabled=True)
    context = RequestContext(
        api_id="a", principal=principal, account_id=ACCOUNT, remote_ip="127.0.0.1", now=0.0
    )
    request = msgspec.convert({"country_iso": country_iso}, operation("pricing.get").request)
    return msgspec.to_builtins(
        await handlers(PricingApi(rates=rates))["pricing.get"](context, request)
    )


async def test_the_united_states(rates: Rates) -> None:
    found = await ask(rates, "US")
    assert (found["country"], found["country_code"], found["country_iso"]) == (
        "United States",
        1,
        "US",
    )
    message = found["message"]
    assert message["outbound"] == {"rate": "0.00550"}
    assert message["inbound"] == {"rate": "0.00000"}
    assert message["outbound_networks_list"] == [{"group_name": "US", "rate": "0.00550"}]
    numbers = found["phone_numbers"]
    assert set(numbers) == {"local", "mobile", "national", "tollfree"}
    assert numbers["local"]["rate"] == "0.50000"
    assert numbers["local"]["rates"] == [
        {
            "capabilities": ["voice", "sms", "mms"],
            "rental_rate": "0.50000",
            "setup_rate": "0.00000",
        },
        {"capabilities": ["voice"], "rental_rate": "0.50000", "setup_rate": "0.00000"},
    ]
    assert numbers["mobile"] == {"rate": None, "rates": []}
    voice = found["voice"]
    assert set(voice["inbound"]) == {"ip", "local", "tollfree"}
    assert set(voice["outbound"]) == {"ip", "local", "rates", "tollfree"}
    alaska = {
        "prefix": ["1907"],
        "origination_prefix": [""],
        "rate": "0.02800",
        "voice_network_group": "United States - Alaska",
    }
    assert alaska in voice["outbound"]["rates"]


async def test_networks_and_callers_with_prices_of_their_own(rates: Rates) -> None:
    found = await ask(rates, "gb")
    groups = [one["group_name"] for one in found["message"]["outbound_networks_list"]]
    assert groups[0] == "GB"
    assert "United Kingdom - Vodafone" in groups
    germany = (await ask(rates, "DE"))["voice"]["outbound"]["rates"]
    origins = {tuple(one["origination_prefix"]) for one in germany}
    assert ("",) in origins
    assert any("33" in one for one in origins)


async def test_a_country_without_lines_has_the_defaults(rates: Rates) -> None:
    found = await ask(rates, "ZW")
    assert found["country"] == "Zimbabwe"
    assert found["message"]["outbound"] == {"rate": "0.10000"}
    assert found["voice"]["outbound"]["local"] == {"rate": "0.25000"}
    assert found["voice"]["outbound"]["tollfree"] == {"rate": None}
    assert found["phone_numbers"]["local"] == {"rate": None, "rates": []}


@pytest.mark.parametrize("country_iso", ["ZZ", "XX", "EN"])
async def test_an_unknown_country_is_not_found(rates: Rates, country_iso: str) -> None:
    with pytest.raises(NotFound, match=f"country {country_iso} not found"):
        await ask(rates, country_iso)


@pytest.mark.parametrize("country_iso", ["", "USA", "U", "1A", "ÜS", "U\n"])
def test_what_is_no_country_code_is_refused(country_iso: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"country_iso": country_iso}, operation("pricing.get").request)


async def test_a_new_list_is_published_at_once(rates: Rates, database: Database) -> None:
    new = parse_prices(SHORT, "p.csv")
    await database.write(lambda conn: store.replace_prices(conn, new))
    assert await database.read(store.list_prices) == sorted(
        new, key=lambda one: (one.country, one.direction or "", one.product)
    )
    await rates.refresh(database)
    found = await ask(rates, "US")
    assert found["message"]["outbound"] == {"rate": "0.01000"}
    assert found["voice"]["outbound"]["rates"] == []
