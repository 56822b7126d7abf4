"""The functions as methods, typed in `plivo.pyi`, which is made from the table.

`Plivo` blocks, `AsyncPlivo` is awaited. Of the class a method takes the account from its arguments
or the environment and opens a connection of its own; an instance keeps one until it is closed.
"""

import importlib
import os
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from trunkline.client.request import Prepared
from trunkline.functions.calls import lacking_credentials, request_of, result_of
from trunkline.functions.model import Function, FunctionError, MissingArguments, snake
from trunkline.functions.table import NAMES, find
from trunkline.values.errors import TrunklineError

if TYPE_CHECKING:
    from trunkline.client.client import AsyncClient, Client

DEFAULT_URL = "http://127.0.0.1:8600"


class _Account:
    """Whose functions they are, and where.

    Args:
        auth_id: the account; `PLIVO_AUTH_ID` if None.
        auth_token: its token; `PLIVO_AUTH_TOKEN` if None.
        url: where the API answers; `TRUNKLINE_URL`, or this machine, if None.
    """

    def __init__(
        self, auth_id: str | None = None, auth_token: str | None = None, url: str | None = None
    ) -> None:
        self.auth_id = auth_id or os.environ.get("PLIVO_AUTH_ID", "")
        self.url = url or os.environ.get("TRUNKLINE_URL") or DEFAULT_URL
        self._auth_token = auth_token or os.environ.get("PLIVO_AUTH_TOKEN", "")

    def _request(self, function: Function, arguments: dict[str, Any]) -> Prepared:
        rest = dict(arguments)
        login = {
            "authId": rest.pop("authId", rest.pop("auth_id", None)) or self.auth_id,
            "authToken": rest.pop("authToken", rest.pop("auth_token", None)) or self._auth_token,
        }
        if lacking := lacking_credentials(login):
            raise MissingArguments(function.name, lacking)
        return request_of(function, login["authId"], login["authToken"], rest)


class _Method:
    """One function, of an instance or of the class."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(
        self, instance: "Plivo | AsyncPlivo | None", owner: "type[Plivo] | type[AsyncPlivo]"
    ) -> Callable[..., Any]:
        function = find(self._name)

        def call(**arguments: Any) -> Any:
            if instance is None:
                return owner.once(function.name, **arguments)
            return instance.call(function.name, **arguments)

        call.__name__ = self._name
        call.__doc__ = _document(function)
        return call


class Plivo(_Account):
    """All functions, blocking; each returns the API's answer or raises FunctionError."""

    _client: "Client | None" = None

    def call(self, name: str, /, **arguments: Any) -> dict[str, Any]:
        """Call a function by its name.

        Raises:
            FunctionError: it did not do what was asked; see its `code`, `message`, `status`.
        """
        function = find(name)
        request = self._request(function, arguments)
        client = self._client = self._client or _client_module().Client(self.url, "", "")
        try:
            answer = client.send(request)
        except TrunklineError as error:
            raise FunctionError("INTERNAL_PACKAGE_ERROR", str(error)) from error
        return result_of(function, answer.status, answer.body)

    @classmethod
    def once(cls, name: str, /, **arguments: Any) -> dict[str, Any]:
        """Call a function of the environment's account."""
        with cls() as account:
            return account.call(name, **arguments)

    def close(self) -> None:
        """Close the connection."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class AsyncPlivo(_Account):
    """The same, awaited."""

    _client: "AsyncClient | None" = None

    async def call(self, name: str, /, **arguments: Any) -> dict[str, Any]:
        """See `Plivo.call`."""
        function = find(name)
        request = self._request(function, arguments)
        client = self._client = self._client or _client_module().AsyncClient(self.url, "", "")
        try:
            answer = await client.send(request)
        except TrunklineError as error:
            raise FunctionError("INTERNAL_PACKAGE_ERROR", str(error)) from error
        return result_of(function, answer.status, answer.body)

    @classmethod
    async def once(cls, name: str, /, **arguments: Any) -> dict[str, Any]:
        """See `Plivo.once`."""
        async with cls() as account:
            return await account.call(name, **arguments)

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()


def _client_module() -> Any:
    """Load httpx with the first call: the API, which has this package in it, needs none."""
    return importlib.import_module("trunkline.client.client")


def _document(function: Function) -> str:
    lines = [
        f"    {one.name}{' (required)' if one.required else ''}: {one.info}"
        for one in function.arguments
    ]
    return "\n".join([function.info, *(["", "Args:", *lines] if lines else [])])


for _name in NAMES:
    for _class in (Plivo, AsyncPlivo):
        setattr(_class, _name, _Method(_name))
        setattr(_class, snake(_name), _Method(snake(_name)))
