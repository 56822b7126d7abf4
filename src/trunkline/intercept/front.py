"""The port that programs are led to: tells apart what comes, and sends each its way."""

import asyncio
import contextlib
import ssl
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Final

import structlog

from trunkline.intercept.errors import BadRequest
from trunkline.intercept.hosts import is_plivo
from trunkline.intercept.leaves import Leaves
from trunkline.intercept.outward import Outward
from trunkline.intercept.request import HEAD_S, Head, parse_head, read_head
from trunkline.intercept.streams import CHUNK_BYTES, Wire, connect, join
from trunkline.intercept.talk import Home, converse
from trunkline.intercept.watch import Caught, Tell

HANDSHAKE: Final = 0x16  # RFC 8446 5.1: the first octet of TLS
UNTRUSTED: Final = -1  # as a status: the client ended the TLS handshake

logger = structlog.get_logger(__name__)


@dataclass(slots=True)
class Front:
    """Serves one connection at a time; `tls_port` is the inner listener's, where TLS ends."""

    home: Home
    leaves: Leaves
    tell: Tell
    outward: Outward
    tls_port: int = 0
    _greeted: set[int] = field(default_factory=set[int])

    async def serve(self, wire: Wire) -> None:
        """Serve a connection to the outer port."""
        try:
            said = await _first(wire)
            if said[:1] == bytes([HANDSHAKE]):
                await self._to_tls(wire, said, "")
            elif said:
                await self._request(wire, said)
        except BadRequest as error:
            _answer(wire, 400, str(error))
        except TimeoutError:
            _answer(wire, 408, "the request did not come in time")

    async def serve_tls(self, wire: Wire) -> None:
        """Serve a connection to the inner listener, whose handshake is done."""
        peer = wire.writer.get_extra_info("peername")
        self._greeted.add(peer[1])
        connection: ssl.SSLObject = wire.writer.get_extra_info("ssl_object")
        host = self.leaves.name_of(connection.context)
        await converse(wire, host, b"", self.home, self.tell)

    async def _request(self, wire: Wire, said: bytes) -> None:
        octets, rest = await read_head(wire.reader, said)
        head = parse_head(octets)
        if head.method == "CONNECT":
            await self._connect(wire, head)
        elif is_plivo(head.host):
            first = head.rewritten() if head.scheme else octets
            await converse(wire, head.host, first + rest, self.home, self.tell)
        elif not head.scheme:
            raise BadRequest("this is a proxy, and answers for Plivo's hosts alone")
        elif _may_go_out(wire):
            await self._forward(wire, head, rest)

    async def _connect(self, wire: Wire, head: Head) -> None:
        if not is_plivo(head.host):
            if _may_go_out(wire):
                await self._tunnel(wire, head)
            return
        _answer(wire, 200, "")
        said = await _first(wire)
        if said[:1] == bytes([HANDSHAKE]):
            await self._to_tls(wire, said, head.host)
        elif said:
            await converse(wire, head.host, said, self.home, self.tell)

    async def _to_tls(self, wire: Wire, said: bytes, host: str) -> None:
        far = await connect("127.0.0.1", self.tls_port)
        ours: int = far.writer.get_extra_info("sockname")[1]
        far.writer.write(said)
        try:
            await join(wire, far)
        finally:
            if ours not in self._greeted:
                self.tell(Caught("", host or "plivo.com", "", "", UNTRUSTED))
            self._greeted.discard(ours)

    async def _tunnel(self, wire: Wire, head: Head) -> None:
        try:
            far = await self.outward.tunnel(head.host, head.port)
        except (OSError, BadRequest) as error:
            _answer(wire, 502, f"{head.host}:{head.port}: {error}")
            return
        _answer(wire, 200, "")
        await join(wire, far)

    async def _forward(self, wire: Wire, head: Head, rest: bytes) -> None:
        try:
            far = await self.outward.request(head)
        except OSError as error:
            _answer(wire, 502, f"{head.host}:{head.port}: {error}")
            return
        far.writer.write(rest)
        await join(wire, far)


async def _first(wire: Wire) -> bytes:
    async with asyncio.timeout(HEAD_S):
        return await wire.reader.read(CHUNK_BYTES)


def _may_go_out(wire: Wire) -> bool:
    """Refuse to be a proxy to the world for others than this machine's programs."""
    peer = wire.writer.get_extra_info("peername")
    if ip_address(peer[0].partition("%")[0]).is_loopback:
        return True
    _answer(wire, 403, "this proxy leads other machines to Plivo's hosts alone")
    return False


_REASONS: Final = {
    200: "Connection established",
    400: "Bad Request",
    403: "Forbidden",
    408: "Request Timeout",
    502: "Bad Gateway",
}


def _answer(wire: Wire, status: int, text: str) -> None:
    head = f"HTTP/1.1 {status} {_REASONS[status]}\r\n"
    if status != 200:
        body = f"{text}\n".encode()
        head += f"Content-Type: text/plain\r\nContent-Length: {len(body)}\r\nConnection: close\r\n"
        wire.writer.write(head.encode() + b"\r\n" + body)
        return
    with contextlib.suppress(OSError):
        wire.writer.write(head.encode() + b"\r\n")
