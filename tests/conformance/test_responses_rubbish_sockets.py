"""Connections no client should make: the program answers or hangs up, and keeps nothing of them."""

import contextlib
import random
import socket
from urllib.parse import urlsplit

from e2e_api import Api
from e2e_program import Program
from e2e_waiting import until

CONNECTIONS = 400
SEED = 20_260_402
HEADS = [
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET /v1/Account/ HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
    b"POST /v1/Account/x/Message/ HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc",
    b"POST /v1/Account/x/Message/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"POST /v1/ HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"GET /docs HTTP/1.1\r\nHost: x\r\n\r\n" * 20,
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 5_000 + b"\r\n",
    b"GET /%ff%00 HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
    b"",
]


def test_rubbish_on_sockets_leaves_nothing_behind(program: Program, api: Api) -> None:
    for _ in range(3):  # what is made once stays: pools, caches, threads
        connections(program, 100)
    before = settled(program)
    connections(program, CONNECTIONS)
    after = settled(program)
    assert after["process_open_fds"] <= before["process_open_fds"] + 5
    grown = after["process_resident_memory_bytes"] - before["process_resident_memory_bytes"]
    assert grown < 16_000_000, grown
    assert api.get().status == 200


def connections(program: Program, count: int) -> None:
    """Connect, say something, and leave in one way or another."""
    dice = random.Random(SEED)
    where = urlsplit(program.url)
    kept: list[socket.socket] = []
    for _ in range(count):
        peer = socket.create_connection((where.hostname, where.port), 10)
        data = dice.choice([*HEADS, dice.randbytes(200)])
        with contextlib.suppress(OSError):
            peer.sendall(data[: dice.randrange(len(data) + 1)])
            if dice.random() < 0.3:
                peer.settimeout(0.02)
                answer = peer.recv(65_536)
                assert not answer or answer.startswith(b"HTTP/1.1 "), answer
                assert not answer.startswith(b"HTTP/1.1 5"), answer
        kept.append(peer)
        if len(kept) > 50:
            kept.pop(dice.randrange(50)).close()
    for peer in kept:
        peer.close()


def settled(program: Program) -> dict[str, float]:
    """Read the metrics once no connection is left but the one that asks."""
    known: list[float] = []

    def steady() -> dict[str, float] | None:
        now = program.metrics()
        known.append(now["process_open_fds"])
        return now if len(known) > 3 and len(set(known[-3:])) == 1 else None

    return until(steady, "steadiness")
