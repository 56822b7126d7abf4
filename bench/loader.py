"""Sends requests over keep-alive HTTP/1.1 connections, as cheaply as Python can.

A process of its own: it says its limits, then waits for `go`, and answers `stats` (counts so far)
and `latency` (percentiles). Each request is unlike every other one: destination and text hold its
number. Closed loop by default (the next request leaves when the answer is there); with --rate the
requests leave by the clock, and latency counts from the moment each was due.
"""

import argparse
import asyncio
import base64
import gc
import sys
import time
from array import array
from collections import deque
from typing import cast
from urllib.parse import urlencode

import uvloop
from wire.control import obey, say

_TEXT = (
    "Your order is on its way! Follow it at https://shop.example/t @ any time, or call us:"
    " we are there from 8 to 20 h. Thank you for buying with us, see you soon"
)
_DIGITS = 11
_UNIT = 160  # 3GPP 23.038: characters of one short message in the GSM alphabet


class Requests:
    """Writes request number n."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        head = f"POST {options.path} HTTP/1.1\r\nHost: 127.0.0.1:{options.port}\r\n"
        if options.auth:
            head += f"Authorization: Basic {base64.b64encode(options.auth.encode()).decode()}\r\n"
        kind = "application/json" if options.shape == "message" else _FORM
        head += f"User-Agent: bench\r\nAccept: */*\r\nContent-Type: {kind}\r\nContent-Length: "
        self._head = head.encode()
        self._write = self._message if options.shape == "message" else _callback
        self._text = _TEXT[: _UNIT - _DIGITS].ljust(_UNIT - _DIGITS, ".").encode()
        url = f',"url":"{options.url}"' if options.url else ""
        self._before = f'{{"src":"{options.src}","dst":"'.encode()
        self._between = b'","text":"' + self._text
        self._after = f'"{url}}}'.encode()
        self._first = options.first
        self._step = options.step
        self._shape = options.shape

    def __call__(self, n: int) -> bytes:
        if self._shape == "kannel":
            return self._kannel(n)
        body = self._write(n)
        return b"%b%d\r\n\r\n%b" % (self._head, len(body), body)

    def _kannel(self, n: int) -> bytes:
        """Ask Kannel's smsbox for the same: one message, one callback when it is final."""
        query = urlencode(
            {
                "username": "bench",
                "password": "bench",
                "from": self._options.src,
                "to": _number(self._first + n * self._step),
                "text": f"{self._text.decode()}{n:011d}",
                "dlr-mask": 3,
                "dlr-url": self._options.url,
            }
        )
        return f"GET /cgi-bin/sendsms?{query} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()

    def _message(self, n: int) -> bytes:
        count, first, step = self._options.destinations, self._first, self._step
        if count == 1:
            dst = b"%d" % _number(first + n * step)
        else:
            start = first + n * count
            dst = b"<".join(b"%d" % _number(at) for at in range(start, start + count))
        return b"%b%b%b%011d%b" % (self._before, dst, self._between, n, self._after)


_FORM = "application/x-www-form-urlencoded"


def _number(n: int) -> int:
    """A US number of its own for every n below 10^10."""
    return 10_000_000_000 + n % 10_000_000_000


def _callback(n: int) -> bytes:
    uuid = b"00000000-0000-7000-8000-%012d" % n
    return (
        b"MessageUUID=%b&ParentMessageUUID=%b&PartInfo=1+of+1&To=14155550101&From=14155550100"
        b"&Type=sms&Status=queued&Units=1&TotalRate=0.00550&TotalAmount=0.00550&MCC=&MNC="
        b"&Sequence=1&MessageTime=2026-01-01+00%%3A00%%3A00.000000"
        b"&QueuedTime=2026-01-01+00%%3A00%%3A00.000000&SentTime=&DeliveryReportTime="
        b"&RequesterIP=127.0.0.1&PowerpackUUID="
    ) % (uuid, uuid)


class Lane(asyncio.Protocol):
    """One connection, one request under way."""

    def __init__(self, load: "Load") -> None:
        self._load = load
        self._buffer = b""
        self.started = 0.0
        self.busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._load.lost(self, exc)

    def send(self, request: bytes, started: float) -> None:
        self.started = started
        self.busy = True
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        if self._buffer:
            data = self._buffer + data
        end = data.find(b"\r\n\r\n")
        if end < 0:
            self._buffer = data
            return
        head = data[:end].lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(data) < end + 4 + length:
            self._buffer = data
            return
        self._buffer = b""
        self.busy = False
        self._load.answered(self, data[9:12], data)


