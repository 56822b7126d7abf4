"""Takes callbacks and answers 200 at once; knows which messages are complete.

A process of its own: says its port, answers `stats`. A message is complete once `queued`, `sent`
and a final state (`delivered`, `undelivered`, `failed`) came for its MessageUUID. Every
thousandth completion is noted with its time, and of some the delay since the API accepted it.
"""

import asyncio
import gc
import time
from array import array
from datetime import UTC, datetime
from typing import cast

import uvloop
from wire.control import obey, say

_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
_QUEUED, _SENT, _FINAL, _ALL = 1, 2, 4, 7
_BITS = {b"qu": _QUEUED, b"se": _SENT, b"de": _FINAL, b"un": _FINAL, b"fa": _FINAL}
_BEFORE = {_QUEUED: 0, _SENT: _QUEUED, _FINAL: _QUEUED | _SENT}
_MARK = 1_000
_SAMPLE = 31


class Tally:
    """What came."""

    def __init__(self) -> None:
        self.seen: dict[bytes, int] = {}
        self.statuses: dict[bytes, int] = {}
        self.requests = 0
        self.completed = 0
        self.repeated = 0
        self.out_of_order = 0
        self.other = 0
        self.first = 0.0
        self.last = 0.0
        self.marks = array("d")
        self.delays = array("f")

    def take(self, data: bytes, body: int) -> None:
        self.requests += 1
        at = data.find(b"MessageUUID=", body)
        status = data.find(b"&Status=", body) + 8
        if at < 0 or status < 8:
            self.other += 1
            return
        uuid = data[at + 12 : at + 48]
        bit = _BITS.get(data[status : status + 2], 0)
        before = self.seen.get(uuid, 0)
        if before & bit or not bit:
            self.repeated += 1
            return
        if before != _BEFORE[bit]:
            self.out_of_order += 1
        now = before | bit
        self.seen[uuid] = now
        if now == _ALL:
            self._complete(data, body)

    def _complete(self, data: bytes, body: int) -> None:
        self.completed += 1
        if self.completed % _MARK == 0:
            self.marks.append(time.monotonic())
        if self.completed % _SAMPLE == 0:
            self._sample(data, body)
        if self.completed == 1:
            self.first = time.monotonic()

    def _sample(self, data: bytes, body: int) -> None:
        at = data.find(b"&MessageTime=", body) + 13
        text = data[at : data.find(b"&", at)].replace(b"%3A", b":").replace(b"+", b" ").decode()
        created = datetime.fromisoformat(text).replace(tzinfo=UTC)
        self.delays.append(time.time() - created.timestamp())

    def stats(self) -> dict[str, object]:
        ordered = sorted(self.delays)
        last = len(ordered) - 1
        shares = {"p50": 0.5, "p99": 0.99, "max": 1.0}
        return {
            "requests": self.requests,
            "messages": len(self.seen),
            "completed": self.completed,
            "repeated": self.repeated,
            "out_of_order": self.out_of_order,
            "other": self.other,
            "last": self.last,
            "first": self.first,
            "delay_ms": {
                name: 1000.0 * ordered[round(last * share)] if ordered else 0.0
                for name, share in shares.items()
            },
        }

    def marked(self) -> dict[str, object]:
        return {"every": _MARK, "marks": list(self.marks)}


class Receiver(asyncio.Protocol):
    """One connection."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self._buffer:
            data = self._buffer + data
            self._buffer = b""
        answers = 0
        while data:
            end = data.find(b"\r\n\r\n")
            if end < 0:
                break
            at = data.find(b"ontent-", 0, end)
            while at >= 0 and data[at + 7 : at + 15].lower() != b"length: ":
                at = data.find(b"ontent-", at + 7, end)
            length = int(data[at + 15 : data.find(b"\r\n", at)]) if at >= 0 else 0
            whole = end + 4 + length
            if len(data) < whole:
                break
            self._tally.take(data, end + 4)
            answers += 1
            data = data[whole:] if len(data) > whole else b""
        self._buffer = data
        if answers:
            self._transport.write(_ANSWER * answers)
            self._tally.last = time.monotonic()


async def run() -> None:
    tally = Tally()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Receiver(tally), "127.0.0.1", 0, backlog=512)
    gc.freeze()
    gc.disable()
    say(port=server.sockets[0].getsockname()[1])
    await obey({"stats": tally.stats, "marks": tally.marked})
    server.close()


if __name__ == "__main__":
    uvloop.run(run())
