"""What messages, numbers and calls cost."""

from typing import Annotated

import msgspec
from msgspec import Meta

from trunkline.contract.operation import Answer, Operation, Request

Money = Annotated[str, Meta(description="US dollars, five decimals.")]


class PricingGet(Request, kw_only=True, frozen=True):
    """The country that is asked about."""

    country_iso: Annotated[
        str,
        Meta(
            pattern=r"^[A-Za-z]{2}$",
            description="Country (ISO 3166, two letters).",
            extra={"form": "two letters, such as US"},
        ),
    ]


class Rate(msgspec.Struct, kw_only=True):
    """One price; null where nothing is offered."""

    rate: Money | None


class NetworkRate(msgspec.Struct, kw_only=True):
    """An SMS part to one network, or to all others of the country."""

    group_name: str
    rate: Money


class MessagePricing(msgspec.Struct, kw_only=True):
    """SMS, per part."""

    inbound: Rate
    outbound: Rate
    outbound_networks_list: list[NetworkRate]


class NumberRate(msgspec.Struct, kw_only=True):
    """A number that can do so much: once, and each month."""

    capabilities: list[str]
    rental_rate: Money
    setup_rate: Money


class NumberPricing(msgspec.Struct, kw_only=True):
    """Numbers of one type: `rate` is the least each month; null where none is offered."""

    rate: Money | None
    rates: list[NumberRate]


class NumbersPricing(msgspec.Struct, kw_only=True):
    """Numbers by type."""

    local: NumberPricing
    mobile: NumberPricing
    national: NumberPricing
    tollfree: NumberPricing


class PrefixRate(msgspec.Struct, kw_only=True):
    """A minute to numbers that begin so, from callers that begin so ("" for anybody)."""

    prefix: list[str]
    origination_prefix: list[str]
    rate: Money
    voice_network_group: str


class InboundVoice(msgspec.Struct, kw_only=True):
    """A minute of a call to a number of the account, or to its SIP endpoint."""

    ip: Rate
    local: Rate
    tollfree: Rate


class OutboundVoice(msgspec.Struct, kw_only=True):
    """A minute of a call by the account."""

    ip: Rate
    local: Rate
    rates: list[PrefixRate]
    tollfree: Rate


class VoicePricing(msgspec.Struct, kw_only=True):
    """Calls, by the minute."""

    inbound: InboundVoice
    outbound: OutboundVoice


class Pricing(Answer, kw_only=True):
    """The Pricing object of one country."""

    country: str
    country_code: Annotated[int, Meta(description="Calling code.")]
    country_iso: str
    message: MessagePricing
    phone_numbers: NumbersPricing
    voice: VoicePricing


def _example_number(rate: str | None, *capabilities: str) -> dict[str, object]:
    lines = [{"capabilities": list(capabilities), "rental_rate": rate, "setup_rate": "0.00000"}]
    return {"rate": rate, "rates": lines if capabilities else []}


OPERATIONS = (
    Operation(
        id="pricing.get",
        name="getPricing",
        method="GET",
        path="/v1/Account/{auth_id}/Pricing/",
        request=PricingGet,
        response=Pricing,
        summary="Get the prices of a country",
        source="PLIVO account: retrieve pricing for a country",
        tags=("pricing",),
        request_example={"country_iso": "US"},
        response_example={
            "country": "United States",
            "country_code": 1,
            "country_iso": "US",
            "message": {
                "inbound": {"rate": "0.00000"},
                "outbound": {"rate": "0.00550"},
                "outbound_networks_list": [{"group_name": "US", "rate": "0.00550"}],
            },
            "phone_numbers": {
                "local": _example_number("0.50000", "voice", "sms", "mms"),
                "mobile": _example_number(None),
                "national": _example_number(None),
                "tollfree": _example_number("1.00000", "voice", "sms", "mms"),
            },
            "voice": {
                "inbound": {
                    "ip": {"rate": "0.00300"},
                    "local": {"rate": "0.00550"},
                    "tollfree": {"rate": "0.01800"},
                },
                "outbound": {
                    "ip": {"rate": "0.00300"},
                    "local": {"rate": "0.01000"},
                    "rates": [
                        {
                            "prefix": ["1"],
                            "origination_prefix": [""],
                            "rate": "0.01000",
                            "voice_network_group": "United States",
                        }
                    ],
                    "tollfree": {"rate": "0.00300"},
                },
            },
        },
    ),
)
