"""Looking at a simulated phone: the query, whose things are shown, and waiting for more."""

import asyncio
from typing import Any

import pytest

from trunkline.rest.sandbox.looking import Look, WrongLook, parse_look, until_more


def test_a_query_is_read() -> None:
    assert parse_look({}) == Look("", -1, 0.0)
    assert parse_look({"account": "MA1", "beyond": "3", "wait_s": "2.5"}) == Look("MA1", 3, 2.5)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"beyond": "x"}, "beyond"),
        ({"beyond": "9" * 5000}, "beyond"),
        ({"wait_s": "soon"}, "wait_s"),
        ({"wait_s": "-1"}, "wait_s"),
        ({"wait_s": "61"}, "wait_s"),
        ({"wait_s": "nan"}, "wait_s"),
    ],
)
def test_rubbish_is_named(query: dict[str, str], field: str) -> None:
    with pytest.raises(WrongLook, match=field):
        parse_look(query)


def test_only_what_is_the_accounts_is_shown() -> None:
    shown = [{"sender": "+1"}, {"sender": "2"}, {"sender": "ACME"}]
    owner_of = {"1": "MA1", "2": "MA2"}.get
    assert Look("MA1").mine(shown, "sender", lambda one: owner_of(one, "")) == [{"sender": "+1"}]
    assert Look().mine(shown, "sender", lambda one: owner_of(one, "")) == shown


async def test_it_waits_for_more() -> None:
    shown: list[dict[str, Any]] = [{}]
    asyncio.get_running_loop().call_later(0.02, shown.append, {})
    found = await until_more(Look(beyond=1, wait_s=5.0), lambda: list(shown))
    assert len(found) == 2


async def test_it_waits_no_longer_than_asked() -> None:
    assert await until_more(Look(beyond=1, wait_s=0.02), lambda: [{}]) == [{}]


async def test_without_a_wait_it_answers_at_once() -> None:
    looks: list[int] = []

    def find() -> list[dict[str, Any]]:
        looks.append(1)
        return []

    assert await until_more(Look(beyond=5), find) == []
    assert len(looks) == 1
