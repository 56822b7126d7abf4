"""From a URI to where its requests go (RFC 3263 4): servers a domain names, addresses of hosts."""

import asyncio
import socket
from collections.abc import Callable
from typing import Final

from trunkline.engines.sip.transport.hop import Hop, TransportName, is_address, place_of
from trunkline.engines.sip.transport.services import Services
from trunkline.protocols.sip import Uri

_KEEP_S: Final = 60.0
_TIMEOUT_S: Final = 5.0
_MAX_KEPT: Final = 10_000
_MOST_SERVERS: Final = 4


class Resolver:
    """Finds the hop of a URI: at once for an address or a name asked for lately, else in a task.

    A host without a port is asked for its servers first; one with a port, or without servers, is
    the server itself.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, services: Services | None = None) -> None:
        self._loop = loop
        self._services = services or Services(loop)
        self._kept: dict[str, tuple[str, float]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def reach(self, uri: Uri, then: Callable[[Hop | None], None]) -> None:
        """Call `then` with the hop, now or later; with None when there is no such host."""
        transport, host, port = place_of(uri)
        named = "" if is_address(host) else host
        address = self._remembered(host) if named else host
        if address is not None and not (named and _names_service(uri)):
            then(Hop(transport, address, port, name=named))
            return

        async def find() -> None:
            found = await self.hops(uri)
            then(found[0] if found else None)

        task = self._loop.create_task(find())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def hops(self, uri: Uri) -> list[Hop]:
        """Give the hops of a URI in the order they are to be tried; none: there is no such host."""
        transport, host, port = place_of(uri)
        if is_address(host):
            return [Hop(transport, host, port)]
        if _names_service(uri):
            found = await self._servers(host, transport)
            if found:
                return found
        address = await self._address(host, port)
        return [Hop(transport, address, port, name=host)] if address else []

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _servers(self, host: str, transport: TransportName) -> list[Hop]:
        """By TLS a server proves the domain that it serves, not its own name (RFC 5922 7.1)."""
        found: list[Hop] = []
        for one in (await self._services.of(host, transport))[:_MOST_SERVERS]:
            address = await self._address(one.target, one.port)
            if address:
                found.append(Hop(transport, address, one.port, name=host))
        return found

    def _remembered(self, host: str) -> str | None:
        found = self._kept.get(host)
        return found[0] if found is not None and found[1] > self._loop.time() else None

    async def _address(self, host: str, port: int) -> str:
        known = host if is_address(host) else self._remembered(host)
        if known is not None:
            return known
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                found = await self._loop.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
        except (OSError, UnicodeError, TimeoutError):
            return ""
        # IPv4 first: what we listen on by default.
        best = min(found, key=lambda each: each[0] != socket.AF_INET)
        address = str(best[4][0])
        if len(self._kept) >= _MAX_KEPT:
            self._kept.clear()
        self._kept[host] = (address, self._loop.time() + _KEEP_S)
        return address


def _names_service(uri: Uri) -> bool:
    """Whether a domain is named, rather than one server of it (RFC 3263 4.2)."""
    return uri.port is None and not uri.params.get("maddr")
