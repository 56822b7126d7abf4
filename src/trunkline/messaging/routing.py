"""Which carrier takes a message, among those that are configured and up."""

import random
from collections.abc import Mapping, Sequence
from typing import Protocol

from trunkline.messaging.carriers.routes import Route, choose


class Alive(Protocol):
    """What routing asks of a carrier, wherever that one runs."""

    @property
    def is_up(self) -> bool:
        """Whether a message given to it now would leave soon."""
        ...


class Router:
    """Routes over live carriers; `carriers` may be filled after the router was made."""

    def __init__(
        self,
        routes: Sequence[Route],
        carriers: Mapping[str, Alive],
        rnd: random.Random | None = None,
    ) -> None:
        self._routes = {
            type_: tuple(route for route in routes if route.type == type_)
            for type_ in {route.type for route in routes}
        }
        self._carriers = carriers
        self._rnd = rnd or random.Random()  # noqa: S311 - load spreading, not a secret
        self._only = {type_: only for type_, of in self._routes.items() if (only := _only(of))}

    def candidates(
        self, recipient: str, country: str, sender: str, type_: str = "sms"
    ) -> list[str]:
        """Carriers for a message, the best first, those that are down last; [] without a route."""
        only = self._only.get(type_)
        if only is not None:
            return only
        routes = self._routes.get(type_)
        if routes is None:
            return []
        up = {name for name, carrier in self._carriers.items() if carrier.is_up}
        return choose(routes, recipient, country, sender, up, self._rnd.random)

    def another(
        self,
        recipient: str,
        country: str,
        sender: str,
        tried: Sequence[str],
        type_: str = "sms",
    ) -> str | None:
        """The best carrier that is up and was not tried."""
        for name in self.candidates(recipient, country, sender, type_):
            carrier = self._carriers.get(name)
            if name not in tried and carrier is not None and carrier.is_up:
                return name
        return None


def _only(routes: Sequence[Route]) -> list[str]:
    """Name the carrier when there is one way alone, for everything; else []."""
    if len(routes) != 1 or routes[0].prefixes or routes[0].countries or routes[0].senders:
        return []
    return [routes[0].carrier]
