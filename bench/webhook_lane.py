"""CPU of one webhook, all in: claimed, signed, sent, stored, with a hook on its outcome.

    python bench/webhook_lane.py [webhooks] [targets] [database URL] [--profile]

The sink runs in a process of its own; the figures are this process's CPU time per webhook, all its
threads together. Queueing is told apart. Without a URL: SQLite in a temporary folder.
"""

import asyncio
import cProfile
import multiprocessing
import pstats
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import uvloop

from trunkline.engines.http.client import HttpClient
from trunkline.engines.http.guard import AddressPolicy
from trunkline.runtime.clock import SystemClock
from trunkline.runtime.db import Database, metadata
from trunkline.webhooks import Credentials, NewWebhook, enqueue
from trunkline.webhooks.deliver import WebhookWorker
from trunkline.webhooks.model import DeliverySettings

BODY = (
    "MessageUUID=0199d1f0-0000-7000-8000-000000000000&From=14155550100&To=14155550101"
    "&Status=delivered&Units=1&TotalRate=0.0055&TotalAmount=0.0055&MCC=310&MNC=260&Type=sms"
    "&ParentMessageUUID=0199d1f0-0000-7000-8000-000000000000&Sequence=2"
)
ANSWER = (
    b"HTTP/1.1 200 OK\r\nServer: sink\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
    b"Content-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"
)
ROUND = 60  # webhooks of one producer's commit


class Sink(asyncio.Protocol):
    """Answers each request at once; requests here fit one read."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, _data: bytes) -> None:
        self.transport.write(ANSWER)  # type: ignore[attr-defined]


def sink(count: int, ports: "multiprocessing.Queue[int]") -> None:
    async def run() -> None:
        loop = asyncio.get_running_loop()
        for _ in range(count):
            listener = await loop.create_server(Sink, "127.0.0.1", 0)
            ports.put(listener.sockets[0].getsockname()[1])
        await asyncio.Event().wait()

    uvloop.run(run())


async def queue_all(db: Database, ports: list[int], total: int) -> None:
    now = SystemClock().now()
    for start in range(0, total, ROUND):
        batch = [
            NewWebhook(
                "MAXXXXXXXXXXXXXXXXXX",
                "message.status",
                f"0199d1f0-0000-7000-8000-{number:012d}",
                "POST",
                f"http://127.0.0.1:{ports[number % len(ports)]}/status",
                BODY,
                now,
            )
            for number in range(start, start + ROUND)
        ]
        await db.write(partial(enqueue, requests=batch))


async def deliver(worker: WebhookWorker, total: int) -> None:
    life = asyncio.create_task(worker.run())
    while worker.counters.delivered < total:  # noqa: ASYNC110 - nothing to wait on
        await asyncio.sleep(0.02)
    await worker.stop()
    await life


async def bench(url: str, ports: list[int], total: int, *, profile: bool) -> None:
    db = Database(url)
    metadata.create_all(db.engine)
    db.start()
    http = HttpClient(AddressPolicy(allow_loopback=True))
    tokens = Credentials("a" * 40, "b" * 40)
    worker = WebhookWorker(
        db=db,
        clock=SystemClock(),
        http=http,
        credentials=lambda _account: tokens,
        hooks={"message.status": lambda _conn, _outcomes: None},
        settings=DeliverySettings(),
    )
    cpu = time.process_time()
    await queue_all(db, ports, total)
    print(f"queue    {1e6 * (time.process_time() - cpu) / total:6.1f} us CPU a webhook")
    commits = db.writer.commits
    profiler = cProfile.Profile()
    if profile:
        profiler.enable()
    cpu, wall = time.process_time(), time.perf_counter()
    await deliver(worker, total)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    profiler.disable()
    print(
        f"deliver  {1e6 * cpu / total:6.1f} us CPU a webhook   {total / wall:6.0f} webhooks/s"
        f"   {total / (db.writer.commits - commits):.0f} a commit"
    )
    if profile:
        pstats.Stats(profiler).sort_stats("tottime").print_stats(35)
    await http.close()
    await db.close()


def main() -> None:
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    total = int(words[0]) if words else 18_000
    count = int(words[1]) if len(words) > 1 else 1
    context = multiprocessing.get_context("spawn")
    numbers: multiprocessing.Queue[int] = context.Queue()
    process = context.Process(target=sink, args=(count, numbers), daemon=True)
    process.start()
    ports = [numbers.get(timeout=20) for _ in range(count)]
    total -= total % ROUND
    with tempfile.TemporaryDirectory() as folder:
        url = words[2] if len(words) > 2 else f"sqlite:///{Path(folder) / 'bench.db'}"
        print(f"{total} webhooks, {count} targets, {url.partition(':')[0]}, uvloop")
        uvloop.run(bench(url, ports, total, profile="--profile" in sys.argv))
    process.terminate()


if __name__ == "__main__":
    main()
