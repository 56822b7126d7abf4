"""Pairs of UDP ports: RTP even, RTCP the next (RFC 3550 11)."""

import contextlib
import random
import socket
from collections import deque
from typing import Final, NamedTuple

_TRIES: Final = 64  # pairs that may be taken by other programs in a row
# Octets; what Linux allows by default. A machine that is too busy for some seconds loses no key:
# these are ten of G.711 on loopback, fewer behind network cards, whose buffers count whole.
_RTP_BUFFER: Final = 208 * 1024
_RTCP_BUFFER: Final = 16 * 1024


class Pair(NamedTuple):
    port: int
    rtp: socket.socket
    rtcp: socket.socket


class PortPool:
    """Freed pairs come last again, so that late packets of an old call find nobody."""

    def __init__(self, bind: str, first: int, last: int) -> None:
        self._bind = bind
        self._family = socket.AF_INET6 if ":" in bind else socket.AF_INET
        pairs = list(range(first + first % 2, last, 2))
        random.shuffle(pairs)  # a guessed port is harder to hit
        self._free = deque(pairs)

    @property
    def free(self) -> int:
        """Pairs that are not taken by us."""
        return len(self._free)

    def take(self) -> Pair | None:
        """Two bound non-blocking sockets; None when there are none left."""
        for _ in range(min(_TRIES, len(self._free))):
            port = self._free.popleft()
            pair = self._open(port)
            if pair is not None:
                return pair
            self._free.append(port)
        return None

    def give_back(self, pair: Pair) -> None:
        """Close a pair's sockets; its ports are free again."""
        pair.rtp.close()
        pair.rtcp.close()
        self._free.append(pair.port)

    def _open(self, port: int) -> Pair | None:
        with contextlib.ExitStack() as undo:
            sockets: list[socket.socket] = []
            for number, octets in ((port, _RTP_BUFFER), (port + 1, _RTCP_BUFFER)):
                try:
                    made = socket.socket(self._family, socket.SOCK_DGRAM)
                except OSError:  # no descriptors left
                    return None
                undo.callback(made.close)
                made.setblocking(False)
                try:
                    made.bind((self._bind, number))
                except OSError:
                    return None
                made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, octets)
                sockets.append(made)
            undo.pop_all()
            return Pair(port, sockets[0], sockets[1])
