"""All sockets of one user agent."""

import asyncio
import logging
import socket
import ssl
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from trunkline.engines.sip.transport.connection import Connection
from trunkline.engines.sip.transport.hop import Hop, TransportName
from trunkline.engines.sip.transport.udp import UdpSocket

logger = logging.getLogger(__name__)

_MAX_WAITING: Final = 100
"""Messages kept for a connection that is being opened; further ones fail at once."""
_SWEEP_S: Final = 5.0
_WILDCARDS: Final = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - compared with


class Receiver(Protocol):
    """Who takes what the sockets bring. Must not raise."""

    def on_octets(self, octets: bytes, hop: Hop) -> None: ...

    def on_flow_lost(self, hop: Hop) -> None: ...

    def needs_flow(self, hop: Hop) -> bool:
        """Whether somebody is reached by this connection alone, however long it is silent."""
        ...


@dataclass(frozen=True, slots=True)
class Listener:
    """One address to listen on; port 0 takes any. TLS needs a context."""

    transport: TransportName = "udp"
    host: str = "127.0.0.1"
    port: int = 5060
    tls: ssl.SSLContext | None = None


@dataclass(frozen=True, slots=True)
class StreamLimits:
    connections: int = 5000
    per_host: int = 200
    connect_s: float = 5.0
    idle_s: float = 900.0
    partial_s: float = 32.0
    """How long the rest of a message may be awaited."""
    ping_s: float = 30.0
    """How often connections that we opened are kept alive.

    RFC 5626 4.4.1 wants 95 to 120 s or less.
    """


class _Waiting(NamedTuple):
    octets: bytes
    on_failed: Callable[[str], None] | None


