"""A UDP socket that finds out where its peer is: symmetric RTP (RFC 4961) with a limited window.

What the SDP says is where we send first. Valid RTP from there, or from another port of that
address, is taken at any time. From elsewhere (a NAT, a private address in the SDP) it is taken
only within the window after the address was told; the first such source is sent to at once, yet
the SDP's own address still wins until the window ends. Then the socket is connected and the kernel
drops everybody else's packets.
"""

import contextlib
import ctypes
import socket
from collections.abc import Callable
from typing import Final

Address = tuple[str, int]

_MOST: Final = 100  # packets read in one tick: two seconds of a stream
_OCTETS: Final = 2048
_libc: Final = ctypes.CDLL(None, use_errno=True)
_NOBODY: Final = bytes(16)  # struct sockaddr with AF_UNSPEC
_WILDCARDS: Final = ("", "0.0.0.0", "::")  # noqa: S104 - never bound to, only compared


def _disconnect(sock: socket.socket) -> None:
    """Undo connect(): Python cannot say AF_UNSPEC. The local address stays bound."""
    _libc.connect(sock.fileno(), _NOBODY, len(_NOBODY))


class LatchedSocket:
    """`valid` tells whether octets are RTP of this leg; only such open the latch."""

    __slots__ = (
        "_aim",
        "_connected",
        "_found",
        "_fresh",
        "_sock",
        "_until",
        "_valid",
        "_window_s",
        "refused",
    )

    def __init__(
        self, sock: socket.socket, window_s: float, valid: Callable[[bytes], bool]
    ) -> None:
        self._sock = sock
        self._window_s = window_s
        self._valid = valid
        self._aim: Address | None = None
        self._found: Address | None = None
        self._fresh = False  # it was heard since the latch opened
        self._until = 0.0
        self._connected = False
        self.refused = 0

    def aim(self, address: str, port: int, now: float) -> None:
        """Say where the SDP wants packets, each time it says so: the latch opens again.

        With the same address as before the source that is known stays, unless another one is
        heard first: a NAT may have forgotten it while the call was held.
        """
        aim = None if address in _WILDCARDS or not port else (address, port)
        if aim is None and self._aim is not None:
            return  # held by 0.0.0.0: the peer stays where it is
        self._until = now + self._window_s
        self._fresh = False
        if self._connected:
            self._connected = False
            _disconnect(self._sock)
        if aim != self._aim:
            self._aim = aim
            self._found = None
            self.drain()

    @property
    def peer(self) -> Address | None:
        """Where packets come from; None before the first."""
        return self._found

    def drain(self) -> None:
        """Throw away what waits in the socket."""
        for _ in range(_MOST * 2):
            try:
                self._sock.recv(1)
            except BlockingIOError:
                return
            except OSError:
                continue

    def read_one(self, now: float) -> bytes | None:
        """A packet that waits, None if it is not from the peer."""
        if not self._connected and not self._settled(now):
            found = self._read_open(now, 1)
            return found[0] if found else None
        try:
            return self._sock.recv(_OCTETS)
        except OSError:  # an ICMP error of a packet we sent: the peer may come back
            return None

    def read(self, now: float) -> list[bytes]:
        """All packets that wait, at most two seconds' worth."""
        if not self._connected and not self._settled(now):
            return self._read_open(now, _MOST)
        found: list[bytes] = []
        receive = self._sock.recv
        for _ in range(_MOST):
            try:
                found.append(receive(_OCTETS))
            except BlockingIOError:
                break
            except OSError:  # an ICMP error of a packet we sent: the peer may come back
                continue
        return found

    def _read_open(self, now: float, most: int) -> list[bytes]:
        found: list[bytes] = []
        for _ in range(most):
            try:
                data, source = self._sock.recvfrom(_OCTETS)
            except BlockingIOError:
                break
            except OSError:
                continue
            address: Address = (source[0], source[1])
            if self._valid(data) and self._admit(address, now):
                found.append(data)
            else:
                self.refused += 1
        self._settled(now)
        return found

    def _admit(self, source: Address, now: float) -> bool:
        if source != self._found and not self._is_better(source, now):
            return False
        self._found = source
        self._fresh = True
        return True

    def _is_better(self, source: Address, now: float) -> bool:
        aim = self._aim
        if source == aim:
            return True
        if aim is not None and source[0] == aim[0]:
            return not (self._fresh and self._found is not None and self._found[0] == aim[0])
        return not self._fresh and now < self._until

    def _settled(self, now: float) -> bool:
        """Connect once nothing better can come; whether it is connected."""
        if not self._fresh or self._found is None:
            return False
        if self._found != self._aim and now < self._until:
            return False
        with contextlib.suppress(OSError):
            self._sock.connect(self._found)
            self._connected = True
        return self._connected

    def send(self, data: bytes | memoryview) -> bool:
        """Send to the peer, or to where the SDP says; False when it could not leave."""
        try:
            if self._connected:
                self._sock.send(data)
                return True
            target = self._found or self._aim
            if target is None:
                return False
            self._sock.sendto(data, target)
        except OSError:  # refused, unreachable, or the queue is full: a lost packet
            return False
        return True
