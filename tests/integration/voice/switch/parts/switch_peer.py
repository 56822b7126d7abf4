"""A SIP peer of a few lines, for what a switch would never do."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from switch_rig import LOOPBACK

from trunkline.protocols.sip import Request, Response, parse, respond


class AsksOnce(asyncio.DatagramProtocol):
    """A peer that wants proof of who calls, and says nothing to it."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        lines = data.decode().split("\r\n")
        if not lines[0].startswith("INVITE") or any(one.startswith("Auth") for one in lines):
            return
        kept = [one for one in lines if one.split(":")[0] in ("Via", "From", "Call-ID", "CSeq")]
        to = next(one for one in lines if one.startswith("To:"))
        asks = 'WWW-Authenticate: Digest realm="b.test", nonce="n1", algorithm=MD5'
        answer = ["SIP/2.0 401 Unauthorized", *kept, f"{to};tag=x", asks, "Content-Length: 0"]
        self.transport.sendto(("\r\n".join(answer) + "\r\n\r\n").encode(), addr)  # type: ignore[attr-defined]


@asynccontextmanager
async def asking_once(port: int) -> AsyncIterator[None]:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(AsksOnce, (LOOPBACK, port))
    try:
        yield
    finally:
        transport.close()


class Forks(asyncio.DatagramProtocol):
    """Two phones behind a proxy that both ring with proof, and describe themselves once.

    The second one answers when the first two PRACKs are there, without describing itself again.
    """

    def __init__(self, described: Callable[[str], bytes]) -> None:
        self.described = described
        self.ringing: list[str] = []
        self.acknowledged: list[str] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        request = parse(data)
        assert isinstance(request, Request)
        match request.method:
            case "INVITE" if not self.ringing:
                self.invite = request
                self.ring("first", addr)
            case "PRACK":
                self.say(respond(request, 200), addr)
                if self.ringing == ["first"]:
                    self.ring("second", addr)
                else:
                    self.say(self.response(200, "second"), addr)
            case "ACK":
                self.acknowledged.append(request.to.tag)
            case "BYE":
                self.say(respond(request, 200), addr)
            case _:
                pass

    def ring(self, fork: str, addr: tuple[str, int]) -> None:
        self.ringing.append(fork)
        self.say(self.response(183, fork, self.described(fork)), addr)

    def response(self, status: int, fork: str, body: bytes = b"") -> Response:
        host, port = self.transport.get_extra_info("sockname")
        headers = [("Contact", f"<sip:{fork}@{host}:{port}>")]
        if status < 200:
            headers += [("Require", "100rel"), ("RSeq", "1")]
        return respond(self.invite, status, tag=fork, headers=headers, body=body)

    def say(self, response: Response, addr: tuple[str, int]) -> None:
        self.transport.sendto(response.serialise(), addr)  # type: ignore[attr-defined]


@asynccontextmanager
async def forking(port: int, described: Callable[[str], bytes]) -> AsyncIterator[Forks]:
    loop = asyncio.get_running_loop()
    transport, forks = await loop.create_datagram_endpoint(
        lambda: Forks(described), (LOOPBACK, port)
    )
    try:
        yield forks
    finally:
        transport.close()
