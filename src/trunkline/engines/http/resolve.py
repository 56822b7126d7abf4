"""Names to addresses, remembered shortly; one look-up at a time for a name."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import ip_address
from socket import SOCK_STREAM, gaierror

from trunkline.engines.http.errors import ResolveFailed

Lookup = Callable[[str, int], Awaitable[Sequence[str]]]

_FAILED_S = 5.0  # a name without address is asked for again after this


async def system_lookup(host: str, port: int) -> list[str]:
    """Ask the system's resolver; addresses in its order, without doubles."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Resolver:
    """Owns the cache and the running look-ups."""

    __slots__ = ("_cache", "_keep_s", "_lookup", "_loop", "_most", "_running")

    def __init__(self, lookup: Lookup, *, keep_s: float, most: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._lookup = lookup
        self._keep_s = keep_s
        self._most = most
        self._cache: OrderedDict[str, tuple[float, tuple[str, ...]]] = OrderedDict()
        self._running: dict[str, asyncio.Task[tuple[str, ...]]] = {}

    async def resolve(self, host: str, port: int) -> tuple[str, ...]:
        """Return the addresses of a host; raises ResolveFailed. The caller sets the time-out."""
        literal = _literal(host)
        if literal is not None:
            return (literal,)
        known = self._cache.get(host)
        if known is not None and known[0] > self._loop.time():
            addresses = known[1]
        else:
            addresses = await self._ask_once(host, port)
        if not addresses:
            raise ResolveFailed(f"The host name {host} has no address.")
        return addresses

    async def close(self) -> None:
        """Stop what still runs."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _ask_once(self, host: str, port: int) -> tuple[str, ...]:
        task = self._running.get(host)
        if task is None:
            task = self._loop.create_task(self._ask(host, port))
            self._running[host] = task
            task.add_done_callback(lambda _: self._running.pop(host, None))
        # Shielded: one caller's time-out must not take the answer from the others.
        return await asyncio.shield(task)

    async def _ask(self, host: str, port: int) -> tuple[str, ...]:
        try:
            addresses = tuple(await self._lookup(host, port))
        except (gaierror, UnicodeError, OSError):
            addresses = ()
        keep_s = self._keep_s if addresses else min(self._keep_s, _FAILED_S)
        self._cache[host] = (self._loop.time() + keep_s, addresses)
        self._cache.move_to_end(host)
        if len(self._cache) > self._most:
            self._cache.popitem(last=False)
        return addresses


def _literal(host: str) -> str | None:
    try:
        return str(ip_address(host))
    except ValueError:
        return None
