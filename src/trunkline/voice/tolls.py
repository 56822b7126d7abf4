"""What stands between an account and the bill of a carrier: credit, bars, countries, limits.

Asked before anything is dialled, for calls of requests and for those of documents alike.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from trunkline.runtime.clock import Clock
from trunkline.values.networks.countries import EVERYWHERE
from trunkline.values.phone import country_of, is_premium
from trunkline.voice.causes import CAUSES, OUT_OF_CREDITS
from trunkline.voice.credit import CallCredit
from trunkline.voice.switch.ports import Router, Way
from trunkline.voice.telephony import Destination, Refused

COUNTRY_BARRED = CAUSES[2030]
NUMBER_BARRED = CAUSES[2040]
PREFIX_BARRED = CAUSES[2050]
CALLER_BARRED = CAUSES[3140]
TOO_MANY_THERE = CAUSES[1020]
CONCURRENCY = CAUSES[5030]
ASK_AGAIN_S = 5.0  # how old the knowledge of a day's spending may be


@dataclass(frozen=True, slots=True)
class Barred:
    """What nobody may call, and show, wherever it leads; `per_destination` 0: no limit."""

    numbers: frozenset[str] = frozenset()
    prefixes: frozenset[str] = frozenset()
    caller_ids: frozenset[str] = frozenset()
    per_destination: int = 0

    def check(self, destination: Destination, calls_there: int) -> None:
        """Raise Refused for a call that is barred; `calls_there` counts those there, with it."""
        address = destination.address
        if self.per_destination and calls_there > self.per_destination:
            why = f"{address} is called {self.per_destination} times already"
            raise Refused(f"{why} (voice.calls_per_destination)", TOO_MANY_THERE)
        if not address.isdigit():
            return
        if address in self.numbers:
            raise Refused(f"{address} is barred (voice.barred_numbers)", NUMBER_BARRED)
        if address.startswith(tuple(self.prefixes)):
            raise Refused(f"{address} is barred (voice.barred_prefixes)", PREFIX_BARRED)
        if destination.caller_id in self.caller_ids:
            why = f"{destination.caller_id} may not be shown (voice.barred_caller_ids)"
            raise Refused(why, CALLER_BARRED)


@dataclass(frozen=True, slots=True)
class TollLimits:
    """Of a main account's calls on trunks; 0: no limit; the spending in 0.00001 dollar a day."""

    countries: frozenset[str] = frozenset()
    concurrent_calls: int = 0
    spend_per_day: int = 0
    premium_numbers: bool = False
    barred: Barred = Barred()


class Legs(Protocol):
    """Counts legs under way, with the one that is asked about."""

    def calls_out(self, main_id: str) -> int:
        """Count those of a main account to numbers: addresses are not called by trunks."""
        ...

    def calls_to(self, address: str) -> int:
        """Count those to an address, whoever calls it."""
        ...


class Tolls(Router):
    """Lets the ways of another router pass, if the account may take them.

    `free` are names of ways that nobody pays for: the simulator. `main_of` gives the main account
    of an account, `spent_today` what its calls out have cost since midnight (UTC).
    """

    def __init__(
        self,
        inner: Router,
        *,
        clock: Clock,
        limits: TollLimits,
        credit: CallCredit,
        main_of: Callable[[str], str],
        legs: Legs,
        spent_today: Callable[[str], Awaitable[int]],
        free: frozenset[str] = frozenset(),
    ) -> None:
        self._inner = inner
        self._clock = clock
        self._limits = limits
        self._credit = credit
        self._main_of = main_of
        self._legs = legs
        self._spent_today = spent_today
        self._free = free
        self._spent: dict[str, tuple[float, int]] = {}

    async def ways(self, destination: Destination) -> Sequence[Way]:
        """Return the ways; raises Refused with the cause of what bars the call."""
        self._limits.barred.check(destination, self._legs.calls_to(destination.address))
        ways = await self._inner.ways(destination)
        main_id = self._main_of(destination.account_id)
        # Its own first minute is held already: what is left may not be below nothing.
        if self._credit.left(main_id, self._clock.now()) < 0:
            raise Refused("the account cannot pay for the call", OUT_OF_CREDITS)
        if destination.address.isdigit() and any(way.name not in self._free for way in ways):
            await self._check(destination, main_id)
        return ways

    async def _check(self, destination: Destination, main_id: str) -> None:
        limits = self._limits
        country = country_of(destination.address)
        if EVERYWHERE not in limits.countries and country not in limits.countries:
            why = f"calls to {country or 'no country'} are not allowed (voice.countries)"
            raise Refused(why, COUNTRY_BARRED)
        if not limits.premium_numbers and is_premium(destination.address):
            raise Refused(
                "numbers of premium rate are barred (voice.premium_numbers)", NUMBER_BARRED
            )
        if limits.concurrent_calls and self._legs.calls_out(main_id) > limits.concurrent_calls:
            raise Refused("the account has too many calls out", CONCURRENCY)
        if limits.spend_per_day and await self._spent_of(main_id) >= limits.spend_per_day:
            raise Refused("the account has spent what it may in a day", OUT_OF_CREDITS)

    async def _spent_of(self, main_id: str) -> int:
        now = self._clock.now()
        known = self._spent.get(main_id)
        if known is None or now - known[0] > ASK_AGAIN_S:
            known = self._spent[main_id] = (now, await self._spent_today(main_id))
        return known[1]
