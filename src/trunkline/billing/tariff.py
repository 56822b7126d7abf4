"""The prices of one country, in the order that questions come."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from trunkline.billing.model import (
    FEES,
    NUMBERS,
    VOICE_ENDS,
    Direction,
    NumberPrice,
    Price,
    Product,
    VoicePrice,
)

Kind = tuple[Product, Direction]


@dataclass(frozen=True, slots=True)
class Tariff:
    """Prices of one country in 0.00001 dollar.

    `messages` has SMS, MMS and WhatsApp without variant, `variants` those of a network or category,
    `fees` by network and kind of sender ("" for any), `voice` by the end of a call.
    """

    messages: Mapping[Kind, int]
    variants: Mapping[tuple[Kind, str], int]
    fees: Mapping[tuple[Kind, str, str], int]
    numbers: Mapping[str, tuple[NumberPrice, ...]]
    voice: Mapping[tuple[Direction, str], int]
    prefixes: tuple[VoicePrice, ...]

    def message(self, product: Product, direction: Direction, variant: str) -> int | None:
        """Return the price of one SMS part, MMS or WhatsApp message, None without one."""
        kind = (product, direction)
        if variant and self.variants:
            found = self.variants.get((kind, variant))
            if found is not None:
                return found
        return self.messages.get(kind)

    def fee(self, product: Product, direction: Direction, network: str, sender: str) -> int:
        """Return the fee of the network, the likeliest line first; 0 without one."""
        kind = (product, direction)
        for key in ((network, sender), (network, ""), ("", sender), ("", "")):
            found = self.fees.get((kind, *key))
            if found is not None:
                return found
        return 0

    def networks(self) -> list[tuple[str, int]]:
        """Return the networks with an SMS price of their own, sorted by name."""
        kind = (Product.SMS, Direction.OUTBOUND)
        return sorted((name, price) for (one, name), price in self.variants.items() if one == kind)


EMPTY = Tariff({}, {}, {}, {}, {}, ())


def tariff_of(prices: Iterable[Price]) -> Tariff:
    """Sort the lines of one country."""
    messages: dict[Kind, int] = {}
    variants: dict[tuple[Kind, str], int] = {}
    fees: dict[tuple[Kind, str, str], int] = {}
    voice: dict[tuple[Direction, str], int] = {}
    prefixes: list[VoicePrice] = []
    numbers: list[Price] = []
    for one in prices:
        if one.product in NUMBERS or one.direction is None:
            numbers.append(one)
        elif one.product in FEES:
            fees[(one.product, one.direction), one.variant, one.origins] = one.price
        elif one.product is Product.VOICE and one.prefixes and one.direction is Direction.OUTBOUND:
            prefixes.append(_voice_price(one))
        elif one.product is Product.VOICE:
            end = one.variant if one.variant in VOICE_ENDS else "local"
            voice[one.direction, end] = one.price
        elif one.variant:
            variants[(one.product, one.direction), one.variant] = one.price
        else:
            messages[one.product, one.direction] = one.price
    return Tariff(messages, variants, fees, _numbers(numbers), voice, tuple(sorted(prefixes)))


def _voice_price(one: Price) -> VoicePrice:
    origins = tuple(one.origins.split())
    return VoicePrice(tuple(one.prefixes.split()), origins, one.variant, one.price)


def _numbers(prices: list[Price]) -> dict[str, tuple[NumberPrice, ...]]:
    found: dict[str, dict[str, dict[str, int]]] = {}
    for one in prices:
        number_type, _, part = one.product.value.partition("_")
        found.setdefault(number_type, {}).setdefault(one.variant, {})[part] = one.price
    return {
        number_type: tuple(
            NumberPrice(tuple(name.split("+")), parts.get("setup", 0), parts.get("monthly", 0))
            for name, parts in sorted(variants.items(), key=lambda item: (-len(item[0]), item[0]))
        )
        for number_type, variants in found.items()
    }
