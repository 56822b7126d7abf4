"""The fields of an operation as the command line shows and reads them."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import msgspec
from msgspec import inspect

from trunkline.cli.environment import Refused
from trunkline.contract.operation import Operation

_FLAGS = frozenset({"fields", "json"})
_OPTIONS = frozenset({"url", "auth_id", "auth_token", "data"})
_HELP = frozenset({"-h", "--help"})


@dataclass(frozen=True, slots=True)
class Field:
    """`structured` fields take JSON text."""

    name: str
    required: bool
    doc: str
    structured: bool


def fields_of(operation: Operation) -> list[Field]:
    """List what a request of the operation may hold, in the contract's order."""
    described = inspect.type_info(operation.request)
    if not isinstance(described, inspect.StructType):
        raise TypeError(f"{operation.id} has no request type")
    return [
        Field(one.encode_name, one.required, _doc(one.type), _is_structured(one.type))
        for one in described.fields
    ]


def read_arguments(operation: Operation, arguments: Sequence[str]) -> dict[str, Any]:
    """Turn `--field value` pairs (or `--field=value`) into the request's fields.

    Raises:
        Refused: a field is unknown, has no value, is missing, or is JSON that cannot be read.
    """
    known = {one.name: one for one in fields_of(operation)}
    found: dict[str, Any] = {}
    words = iter(arguments)
    for word in words:
        if not word.startswith("--"):
            raise Refused(f"{word!r}: write fields as --name value")
        name, equals, value = word[2:].partition("=")
        name = name.replace("-", "_")
        if name not in known:
            raise Refused(_unknown(operation, name, list(known)))
        if not equals:
            given = next(words, None)
            if given is None:
                raise Refused(f"--{name} needs a value")
            value = given
        found[name] = _value(known[name], value)
    missing = [name for name, one in known.items() if one.required and name not in found]
    if missing:
        raise Refused(f"{operation.id} needs --{' and --'.join(missing)}")
    return found


def apart(operation: Operation, words: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Tell the operation's fields from the command's own options that follow it.

    A field wins: `message.create --url` is the callback's. Of flags the value is "".

    Raises:
        Refused: an option of the command has no value.
    """
    known = {one.name for one in fields_of(operation)}
    rest: list[str] = []
    ours: dict[str, str] = {}
    given = iter(words)
    for word in given:
        name, equals, value = word.removeprefix("--").partition("=")
        name = "fields" if word in _HELP else name.replace("-", "_")
        if name in known or name not in _FLAGS | _OPTIONS:
            rest.append(word)
            if word.startswith("--") and not equals:
                rest += [one for one in [next(given, None)] if one is not None]
            continue
        if name in _OPTIONS and not equals:
            found = next(given, None)
            if found is None:
                raise Refused(f"{word} needs a value")
            value = found
        ours[name] = value
    return rest, ours


def _value(field: Field, text: str) -> Any:
    if not field.structured or not text.startswith(("[", "{")):
        return text
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise Refused(f"--{field.name}: {error}") from error


def _unknown(operation: Operation, name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean --{near[0]}?" if near else f"it has --{', --'.join(known) or 'none'}"
    return f"{operation.id} has no field {name}: {hint}"


def _doc(kind: inspect.Type) -> str:
    if isinstance(kind, inspect.Metadata):
        extra = cast("dict[str, Any]", kind.extra_json_schema or {})  # pyright: ignore[reportUnknownMemberType]
        return str(extra.get("description") or "") or _doc(kind.type)
    if isinstance(kind, inspect.UnionType):
        return next((doc for one in kind.types if (doc := _doc(one))), "")
    return ""


def _is_structured(kind: inspect.Type) -> bool:
    if isinstance(kind, inspect.Metadata):
        return _is_structured(kind.type)
    if isinstance(kind, inspect.UnionType):
        return any(map(_is_structured, kind.types))
    return isinstance(kind, inspect.DictType | inspect.ListType | inspect.StructType)
