"""One UDP socket."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Final, Protocol, cast

from trunkline.engines.sip.transport.hop import Hop

logger = logging.getLogger(__name__)

_MAX_UNSENT: Final = 1 << 20
"""Octets the kernel would not take yet; beyond it datagrams are lost, as UDP may."""


class _Datagrams(Protocol):
    """What asyncio's and uvloop's transports both have."""

    def get_extra_info(self, name: str) -> Any: ...

    def get_write_buffer_size(self) -> int: ...

    def is_closing(self) -> bool: ...

    def sendto(self, data: bytes, addr: tuple[str, int]) -> None: ...

    def close(self) -> None: ...


class UdpSocket(asyncio.DatagramProtocol):
    """Receives datagrams; `on_datagram(octets, hop)` must not raise."""

    def __init__(self, on_datagram: Callable[[bytes, Hop], None]) -> None:
        self._on_datagram = on_datagram
        self._transport: _Datagrams | None = None
        self.lost = 0
        """Datagrams that could not be sent."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("_Datagrams", transport)

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        self._on_datagram(data, Hop("udp", addr[0], addr[1]))

    def error_received(self, exc: Exception) -> None:
        # ICMP says that somebody is not there; the transaction's timer finds out which.
        logger.debug("udp error: %s", exc)

    @property
    def address(self) -> tuple[str, int]:
        """What it is bound to; empty before it is open."""
        name = self._transport.get_extra_info("sockname") if self._transport is not None else None
        return (str(name[0]), int(name[1])) if name else ("", 0)

    def send(self, octets: bytes, hop: Hop) -> bool:
        transport = self._transport
        if transport is None or transport.is_closing():
            return False
        if transport.get_write_buffer_size() > _MAX_UNSENT:
            self.lost += 1
            return True  # it would be lost further on just as well
        try:
            transport.sendto(octets, (hop.host, hop.port))
        except (OSError, ValueError) as error:  # too long, no route, another address family
            self.lost += 1
            logger.debug("not sent to %s: %s", hop, error)
            return False
        return True

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
