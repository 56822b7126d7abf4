"""A bad network between a phone's audio and the program: loses, delays, reorders and copies.

Where the kernel has netem, it is the kernel's, around sockets in a network namespace; elsewhere a
relay on loopback does the same, from a seed. Both delay each packet by `delay_s`, more or less by
as much as `jitter_s`, so packets overtake each other. RTP is on a port, RTCP on the next.
"""

import contextlib
import ctypes
import heapq
import itertools
import os
import random
import select
import shutil
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

LOOPBACK = "127.0.0.1"
_EVENT_OCTETS = 16  # RFC 4733 2.3 behind a header without CSRCs
_CLONE_NEWNET = 0x40000000  # sched.h
_OUTSIDE, _INSIDE = "10.199.77.1", "10.199.77.2"


@dataclass(frozen=True)
class Impairment:
    """Shares of packets, and seconds; each way."""

    loss: float = 0.02
    copies: float = 0.01
    delay_s: float = 0.04
    jitter_s: float = 0.04
    seed: int = 1
    stall_each_s: float = 0.0
    """The relay stops now and then, so long apart on average; 0: never. Of the kernel's: never."""
    stall_s: tuple[float, float] = (0.1, 0.6)


@dataclass
class Tally:
    """What became of the RTP that went one way."""

    taken: int = 0
    lost: int = 0
    copied: int = 0
    overtaken: int = 0
    newest: float = field(default=0.0, repr=False)


@dataclass
class Passage:
    """What became of one packet of an event on its way out; monotonic seconds."""

    sequence: int
    timestamp: int
    taken_s: float
    left_s: list[float] = field(default_factory=list[float])
    """None: it was lost; two: it was copied."""


@dataclass
class Line:
    """A phone's sockets: what to state in SDP, and how to reach the program's ports.

    `near` is (RTP, RTCP); `tallies` are of what the phone sends and hears, None where the kernel
    does it and does not tell.
    """

    host: str
    port: int
    near: tuple[socket.socket, socket.socket]
    relay: "_Relay | None" = None
    target: tuple[str, int] = ("", 0)

    @property
    def tallies(self) -> tuple[Tally, Tally] | None:
        return (self.relay.out, self.relay.back) if self.relay else None

    @property
    def passages(self) -> dict[int, list[Passage]]:
        """What became of the phone's event packets, by timestamp; {} where the kernel does it."""
        return self.relay.passages if self.relay else {}

    def aim(self, host: str, port: int) -> None:
        """Send to these of the program's ports from now on, RTCP to the next."""
        self.target = (host, port)
        if self.relay is not None:
            self.relay.platform = (host, port)

    def send(self, data: bytes, *, control: bool = False) -> None:
        if self.relay is not None:
            self.near[control].sendto(data, self.relay.entrance[control])
        elif self.target[1]:
            self.near[control].sendto(data, (self.target[0], self.target[1] + control))

    def receive(self, *, control: bool = False) -> bytes | None:
        """What came next; None when nothing is there."""
        try:
            return self.near[control].recv(2048)
        except BlockingIOError:
            return None

    def close(self) -> None:
        if self.relay is not None:
            self.relay.stop()
        for sock in self.near:
            sock.close()


