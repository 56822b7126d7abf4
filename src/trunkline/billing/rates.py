"""Every price in memory."""

from collections.abc import Iterable, Sequence

from trunkline.billing import store
from trunkline.billing.model import (
    ANY_COUNTRY,
    Direction,
    NumberPrice,
    Price,
    Product,
    VoicePrice,
)
from trunkline.billing.tariff import EMPTY, Tariff, tariff_of
from trunkline.billing.voice import VoiceRates
from trunkline.runtime.changes import Follower
from trunkline.runtime.db import Database


class Rates:
    """Synchronous answers about prices in 0.00001 dollar; as fresh as the last `refresh`.

    The country (ISO 3166 alpha-2) is that of the other side's number when outbound and of the
    account's own number when inbound. A country without a price of its own, or an unknown one, has
    the default price; what the list does not price costs 0.
    """

    def __init__(self) -> None:
        self._tariffs: dict[str, Tariff] = {}
        self._default = EMPTY
        self._voice = VoiceRates()
        self._follower = Follower(store.PRICES_TOPIC, store.prices_changed_since)

    async def refresh(self, db: Database) -> None:
        """Take over what was committed since the last time."""
        await self._follower.pull(db, self._apply)

    def sms(self, country: str, direction: Direction, network: str = "") -> int:
        """Return the price of one part of an SMS; `network` is the other side's, if known."""
        return self._message(Product.SMS, country, direction, network)

    def mms(self, country: str, direction: Direction, network: str = "") -> int:
        """Return the price of one MMS."""
        return self._message(Product.MMS, country, direction, network)

    def whatsapp(self, country: str, direction: Direction, category: str = "") -> int:
        """Return the price of a WhatsApp message of that conversation category."""
        return self._message(Product.WHATSAPP, country, direction, category)

    def fee(
        self,
        product: Product,
        country: str,
        direction: Direction,
        network: str = "",
        sender: str = "",
    ) -> int:
        """Return what the network takes on top of a part (SMS) or message; see model.SENDERS."""
        tariff = self._tariffs.get(country)
        if tariff is None or not tariff.fees:
            return 0
        fee = Product.SMS_FEE if product is Product.SMS else Product.MMS_FEE
        return tariff.fee(fee, direction, network, sender)

    def number(
        self, country: str, number_type: str, capabilities: Iterable[str] = ()
    ) -> NumberPrice | None:
        """Return what a number costs: the line with all those capabilities and fewest others.

        None when the list has no price for such a number there.
        """
        wanted = set(capabilities)
        lines = self.tariff(country).numbers.get(number_type, ())
        fitting = [line for line in lines if wanted <= set(line.capabilities)]
        return min(fitting or lines, key=lambda line: len(line.capabilities), default=None)

    def call(self, number: str, country: str, caller: str = "") -> VoicePrice:
        """Return what a minute to `number` costs `caller`: the longest prefix of both decides."""
        found = self._voice.find(number, caller)
        if found is not None:
            return found
        return VoicePrice((), (), "", self.voice(country, Direction.OUTBOUND, "local") or 0)

    def voice(self, country: str, direction: Direction, end: str) -> int | None:
        """Return what a minute costs at that end (local, tollfree, ip), None without a price."""
        found = self.tariff(country).voice.get((direction, end))
        return self._default.voice.get((direction, end)) if found is None else found

    def tariff(self, country: str) -> Tariff:
        """Return all lines of a country; empty if it has none."""
        return self._tariffs.get(country, EMPTY)

    def _message(self, product: Product, country: str, direction: Direction, variant: str) -> int:
        found = None
        tariff = self._tariffs.get(country)
        if tariff is not None:
            found = tariff.message(product, direction, variant)
        if found is None:
            found = self._default.message(product, direction, variant)
        return found or 0

    def _apply(self, _removed: Sequence[str], prices: Sequence[Price]) -> None:
        if not prices:
            return  # something else changed
        given: dict[str, list[Price]] = {}
        for price in prices:
            given.setdefault(price.country, []).append(price)
        self._default = tariff_of(given.pop(ANY_COUNTRY, []))
        self._tariffs = {country: tariff_of(lines) for country, lines in given.items()}
        self._voice = VoiceRates(
            price
            for tariff in (self._default, *self._tariffs.values())
            for price in tariff.prefixes
        )
