"""What each field of a request must refuse, made from its type in the contract."""

import re
from collections.abc import Iterator
from typing import Any

from msgspec import inspect

from trunkline.contract.operation import Operation
from trunkline.contract.rules import extra_of

_HUGE = 10**25
_LONG_MEANS = 20_000  # limits above are those of whole documents, tried by their own tests


def fields_of(operation: Operation) -> dict[str, inspect.Field]:
    """Return the fields that come in the query or the body, by name."""
    described = inspect.type_info(operation.request)
    assert isinstance(described, inspect.StructType)
    in_path = set(operation.path_parameters)
    return {one.encode_name: one for one in described.fields if one.encode_name not in in_path}


def bad_values(field: inspect.Field, *, text_only: bool) -> Iterator[Any]:
    """Yield values that the field must refuse; only texts for a query string."""
    joins, pairs = _has(field.type, "join"), _has(field.type, "pairs")
    for value in _bad(_bare(field.type), joins=joins):
        bad = {"a": ["b"]} if pairs and isinstance(value, dict) else value
        if isinstance(bad, str) or not text_only:
            yield bad


def _bad(kind: inspect.Type, *, joins: bool) -> Iterator[Any]:
    match kind:
        case inspect.StrType():
            yield from _bad_texts(kind, joins=joins)
        case inspect.IntType() | inspect.FloatType():
            yield from _bad_numbers(kind)
        case inspect.ListType():
            yield from (5, True, {"a": 1}, [["nested"]])
            if kind.max_length is not None:
                yield ["https://a.example/1"] * (kind.max_length + 1)
        case _:
            yield from _FIXED.get(type(kind), ())


_FIXED: dict[type[inspect.Type], tuple[Any, ...]] = {
    inspect.LiteralType: ("nonsense", 5, ["x"], {"a": 1}),
    inspect.BoolType: ("maybe", 2, "2", [True], {"a": 1}),
    inspect.DictType: (5, "words", "[1]", ["x"], True, {"nul": "a\0b"}),
}


def _bad_numbers(kind: inspect.IntType | inspect.FloatType) -> Iterator[Any]:
    yield from ("ten", str(_HUGE), _HUGE, [1], {"a": 1}, True)
    if isinstance(kind, inspect.IntType):
        yield from ("1.5", 1.5)
    for limit, step in ((kind.ge, -1), (kind.le, 1)):
        if limit is not None:
            yield from (limit + step, str(limit + step))


def _bad_texts(kind: inspect.StrType, *, joins: bool) -> Iterator[Any]:
    yield from ("a\0b", {"a": 1}, True, _HUGE)
    if not joins:
        yield ["a", "b"]
    if kind.max_length is not None and kind.max_length <= _LONG_MEANS:
        yield "a" * (kind.max_length + 1)
    if kind.pattern is not None:
        for value in ("\u2603", "?" * (kind.min_length or 3)):
            if re.search(kind.pattern, value) is None:
                yield value


def _has(kind: inspect.Type, word: str) -> bool:
    """Tell whether a list (`join`) or an object (`pairs`) may stand for a text, on any layer."""
    if isinstance(kind, inspect.UnionType):
        return any(_has(one, word) for one in kind.types)
    return isinstance(kind, inspect.Metadata) and (word in extra_of(kind) or _has(kind.type, word))


def _bare(kind: inspect.Type) -> inspect.Type:
    """Take documents, limits and `| None` off a type."""
    if isinstance(kind, inspect.Metadata):
        return _bare(kind.type)
    if isinstance(kind, inspect.UnionType):
        inner = [item for item in kind.types if not isinstance(item, inspect.NoneType)]
        return _bare(inner[0]) if len(inner) == 1 else inspect.AnyType()
    return kind
