"""Every price in memory."""

from collections.abc import Sequence
from typing import NamedTuple

from trunkline.billing import store
from trunkline.billing.model import ANY_COUNTRY, Direction, Price, Product
from trunkline.runtime.changes import Follower
from trunkline.runtime.db import Database


class CountryRates(NamedTuple):
    """Prices of one country in 0.00001 dollar: a part of an SMS, a whole MMS."""

    sms_outbound: int = 0
    sms_inbound: int = 0
    mms_outbound: int = 0
    mms_inbound: int = 0


class Rates:
    """Synchronous answers about prices; as fresh as the last `refresh`.

    The country (ISO 3166 alpha-2) is that of the other side's number when outbound and of the
    account's own number when inbound. A country without a price of its own, or an unknown one, has
    the default price; before any price list was taken everything costs 0.
    """

    def __init__(self) -> None:
        self._countries: dict[str, CountryRates] = {}
        self._default = CountryRates()
        self._follower = Follower(store.PRICES_TOPIC, store.prices_changed_since)

    async def refresh(self, db: Database) -> None:
        """Take over what was committed since the last time."""
        await self._follower.pull(db, self._apply)

    def sms(self, country: str, direction: Direction) -> int:
        """Return the price of one part of an SMS."""
        rates = self._countries.get(country, self._default)
        return rates.sms_outbound if direction is Direction.OUTBOUND else rates.sms_inbound

    def mms(self, country: str, direction: Direction) -> int:
        """Return the price of one MMS."""
        rates = self._countries.get(country, self._default)
        return rates.mms_outbound if direction is Direction.OUTBOUND else rates.mms_inbound

    def _apply(self, _removed: Sequence[str], prices: Sequence[Price]) -> None:
        if not prices:
            return  # something else changed
        given: dict[str, dict[str, int]] = {}
        for price in prices:
            given.setdefault(price.country, {})[_field(price.product, price.direction)] = (
                price.price
            )
        self._default = CountryRates(**given.pop(ANY_COUNTRY, {}))
        self._countries = {
            country: self._default._replace(**fields) for country, fields in given.items()
        }


def _field(product: Product, direction: Direction) -> str:
    return f"{product.value}_{direction.value}"
