"""What the API is made of: one `Operation` per method and path that Plivo documents."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import msgspec
from msgspec import inspect


class Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Root of request types: path parameters, query and body fields merged under one roof.

    Unknown fields are forbidden only on the fast path of decoding, which then falls back to the
    lenient one; callers may send any field they like.
    """


class Answer(msgspec.Struct, kw_only=True):
    """Root of answer types; the HTTP layer fills in `api_id`."""

    api_id: str | msgspec.UnsetType = msgspec.UNSET


class Confirmation(Answer, kw_only=True):
    """An answer that only says what happened."""

    message: str


def _no_example() -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation that this release can serve.

    `name` is the function that bears it in the function package ("" if none), `source` where its
    facts come from, `voice` whether SDKs retry it on 5xx, `asynchronous` whether `callback_url`
    turns it into a background call. `max_body_bytes` is its own bound, None the usual one.
    `bodiless` is the operation that the same method and path mean when neither query nor body comes
    with them. With `query` it is another operation than the one of that path without.
    """

    id: str
    name: str = ""
    method: str
    path: str
    request: type[Request]
    response: type[Answer] | None
    success_status: int = 200
    summary: str
    source: str
    tags: tuple[str, ...]
    voice: bool = False
    asynchronous: bool = True
    max_body_bytes: int | None = None
    query: tuple[tuple[str, str], ...] = ()
    bodiless: str = ""
    request_example: Mapping[str, Any] = field(default_factory=_no_example)
    response_example: Mapping[str, Any] = field(default_factory=_no_example)

    @property
    def target(self) -> str:
        """The path with the query that tells it apart from others of that path."""
        return self.path + "".join(f"?{name}={value}" for name, value in self.query)

    @property
    def path_parameters(self) -> tuple[str, ...]:
        """Names in braces in the path, the account's `auth_id` left out."""
        names = [part[1:-1] for part in self.path.split("/") if part.startswith("{")]
        return tuple(name for name in names if name != "auth_id")

    @property
    def takes_files(self) -> bool:
        """Whether it has fields for files, so that its body is `multipart/form-data`."""
        return any("files" in _extra(field) for field in _fields(self.request))

    @property
    def is_list(self) -> bool:
        """Whether clients look for `objects` in the answer."""
        return (
            self.method == "GET"
            and self.response is not None
            and "objects" in self.response.__struct_fields__
        )


def _fields(request: type[Request]) -> tuple[inspect.Field, ...]:
    described = inspect.type_info(request)
    assert isinstance(described, inspect.StructType)  # noqa: S101 — Request is a Struct
    return described.fields


def _extra(field: inspect.Field) -> Mapping[str, Any]:
    kind = field.type
    if isinstance(kind, inspect.Metadata):
        return cast("dict[str, Any]", kind.extra or {})  # pyright: ignore[reportUnknownMemberType]
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedOperation:
    """An operation of Plivo's that this release answers with 404, and why."""

    id: str
    name: str
    method: str
    path: str
    reason: str
    host: str = ""
    query: tuple[tuple[str, str], ...] = ()
