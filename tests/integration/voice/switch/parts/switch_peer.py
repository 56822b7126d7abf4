"""A SIP peer of a few lines, for what a switch would never do."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from switch_rig import LOOPBACK


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
