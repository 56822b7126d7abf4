"""CPU of one callback through engines/http, against the least that asyncio and httptools cost.

    python bench/http_client.py [requests] [in flight]

The sink runs in a process of its own; the figures are this process's CPU time per request.
"""

import asyncio
import multiprocessing
import sys
import time
from collections.abc import Awaitable, Callable

import httptools
import uvloop

from trunkline.engines.http.client import HttpClient
from trunkline.engines.http.guard import AddressPolicy
from trunkline.engines.http.message import HttpLimits

BODY = b"MessageUUID=0199d1f0-0000-7000-8000-000000000000&From=14155550100&To=14155550101" + (
    b"&Status=delivered&Units=1&TotalRate=0.0055&TotalAmount=0.0055&MCC=310&MNC=260&Type=sms"
    b"&ParentMessageUUID=0199d1f0-0000-7000-8000-000000000000&Sequence=2"
)
HEADERS = [
    (b"Content-Type", b"application/x-www-form-urlencoded"),
    (b"User-Agent", b"Plivo"),
    (b"X-Plivo-Signature-V2", b"ehV3IKhLysWBxC1sy8INm0qGoQYdYsHwuoKjsX7FsXc="),
    (b"X-Plivo-Signature-Ma-V2", b"ehV3IKhLysWBxC1sy8INm0qGoQYdYsHwuoKjsX7FsXc="),
    (b"X-Plivo-Signature-V2-Nonce", b"31627761595286130198"),
]
ANSWER = (
    b"HTTP/1.1 200 OK\r\nServer: sink\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
    b"Content-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"
)


class Sink(asyncio.Protocol):
    """Answers each request at once; requests here fit one read."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, _data: bytes) -> None:
        self.transport.write(ANSWER)  # type: ignore[attr-defined]


def sink(port: "multiprocessing.Queue[int]") -> None:
    async def run() -> None:
        listener = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
        port.put(listener.sockets[0].getsockname()[1])
        await listener.serve_forever()

    uvloop.run(run())


class Raw(asyncio.Protocol):
    """The least: one future a request, a parser that keeps nothing."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.parser = httptools.HttpResponseParser(self)

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_message_complete(self) -> None:
        self.waiter.set_result(None)

    async def request(self, data: bytes) -> None:
        self.waiter = asyncio.get_running_loop().create_future()
        self.transport.write(data)  # type: ignore[attr-defined]
        await self.waiter


async def measure(name: str, total: int, flights: list[Callable[[], Awaitable[object]]]) -> None:
    async def fly(request: Callable[[], Awaitable[object]], count: int) -> None:
        for _ in range(count):
            await request()

    await asyncio.gather(*(fly(flight, 20) for flight in flights))
    cpu, wall = time.process_time(), time.perf_counter()
    await asyncio.gather(*(fly(flight, total // len(flights)) for flight in flights))
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    print(f"{name:22} {1e6 * cpu / total:6.1f} us CPU a request   {total / wall:8.0f} requests/s")


async def compare(port: int, total: int, width: int) -> None:
    loop = asyncio.get_running_loop()
    head = b"".join(name + b": " + value + b"\r\n" for name, value in HEADERS)
    data = b"POST /status HTTP/1.1\r\nHost: 127.0.0.1\r\n" + head + b"\r\n" + BODY
    raws = [(await loop.create_connection(Raw, "127.0.0.1", port))[1] for _ in range(width)]
    await measure("raw protocol", total, [lambda raw=raw: raw.request(data) for raw in raws])
    for raw in raws:
        raw.transport.close()
    client = HttpClient(
        AddressPolicy(allow_loopback=True), HttpLimits(connections_per_origin=width)
    )
    url = f"http://127.0.0.1:{port}/status"

    async def send() -> None:
        response = await client.request("POST", url, HEADERS, BODY)
        assert response.status == 200

    await measure("HttpClient", total, [send] * width)
    await client.close()


def main() -> None:
    total = int(sys.argv[1]) if len(sys.argv) > 1 else 40_000
    width = int(sys.argv[2]) if len(sys.argv) > 2 else 32
    context = multiprocessing.get_context("spawn")
    port: multiprocessing.Queue[int] = context.Queue()
    process = context.Process(target=sink, args=(port,), daemon=True)
    process.start()
    number = port.get(timeout=20)
    print(f"{total} requests, {width} in flight, loopback, uvloop")
    uvloop.run(compare(number, total, width))
    process.terminate()


if __name__ == "__main__":
    main()
