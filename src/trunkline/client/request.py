"""From an operation and its fields to a request: what the HTTP layer decodes, made here."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from trunkline.contract.operation import Operation
from trunkline.values.errors import TrunklineError

_IN_QUERY = frozenset({"GET", "DELETE"})
_DOTS = frozenset({".", ".."})  # RFC 3986 5.2.4: clients and proxies take them out of a path


class MissingField(TrunklineError):
    """A path parameter was not given; the request cannot even be addressed."""

    def __init__(self, operation_id: str, name: str) -> None:
        super().__init__(f"{operation_id} needs {name}")
        self.name = name


class NotAddressable(TrunklineError):
    """A path parameter is `.` or `..`, which would address another resource."""

    def __init__(self, operation_id: str, name: str) -> None:
        super().__init__(f"{operation_id} cannot be asked for a {name} of dots alone")
        self.name = name


class NotJson(TrunklineError):
    """A field holds what JSON has no word for."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request without its host; `target` is path and query, `content` None without a body."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    content: bytes | None


def prepare(
    operation: Operation, auth_id: str, auth_token: str, values: Mapping[str, Any]
) -> Prepared:
    """Place each value where the operation wants it: path, query (GET and DELETE) or JSON body.

    `values` has wire names; one that is None is left out. `auth_id` in them names another account
    than the one that signs in, as a main account does for its subaccounts.

    Raises:
        MissingField: a path parameter is missing or empty.
        NotAddressable: a path parameter is `.` or `..`.
        NotJson: the body cannot be written.
    """
    rest = {name: value for name, value in values.items() if value is not None}
    path = operation.path.replace("{auth_id}", quote(str(rest.pop("auth_id", auth_id)), safe=""))
    for name in operation.path_parameters:
        value = str(rest.pop(name, ""))
        if not value:
            raise MissingField(operation.id, name)
        if value in _DOTS:
            raise NotAddressable(operation.id, name)
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    if operation.method in _IN_QUERY:
        return raw(operation.method, path, auth_id, auth_token, dict(operation.query) | rest)
    return raw(operation.method, path, auth_id, auth_token, dict(operation.query), rest)


def raw(
    method: str,
    path: str,
    auth_id: str,
    auth_token: str,
    query: Mapping[str, Any] | None = None,
    body: Mapping[str, Any] | None = None,
) -> Prepared:
    """Make any request: Basic login, query as text, body as JSON; raises NotJson."""
    login = base64.b64encode(f"{auth_id}:{auth_token}".encode()).decode()
    return _request(method, path, f"Basic {login}", query, body)


def bearer(
    method: str,
    path: str,
    token: str | None,
    query: Mapping[str, Any] | None = None,
    body: Mapping[str, Any] | None = None,
) -> Prepared:
    """Make a request of the operator's, with its token if it has one; raises NotJson."""
    return _request(method, path, f"Bearer {token}" if token else "", query, body)


def _request(
    method: str,
    path: str,
    login: str,
    query: Mapping[str, Any] | None,
    body: Mapping[str, Any] | None,
) -> Prepared:
    headers = [("Authorization", login)] if login else []
    headers.append(("Accept", "application/json"))
    content = None
    if body is not None:
        try:
            content = msgspec.json.encode(body)
        except (TypeError, UnicodeEncodeError) as error:
            raise NotJson(f"the body cannot be written as JSON: {error}") from None
        headers.append(("Content-Type", "application/json"))
    asked = urlencode({name: _text(value) for name, value in (query or {}).items()})
    return Prepared(method, path + (f"?{asked}" if asked else ""), tuple(headers), content)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))  # pyright: ignore[reportUnknownArgumentType]
    return str(value)
