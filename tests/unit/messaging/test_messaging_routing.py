from dataclasses import dataclass
from random import Random

import pytest

from trunkline.messaging.carriers.routes import Route
from trunkline.messaging.model import Dispatch
from trunkline.messaging.routing import Router


@dataclass
class Standing:
    """A carrier that is up or down, and takes nothing."""

    name: str
    is_up: bool = True

    def capacity(self) -> int:
        return 0

    def submit(self, dispatch: Dispatch) -> None:
        raise AssertionError(dispatch)


def router(routes: list[Route], *carriers: Standing) -> Router:
    return Router(routes, {one.name: one for one in carriers}, Random(1))


A, B, C = Route("a", priority=1), Route("b", priority=2), Route("c", priority=3)
TO = ("14155550123", "US", "14155550100")


def test_the_next_best_that_is_up_and_was_not_tried() -> None:
    a, b, c = Standing("a"), Standing("b"), Standing("c")
    one = router([C, A, B], a, b, c)
    assert one.candidates(*TO) == ["a", "b", "c"]
    assert one.another(*TO, tried=[]) == "a"
    assert one.another(*TO, tried=["a"]) == "b"
    assert one.another(*TO, tried=["", "a", "b"]) == "c"
    assert one.another(*TO, tried=["a", "b", "c"]) is None
    b.is_up = False
    assert one.another(*TO, tried=["a"]) == "c"
    c.is_up = False
    assert one.another(*TO, tried=["a"]) is None


def test_those_that_are_down_stay_candidates_but_last() -> None:
    a, b = Standing("a", is_up=False), Standing("b")
    one = router([A, B], a, b)
    assert one.candidates(*TO) == ["b", "a"]
    b.is_up = False
    assert one.candidates(*TO) == ["a", "b"]
    assert one.another(*TO, tried=[]) is None


def test_a_route_to_a_carrier_that_is_not_there_leads_nowhere() -> None:
    one = router([A, B], Standing("b"))
    assert one.candidates(*TO) == ["b", "a"]
    assert one.another(*TO, tried=["b"]) is None


def test_another_keeps_to_the_routes_that_fit() -> None:
    one = router(
        [Route("a", prefixes=("1",)), Route("b", countries=frozenset({"GB"})), Route("c")],
        Standing("a"),
        Standing("b"),
        Standing("c"),
    )
    assert one.another(*TO, tried=["a"]) == "c"
    assert one.another("447700900100", "GB", "ACME", tried=["c"]) == "b"


def test_no_route_no_carrier() -> None:
    one = router([Route("a", prefixes=("44",))], Standing("a"))
    assert one.candidates(*TO) == []
    assert one.another(*TO, tried=[]) is None


@pytest.mark.parametrize("is_up", [True, False])
def test_the_only_route_is_taken_whatever_its_state(is_up: bool) -> None:
    one = router([Route("a")], Standing("a", is_up))
    assert one.candidates(*TO) == ["a"]
    assert one.another(*TO, tried=[]) == ("a" if is_up else None)
    assert one.another(*TO, tried=["a"]) is None


def test_one_route_with_a_condition_still_has_it() -> None:
    one = router([Route("a", senders=frozenset({"ACME"}))], Standing("a"))
    assert one.candidates(*TO) == []
    assert one.candidates("14155550123", "US", "ACME") == ["a"]


def test_each_type_of_message_has_routes_of_its_own() -> None:
    one = router([A, B, Route("m", type="mms")], Standing("a"), Standing("b"), Standing("m"))
    assert one.candidates(*TO) == ["a", "b"]
    assert one.candidates(*TO, type_="mms") == ["m"]
    assert one.another(*TO, tried=["m"], type_="mms") is None
    assert one.candidates(*TO, type_="whatsapp") == []
