"""Ports for those that take no free one themselves: they are told theirs before they start."""

import contextlib
import os
import socket
from itertools import count
from typing import Final

LOOPBACK = "127.0.0.1"
# Above what Linux gives sockets that name no port (32768-60999), and above the media's ports:
# between our look and the start of a program nobody gets one of these by chance.
FIRST: Final = 61_000
LAST: Final = 65_535
# Tests run in several processes at once; each has ports of its own.
_SHARES: Final = 16
_PAIRS: Final = (LAST + 1 - FIRST) // _SHARES // 2
_worker: Final = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _SHARES
_turns: Final = count(os.getpid())


def free_port() -> int:
    """Give a port of loopback that is free by UDP and TCP, as is the next one, for SIP over TLS.

    The same one is given again after 140 others.
    """
    for _ in range(_PAIRS):
        port = FIRST + 2 * (_worker * _PAIRS + next(_turns) % _PAIRS)
        with contextlib.suppress(OSError), contextlib.ExitStack() as probes:
            for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                for each in (port, port + 1):
                    probes.enter_context(socket.socket(socket.AF_INET, kind)).bind((LOOPBACK, each))
            return port
    message = f"no port is free from {FIRST} to {LAST}"
    raise OSError(message)
