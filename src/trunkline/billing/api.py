"""Wire ↔ domain for prices."""

from collections.abc import Mapping
from dataclasses import dataclass

from trunkline.billing.model import Direction, NumberPrice
from trunkline.billing.rates import Rates
from trunkline.billing.tariff import Tariff
from trunkline.contract.context import Handler, RequestContext
from trunkline.contract.errors import NotFound
from trunkline.contract.operations.pricing import (
    InboundVoice,
    MessagePricing,
    NetworkRate,
    NumberPricing,
    NumberRate,
    NumbersPricing,
    OutboundVoice,
    PrefixRate,
    Pricing,
    PricingGet,
    Rate,
    VoicePricing,
)
from trunkline.values.money import format_amount
from trunkline.values.networks.countries import Country, country


@dataclass(frozen=True, slots=True, kw_only=True)
class PricingApi:
    """What the pricing operation works with: the prices that messages are charged by."""

    rates: Rates

    async def get(self, _context: RequestContext, request: PricingGet) -> Pricing:
        found = country(request.country_iso.upper())
        if found is None:
            raise NotFound(f"country {request.country_iso} not found", "country_iso")
        tariff = self.rates.tariff(found.iso2)
        return Pricing(
            country=found.name,
            country_code=found.calling_code,
            country_iso=found.iso2,
            message=self._message(found, tariff),
            phone_numbers=_numbers(tariff),
            voice=self._voice(found, tariff),
        )

    def _message(self, found: Country, tariff: Tariff) -> MessagePricing:
        outbound = format_amount(self.rates.sms(found.iso2, Direction.OUTBOUND))
        # PLIVO account: the country itself heads the list, then "United States - AT&T Mobility".
        networks = [NetworkRate(group_name=found.iso2, rate=outbound)]
        networks += [
            NetworkRate(group_name=f"{found.name} - {name}", rate=format_amount(price))
            for name, price in tariff.networks()
        ]
        inbound = format_amount(self.rates.sms(found.iso2, Direction.INBOUND))
        return MessagePricing(
            inbound=Rate(rate=inbound),
            outbound=Rate(rate=outbound),
            outbound_networks_list=networks,
        )

    def _voice(self, found: Country, tariff: Tariff) -> VoicePricing:
        def rate(direction: Direction, end: str) -> Rate:
            return _rate(self.rates.voice(found.iso2, direction, end))

        into, out = Direction.INBOUND, Direction.OUTBOUND
        return VoicePricing(
            inbound=InboundVoice(
                ip=rate(into, "ip"), local=rate(into, "local"), tollfree=rate(into, "tollfree")
            ),
            outbound=OutboundVoice(
                ip=rate(out, "ip"),
                local=rate(out, "local"),
                rates=[
                    PrefixRate(
                        prefix=list(one.prefixes),
                        origination_prefix=list(one.origins) or [""],
                        rate=format_amount(one.rate),
                        voice_network_group=one.group or found.name,
                    )
                    for one in tariff.prefixes
                ],
                tollfree=rate(out, "tollfree"),
            ),
        )


def handlers(api: PricingApi) -> Mapping[str, Handler]:
    """Return the handler of the pricing operation by its id."""
    return {"pricing.get": api.get}


def _numbers(tariff: Tariff) -> NumbersPricing:
    def priced(number_type: str) -> NumberPricing:
        lines = tariff.numbers.get(number_type, ())
        least = min((line.monthly for line in lines), default=None)
        return NumberPricing(rate=_rate(least).rate, rates=[_number(line) for line in lines])

    return NumbersPricing(
        local=priced("local"),
        mobile=priced("mobile"),
        national=priced("national"),
        tollfree=priced("tollfree"),
    )


def _number(line: NumberPrice) -> NumberRate:
    return NumberRate(
        capabilities=list(line.capabilities),
        rental_rate=format_amount(line.monthly),
        setup_rate=format_amount(line.setup),
    )


def _rate(price: int | None) -> Rate:
    return Rate(rate=None if price is None else format_amount(price))
