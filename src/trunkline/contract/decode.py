"""From path, query and body to a request type; lenient in form, precise in what it refuses.

The fast path lets msgspec decode a JSON body straight into the request type. Whatever does not fit
(other types, unknown or null fields, callbacks, forms) takes the lenient path, which also words
the refusal.
"""

from collections.abc import Iterable, Mapping
from typing import Any, cast
from urllib.parse import parse_qsl

import msgspec
from msgspec import inspect

from trunkline.contract.errors import (
    BadRequest,
    InvalidParameter,
    MalformedBody,
    MissingParameter,
    NotFound,
)
from trunkline.contract.fields import HttpMethod, Url
from trunkline.contract.nested import refusal
from trunkline.contract.operation import Operation, Request
from trunkline.contract.rules import Rule, extra_of, rule_for
from trunkline.contract.upload import Upload, read_form

MAX_FIELDS = 1000
_UNREADABLE = (msgspec.DecodeError, ValueError, RecursionError, OverflowError)
_NO_PARAMETERS: dict[str, str] = {}
_NOTHING = ("", '""', "null", "{}")  # PLIVO SDKs: an empty POST has no body, {} or ""


class Callback(msgspec.Struct, frozen=True):
    """Where the answer of a background call goes."""

    url: Url
    method: HttpMethod = "POST"


class Decoded(msgspec.Struct, frozen=True):
    """A request, and the callback that makes it a background call."""

    request: Request
    callback: Callback | None = None


class _Field(msgspec.Struct, frozen=True):
    name: str  # on the wire
    attribute: str
    required: bool
    rule: Rule
    takes_list: bool
    takes_files: bool
    null: str | None = None  # what null means; None: as if it were absent


class RequestDecoder:
    """Reads requests of one operation."""

    def __init__(self, operation: Operation) -> None:
        self._type = operation.request
        self._json = msgspec.json.Decoder(operation.request)
        described = inspect.type_info(operation.request)
        assert isinstance(described, inspect.StructType)  # noqa: S101 — Request is a Struct
        fields = tuple(map(_field, described.fields))
        self._required = tuple(field.name for field in fields if field.required)
        self._objects = tuple(
            field.name for field in described.fields if _bare(field.type) is inspect.DictType
        )
        known = {field.name: field for field in fields}
        self._has_callback = operation.asynchronous and "callback_url" not in known
        if self._has_callback:
            known |= _CALLBACK_FIELDS
        self._known = known
        self._folded = _fold_names(known)
        self._reads_body = operation.method != "GET"  # PLIVO SDKs: a body on GET means nothing
        self._files = next((field.name for field in fields if field.takes_files), "")
        self._fast = self._reads_body and not operation.path_parameters and not self._files

    def decode(
        self, parameters: Mapping[str, str], query: str, body: bytes, content_type: str
    ) -> Decoded:
        """Read a request from its path parameters, undecoded query, body and content type.

        Raises:
            MissingParameter, InvalidParameter: a field at fault, by name.
            NotFound: a path parameter that no resource can have.
            MalformedBody, BadRequest: a body or query that cannot be read at all.
        """
        if self._fast and not query and body[:1] == b"{" and b"\\u0000" not in body:
            try:
                request = self._json.decode(body)
            except _UNREADABLE:
                pass
            else:
                self._check_objects(request)
                return Decoded(request)
        return self._decode_leniently(parameters, query, body, content_type)

    def _check_objects(self, request: Request) -> None:
        for name in self._objects:
            value = getattr(request, name)
            if value is not None:
                why = refusal(value)
                if why is not None:
                    raise InvalidParameter(name, why)

    def _decode_leniently(
        self, parameters: Mapping[str, str], query: str, body: bytes, content_type: str
    ) -> Decoded:
        given: dict[str, Any] = {}
        if query:
            self._take(given, self._from_pairs(query, "query string"))
        if self._reads_body and body:
            self._take(given, self._read_body(body, content_type))
        given.update(parameters)
        values: dict[str, Any] = {}
        for name in self._required:
            if given.get(name) is None:
                raise MissingParameter(name)
        callback = self._take_callback(given)
        for name, value in given.items():
            try:
                _convert(self._known[name], value, values)
            except InvalidParameter as refusal:
                if name not in parameters:
                    raise
                # Nothing can have such an id.
                raise NotFound(f"there is no {name} {value[:64]!r}", name) from refusal
        return Decoded(self._type(**values), callback)

    def _take(self, given: dict[str, Any], found: Mapping[str, Any]) -> None:
        """Add what is known to `given` under its own name; an exact name wins over a near one."""
        exact: set[str] = set()
        for key, value in found.items():
            name = key if key in self._known else self._folded.get(_fold(key))
            if name is None or (name != key and name in exact):
                continue
            if value is None:
                value = self._known[name].null  # noqa: PLW2901
                if value is None:
                    continue
            given[name] = value
            if name == key:
                exact.add(name)

    def _read_body(self, body: bytes, content_type: str) -> Mapping[str, Any]:
        if self._files and content_type[:10].lower() == "multipart/":
            return self._from_form(body, content_type)
        try:
            text = body.decode("utf-8-sig").strip()
        except UnicodeDecodeError:
            raise MalformedBody("is not UTF-8") from None
        if text in _NOTHING:
            return _NO_PARAMETERS
        if content_type[:10].lower() == "multipart/":
            raise MalformedBody("of type multipart/form-data is not accepted by this operation")
        if text[0] not in '{["' and "=" in text:
            return self._from_pairs(text, "request body")
        try:
            value = msgspec.json.decode(text)
        except _UNREADABLE as error:
            why = str(error).removeprefix("JSON is malformed: ")[:120]
            raise MalformedBody(f"is not valid JSON: {why}") from None
        if not isinstance(value, dict):
            raise MalformedBody("must be a JSON object")
        return cast("dict[str, Any]", value)

    def _from_form(self, body: bytes, content_type: str) -> Mapping[str, Any]:
        """Read a form with files; a file under a name that is none of ours is of the one field."""
        try:
            parts = read_form(body, content_type)
        except ValueError as error:
            raise MalformedBody(str(error)) from None
        found: dict[str, Any] = {}
        for part in parts:
            if part.file_name is None:
                found[part.name] = part.body.decode("utf-8", "replace")
                continue
            field = self._known.get(part.name)
            name = part.name if field is not None and field.takes_files else self._files
            upload = Upload(part.file_name, part.content_type, part.body)
            found.setdefault(name, []).append(upload)
        return found

    def _from_pairs(self, text: str, where: str) -> Mapping[str, Any]:
        try:
            pairs = parse_qsl(
                text, keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS
            )
        except UnicodeDecodeError:
            raise BadRequest(f"{where} is not UTF-8", where) from None
        except ValueError:
            raise BadRequest(f"{where} has more than {MAX_FIELDS} fields", where) from None
        found: dict[str, Any] = {}
        for key, value in pairs:
            field = self._known.get(key)
            if field is not None and field.takes_list and key in found:
                found[key] = [*_as_list(found[key]), value]
            else:
                found[key] = value
        return found

    def _take_callback(self, given: dict[str, Any]) -> Callback | None:
        if not self._has_callback:
            return None
        values: dict[str, Any] = {}
        for name, field in _CALLBACK_FIELDS.items():
            if name in given:
                _convert(field, given.pop(name), values)
        url = values.get("callback_url")
        return Callback(url, values.get("callback_method", "POST")) if url else None


