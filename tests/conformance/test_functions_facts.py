"""The table of functions is the documented package: names, arguments, types, what is required."""

import json
from pathlib import Path

from trunkline.functions.metadata import package_metadata
from trunkline.functions.table import functions

FACTS: dict[str, str] = json.loads(
    (Path(__file__).parent / "facts" / "functions.json").read_text(encoding="utf-8")
)


def documented(name: str) -> dict[str, tuple[str, bool]]:
    found: dict[str, tuple[str, bool]] = {}
    for word in FACTS[name].split():
        argument, _, kind = word.partition(":")
        found[argument.removesuffix("!")] = (kind or "String", argument.endswith("!"))
    return found


def test_there_are_68_in_the_documented_order() -> None:
    assert len(FACTS) == 68
    assert [one.name for one in functions()] == list(FACTS)
    assert [block["name"] for block in package_metadata()["blocks"]] == list(FACTS)


def test_arguments_are_as_documented() -> None:
    for block in package_metadata()["blocks"]:
        told = {one["name"]: (one["type"], one["required"]) for one in block["args"]}
        assert told == documented(block["name"]), block["name"]


def test_arguments_come_in_the_documented_order() -> None:
    for one in functions():
        wanted = [name for name in documented(one.name) if name not in ("authId", "authToken")]
        assert [argument.name for argument in one.arguments] == wanted, one.name


def test_the_metadata_says_what_everything_is_for() -> None:
    for block in package_metadata()["blocks"]:
        assert block["description"]
        assert all(one["info"] for one in block["args"]), block["name"]
        assert {one["name"] for one in block["callbacks"]} == {"error", "success"}
        selects = [one for one in block["args"] if one["type"] == "Select"]
        assert all(one["options"] == ["WOMAN", "MAN"] for one in selects)
