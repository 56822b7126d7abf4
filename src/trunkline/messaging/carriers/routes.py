"""Which carriers may take a message, the best first."""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Route:
    """A way to a carrier; an empty condition is met by everything.

    `prefixes` are leading digits of the destination without plus, `countries` ISO 3166 codes,
    `senders` exact senders. A lower `priority` is tried first; among equals `weight` (≥ 0) is the
    share, and weight 0 is tried only after all others. A `fallback` is for messages that no other
    route fits, never for those whose carriers are down. `type` is
    what its carrier carries: sms, mms or whatsapp.
    """

    carrier: str
    prefixes: tuple[str, ...] = ()
    countries: frozenset[str] = frozenset()
    senders: frozenset[str] = frozenset()
    weight: int = 1
    priority: int = 0
    fallback: bool = False
    type: str = "sms"


def choose(
    routes: Sequence[Route],
    destination: str,
    country: str,
    sender: str,
    up: Container[str],
    rnd: Callable[[], float],
) -> list[str]:
    """Order the carriers for a message and its failover; empty when no route fits.

    Longest matching prefix first, then priority, then by weighted chance. Carriers that are down
    come last, in the same order. `rnd` gives numbers in [0, 1).
    """
    digits = destination.removeprefix("+")
    ranks: dict[tuple[bool, int, int], list[Route]] = {}
    for route in routes:
        prefix = _match(route, digits, country, sender)
        if prefix >= 0:
            ranks.setdefault((route.fallback, -prefix, route.priority), []).append(route)
    ordered: dict[str, None] = {}  # a carrier with several fitting routes counts once
    for rank in sorted(ranks):
        if rank[0] and ordered:
            break
        for carrier in _weighted(ranks[rank], rnd):
            ordered.setdefault(carrier)
    alive = [carrier for carrier in ordered if carrier in up]
    if len(alive) == len(ordered):
        return alive
    return alive + [carrier for carrier in ordered if carrier not in up]


def _match(route: Route, digits: str, country: str, sender: str) -> int:
    """Give the length of the longest prefix that fits, or -1 when the route does not."""
    if route.countries and country not in route.countries:
        return -1
    if route.senders and sender not in route.senders:
        return -1
    if not route.prefixes:
        return 0
    longest = -1
    for prefix in route.prefixes:
        if len(prefix) > longest and digits.startswith(prefix):
            longest = len(prefix)
    return longest


def _weighted(routes: list[Route], rnd: Callable[[], float]) -> list[str]:
    """Draw routes without putting back, each with its share of the weight that is left."""
    if len(routes) == 1:
        return [routes[0].carrier]
    left = [route for route in routes if route.weight > 0]
    spare = [route.carrier for route in routes if route.weight <= 0]
    drawn: list[str] = []
    while left:
        point = rnd() * sum(route.weight for route in left)
        at = 0
        while at < len(left) - 1 and point >= left[at].weight:
            point -= left[at].weight
            at += 1
        drawn.append(left.pop(at).carrier)
    return drawn + spare
