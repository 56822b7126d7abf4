"""Measures what tests wait for: a program's start, an account, and 1,000 of them side by side.

    .venv/bin/python bench/sandbox.py [--accounts 1000] [--at-once 8]

All accounts write to one phone; each must see its own message there and no other.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

from trunkline.testing.kit import Server, Trunkline, open_account, start_server

SHARED = "+1 206 555 9902"
STARTS = 3

T = TypeVar("T")


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="trunkline-bench-") as folder:
        for place in range(STARTS):
            began = time.monotonic()
            server = start_server(Path(folder) / str(place))
            took, cpu = time.monotonic() - began, _cpu_s(server)
            print(f"start: {took:.2f} s, {cpu:.2f} s of CPU, {_memory_mb(server):.0f} MB")
            if place < STARTS - 1:
                server.stop()
        try:
            return _side_by_side(server, options.accounts, options.at_once)
        finally:
            server.stop()


def _side_by_side(server: Server, accounts: int, at_once: int) -> int:
    with ExitStack() as opened, ThreadPoolExecutor(at_once) as pool:

        def one(place: int) -> Trunkline:
            return opened.enter_context(open_account(server.url, f"account {place}"))

        made = _measured(server, "opened", lambda: list(pool.map(one, range(accounts))))
        right = _measured(server, "wrote and read", lambda: sum(pool.map(_writes, made)))
    print(f"{right} of {accounts} saw their own message and no other; {_memory_mb(server):.0f} MB")
    return 0 if right == accounts else 1


def _writes(trunkline: Trunkline) -> bool:
    phone = trunkline.phone(SHARED)
    text = f"This is {trunkline.auth_id}"
    trunkline.ask("POST", "Message/", {"src": trunkline.number, "dst": SHARED, "text": text})
    phone.expect_sms(text, timeout_s=30.0)
    return [one.text for one in phone.sms] == [text]


def _measured(server: Server, what: str, work: Callable[[], T]) -> T:
    began, before = time.monotonic(), _cpu_s(server)
    done = work()
    print(f"{what}: {time.monotonic() - began:.1f} s, {_cpu_s(server) - before:.1f} s of CPU")
    return done


def _cpu_s(server: Server) -> float:
    fields = Path(f"/proc/{server.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def _memory_mb(server: Server) -> float:
    status = Path(f"/proc/{server.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1_024


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--accounts", type=int, default=1_000)
    parser.add_argument("--at-once", type=int, default=8)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
