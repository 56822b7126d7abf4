"""Sends requests of one account to a running program, blocking or not."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from trunkline.client.answer import Answer, decoded
from trunkline.client.request import Prepared, prepare, raw
from trunkline.contract.catalog import operation
from trunkline.values.errors import TrunklineError

TIMEOUT_S = 60.0  # as long as the slowest operation may take
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class Unreachable(TrunklineError):
    """No program answers at the address."""


class Client:
    """One account's way to the API; keeps its connection until `close`."""

    def __init__(
        self, url: str, auth_id: str, auth_token: str, *, timeout_s: float = TIMEOUT_S
    ) -> None:
        """`url` is that of the program: scheme, host, port, and the path before `/v1` if any."""
        self.url = url.rstrip("/")
        self.auth_id = auth_id
        self._auth_token = auth_token
        self._http = httpx.Client(timeout=timeout_s, trust_env=by_environment(url))

    def call(self, operation_id: str, **values: Any) -> Answer:
        """Call an operation with its fields by their wire names; see `request.prepare`.

        Raises:
            KeyError: there is no such operation.
            MissingField: a path parameter is missing.
            Unreachable: nobody answered.
        """
        return self.send(prepare(operation(operation_id), self.auth_id, self._auth_token, values))

    def ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Make a request that the contract does not have (`/sim`, `/admin`); raises Unreachable."""
        return self.send(raw(method, path, self.auth_id, self._auth_token, query, body))

    def send(self, request: Prepared) -> Answer:
        """Send a request and return its answer, whatever its status; raises Unreachable."""
        try:
            answer = self._http.request(**_wire(self.url, request))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise unreachable(self.url, error) from error
        return Answer(answer.status_code, decoded(answer.content))

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class AsyncClient:
    """The same, for event loops."""

    def __init__(
        self, url: str, auth_id: str, auth_token: str, *, timeout_s: float = TIMEOUT_S
    ) -> None:
        """See `Client`."""
        self.url = url.rstrip("/")
        self.auth_id = auth_id
        self._auth_token = auth_token
        self._http = httpx.AsyncClient(timeout=timeout_s, trust_env=by_environment(url))

    async def call(self, operation_id: str, **values: Any) -> Answer:
        """See `Client.call`."""
        wanted = prepare(operation(operation_id), self.auth_id, self._auth_token, values)
        return await self.send(wanted)

    async def send(self, request: Prepared) -> Answer:
        """See `Client.send`."""
        try:
            answer = await self._http.request(**_wire(self.url, request))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise unreachable(self.url, error) from error
        return Answer(answer.status_code, decoded(answer.content))

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()


def _wire(url: str, request: Prepared) -> dict[str, Any]:
    return {
        "method": request.method,
        "url": url + request.target,
        "headers": request.headers,
        "content": request.content,
    }


def by_environment(url: str) -> bool:
    """Proxies and CA bundles of the environment are not for a program on this machine."""
    return (urlsplit(url).hostname or "") not in _LOOPBACK


def unreachable(url: str, error: Exception) -> Unreachable:
    return Unreachable(
        f"nothing answers at {url} ({error}): start it with `trunkline up`, or say where it is"
        " with --url"
    )
