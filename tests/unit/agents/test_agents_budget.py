"""The spend limit: estimated before, settled after, never passed."""

from collections.abc import Mapping
from typing import Any, cast

import pytest

from trunkline.agents.budget import Budget, OverLimit
from trunkline.agents.prices import Prices, PriceUnknown
from trunkline.client.answer import Answer
from trunkline.client.client import AsyncClient
from trunkline.functions import FunctionError, find
from trunkline.functions.model import BadArgument

PRICES = {
    "country_code": 1,
    "message": {"outbound": {"rate": "0.00500"}},
    "voice": {
        "outbound": {
            "ip": {"rate": "0.00300"},
            "local": {"rate": "0.09000"},
            "rates": [
                {"prefix": ["1"], "origination_prefix": [""], "rate": "0.01000"},
                {"prefix": ["1415", "1416"], "origination_prefix": [""], "rate": "0.02000"},
                {"prefix": ["1415"], "origination_prefix": ["44"], "rate": "0.04000"},
            ],
        }
    },
}
NO_FEES = {"objects": [{"carrier_fees_rate": "0.00000"}]}
SMS = {"src": "14155550100", "dst": "14155550123", "text": "Hi"}


class Api:
    """Answers by operation; what it has no answer for is not found."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {"pricing.get": PRICES, "message.list": NO_FEES}
        self.asked: list[tuple[str, dict[str, Any]]] = []

    async def call(self, operation_id: str, **fields: Any) -> Answer:
        self.asked.append((operation_id, fields))
        found = self.answers.get(operation_id)
        return Answer(404, {"error": "not found"}) if found is None else Answer(200, found)


def budget(api: Api, limit: int) -> Budget:
    client = cast(AsyncClient, api)
    return Budget(limit, client, Prices(client))


def does(result: Any, seen: list[Mapping[str, Any]] | None = None) -> Any:
    async def do(fields: Mapping[str, Any]) -> dict[str, Any]:
        if seen is not None:
            seen.append(fields)
        if isinstance(result, Exception):
            raise result
        return result

    return do


async def send(one: Budget, result: Any, **more: Any) -> Any:
    return await one.spend(find("sendMessage"), {**SMS, **more}, does(result))


async def test_the_record_decides_what_was_spent() -> None:
    api = Api()
    one = budget(api, 1_400)
    await send(one, {"message_uuid": ["u-1"]})
    assert (one.spent, one.reserved, one.left) == (0, 500, 900)
    api.answers["message.get"] = {
        "message_state": "sent", "total_amount": "0.00500", "carrier_fees": "0.00300",
    }  # fmt: skip
    assert (await one.told())["spent"] == "0.00800"
    api.answers["message.list"] = {"objects": [{"carrier_fees_rate": "0.00300"}]}
    with pytest.raises(OverLimit, match=r"would cost 0\.00800 USD, and 0\.00600 of 0\.01400"):
        await send(one, AssertionError("called"))


async def test_a_price_is_that_of_all_parts_to_all_destinations() -> None:
    one = budget(Api(), 100_000)
    await send(one, {"message_uuid": ["a", "b"]}, dst="14155550123<14165550123", text="x" * 161)
    assert one.reserved == 2 * 2 * 500


async def test_what_the_api_refused_costs_nothing_and_what_nobody_knows_does() -> None:
    one = budget(Api(), 1_000)
    with pytest.raises(FunctionError):
        await send(one, FunctionError("API_ERROR", "no", status=400))
    assert one.left == 1_000
    with pytest.raises(FunctionError):
        await send(one, FunctionError("API_ERROR", "broken", status=500))
    assert one.left == 500
    with pytest.raises(OSError, match="gone"):
        await send(one, OSError("gone"))
    assert one.left == 0


@pytest.mark.parametrize(
    ("caller", "to", "minute"),
    [
        ("14155550100", "12125550123", 1_000),
        ("14155550100", "14155550123", 2_000),
        ("447700900100", "14155550123", 4_000),
        ("14155550100", "sip:bob@phone.plivo.com", 300),
    ],
)
async def test_a_call_may_last_as_long_as_it_can_be_paid(caller: str, to: str, minute: int) -> None:
    one = budget(Api(), minute * 2 + 1)
    seen: list[Mapping[str, Any]] = []
    fields = {"from": caller, "to": to, "answer_url": "http://a.test"}
    await one.spend(find("makeCall"), fields, does({"request_uuid": "r"}, seen))
    assert seen[0]["time_limit"] == 120
    assert one.left == 1
    with pytest.raises(OverLimit, match="USD a minute"):
        await one.spend(find("makeCall"), fields, does({}))


async def test_a_call_that_is_over_costs_what_it_and_its_legs_did() -> None:
    api = Api()
    one = budget(api, 100_000)
    fields = {"from": "14155550100", "to": "12125550123", "time_limit": "90"}
    await one.spend(find("makeCall"), fields, does({"request_uuid": "r"}))
    assert one.reserved == 2_000
    api.answers["call.get"] = {"end_time": "2026-03-02", "total_amount": "0.01000"}
    api.answers["call.list"] = {"objects": [{"total_amount": "0.02000"}]}
    await one.told()
    assert (one.spent, one.reserved) == (3_000, 0)


async def test_a_number_costs_its_set_up_and_first_month() -> None:
    api = Api()
    offer = {"number": "12125550199", "setup_rate": "0.10000", "monthly_rental_rate": "0.80000"}
    api.answers["phone_number.search"] = {"objects": [offer]}
    one = budget(api, 100_000)
    await one.spend(find("buyNumber"), {"number": "12125550199"}, does({"status": "fulfilled"}))
    assert one.spent == 90_000
    assert api.asked[-1][1]["pattern"] == "2125550199"
    with pytest.raises(PriceUnknown, match="not among the numbers"):
        await one.spend(find("buyNumber"), {"number": "12125550100"}, does({}))


async def test_what_has_no_price_is_not_bought() -> None:
    one = budget(Api(), 100_000)
    for more in ({"type": "mms"}, {"dst": "0"}, {"dst": "14155550123<x"}):
        with pytest.raises(PriceUnknown):
            await send(one, AssertionError("called"), **more)
    assert one.left == 100_000


@pytest.mark.parametrize("limit", ["soon", "0", "-1", "1.5", 90.0, True])
async def test_a_time_limit_that_is_none_is_refused(limit: object) -> None:
    one = budget(Api(), 100_000)
    fields = {"from": "14155550100", "to": "12125550123", "time_limit": limit}
    with pytest.raises(BadArgument, match="timeLimit must be"):
        await one.spend(find("makeCall"), fields, does({}))
    assert one.left == 100_000


async def test_a_fee_that_nobody_knows_is_assumed() -> None:
    api = Api()
    api.answers["message.list"] = {"objects": []}
    one = budget(api, 1_499)
    with pytest.raises(OverLimit, match=r"would cost 0\.01500 USD"):
        await send(one, AssertionError("called"))
    lists = [fields for name, fields in api.asked if name == "message.list"]
    assert [fields.get("from_number") for fields in lists] == ["14155550100", None]
