"""How many message.create requests a second one core accepts over HTTP; the handler does nothing.

Runs the server in a child process (uvicorn, uvloop, httptools) and loads it over keep-alive
connections: `python bench/http_accept.py --seconds 5 --connections 32`.
"""

import argparse
import asyncio
import base64
import multiprocessing
import resource
import socket
import time
from typing import Any, cast

import uvicorn
import uvloop

from trunkline.contract.context import Principal, RequestContext
from trunkline.contract.operations.messages import MessageCreate, MessageCreated
from trunkline.rest.api import RestApi
from trunkline.rest.app import RestApp
from trunkline.rest.limits import HttpLimits

_AUTH_ID, _TOKEN = "MA2025RK4E639VJFZAGV", "NWM3YjliMjk0ZGYxMGM2YjJiYWE0MjEwZDM5YWU5"
_BODY = b'{"src":"14155550100","dst":"14155550123","text":"Hello","url":"https://example.com/s"}'


class _Anyone:
    def __init__(self) -> None:
        self._principal = Principal(_AUTH_ID, _AUTH_ID, False, True)

    def authenticate(self, auth_id: str, token: str) -> Principal | None:
        return self._principal if (auth_id, token) == (_AUTH_ID, _TOKEN) else None

    def may_act_for(self, _principal: Principal, _auth_id: str) -> bool:
        return False


async def _create(context: RequestContext, _request: MessageCreate) -> MessageCreated:
    return MessageCreated(message="message(s) queued", message_uuid=[context.api_id])


async def _ready() -> bool:
    return True


def _serve(listener: socket.socket, report: Any) -> None:
    api = RestApi(
        {"message.create": _create},
        _Anyone(),
        time.time,
        limits=HttpLimits(account_rate=None, failed_login_rate=None),
    )
    app = RestApp(api, version="bench", ready=_ready, metrics=lambda: b"")
    config = uvicorn.Config(
        app, loop="uvloop", http="httptools", access_log=False, log_level="warning"
    )
    server = uvicorn.Server(config)

    async def run() -> None:
        task = asyncio.create_task(server.serve([listener]))
        for _ in range(2):  # asked when the measurement starts and when it ends
            await asyncio.to_thread(report.recv)
            usage = resource.getrusage(resource.RUSAGE_SELF)
            report.send(usage.ru_utime + usage.ru_stime)
        server.should_exit = True
        await task

    uvloop.run(run())


class _Client(asyncio.Protocol):
    """One keep-alive connection with one request under way."""

    def __init__(self, request: bytes, counts: dict[bytes, int]) -> None:
        self._request = request
        self._counts = counts
        self._buffer = b""
        self.stopped = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, end, rest = self._buffer.partition(b"\r\n\r\n")
        if not end:
            return
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        if len(rest) < length:
            return
        status = head[9:12]
        self._counts[status] = self._counts.get(status, 0) + 1
        self._buffer = b""
        if not self.stopped:
            self._transport.write(self._request)


def _ask_cpu(server: Any) -> float:
    server.send("cpu")
    return server.recv()


async def _load(
    port: int, connections: int, seconds: float, server: Any
) -> tuple[dict[bytes, int], float, float]:
    credentials = base64.b64encode(f"{_AUTH_ID}:{_TOKEN}".encode()).decode()
    request = (
        f"POST /v1/Account/{_AUTH_ID}/Message/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Authorization: Basic {credentials}\r\nUser-Agent: bench\r\nAccept: */*\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(_BODY)}\r\n\r\n"
    ).encode() + _BODY
    counts: dict[bytes, int] = {}
    loop = asyncio.get_running_loop()
    clients: list[_Client] = []
    for _ in range(connections):
        _, client = await loop.create_connection(
            lambda: _Client(request, counts), "127.0.0.1", port
        )
        clients.append(client)
    await asyncio.sleep(0.5)
    counts.clear()
    cpu = _ask_cpu(server)
    started = time.perf_counter()
    await asyncio.sleep(seconds)
    taken = time.perf_counter() - started
    result = dict(counts)
    cpu = _ask_cpu(server) - cpu
    for client in clients:
        client.stopped = True
    return result, taken, cpu


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--connections", type=int, default=32)
    options = parser.parse_args()
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("fork").Process(target=_serve, args=(listener, theirs))
    server.start()
    port = listener.getsockname()[1]
    counts, taken, cpu = uvloop.run(_load(port, options.connections, options.seconds, ours))
    server.join(10)
    total = sum(counts.values())
    shown = {status.decode(): count for status, count in counts.items()}
    print(f"{total / taken:,.0f} requests/s, answers {shown}")
    print(f"server CPU {cpu / total * 1e6:.0f} µs a request, {cpu / taken:.0%} of one core")


if __name__ == "__main__":
    main()
