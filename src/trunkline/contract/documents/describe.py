"""Operations in words and tables, for the pages that people read."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

import msgspec
from msgspec import inspect

from trunkline.contract.operation import Answer, Operation, Request
from trunkline.contract.rules import extra_of


class FieldDocument(msgspec.Struct, frozen=True):
    """One field; `place` is path, query, body or answer, the rest is text ready to be shown."""

    name: str
    place: str
    type: str
    required: bool
    default: str
    limits: str
    text: str


class OperationDocument(msgspec.Struct, frozen=True):
    """One operation, its examples as indented JSON ("" if none)."""

    operation: Operation
    anchor: str
    note: str
    fields: tuple[FieldDocument, ...]
    answer: tuple[FieldDocument, ...]
    request_example: str
    response_example: str


def describe(operation: Operation) -> OperationDocument:
    """Put an operation into words."""
    return OperationDocument(
        operation=operation,
        anchor=operation.id.replace(".", "-"),
        note=operation.request.__doc__ or "",
        fields=tuple(_request_fields(operation)),
        answer=tuple(_answer_fields(operation.response)) if operation.response else (),
        request_example=_json({} if operation.takes_files else operation.request_example),
        response_example=_json(operation.response_example),
    )


def by_tag(operations: Iterable[Operation]) -> dict[str, list[OperationDocument]]:
    """Describe operations, grouped by their first tag in the order they come."""
    groups: dict[str, list[OperationDocument]] = {}
    for operation in operations:
        groups.setdefault(operation.tags[0], []).append(describe(operation))
    return groups


def _json(example: Mapping[str, Any]) -> str:
    if not example:
        return ""
    return msgspec.json.format(msgspec.json.encode(example), indent=2).decode()


def _struct_fields(kind: type[Request] | type[Answer]) -> tuple[inspect.Field, ...]:
    described = inspect.type_info(kind)
    assert isinstance(described, inspect.StructType)  # noqa: S101 — both roots are Structs
    return described.fields


def _request_fields(operation: Operation) -> Iterable[FieldDocument]:
    in_path = operation.path_parameters
    rest = "body" if operation.method in ("POST", "PATCH") else "query"
    for field in _struct_fields(operation.request):
        place = "path" if field.name in in_path else rest
        default = "" if field.required or field.default is None else _plain(field.default)
        yield _document(field, place, required=field.required, default=default)


def _answer_fields(answer: type[Answer]) -> Iterable[FieldDocument]:
    for field in _struct_fields(answer):
        always = field.default is not msgspec.UNSET or field.name == "api_id"
        yield _document(field, "answer", required=always, default="")


def _document(field: inspect.Field, place: str, *, required: bool, default: str) -> FieldDocument:
    return FieldDocument(
        name=field.encode_name,
        place=place,
        type=_type_name(field.type),
        required=required,
        default=default,
        limits=_limits(field.type),
        text=_text(field.type),
    )


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _text(kind: inspect.Type) -> str:
    if isinstance(kind, inspect.Metadata):
        schema = cast("dict[str, Any]", kind.extra_json_schema or {})  # pyright: ignore[reportUnknownMemberType]
        return str(schema.get("description", "")) or _text(kind.type)
    if isinstance(kind, inspect.UnionType):
        return "".join([_text(item) for item in kind.types])
    return ""


def _limits(kind: inspect.Type) -> str:
    match kind:
        case inspect.Metadata():
            return str(extra_of(kind).get("form", "")) or _limits(kind.type)
        case inspect.UnionType():
            return "".join([_limits(item) for item in kind.types])
        case inspect.LiteralType():
            return ", ".join(sorted(map(str, kind.values)))
        case inspect.IntType() | inspect.FloatType():
            return _range(kind.ge, kind.le)
        case inspect.StrType():
            return f"≤ {kind.max_length:,} characters" if kind.max_length else ""
        case inspect.ListType():
            return f"≤ {kind.max_length} items" if kind.max_length else ""
        case _:
            return ""


def _range(least: float | None, most: float | None) -> str:
    if most is None:
        return "" if least is None else f"≥ {least:,}"
    return f"{least or 0:,} to {most:,}"


def _type_name(kind: inspect.Type) -> str:
    if isinstance(kind, inspect.Metadata):
        return _type_name(kind.type)
    if isinstance(kind, inspect.UnionType):
        names = [_type_name(item) for item in kind.types if type(item) not in _UNSAID]
        return " or ".join(dict.fromkeys(names))
    if isinstance(kind, inspect.ListType):
        return f"list of {_type_name(kind.item_type)}"
    return _TYPE_NAMES.get(type(kind), "object")


_UNSAID = (inspect.NoneType, inspect.CustomType)  # null means absent; UNSET is not sent
_TYPE_NAMES: dict[type[inspect.Type], str] = {
    inspect.StrType: "string",
    inspect.LiteralType: "string",
    inspect.IntType: "integer",
    inspect.BoolType: "boolean",
    inspect.FloatType: "number",
    inspect.StructType: "object",
}
