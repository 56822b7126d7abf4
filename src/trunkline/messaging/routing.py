"""Which carrier takes a message, among those that are configured and up."""

import random
from collections.abc import Mapping, Sequence

from trunkline.messaging.carriers.port import Carrier
from trunkline.messaging.carriers.routes import Route, choose


class Router:
    """Routes over live carriers; `carriers` may be filled after the router was made."""

    def __init__(
        self,
        routes: Sequence[Route],
        carriers: Mapping[str, Carrier],
        rnd: random.Random | None = None,
    ) -> None:
        self._routes = tuple(routes)
        self._carriers = carriers
        self._rnd = rnd or random.Random()  # noqa: S311 - load spreading, not a secret
        only = self._routes[0] if len(self._routes) == 1 else None
        plain = only is not None and not (only.prefixes or only.countries or only.senders)
        self._only = [only.carrier] if only is not None and plain else None

    def candidates(self, recipient: str, country: str, sender: str) -> list[str]:
        """Carriers for a message, the best first, those that are down last; [] without a route."""
        if self._only is not None:
            return self._only
        up = {name for name, carrier in self._carriers.items() if carrier.is_up}
        return choose(self._routes, recipient, country, sender, up, self._rnd.random)

    def another(
        self, recipient: str, country: str, sender: str, tried: Sequence[str]
    ) -> str | None:
        """The best carrier that is up and was not tried."""
        for name in self.candidates(recipient, country, sender):
            carrier = self._carriers.get(name)
            if name not in tried and carrier is not None and carrier.is_up:
                return name
        return None
