import random
from collections import Counter

from trunkline.messaging.carriers.routes import Route, choose

UP = frozenset("abcdef")


def pick(routes: list[Route], destination: str = "14155550100", **more: str) -> list[str]:
    return choose(
        routes, destination, more.get("country", "US"), more.get("sender", "1555"), UP, lambda: 0.0
    )


def test_the_longest_prefix_comes_first_and_the_rest_is_failover() -> None:
    routes = [Route("a"), Route("b", ("1",)), Route("c", ("1212", "1415")), Route("d", ("44",))]
    assert pick(routes) == ["c", "b", "a"]
    assert pick(routes, "+447700900000", country="GB") == ["d", "a"]


def test_conditions_must_all_hold() -> None:
    routes = [
        Route("a", countries=frozenset({"US"}), senders=frozenset({"72345"})),
        Route("b", countries=frozenset({"US"})),
        Route("c", countries=frozenset({"DE"})),
    ]
    assert pick(routes) == ["b"]
    assert pick(routes, sender="72345") == ["a", "b"]
    assert pick(routes, country="FR") == []


def test_priority_decides_among_equal_prefixes() -> None:
    routes = [Route("a", priority=2), Route("b", priority=1), Route("c", ("1",), priority=9)]
    assert pick(routes) == ["c", "b", "a"]


def test_what_is_down_comes_last_in_order() -> None:
    routes = [Route("a", ("1415",)), Route("b", ("1",)), Route("c")]
    assert choose(routes, "14155550100", "US", "", {"c"}, lambda: 0.0) == ["c", "a", "b"]
    assert choose(routes, "14155550100", "US", "", set(), lambda: 0.0) == ["a", "b", "c"]


def test_a_carrier_with_two_fitting_routes_counts_once() -> None:
    assert pick([Route("a"), Route("a", ("1",)), Route("b")]) == ["a", "b"]


def test_weights_are_shares() -> None:
    routes = [Route("a", weight=3), Route("b", weight=1), Route("c", weight=0)]
    rnd = random.Random(7)
    orders = Counter(tuple(choose(routes, "1", "US", "", UP, rnd.random)) for _ in range(4000))
    assert set(orders) == {("a", "b", "c"), ("b", "a", "c")}
    assert 0.72 < orders["a", "b", "c"] / 4000 < 0.78


def test_weight_zero_alone_still_carries() -> None:
    assert pick([Route("a", weight=0)]) == ["a"]
    assert pick([Route("a", weight=0), Route("b", weight=0)]) == ["a", "b"]


def test_a_fallback_is_for_what_no_other_route_fits() -> None:
    routes = [Route("a", ("1415",)), Route("b", ("1",), weight=0), Route("last", fallback=True)]
    assert choose(routes, "14155550100", "US", "", {"last"}, lambda: 0.0) == ["a", "b"]
    assert choose(routes, "442079460100", "GB", "", {"a", "b"}, lambda: 0.0) == ["last"]