class _Relay:
    """Two pairs of sockets, a thread between them: one pair for the phone, one for the program."""

    def __init__(self, phone: tuple[int, int], how: Impairment) -> None:
        self._how = how
        self._phone = phone
        self._picks = (random.Random(how.seed), random.Random(how.seed + 1))
        self._inner, self._outer = _pair(LOOPBACK), _pair(LOOPBACK)
        self.entrance = tuple(sock.getsockname() for sock in self._inner)
        self.exit_port = self._outer[0].getsockname()[1]
        self.platform = ("", 0)
        self.out, self.back = Tally(), Tally()
        self.stalls = 0
        self.passages: dict[int, list[Passage]] = {}
        """Of events, by timestamp."""
        self._under_way: dict[int, Passage] = {}  # by the packet's number here
        self._waiting: list[tuple[float, int, socket.socket, bytes, tuple[str, int]]] = []
        self._numbers = itertools.count()
        self._over = False
        self._thread = threading.Thread(target=self._run, name="bad network", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._over = True
        self._thread.join()
        for sock in (*self._inner, *self._outer):
            sock.close()

    def _run(self) -> None:
        how, pick = self._how, random.Random(self._how.seed + 2)
        stall_at = time.monotonic() + how.stall_each_s if how.stall_each_s else float("inf")
        while not self._over:
            now = time.monotonic()
            if now >= stall_at:
                time.sleep(pick.uniform(*how.stall_s))
                self.stalls += 1
                now = time.monotonic()
                stall_at = now + pick.expovariate(1 / how.stall_each_s)
            while self._waiting and self._waiting[0][0] <= now:
                _, number, sock, data, target = heapq.heappop(self._waiting)
                if (passage := self._under_way.pop(number, None)) is not None:
                    passage.left_s.append(time.monotonic())
                with contextlib.suppress(OSError):  # nobody listens there any more
                    sock.sendto(data, target)
            wait_s = self._waiting[0][0] - now if self._waiting else 0.01
            for sock in select.select((*self._inner, *self._outer), (), (), min(wait_s, 0.01))[0]:
                with contextlib.suppress(OSError):
                    self._take(sock, sock.recv(2048))

    def _take(self, sock: socket.socket, data: bytes) -> None:
        for control in (False, True):
            if sock is self._inner[control] and self.platform[1]:
                target = (self.platform[0], self.platform[1] + control)
                self._impair(self._outer[control], data, target, outwards=True, control=control)
            elif sock is self._outer[control]:
                target = (LOOPBACK, self._phone[control])
                self._impair(self._inner[control], data, target, outwards=False, control=control)

    def _impair(
        self,
        sock: socket.socket,
        data: bytes,
        target: tuple[str, int],
        *,
        outwards: bool,
        control: bool,
    ) -> None:
        pick, how = self._picks[not outwards], self._how
        tally = Tally() if control else self.out if outwards else self.back
        tally.taken += 1
        passage = self._note(data) if outwards and len(data) == _EVENT_OCTETS else None
        if pick.random() < how.loss:
            tally.lost += 1
            return
        copies = 1 + (pick.random() < how.copies)
        tally.copied += copies - 1
        for _ in range(copies):
            due = time.monotonic() + how.delay_s + pick.uniform(-how.jitter_s, how.jitter_s)
            tally.overtaken += due < tally.newest
            tally.newest = max(tally.newest, due)
            number = next(self._numbers)
            if passage is not None:
                self._under_way[number] = passage
            heapq.heappush(self._waiting, (due, number, sock, data, target))

    def _note(self, data: bytes) -> Passage:
        sequence, timestamp = struct.unpack_from("!HI", data, 2)
        passage = Passage(sequence, timestamp, time.monotonic())
        self.passages.setdefault(timestamp, []).append(passage)
        return passage


class BadNetwork:
    """Gives lines. `platform` is the address the program's audio must be at."""

    def __init__(self, how: Impairment, namespace: "_Namespace | None") -> None:
        self._how, self._namespace = how, namespace
        self.kind = "relay" if namespace is None else "netem"
        self.platform = LOOPBACK if namespace is None else _OUTSIDE
        self._lines: list[Line] = []

    def line(self) -> Line:
        if self._namespace is None:
            near = _pair(LOOPBACK)
            ports = near[0].getsockname()[1], near[1].getsockname()[1]
            relay = _Relay(ports, self._how)
            self._lines.append(Line(LOOPBACK, relay.exit_port, near, relay))
        else:
            with self._namespace.entered():
                near = _pair(_INSIDE)
            self._lines.append(Line(_INSIDE, near[0].getsockname()[1], near))
        return self._lines[-1]

    def close(self) -> None:
        for line in self._lines:
            line.close()
        if self._namespace is not None:
            self._namespace.remove()


class _Namespace:
    """A network namespace with a cable to this one, impaired at both ends."""

    def __init__(self) -> None:
        self._name = f"trunkline{os.getpid()}"
        self._cable = f"tl{os.getpid()}"
        _run("ip", "netns", "add", self._name)

    @property
    def has_netem(self) -> bool:
        """Whether this kernel has the queueing discipline."""
        tried = _try("tc", "-n", self._name, "qdisc", "add", "dev", "lo", "root", "netem")
        if tried:
            _run("tc", "-n", self._name, "qdisc", "del", "dev", "lo", "root")
        return tried

    def connect(self, how: Impairment) -> None:
        far = f"{self._cable}b"
        inside = ("ip", "-n", self._name)
        _run("ip", "link", "add", self._cable, "type", "veth", "peer", far, "netns", self._name)
        _run("ip", "address", "add", f"{_OUTSIDE}/30", "dev", self._cable)
        _run(*inside, "address", "add", f"{_INSIDE}/30", "dev", far)
        _run("ip", "link", "set", self._cable, "up")
        _run(*inside, "link", "set", far, "up")
        rules = (
            "netem", "limit", "10000",
            "delay", f"{how.delay_s * 1000:g}ms", f"{how.jitter_s * 1000:g}ms",
            "loss", f"{how.loss * 100:g}%", "duplicate", f"{how.copies * 100:g}%",
        )  # fmt: skip
        _run("tc", "qdisc", "add", "dev", self._cable, "root", *rules)
        _run("tc", "-n", self._name, "qdisc", "add", "dev", far, "root", *rules)

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """Make sockets of this thread inside."""
        libc = ctypes.CDLL(None, use_errno=True)
        with (
            Path("/proc/thread-self/ns/net").open() as home,
            Path(f"/run/netns/{self._name}").open() as there,
        ):
            assert libc.setns(there.fileno(), _CLONE_NEWNET) == 0, ctypes.get_errno()
            try:
                yield
            finally:
                assert libc.setns(home.fileno(), _CLONE_NEWNET) == 0, ctypes.get_errno()

    def remove(self) -> None:
        _try("ip", "link", "del", self._cable)
        _run("ip", "netns", "del", self._name)


def bad_network(how: Impairment) -> BadNetwork:
    """Give the kernel's bad network if it has one and we may, else the relay's."""
    if os.geteuid() or not (shutil.which("ip") and shutil.which("tc")):
        return BadNetwork(how, None)
    try:
        namespace = _Namespace()
    except AssertionError:
        return BadNetwork(how, None)
    if not namespace.has_netem:
        namespace.remove()
        return BadNetwork(how, None)
    try:
        namespace.connect(how)
    except BaseException:
        namespace.remove()
        raise
    return BadNetwork(how, namespace)


def _pair(host: str) -> tuple[socket.socket, socket.socket]:
    """RTP on an even port, RTCP on the next."""
    while True:
        rtp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        rtcp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        rtp.bind((host, 0))
        port = rtp.getsockname()[1]
        try:
            assert port % 2 == 0
            rtcp.bind((host, port + 1))
        except (AssertionError, OSError):
            rtp.close()
            rtcp.close()
            continue
        rtp.setblocking(False)
        rtcp.setblocking(False)
        return rtp, rtcp


def _try(*words: str) -> bool:
    return subprocess.run(words, capture_output=True, check=False, timeout=10).returncode == 0


def _run(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=10)
    assert done.returncode == 0, (words, done.stderr)
