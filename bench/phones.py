"""Phones of a benchmark: takes calls by SIP over UDP, talks and listens by RTP.

A process of its own: says its SIP port, answers `stats` and `clear`. Like the simulated carrier of
messages it patches octets instead of parsing, so as to take little CPU from what is measured. Each
phone answers at once, sends 50 packets of PCMU a second, and notes by the kernel's clock when
packets come: a gap is late when it is longer than 40 ms, two packets' time.
"""

import asyncio
import contextlib
import gc
import os
import re
import socket
import struct
import time

import uvloop
from wire.control import obey, say

TICK_S = 0.02
LATE_S = 0.04
HELD_S = 0.2  # a longer gap is a pause of the sender, such as between two prompts
_SO_TIMESTAMPNS = 35  # asm-generic/socket.h
_HEAD = struct.Struct("!BBHII")
_COPIED = (b"Via:", b"From:", b"Call-ID:", b"CSeq:", b"Record-Route:")
_AUDIO = os.urandom(160)


class Phone:
    """One leg: its socket, whom it sends to, what came."""

    def __init__(self, tally: "Tally", target: tuple[str, int]) -> None:
        self._tally = tally
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self.sock.setblocking(False)
        self.sock.bind(("127.0.0.1", 0))
        self.sock.connect(target)
        self._last = 0.0
        asyncio.get_running_loop().add_reader(self.sock.fileno(), self._read)

    @property
    def port(self) -> int:
        return self.sock.getsockname()[1]

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self.sock.fileno())
        self.sock.close()

    def _read(self) -> None:
        tally = self._tally
        try:
            _, ancillary, _, _ = self.sock.recvmsg(512, 64)
        except (BlockingIOError, ConnectionRefusedError):
            return
        seconds, nanoseconds = struct.unpack("ll", ancillary[0][2])
        at = seconds + nanoseconds / 1e9
        gap = at - self._last
        if self._last and gap < HELD_S:
            tally.gaps += 1
            tally.late += gap > LATE_S
            tally.longest = max(tally.longest, gap)
        self._last = at
        tally.packets += 1


class Tally:
    """What came of all calls."""

    def __init__(self) -> None:
        self.invites = self.answered = self.ended = self.again = 0
        self.clear()

    def clear(self) -> dict[str, object]:
        self.packets = self.gaps = self.late = 0
        self.longest = 0.0
        return {}


class Exchange(asyncio.DatagramProtocol):
    """The SIP socket: INVITE is answered with 180 and 200, BYE with 200; CANCEL comes too late."""

    def __init__(self) -> None:
        self.tally = Tally()
        self.phones: dict[bytes, Phone] = {}
        self._answers: dict[bytes, bytes] = {}

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:
        self._transport = transport
        host, port = transport.get_extra_info("sockname")
        self._contact = f"Contact: <sip:phone@{host}:{port}>\r\n".encode()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        method = data[: data.find(b" ")]
        call_id = _value(data, b"Call-ID")
        if method == b"INVITE":
            self._invited(data, call_id, addr)
        elif method == b"ACK":
            self.tally.answered += 1
        elif method in (b"BYE", b"UPDATE", b"OPTIONS", b"CANCEL"):
            if method == b"BYE" and (phone := self.phones.pop(call_id, None)):
                self.tally.ended += 1
                self._answers.pop(call_id, None)
                phone.close()
            self._transport.sendto(_response(data, b"200 OK", b"", b""), addr)

    def _invited(self, data: bytes, call_id: bytes, addr: tuple[str, int]) -> None:
        if call_id in self._answers:  # sent again, or offered again
            self.tally.again += 1
            self._transport.sendto(self._answers[call_id], addr)
            return
        self.tally.invites += 1
        found = re.search(rb"c=IN IP4 (\S+).*?m=audio (\d+)", data, re.DOTALL)
        if found is None:
            self._transport.sendto(_response(data, b"488 Not Acceptable Here", b"", b""), addr)
            return
        phone = self.phones[call_id] = Phone(self.tally, (found[1].decode(), int(found[2])))
        ringing = _response(data, b"180 Ringing", self._contact, b"")
        sdp = (
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=audio {phone.port} RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\n"
            "a=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\na=sendrecv\r\n"
        ).encode()
        answer = _response(data, b"200 OK", self._contact, sdp)
        self._answers[call_id] = answer
        self._transport.sendto(ringing, addr)
        self._transport.sendto(answer, addr)

    async def talk(self) -> None:
        """Send for all phones, spread over each tick as independent phones are."""
        loop = asyncio.get_running_loop()
        began, tick = loop.time(), 0
        while True:
            head = _HEAD.pack(0x80, 0, tick & 0xFFFF, (tick * 160) & 0xFFFFFFFF, 7)
            packet = head + _AUDIO
            for index, phone in enumerate(list(self.phones.values())):
                with contextlib.suppress(OSError):  # refused: its BYE is on the way
                    phone.sock.send(packet)
                if index % 16 == 15:
                    await asyncio.sleep(0)
            tick = max(tick + 1, int((loop.time() - began) / TICK_S))
            await asyncio.sleep(max(0.0, began + tick * TICK_S - loop.time()))

    def stats(self) -> dict[str, object]:
        tally = self.tally
        return {
            "at": time.monotonic(),
            "invites": tally.invites,
            "answered": tally.answered,
            "ended": tally.ended,
            "again": tally.again,
            "live": len(self.phones),
            "packets": tally.packets,
            "gaps": tally.gaps,
            "late": tally.late,
            "longest_ms": 1000.0 * tally.longest,
        }


def _value(data: bytes, name: bytes) -> bytes:
    at = data.find(b"\r\n" + name + b":")
    return data[at + len(name) + 3 : data.find(b"\r\n", at + 2)].strip()


def _response(request: bytes, status: bytes, contact: bytes, body: bytes) -> bytes:
    lines = request[: request.find(b"\r\n\r\n")].split(b"\r\n")[1:]
    kept = [line for line in lines if line.startswith(_COPIED)]
    to = next(line for line in lines if line.startswith(b"To:"))
    kept.append(to if b"tag=" in to else to + b";tag=p")
    kind = b"Content-Type: application/sdp\r\n" if body else b""
    return b"".join(
        (
            b"SIP/2.0 " + status + b"\r\n",
            b"\r\n".join(kept) + b"\r\n",
            contact + kind,
            b"Content-Length: %d\r\n\r\n" % len(body) + body,
        )
    )


async def run() -> None:
    loop = asyncio.get_running_loop()
    transport, exchange = await loop.create_datagram_endpoint(Exchange, local_addr=("127.0.0.1", 0))
    sock = transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    talking = asyncio.create_task(exchange.talk())
    gc.freeze()
    gc.disable()
    say(port=transport.get_extra_info("sockname")[1])
    await obey({"stats": exchange.stats, "clear": exchange.tally.clear})
    talking.cancel()
    transport.close()


if __name__ == "__main__":
    uvloop.run(run())
