"""What numbers cost: the inventory's own price, else the price list's."""

from trunkline.billing.model import Direction
from trunkline.billing.rates import Rates
from trunkline.numbers.model import InventoryNumber, NumberType, OwnedNumber
from trunkline.numbers.rent import PriceOf


def list_prices(rates: Rates) -> PriceOf:
    """Return the price of numbers; what neither inventory nor price list says costs nothing."""

    def price_of(one: InventoryNumber) -> tuple[int, int]:
        setup, monthly = one.setup_price, one.monthly_price
        if setup is None or monthly is None:
            listed = rates.number(one.country, one.number_type.value, _services(one))
            setup = (listed.setup if listed else 0) if setup is None else setup
            monthly = (listed.monthly if listed else 0) if monthly is None else monthly
        return setup, monthly

    return price_of


def minute_price(rates: Rates, one: InventoryNumber | OwnedNumber) -> int:
    """Return what a minute of a call to that number costs."""
    if one.voice_price:
        return one.voice_price
    end = "tollfree" if one.number_type is NumberType.TOLLFREE else "local"
    return rates.voice(one.country, Direction.INBOUND, end) or 0


def _services(one: InventoryNumber) -> list[str]:
    return [name for name in ("voice", "sms", "mms") if getattr(one, f"{name}_enabled")]