class Load:
    """Keeps the lanes busy until the count or the time is over."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._requests = Requests(options)
        self._count = options.count or sys.maxsize
        self._seconds = options.seconds
        self._rate = options.rate
        self._lanes: list[Lane] = []
        self._idle: deque[Lane] = deque()
        self._sent = 0
        self._ended = 0.0
        self._until = 0.0
        self.started = 0.0
        self.finished_at = 0.0
        self.statuses: dict[bytes, int] = {}
        self.bad: str = ""
        self.lost_lanes = 0
        self.latencies = array("f")

    async def connect(self, host: str, port: int, lanes: int) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(lanes):
            _, lane = await loop.create_connection(lambda: Lane(self), host, port)
            self._lanes.append(lane)

    def go(self) -> dict[str, object]:
        self.started = time.monotonic()
        self._until = self.started + self._seconds
        if self._rate:
            self._idle.extend(self._lanes)
            self._tick()
        else:
            for lane in self._lanes:
                self._next(lane, time.monotonic())
        return {"started": self.started}

    def answered(self, lane: Lane, status: bytes, answer: bytes) -> None:
        now = time.monotonic()
        self.latencies.append(now - lane.started)
        self.statuses[status] = self.statuses.get(status, 0) + 1
        if status[:1] != b"2" and not self.bad:
            self.bad = answer.decode("latin-1")[:600]
        if self._rate:
            self._idle.append(lane)
            self._finish_if_over(now)
        else:
            self._next(lane, now)

    def lost(self, lane: Lane, exc: Exception | None) -> None:
        self.lost_lanes += 1
        if lane.busy and not self.bad:
            self.bad = f"connection lost: {exc}"
        self._lanes.remove(lane)
        if lane in self._idle:
            self._idle.remove(lane)
        self._finish_if_over(time.monotonic())

    def _next(self, lane: Lane, now: float) -> None:
        if self._sent >= self._count or now >= self._until:
            self._finish_if_over(now)
            return
        lane.send(self._requests(self._sent), now)
        self._sent += 1

    def _tick(self) -> None:
        now = time.monotonic()
        if now < self._until and self._sent < self._count:
            asyncio.get_running_loop().call_later(0.001, self._tick)
        limit = min(self._count, int((min(now, self._until) - self.started) * self._rate))
        while self._sent < limit and self._idle:
            lane = self._idle.popleft()
            lane.send(self._requests(self._sent), self.started + self._sent / self._rate)
            self._sent += 1
        self._finish_if_over(now)

    def _finish_if_over(self, now: float) -> None:
        over = now >= self._until or self._sent >= self._count or not self._lanes
        if over and not self.finished_at and not any(lane.busy for lane in self._lanes):
            self.finished_at = now

    def stats(self) -> dict[str, object]:
        return {
            "done": bool(self.finished_at),
            "sent": self._sent,
            "answered": len(self.latencies),
            "statuses": {status.decode(): count for status, count in self.statuses.items()},
            "bad": self.bad,
            "lost_lanes": self.lost_lanes,
            "started": self.started,
            "finished": self.finished_at,
        }

    def latency(self) -> dict[str, object]:
        ordered = sorted(self.latencies)
        if not ordered:
            return {}
        last = len(ordered) - 1
        shares = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p999": 0.999, "max": 1.0}
        return {name: 1000.0 * ordered[round(last * share)] for name, share in shares.items()}


async def run(options: argparse.Namespace) -> None:
    load = Load(options)
    await load.connect("127.0.0.1", options.port, options.in_flight)
    gc.freeze()
    gc.disable()
    say(ready=True)
    await obey({"go": load.go, "stats": load.stats, "latency": load.latency})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--path", default="/")
    parser.add_argument("--auth", default="", help="user:token")
    parser.add_argument("--shape", choices=("message", "callback", "kannel"), default="message")
    parser.add_argument("--in-flight", type=int, default=64)
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rate", type=float, default=0.0)
    parser.add_argument("--destinations", type=int, default=1)
    parser.add_argument("--src", default="14155550100")
    parser.add_argument("--url", default="")
    parser.add_argument("--first", type=int, default=4_155_600_000)
    parser.add_argument("--step", type=int, default=1, help="between one destination and the next")
    uvloop.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
