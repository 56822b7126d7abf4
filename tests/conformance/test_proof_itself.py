"""The proof can fail: its reader, its comparisons and its excuses, on small examples."""

from typing import Any

import conform_lenient
import pytest
from conform_excuses import CELLS, FIELDS, excused
from conform_facts import load_operations, load_seed_lines
from conform_java import java_misses
from conform_match import is_of, operation_of
from conform_seeds import _read
from conform_shapes import go_misses, merged, misses, shape_of

EXAMPLE = {"id": "x", "size": 1, "rate": 0.5, "on": True, "none": None, "meta": {"next": None},
           "objects": [{"a": 1}, {"b": "y"}]}  # fmt: skip
WELL = {**EXAMPLE, "none": "anything", "more": 1, "objects": [{"a": 2, "b": "z"}]}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, []),
        ({"meta": {"next": "/page"}, "rate": 1}, []),
        ({"id": 5}, ["id is integer, not string"]),
        ({"id": None}, ["id is null, not string"]),
        ({"on": "true"}, ["on is string, not boolean"]),
        ({"size": True}, ["size is boolean, not integer"]),
        ({"objects": []}, ["objects is empty: nothing to look at"]),
        ({"objects": {}}, ["objects is object, not an array"]),
        ({"objects": [{"a": 1}]}, ["objects[].b is missing"]),
        ({"objects": [{"a": None, "b": "z"}, {"a": 1, "b": "z"}]}, []),
        ({"objects": [{"a": None, "b": "z"}]}, ["objects[].a is null, not integer"]),
        ({"objects": [{"a": "", "b": "z"}, {"a": 1, "b": "z"}]},
         ["objects[].a is string, not integer"]),
        ({"meta": []}, ["meta is array, not an object"]),
    ],
)  # fmt: skip
def test_what_is_missing_is_told(change: dict[str, Any], told: list[str]) -> None:
    assert list(misses(shape_of(EXAMPLE), {**WELL, **change})) == told


def test_examples_that_disagree_allow_either() -> None:
    shape = merged(shape_of({"a": "1", "b": None}), shape_of({"a": 1, "b": {"c": 1}}))
    assert not list(misses(shape, {"a": 2, "b": {"c": 3}}))
    assert list(misses(shape, {"a": True, "b": {}})) == [
        "a is boolean, not integer|string",
        "b.c is missing",
    ]


@pytest.mark.parametrize(
    ("struct", "value", "told"),
    [
        ({"A": "string", "b": "*string", "c": "int64"}, {"a": "x", "b": None, "c": 1, "d": []}, 0),
        ({"a": "string"}, {"a": 1}, 1),
        ({"a": "int"}, {"a": 1.5}, 1),
        ({"a": "float64"}, {"a": 1}, 0),
        ({"a": ["string"]}, {"a": "x"}, 1),
        ({"a": "[]string"}, {"a": ["x", 1]}, 1),
        ({"a": [{"b": "bool"}]}, {"a": [{"b": "true"}]}, 1),
        ({"a": {"b": "bool"}}, {"a": "x"}, 1),
        ({"a": "interface{}"}, {"a": {"b": 1}}, 0),
    ],
)
def test_go_refuses(struct: Any, value: Any, told: int) -> None:
    assert len(list(go_misses(struct, value))) == told


@pytest.mark.parametrize(
    ("fields", "row", "told"),
    [
        ({"a": "String", "b": "Boolean", "c": "Long", "d": "List<X>", "e": "X"},
         {"a": 1, "b": "true", "c": "12", "d": [], "e": {}, "f": 1}, 0),
        ({"a": "String"}, {"a": {}}, 1),
        ({"a": "Boolean"}, {"a": "yes"}, 1),
        ({"a": "Long"}, {"a": "x"}, 1),
        ({"a": "X[]"}, {"a": {}}, 1),
        ({"a": "NumberType"}, {"a": "toll-free"}, 1),
        ({"a": "NumberType"}, {"a": None}, 0),
    ],
)  # fmt: skip
def test_java_refuses(fields: dict[str, str], row: dict[str, Any], told: int) -> None:
    assert len(list(java_misses({"is_list": False, "fields": fields}, row))) == told
    assert len(list(java_misses({"is_list": True, "fields": fields}, {"objects": [row]}))) == told


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1 "b": [1, 2.5,]} and more', {"a": 1, "b": [1, 2.5]}),
        ("{'a': {'b': None}}", {"a": {"b": None}}),
        ('{“a”: "x”, // why\n"b": true}', {"a": "x", "b": True}),
        ('{"objects": [{"a": 1} {"a": 2}}\n}', {"objects": [{"a": 1}, {"a": 2}]}),
        ('{"a": {"b": 1', {"a": {"b": 1}}),
    ],
)
def test_sloppy_examples_are_read(text: str, value: Any) -> None:
    assert conform_lenient.read(text) == value


def test_what_is_no_example_is_not_read() -> None:
    with pytest.raises(conform_lenient.NotJsonError):
        conform_lenient.read("Returns a list.")


TEXT = """curl -i --user auth_id:auth_token \\
-d '{"name": "a b"}' \\
https://api.plivo.com/v1/Account/{auth_id}}/Subaccount/
Was this code helpful
1
2
package main
Was this code helpful
HTTP Status Code: 201
{
"auth_id": "SA1"
}
GET
"""


def test_a_line_is_read_as_the_shell_reads_it() -> None:
    (line,) = _read("001", TEXT.split("\n"))
    assert line.arguments == (
        "-i", "--user", "@auth_id@:@auth_token@", "-d", '{"name": "a b"}',
        "https://api.plivo.com/v1/Account/@auth_id@/Subaccount/",
    )  # fmt: skip
    assert (line.method, line.url) == ("POST", "/v1/Account/@auth_id@/Subaccount/")
    assert (line.source, line.status, line.shape) == ("001:1", 201, shape_of({"auth_id": "SA1"}))
    assert line.mends == ("one brace too many",)


def test_requests_find_their_operation() -> None:
    facts = load_operations()
    for method, target, wanted in [
        ("POST", "/v1/Account/MA1/10dlc/Campaign/Import/", "campaign.import"),
        ("post", "/v1/Account/MA1/10dlc/Campaign/C1", "campaign.update"),
        ("GET", "/v1/Account/MA1/Message//?limit=5", "message.list"),
    ]:
        assert operation_of(facts.values(), method, target).id == wanted
        assert is_of(facts[wanted], method, target)
    with pytest.raises(LookupError):
        operation_of(facts.values(), "GET", "/v1/Account/MA1/Nothing/")


def test_excuses_are_of_operations_in_scope_and_give_a_reason() -> None:
    facts, lines = load_operations(), (line.source for line in load_seed_lines())
    assert {operation for operation, _ in (*FIELDS, *CELLS)} <= {*facts, *lines}
    assert all((*FIELDS.values(), *CELLS.values()))
    told = ("Api_id is missing", "api_id is missing", "api_id is missing")
    found = excused(told, "message.list")
    assert found == (("api_id is missing",), {("message.list", "Api_id")})
