"""Opening a connection: resolve, check, connect to the checked address."""

import asyncio
import os
import socket
import ssl
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from trunkline.engines.http.connection import Connection
from trunkline.engines.http.errors import Blocked, ConnectFailed, ConnectTimedOut, TlsFailed
from trunkline.engines.http.guard import AddressPolicy
from trunkline.engines.http.resolve import Resolver
from trunkline.engines.http.url import Origin

_TLS_SHUTDOWN_S = 2.0  # how long a closing TLS connection waits for the peer's goodbye


@lru_cache(maxsize=16)  # reading the system's authorities takes 30 ms: once, for whom needs TLS
def trust(extra_ca_file: Path | None) -> ssl.SSLContext:
    """Return a verifying context: the system's authorities and the operator's own besides."""
    context = ssl.create_default_context()
    if extra_ca_file is not None:
        context.load_verify_locations(cafile=str(extra_ca_file))
    context.set_alpn_protocols(["http/1.1"])
    return context


class Connector:
    """Turns an origin into an open connection within a time limit."""

    __slots__ = ("_extra_ca_file", "_loop", "_policy", "_resolver")

    def __init__(
        self, policy: AddressPolicy, resolver: Resolver, extra_ca_file: Path | None
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._policy = policy
        self._resolver = resolver
        self._extra_ca_file = extra_ca_file
        if extra_ca_file is not None:
            trust(extra_ca_file)  # one that cannot be read is found out now

    async def check(self, origin: Origin) -> list[str]:
        """Return the addresses of the origin that may be connected to; raises Blocked."""
        found = await self._resolver.resolve(origin.host, origin.port)
        allowed = [address for address in found if self._policy.permits(address)]
        if not allowed:
            raise Blocked(f"{origin.host} leads to {found[0]}, which is not a public address.")
        return allowed

    async def open(
        self, origin: Origin, make: Callable[[], Connection], deadline: float
    ) -> Connection:
        """Connect; raises Blocked, ResolveFailed, ConnectFailed, TlsFailed, ConnectTimedOut."""
        try:
            async with asyncio.timeout_at(deadline):
                return await self._first(origin, await self.check(origin), make, deadline)
        except TimeoutError:
            raise ConnectTimedOut(f"No connection to {origin} in time.") from None

    async def _first(
        self,
        origin: Origin,
        addresses: list[str],
        make: Callable[[], Connection],
        deadline: float,
    ) -> Connection:
        error: ConnectFailed | None = None
        for index, address in enumerate(addresses):
            # A silent address leaves time for the next one.
            share_s = (deadline - self._loop.time()) / (len(addresses) - index)
            try:
                async with asyncio.timeout(share_s):
                    return await self._connect(origin, address, make)
            except ssl.SSLCertVerificationError as failure:
                raise TlsFailed(
                    f"The certificate of {origin} is not trusted: {failure.verify_message}."
                ) from None
            except ssl.SSLError as failure:
                error = TlsFailed(f"TLS with {origin} failed: {failure.reason or failure}.")
            except TimeoutError:
                continue  # the last one's share ends with the whole
            except OSError as failure:
                why = os.strerror(failure.errno) if failure.errno else type(failure).__name__
                error = ConnectFailed(f"No connection to {origin}: {why}.")
        raise error or TimeoutError

    async def _connect(
        self, origin: Origin, address: str, make: Callable[[], Connection]
    ) -> Connection:
        if origin.scheme == "https":
            transport, connection = await self._loop.create_connection(
                make,
                address,
                origin.port,
                ssl=trust(self._extra_ca_file),
                server_hostname=origin.host,
                ssl_shutdown_timeout=_TLS_SHUTDOWN_S,
            )
        else:
            transport, connection = await self._loop.create_connection(make, address, origin.port)
        raw = transport.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection
