"""One TCP or TLS connection, ours or the peer's."""

import asyncio
import logging
from typing import Final, Protocol, cast

from trunkline.engines.sip.transport.hop import Hop, TransportName
from trunkline.protocols.sip.stream import PING, PONG, Broken, Cut, Framer, Ping

logger = logging.getLogger(__name__)

_MAX_UNSENT: Final = 1 << 20
"""Octets a peer may leave unread before it is cut off."""


class ConnectionOwner(Protocol):
    """Who holds the connections."""

    def on_connected(self, connection: "Connection") -> None: ...

    def on_cut(self, octets: bytes, connection: "Connection") -> None: ...

    def on_disconnected(self, connection: "Connection") -> None: ...


class Connection(asyncio.Protocol):
    """Frames what comes, answers keep-alives, and closes a peer that cannot be followed.

    `heard_at` is the loop's time of the last octets, `whole_at` when nothing waited to be whole.
    """

    def __init__(
        self, owner: ConnectionOwner, transport: TransportName, loop: asyncio.AbstractEventLoop
    ) -> None:
        self.hop = Hop(transport, "", 0)
        self.proved = ""
        """What the peer has proved to be, when we have asked it by TLS."""
        self.heard_at = self.whole_at = loop.time()
        self._owner = owner
        self._name: TransportName = transport
        self._loop = loop
        self._framer = Framer()
        self._transport: asyncio.Transport | None = None

    @property
    def buffered(self) -> int:
        return self._framer.buffered

    @property
    def open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername") or ("", 0)
        self.hop = Hop(self._name, str(peer[0]), int(peer[1]))
        self._owner.on_connected(self)

    def data_received(self, data: bytes) -> None:
        self.heard_at = self._loop.time()
        if not self._framer.buffered:
            self.whole_at = self.heard_at  # a message begins now, however long nothing came
        for event in self._framer.feed(data):
            if isinstance(event, Cut):
                self.whole_at = self.heard_at
                self._owner.on_cut(event.octets, self)
            elif isinstance(event, Ping):
                self.send(PONG)  # RFC 5626 4.4.1
            elif isinstance(event, Broken):
                logger.info("%s cannot be followed: %s", self.hop, event.reason)
                if event.octets:
                    self._owner.on_cut(event.octets, self)
                self.close()
            if not self.open:
                break

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._owner.on_disconnected(self)
        self._transport = None

    def send(self, octets: bytes) -> bool:
        if self._transport is None or self._transport.is_closing():
            return False
        if self._transport.get_write_buffer_size() > _MAX_UNSENT:
            self.abort()
            return False
        self._transport.write(octets)
        return True

    def ping(self) -> None:
        self.send(PING)

    def close(self) -> None:
        """Close after what was written is sent."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()
