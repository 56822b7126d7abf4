"""What a paid function will cost, by the prices that the API publishes."""

import asyncio
from collections.abc import Mapping
from typing import Any

from trunkline.client.client import AsyncClient
from trunkline.protocols.sms.segment import TooLong, units
from trunkline.values.errors import TrunklineError
from trunkline.values.money import parse_amount
from trunkline.values.phone import country_of, sanitise, sanitise_sender

KEPT_S = 300.0  # a price list is asked for again after so long
RECENT = 20  # messages whose fees are looked at
ASSUMED_FEE = 1_000  # for each part; as high as networks' fees are in the sample prices


class PriceUnknown(TrunklineError):
    """Nobody says what it costs, so no limit could be kept."""


class Prices:
    """Estimates in 0.00001 dollar, from `Pricing/` and the account's own records.

    Published prices leave out what networks take on top of a message: the highest fee of the
    account's latest messages to that country is added, by that sender if it has sent any there,
    and ASSUMED_FEE if there are none at all.
    """

    def __init__(self, client: AsyncClient) -> None:
        self._client = client
        self._kept: dict[str, tuple[float, dict[str, Any]]] = {}

    async def message(self, fields: Mapping[str, Any]) -> int:
        """Return what an SMS to all its destinations will cost; raises PriceUnknown."""
        kind = str(fields.get("type") or "sms")
        if kind != "sms":
            raise PriceUnknown(f"prices of {kind} messages are not published: only sms can be sent")
        sender = sanitise_sender(str(fields.get("src") or ""))
        parts = _parts(str(fields.get("text") or ""))
        total = 0
        for number in _targets(fields.get("dst")):
            listed = await self._country(number)
            rate = _amount(listed["message"]["outbound"]["rate"], number)
            total += parts * (rate + await self._fee(sender, country_of(number)))
        return total

    async def minute(self, fields: Mapping[str, Any]) -> int:
        """Return what a minute of the calls to all destinations costs; raises PriceUnknown."""
        caller = sanitise(str(fields.get("from") or ""))
        return sum([await self._minute(to, caller) for to in _targets(fields.get("to"))])

    async def number(self, fields: Mapping[str, Any]) -> int:
        """Return what renting a number costs, its first month included; raises PriceUnknown."""
        number = sanitise(str(fields.get("number") or ""))
        code = str((await self._country(number))["country_code"])
        found = await self._client.call(
            "phone_number.search",
            country_iso=country_of(number),
            pattern=number.removeprefix(code),
            limit=RECENT,
        )
        offers: list[dict[str, str]] = found.body["objects"] if found.ok else []
        for one in offers:
            if one["number"] == number:
                return parse_amount(one["setup_rate"]) + parse_amount(one["monthly_rental_rate"])
        raise PriceUnknown(f"{number} is not among the numbers that can be rented")

    async def _minute(self, to: str, caller: str) -> int:
        if not to.isdigit():
            listed = await self._pricing("US")  # calls over the internet cost the same everywhere
            return _amount(listed["voice"]["outbound"]["ip"]["rate"], to)
        voice = (await self._country(to))["voice"]["outbound"]
        best, rate = (-1, -1), voice["local"]["rate"]
        for line in voice["rates"]:
            there = _longest(to, line["prefix"])
            here = _longest(caller, line["origination_prefix"])
            if min(there, here) >= 0 and (there, here) > best:
                best, rate = (there, here), line["rate"]
        return _amount(rate, to)

    async def _country(self, number: str) -> dict[str, Any]:
        country = country_of(number) if number.isdigit() else ""
        if not country:
            raise PriceUnknown(f"what {number or 'it'} costs is not known: it is of no country")
        return await self._pricing(country)

    async def _pricing(self, country: str) -> dict[str, Any]:
        now = asyncio.get_running_loop().time()
        kept = self._kept.get(country)
        if kept is not None and kept[0] > now - KEPT_S:
            return kept[1]
        answer = await self._client.call("pricing.get", country_iso=country)
        if not answer.ok:
            raise PriceUnknown(f"the prices of {country} cannot be had: {answer.error}")
        self._kept[country] = (now, answer.body)
        return answer.body

    async def _fee(self, sender: str, country: str) -> int:
        for narrowed in ({"from_number": sender}, {}):
            answer = await self._client.call(
                "message.list",
                destination_country_iso2=country,
                message_direction="outbound",
                limit=RECENT,
                **narrowed,
            )
            recent: list[dict[str, Any]] = answer.body["objects"] if answer.ok else []
            fees = [parse_amount(one.get("carrier_fees_rate") or "0") for one in recent]
            if fees:
                return max(fees)
        return ASSUMED_FEE


def _targets(joined: object) -> list[str]:
    return [sanitise(one) for one in str(joined or "").split("<") if one.strip()]


def _parts(text: str) -> int:
    try:
        return units(text)[1]
    except TooLong:
        return 1  # the API refuses it


def _amount(rate: str | None, number: str) -> int:
    if rate is None:
        raise PriceUnknown(f"the price list has no price for {number}")
    return parse_amount(rate)


def _longest(number: str, prefixes: list[str]) -> int:
    """Return the length of the longest prefix that fits, -1 when none does; "" fits all."""
    return max((len(one) for one in prefixes if number.startswith(one)), default=-1)