def _convert(field: _Field, value: Any, values: dict[str, Any]) -> None:
    try:
        values[field.attribute] = field.rule(value)
    except ValueError as error:
        if not (isinstance(value, str) and not value.strip()):
            raise InvalidParameter(field.name, str(error)) from None
        if field.required:
            raise MissingParameter(field.name) from None
        # An empty string where it makes no sense is how some clients say "not set".


def _field(described: inspect.Field) -> _Field:
    extra = extra_of(described.type)
    return _Field(
        name=described.encode_name,
        attribute=described.name,
        required=described.required,
        rule=rule_for(described.type),
        takes_list=_bare(described.type) is inspect.ListType or "join" in extra,
        takes_files="files" in extra,
        null=extra.get("null"),
    )


def _bare(kind: inspect.Type) -> type[inspect.Type]:
    """Name the kind beneath documents, limits and `| None`."""
    if isinstance(kind, inspect.Metadata):
        return _bare(kind.type)
    if isinstance(kind, inspect.UnionType):
        return next(_bare(item) for item in kind.types if not isinstance(item, inspect.NoneType))
    return type(kind)


def _as_list(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else [value]


def _fold(key: str) -> str:
    """Reduce a name to what all spellings share: sub_account, message_time_gte, addressLine1."""
    return key.replace("_", "").lower()


def _fold_names(names: Iterable[str]) -> dict[str, str]:
    folded: dict[str, str] = {}
    for name in names:
        if folded.setdefault(_fold(name), name) != name:
            raise ValueError(f"{name} and {folded[_fold(name)]} cannot be told apart")
    return folded


_CALLBACK_FIELDS = {
    f"callback_{field.name}": msgspec.structs.replace(
        _field(field),
        name=f"callback_{field.name}",
        attribute=f"callback_{field.name}",
        required=False,
    )
    for field in cast(inspect.StructType, inspect.type_info(Callback)).fields
}