class Transports:
    """Sends octets to hops and reports what comes.

    `advertise` is the address that peers are told; without it, that of the interface which leads
    to them.
    """

    def __init__(
        self,
        listeners: tuple[Listener, ...],
        receiver: Receiver,
        *,
        advertise: str | None = None,
        limits: StreamLimits | None = None,
        client_tls: ssl.SSLContext | None = None,
    ) -> None:
        self.ports: Final[dict[TransportName, int]] = {}
        """What is listened on."""
        self.refused = 0
        """Connections turned away because there were too many."""
        self._listeners = listeners
        self._receiver = receiver
        self._advertise = advertise
        self._limits = limits or StreamLimits()
        self._client_tls = client_tls
        self._udp: UdpSocket | None = None
        self._servers: list[asyncio.Server] = []
        self._connections: dict[tuple[str, str, int], Connection] = {}
        self._dialled: set[Connection] = set()
        self._per_host: Counter[str] = Counter()
        self._waiting: dict[Hop, list[_Waiting]] = {}
        self._dials: set[asyncio.Task[None]] = set()
        self._locals: dict[str, str] = {}
        self._sweeper: asyncio.TimerHandle | None = None
        self._closed = False

    @property
    def connections(self) -> int:
        return len(self._connections)

    async def start(self) -> None:
        """Listen; OSError when a port cannot be had."""
        loop = asyncio.get_running_loop()
        for listener in self._listeners:
            if listener.transport == "udp":
                await self._listen_udp(listener, loop)
            else:
                await self._listen_stream(listener, loop)
        self._sweep()

    async def close(self) -> None:
        """Close everything; what was written to connections is sent if it goes at once."""
        self._closed = True
        if self._sweeper is not None:
            self._sweeper.cancel()
        for task in list(self._dials):
            task.cancel()
        await asyncio.gather(*self._dials, return_exceptions=True)
        for server in self._servers:
            server.close()
        for connection in list(self._connections.values()):
            connection.close()
        if self._udp is not None:
            self._udp.close()
        await asyncio.sleep(0)
        for connection in list(self._connections.values()):
            connection.abort()
        for server in self._servers:
            await server.wait_closed()

    def send(self, octets: bytes, hop: Hop, on_failed: Callable[[str], None] | None = None) -> None:
        """Send one message; `on_failed(reason)` is called, at once or later.

        When it cannot go out.
        """
        if hop.transport == "udp":
            if (self._udp is None or not self._udp.send(octets, hop)) and on_failed is not None:
                on_failed("the datagram cannot be sent")
            return
        connection = self._connections.get(hop[:3])
        if connection is not None and _is_for(connection, hop) and connection.send(octets):
            return
        if not hop.dial or self._closed:
            if on_failed is not None:
                on_failed("the connection is closed")
            return
        self._wait_for(hop, _Waiting(octets, on_failed))

    def is_open(self, hop: Hop) -> bool:
        """Whether there is a connection to, or from, this address."""
        connection = self._connections.get(hop[:3])
        return connection is not None and connection.open

    def local(self, hop: Hop) -> tuple[str, int]:
        """Give the host and port that this peer reaches us at."""
        ports = self.ports
        port = ports.get(hop.transport) or ports.get("udp") or next(iter(ports.values()))
        return self._advertise or self._local_host(hop.host), port

    def _local_host(self, peer: str) -> str:
        """Ask the routing table which of our addresses leads to a peer."""
        found = self._locals.get(peer)
        if found is not None:
            return found
        bound = {each.host for each in self._listeners}
        if len(bound) == 1 and not bound & _WILDCARDS:
            found = next(iter(bound))
        else:
            family = socket.AF_INET6 if ":" in peer else socket.AF_INET
            try:
                with socket.socket(family, socket.SOCK_DGRAM) as probe:
                    probe.connect((peer, 9))  # sends nothing
                    found = str(probe.getsockname()[0])
            except OSError:
                found = "127.0.0.1"
        if len(self._locals) >= 10_000:
            self._locals.clear()
        self._locals[peer] = found
        return found

    # -- connections -----------------------------------------------------------------------------

    def on_connected(self, connection: Connection) -> None:
        hop = connection.hop
        if (
            len(self._connections) >= self._limits.connections
            or self._per_host[hop.host] >= self._limits.per_host
        ):
            self.refused += 1
            connection.abort()
            return
        if hop[:3] not in self._connections:
            self._per_host[hop.host] += 1
        self._connections[hop[:3]] = connection

    def on_cut(self, octets: bytes, connection: Connection) -> None:
        self._receiver.on_octets(octets, connection.hop)

    def on_disconnected(self, connection: Connection) -> None:
        self._dialled.discard(connection)
        if self._connections.get(connection.hop[:3]) is not connection:
            return
        del self._connections[connection.hop[:3]]
        self._per_host[connection.hop.host] -= 1
        if not self._per_host[connection.hop.host]:
            del self._per_host[connection.hop.host]
        if not self._closed:
            self._receiver.on_flow_lost(connection.hop)

    def _wait_for(self, hop: Hop, waiting: _Waiting) -> None:
        queue = self._waiting.get(hop)
        if queue is None:
            self._waiting[hop] = [waiting]
            task = asyncio.get_running_loop().create_task(self._dial(hop))
            self._dials.add(task)
            task.add_done_callback(self._dials.discard)
        elif len(queue) < _MAX_WAITING:
            queue.append(waiting)
        elif waiting.on_failed is not None:
            waiting.on_failed("too much waits for the connection")

    async def _dial(self, hop: Hop) -> None:
        loop = asyncio.get_running_loop()
        tls, name = None, hop.name or hop.host
        if hop.transport == "tls":
            tls = self._client_tls or ssl.create_default_context()
        connection: Connection | None = None
        reason = ""
        try:
            async with asyncio.timeout(self._limits.connect_s):
                _, connection = await loop.create_connection(
                    lambda: Connection(self, hop.transport, loop),
                    hop.host,
                    hop.port,
                    ssl=tls,
                    server_hostname=name if tls is not None else None,
                )
                connection.proved = name if tls is not None else ""
        except (OSError, TimeoutError, ssl.SSLError) as error:
            reason = str(error) or "the connection timed out"
        finally:
            waiting = self._waiting.pop(hop, [])
        if connection is not None:
            self._dialled.add(connection)
        for each in waiting:
            sent = connection is not None and connection.send(each.octets)
            if not sent and each.on_failed is not None:
                each.on_failed(reason or "the connection is closed")

    # -- listening -------------------------------------------------------------------------------

    async def _listen_udp(self, listener: Listener, loop: asyncio.AbstractEventLoop) -> None:
        _, self._udp = await loop.create_datagram_endpoint(
            lambda: UdpSocket(self._receiver.on_octets),
            local_addr=(listener.host, listener.port),
        )
        self.ports["udp"] = self._udp.address[1]

    async def _listen_stream(self, listener: Listener, loop: asyncio.AbstractEventLoop) -> None:
        name = listener.transport
        server = await loop.create_server(
            lambda: Connection(self, name, loop),
            listener.host,
            listener.port,
            ssl=listener.tls,
            ssl_handshake_timeout=self._limits.connect_s if listener.tls is not None else None,
        )
        self._servers.append(server)
        self.ports[name] = int(server.sockets[0].getsockname()[1])

    def _sweep(self) -> None:
        """Close connections that are idle or stuck, keep ours alive."""
        loop = asyncio.get_running_loop()
        now, limits = loop.time(), self._limits
        for connection in list(self._connections.values()):
            silent = now - connection.heard_at
            stuck = connection.buffered and now - connection.whole_at > limits.partial_s
            idle = silent > limits.idle_s and not self._receiver.needs_flow(connection.hop)
            if stuck or idle:
                connection.close()
            elif connection in self._dialled and silent > limits.ping_s:
                connection.ping()
        self._sweeper = loop.call_later(_SWEEP_S, self._sweep)


def _is_for(connection: Connection, hop: Hop) -> bool:
    """Whether this connection may carry what is meant for that hop's name."""
    return not (hop.name and connection.proved) or connection.proved == hop.name
