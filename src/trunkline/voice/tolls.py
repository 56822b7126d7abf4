"""What stands between an account and the bill of a carrier: credit, countries, limits.

Asked before anything is dialled, for calls of requests and for those of documents alike.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from trunkline.runtime.clock import Clock
from trunkline.values.networks.countries import EVERYWHERE
from trunkline.values.phone import country_of
from trunkline.voice.causes import CAUSES, OUT_OF_CREDITS
from trunkline.voice.credit import CallCredit
from trunkline.voice.switch.ports import Router, Way
from trunkline.voice.telephony import Destination, Refused

COUNTRY_BARRED = CAUSES[2030]
CONCURRENCY = CAUSES[5030]
ASK_AGAIN_S = 5.0  # how old the knowledge of a day's spending may be


@dataclass(frozen=True, slots=True)
class TollLimits:
    """Of a main account's calls on trunks; 0: no limit; the spending in 0.00001 dollar a day."""

    countries: frozenset[str] = frozenset()
    concurrent_calls: int = 0
    spend_per_day: int = 0


class Tolls(Router):
    """Lets the ways of another router pass, if the account may take them.

    `free` are names of ways that nobody pays for: the simulator. `main_of` gives the main account
    of an account, `calls_out` counts its legs under way (with this one), `spent_today` what its
    calls out have cost since midnight (UTC).
    """

    def __init__(
        self,
        inner: Router,
        *,
        clock: Clock,
        limits: TollLimits,
        credit: CallCredit,
        main_of: Callable[[str], str],
        calls_out: Callable[[str], int],
        spent_today: Callable[[str], Awaitable[int]],
        free: frozenset[str] = frozenset(),
    ) -> None:
        self._inner = inner
        self._clock = clock
        self._limits = limits
        self._credit = credit
        self._main_of = main_of
        self._calls_out = calls_out
        self._spent_today = spent_today
        self._free = free
        self._spent: dict[str, tuple[float, int]] = {}

    async def ways(self, destination: Destination) -> Sequence[Way]:
        """Return the ways; raises Refused with the cause of what bars the call."""
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
        if limits.concurrent_calls and self._calls_out(main_id) > limits.concurrent_calls:
            raise Refused("the account has too many calls out", CONCURRENCY)
        if limits.spend_per_day and await self._spent_of(main_id) >= limits.spend_per_day:
            raise Refused("the account has spent what it may in a day", OUT_OF_CREDITS)

    async def _spent_of(self, main_id: str) -> int:
        now = self._clock.now()
        known = self._spent.get(main_id)
        if known is None or now - known[0] > ASK_AGAIN_S:
            known = self._spent[main_id] = (now, await self._spent_today(main_id))
        return known[1]
