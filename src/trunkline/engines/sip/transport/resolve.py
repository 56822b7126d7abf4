"""Host names to addresses, remembered for a while. SRV and NAPTR are not asked for."""

import asyncio
import socket
from collections.abc import Callable
from typing import Final

from trunkline.engines.sip.transport.hop import Hop, is_address, place_of
from trunkline.protocols.sip import Uri

_KEEP_S: Final = 60.0
_TIMEOUT_S: Final = 5.0
_MAX_KEPT: Final = 10_000


class Resolver:
    """Finds the hop of a URI: at once for an address or a name asked for lately, else in a task."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._kept: dict[str, tuple[str, float]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def reach(self, uri: Uri, then: Callable[[Hop | None], None]) -> None:
        """Call `then` with the hop, now or later; with None when there is no such host."""
        transport, host, port = place_of(uri)
        address = host if is_address(host) else self._remembered(host)
        if address is not None:
            then(Hop(transport, address, port, name="" if address == host else host))
            return
        task = self._loop.create_task(self._ask(host, Hop(transport, "", port, name=host), then))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _remembered(self, host: str) -> str | None:
        found = self._kept.get(host)
        return found[0] if found is not None and found[1] > self._loop.time() else None

    async def _ask(self, host: str, hop: Hop, then: Callable[[Hop | None], None]) -> None:
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                found = await self._loop.getaddrinfo(host, hop.port, type=socket.SOCK_DGRAM)
        except (OSError, UnicodeError, TimeoutError):
            then(None)
            return
        # IPv4 first: what we listen on by default.
        best = min(found, key=lambda each: each[0] != socket.AF_INET)
        address = str(best[4][0])
        if len(self._kept) >= _MAX_KEPT:
            self._kept.clear()
        self._kept[host] = (address, self._loop.time() + _KEEP_S)
        then(hop._replace(host=address))
