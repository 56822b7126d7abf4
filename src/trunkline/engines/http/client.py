"""The client: one method sends a request, follows its redirects and returns the answer."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from urllib.parse import urljoin

from trunkline.engines.http.connect import Connector
from trunkline.engines.http.connection import Connection
from trunkline.engines.http.errors import InvalidUrl, StaleConnection, TimedOut, TooManyRedirects
from trunkline.engines.http.guard import AddressPolicy
from trunkline.engines.http.message import HttpLimits, HttpResponse, Timeouts
from trunkline.engines.http.pool import Pool
from trunkline.engines.http.resolve import Lookup, Resolver, system_lookup
from trunkline.engines.http.url import Origin, Url, parse_url

Headers = list[tuple[bytes, bytes]]

METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_BODY_HEADERS = frozenset({b"content-type", b"content-encoding", b"content-language"})
_DEFAULT_TIMEOUTS = Timeouts()
_CLOSE_S = 5.0


@dataclass(slots=True)
class HttpCounters:
    """Running totals of one client."""

    requests: int = 0
    retried: int = 0  # sent again because a kept-alive connection had gone
    redirected: int = 0


class HttpClient:
    """Owns the connections; made inside a running event loop, ended by `close`.

    `policy` says which addresses may be connected to, `extra_ca_file` is a PEM bundle trusted
    besides the system's, `lookup` resolves names (the system's resolver by default).
    """

    __slots__ = ("_limits", "_loop", "_pool", "_resolver", "counters")

    def __init__(
        self,
        policy: AddressPolicy,
        limits: HttpLimits | None = None,
        *,
        extra_ca_file: Path | None = None,
        lookup: Lookup = system_lookup,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._limits = limits = limits or HttpLimits()
        self._resolver = Resolver(lookup, keep_s=limits.resolved_s, most=limits.resolved_names)
        self._pool = Pool(Connector(policy, self._resolver, extra_ca_file), limits)
        self.counters = HttpCounters()

    async def request(
        self,
        method: str,
        url: str | Url,
        headers: Headers,
        body: bytes = b"",
        *,
        timeouts: Timeouts = _DEFAULT_TIMEOUTS,
    ) -> HttpResponse:
        """Send a request, following up to `limits.redirects` redirects; raises HttpError.

        Host, Content-Length and, for `user:password@` in the URL, Authorization are added. A
        request is sent a second time only when a reused connection closed before any byte of
        the answer, so a target may in rare cases see it twice.
        """
        if method not in METHODS:
            raise ValueError(f"unsupported method {method!r}")
        started = perf_counter()
        deadline = self._loop.time() + timeouts.total_s
        target = parse_url(url) if isinstance(url, str) else url
        self.counters.requests += 1
        connect_s = 0.0
        for _ in range(self._limits.redirects + 1):
            request = _encode(method, target, headers, body)
            connection, took_s = await self._send(target.origin, request, timeouts, deadline)
            connect_s += took_s
            response = HttpResponse(
                connection.status,
                connection.headers,
                connection.body(),
                connection.truncated,
                connect_s,
                perf_counter() - started,
                target.text,
            )
            self._pool.give_back(target.origin, connection)
            if response.status not in _REDIRECTS:
                return response
            location = response.header(b"location")
            if location is None:
                return response
            target = _follow(target, location)
            method, headers, body = _rewritten(response.status, method, headers, body)
            self.counters.redirected += 1
        raise TooManyRedirects(f"More than {self._limits.redirects} redirects.")

    async def close(self) -> None:
        """Drop every connection; running requests raise ClientClosed."""
        await self._resolver.close()
        await self._pool.close(_CLOSE_S)

    async def _send(
        self, origin: Origin, request: bytes, timeouts: Timeouts, deadline: float
    ) -> tuple[Connection, float]:
        connection, took_s = self._pool.take(origin), 0.0
        connect_s = timeouts.connect_s
        if connection is None:
            connection, took_s = await self._open(origin, connect_s, deadline, fresh=False)
        try:
            await connection.exchange(request, self._read_by(timeouts, deadline))
        except StaleConnection:
            self.counters.retried += 1
            connection, took_s = await self._open(origin, connect_s, deadline, fresh=True)
            await connection.exchange(request, self._read_by(timeouts, deadline))
        return connection, took_s

    def _read_by(self, timeouts: Timeouts, deadline: float) -> float:
        if timeouts.read_s is None:
            return deadline
        return min(deadline, self._loop.time() + timeouts.read_s)

    async def _open(
        self, origin: Origin, connect_s: float, deadline: float, *, fresh: bool
    ) -> tuple[Connection, float]:
        if self._loop.time() >= deadline:
            raise TimedOut("No complete answer in time.")
        started = perf_counter()  # the loop's own time may be coarse (uvloop: 1 ms)
        connection = await self._pool.open(origin, connect_s, deadline, fresh=fresh)
        return connection, perf_counter() - started


def _encode(method: str, url: Url, headers: Headers, body: bytes) -> bytes:
    parts = [method.encode("ascii"), url.wire]
    for name, value in headers:
        parts += (name, b": ", value, b"\r\n")
    lines = len(headers) + 3
    if url.credentials is not None:
        parts += (b"Authorization: ", url.credentials, b"\r\n")
        lines += 1
    if body or method != "GET":
        parts.append(b"Content-Length: %d\r\n" % len(body))
        lines += 1
    parts.append(b"\r\n")
    head = b"".join(parts)
    if head.count(b"\n") != lines or head.count(b"\r") != lines:
        raise ValueError("a header holds a line break")  # request splitting
    return head + body if body else head


def _follow(url: Url, location: bytes) -> Url:
    try:
        return parse_url(urljoin(url.text, location.decode("utf-8")))
    except ValueError:
        raise InvalidUrl("The redirect names an address that cannot be read.") from None


def _rewritten(
    status: int, method: str, headers: Headers, body: bytes
) -> tuple[str, Headers, bytes]:
    """RFC 9110 15.4: 303 always becomes GET; 301 and 302 do for POST, as every client has it."""
    if status in (307, 308) or method == "GET" or (status != 303 and method != "POST"):
        return method, headers, body
    return "GET", [pair for pair in headers if pair[0].lower() not in _BODY_HEADERS], b""
