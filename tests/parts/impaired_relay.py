"""A bad network by a relay on loopback: from a seed, and each packet's fate is known."""

import contextlib
import heapq
import itertools
import random
import select
import socket
import struct
import threading
import time

from impaired_line import Impairment, Line, Passage, Tally, pair

LOOPBACK = "127.0.0.1"
_EVENT_OCTETS = 16  # RFC 4733 2.3 behind a header without CSRCs


def relayed(how: Impairment) -> Line:
    """Return a line of its own relay."""
    near = pair(LOOPBACK)
    relay = Relay((near[0].getsockname()[1], near[1].getsockname()[1]), how)
    return Line(LOOPBACK, relay.exit_port, near, relay)


class Relay:
    """Two pairs of sockets, a thread between them: one pair for the phone, one for the program."""

    def __init__(self, phone: tuple[int, int], how: Impairment) -> None:
        self._how = how
        self._phone = phone
        self._picks = (random.Random(how.seed), random.Random(how.seed + 1))
        self._inner, self._outer = pair(LOOPBACK), pair(LOOPBACK)
        self._entrance = tuple(sock.getsockname() for sock in self._inner)
        self.exit_port = self._outer[0].getsockname()[1]
        self._platform = ("", 0)
        self._out, self._back = Tally(overtaken=0), Tally(overtaken=0)
        self.stalls = 0
        self.passages: dict[int, list[Passage]] = {}
        self._under_way: dict[int, Passage] = {}  # by the packet's number here
        self._waiting: list[tuple[float, int, socket.socket, bytes, tuple[str, int]]] = []
        self._numbers = itertools.count()
        self._over = False
        self._thread = threading.Thread(target=self._run, name="bad network", daemon=True)
        self._thread.start()

    def aim(self, host: str, port: int) -> None:
        self._platform = (host, port)

    def send(self, near: socket.socket, data: bytes, *, control: bool) -> None:
        near.sendto(data, self._entrance[control])

    def tallies(self) -> tuple[Tally, Tally]:
        return self._out, self._back

    @property
    def dropped(self) -> int:
        return self._out.lost - self._out.copied

    def stop(self) -> None:
        if self._over:
            return
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
            if sock is self._inner[control] and self._platform[1]:
                target = (self._platform[0], self._platform[1] + control)
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
        tally = Tally(overtaken=0) if control else self._out if outwards else self._back
        tally.taken += 1
        passage = self._note(data) if outwards and len(data) == _EVENT_OCTETS else None
        if pick.random() < how.loss:
            tally.lost += 1
            return
        copies = 1 + (pick.random() < how.copies)
        tally.copied += copies - 1
        for _ in range(copies):
            due = time.monotonic() + how.delay_s + pick.uniform(-how.jitter_s, how.jitter_s)
            tally.overtaken = (tally.overtaken or 0) + (due < tally.newest)
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
