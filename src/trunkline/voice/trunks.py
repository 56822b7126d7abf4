"""Which trunks may take a call, the best first, and what each may take."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from trunkline.messaging.carriers.routes import Route, choose
from trunkline.runtime.clock import Clock
from trunkline.values.phone import country_of
from trunkline.voice.causes import CAUSES
from trunkline.voice.placing.pace import Pace
from trunkline.voice.switch.routes import TrunkWay
from trunkline.voice.telephony import Destination, Refused

NO_ROUTE = CAUSES[5020]
CONGESTION = CAUSES[3090]


@dataclass(frozen=True, slots=True)
class TrunkLimits:
    """Calls out at once and a second; 0: no limit."""

    max_calls: int = 0
    calls_per_second: float = 0.0


class TrunkTable:
    """The trunks' ways by name, the routes to them, and their limits."""

    def __init__(
        self,
        *,
        ways: Mapping[str, TrunkWay],
        routes: Sequence[Route],
        limits: Mapping[str, TrunkLimits],
        clock: Clock,
        calls_at: Callable[[TrunkWay], int],
        rnd: Callable[[], float] = random.random,
    ) -> None:
        """`calls_at` counts the calls out that a trunk has now."""
        self._ways = dict(ways)
        self._routes = routes
        self._limits = limits
        self._clock = clock
        self._calls_at = calls_at
        self._rnd = rnd
        self._paces = {
            name: Pace(limit.calls_per_second)
            for name, limit in limits.items()
            if limit.calls_per_second
        }

    def ways(self, destination: Destination) -> Sequence[TrunkWay]:
        """Return the trunks for a number, the preferred first; those that are full are left out.

        Raises:
            Refused: none leads there (5020), or all are full (3090).
        """
        number, caller = destination.address.removeprefix("+"), destination.caller_id
        country = country_of(number) if number.isdigit() else ""
        names = choose(self._routes, number, country, caller, self._ways, self._rnd)
        if not names:
            raise Refused(f"no trunk leads to {number}", NO_ROUTE)
        able = [name for name in names if self._has_room(name)]
        if not able:
            raise Refused(f"no trunk has room for a call to {number}", CONGESTION)
        pace = self._paces.get(able[0])
        if pace is not None:
            pace.spend(able[0], 1, self._clock.now())
        return [self._ways[name] for name in able]

    def leads_elsewhere(self, number: str, free: frozenset[str]) -> bool:
        """Whether a call to a number goes to a trunk that is none of `free`."""
        names = choose(self._routes, number, country_of(number), "", self._ways, self._rnd)
        return bool(names) and names[0] not in free

    def _has_room(self, name: str) -> bool:
        limit = self._limits.get(name)
        if limit is None:
            return True
        if limit.max_calls and self._calls_at(self._ways[name]) >= limit.max_calls:
            return False
        pace = self._paces.get(name)
        return pace is None or pace.allowed(name, self._clock.now()) > 0
