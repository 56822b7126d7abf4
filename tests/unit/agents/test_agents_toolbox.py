"""What is offered: schemas, hints, and the switches."""

from typing import cast

import pytest

from trunkline.agents.http import Guard, names_of
from trunkline.agents.toolbox import NotOffered, Toolbox
from trunkline.client.client import AsyncClient
from trunkline.functions import functions


class Nowhere:
    """A client that must not be asked."""

    def __init__(self, url: str) -> None:
        self.url = url


def toolbox(url: str = "https://api.example.com", *, read_only: bool = False) -> Toolbox:
    return Toolbox(cast(AsyncClient, Nowhere(url)), "MA", read_only=read_only)


def test_every_function_is_a_tool() -> None:
    tools = toolbox().tools
    assert list(tools) == [one.name for one in functions()]
    for one in functions():
        schema = tools[one.name].schema
        assert list(schema["properties"]) == [each.name for each in one.arguments]
        assert all(each["description"] for each in schema["properties"].values())
        assert schema["required"] == list(one.required)


def test_what_changes_and_what_destroys_is_told() -> None:
    tools = toolbox().tools
    assert tools["getMessages"].reads
    assert not tools["sendMessage"].reads
    destroying = {one.name for one in tools.values() if one.destroys}
    assert {"deleteApplication", "hangupCalls", "unrentNumber", "kickMember"} <= destroying
    assert not destroying & {"unmuteMember", "stopPlayingText", "sendMessage", "updateNumber"}
    assert {one.name for one in tools.values() if one.paid} == {
        "sendMessage", "makeCall", "buyNumber",
    }  # fmt: skip


async def test_read_only_keeps_the_others_away() -> None:
    reading = toolbox(read_only=True)
    assert all(one.reads for one in reading.tools.values())
    with pytest.raises(NotOffered, match="only reads"):
        await reading.call("hangupCalls", {})


def test_simulated_phones_are_offered_on_this_machine_alone() -> None:
    assert "readHandset" not in toolbox().tools
    assert "readHandset" in toolbox("http://127.0.0.1:8600").tools


def test_a_server_for_others_is_not_bound_to_names() -> None:
    assert "localhost:8650" in names_of("127.0.0.1", 8650)
    assert names_of("203.0.113.5", 8650) == frozenset()


def test_the_token_is_not_shown() -> None:
    guard = Guard(cast("object", None), "secret", frozenset(), frozenset())  # type: ignore[arg-type]
    assert "secret" not in repr(guard)
