"""Which operation a method and path mean; pure, and as forgiving about paths as the SDKs need."""

from collections.abc import Iterable
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qsl, unquote_to_bytes

import msgspec

from trunkline.contract.errors import InvalidParameter, MethodNotAllowed, NotFound
from trunkline.contract.operation import Operation, PlannedOperation

Target = TypeVar("Target", Operation, PlannedOperation, Operation | PlannedOperation)


class Match(msgspec.Struct, Generic[Target], frozen=True):
    """The operation, the path's `auth_id` as sent ("" if it has none) and its other parameters."""

    operation: Target
    auth_id: str
    parameters: dict[str, str]


class _Entry(msgspec.Struct, frozen=True):
    operation: Any
    names: tuple[str, ...]
    query: frozenset[tuple[str, str]]


class _Node:
    __slots__ = ("literals", "methods", "parameter")

    def __init__(self) -> None:
        self.literals: dict[str, _Node] = {}
        self.parameter: _Node | None = None
        self.methods: dict[str, list[_Entry]] = {}


class Router(Generic[Target]):
    """A tree of path segments.

    Case does not matter, nor do missing or doubled slashes (PLIVO SDKs send both); a literal
    segment wins over a parameter. Operations that share method and path differ by a query
    parameter, such as `status=live`.
    """

    def __init__(self, operations: Iterable[Target]) -> None:
        self._root = _Node()
        for operation in operations:
            self._add(operation)

    def _add(self, operation: Target) -> None:
        node = self._root
        names: list[str] = []
        for segment in operation.path.strip("/").split("/"):
            if segment.startswith("{"):
                names.append(segment[1:-1])
                node.parameter = node.parameter or _Node()
                node = node.parameter
            else:
                node = node.literals.setdefault(segment.lower(), _Node())
        entries = node.methods.setdefault(operation.method, [])
        query = frozenset(operation.query)
        if any(entry.query == query for entry in entries):
            raise ValueError(f"{operation.id} has the method, path and query of another operation")
        entries.append(_Entry(operation, tuple(names), query))
        entries.sort(key=lambda entry: -len(entry.query))

    def match(self, method: str, path: str, query: str = "") -> Match[Target]:
        """Find the operation of `method` and the undecoded `path`.

        Raises:
            NotFound: no operation has such a path, or it is not UTF-8.
            InvalidParameter: the query parameter that tells operations apart means none of them.
            MethodNotAllowed: operations have the path, but not with this method.
        """
        segments = _segments(path)
        values: list[str] = []
        node = self._root
        for segment in segments:
            following = node.literals.get(segment.lower())
            if following is None:
                following = node.parameter
                if following is None:
                    break
                values.append(segment)
            node = following
        else:
            if node.methods:
                return self._choose(node, method, values, query)
        values.clear()
        found = _search(self._root, segments, 0, values)
        if found is None:
            raise NotFound("no operation of the API has this path")
        return self._choose(found, method, values, query)

    def _choose(self, node: _Node, method: str, values: list[str], query: str) -> Match[Target]:
        entries = node.methods.get(method) or node.methods.get(method.upper())
        if entries is None:
            raise MethodNotAllowed(method[:16], tuple(sorted(node.methods)))
        entry = entries[0] if len(entries) == 1 else _by_query(entries, query)
        parameters = dict(zip(entry.names, values, strict=True))
        return Match(entry.operation, parameters.pop("auth_id", ""), parameters)


def _segments(path: str) -> list[str]:
    segments = [segment for segment in path.split("/") if segment]
    if "%" in path or not path.isascii():
        segments = [_unquote(segment) for segment in segments]
    if segments and segments[-1].startswith("&"):  # node: /Shortcode/444/&service=sms
        segments.pop()
    return segments


def _unquote(segment: str) -> str:
    try:
        return unquote_to_bytes(segment.encode("latin-1")).decode("utf-8")
    except UnicodeError:
        raise NotFound("the path is not UTF-8") from None


def _search(node: _Node, segments: list[str], at: int, values: list[str]) -> _Node | None:
    """Walk again with second thoughts: a literal may have led into a dead end."""
    if at == len(segments):
        return node if node.methods else None
    literal = node.literals.get(segments[at].lower())
    if literal is not None:
        found = _search(literal, segments, at + 1, values)
        if found is not None:
            return found
    if node.parameter is None:
        return None
    values.append(segments[at])
    found = _search(node.parameter, segments, at + 1, values)
    if found is None:
        values.pop()
    return found


def _by_query(entries: list[_Entry], query: str) -> _Entry:
    try:
        given = {(key.lower(), value.lower()) for key, value in parse_qsl(query, max_num_fields=64)}
    except ValueError:
        given = set[tuple[str, str]]()
    for entry in entries:
        if entry.query and entry.query <= given:
            return entry
    _refuse_unknown(entries, given)
    return entries[-1]


def _refuse_unknown(entries: list[_Entry], given: set[tuple[str, str]]) -> None:
    """Who asks for live calls and misspells it must not get those that have ended."""
    known = {pair for entry in entries for pair in entry.query}
    for name, value in sorted(given):
        values = [word for key, word in sorted(known) if key == name]
        if values and value not in values:
            raise InvalidParameter(name, f"must be one of {', '.join(values)}, or be left out")
