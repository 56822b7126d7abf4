"""A bad network by Linux' netem: a cable from here into a network namespace, impaired both ways.

Netem is this kernel's, on both ends of a veth pair. Where this kernel has none, a machine of its
own is in the cable. Nothing outlives the process: the namespace has no name, the cards go with it
or with the machine, which dies with its parent.
"""

import json
import os
import socket
from pathlib import Path
from typing import Any, Protocol

from impaired_commands import run
from impaired_line import Impairment, Line, Passage, Tally, pair
from impaired_machine import Machine, tap
from impaired_space import Namespace

_MACS = "02:00:00:00:00:01", "02:00:00:00:00:02"


class _Cable(Protocol):
    """`cards` are those netem is put on: towards here, towards the namespace."""

    cards: tuple[str, str]
    kernel: str
    """Whose netem it is."""

    def tc(self, card: str, *words: str) -> str: ...

    def stop(self) -> None: ...


class _Pair:
    """Two cards of this kernel, netem on both: what one sends comes out of the other."""

    kernel = "own"

    def __init__(self, here: str, there: str, space: Namespace) -> None:
        self.cards = there, here
        self._here, self._space = here, space
        run("ip", "link", "add", here, "type", "veth", "peer", "name", there)

    def tc(self, card: str, *words: str) -> str:
        if card == self._here:
            return run("tc", *words)
        with self._space.entered():
            return run("tc", *words)

    def stop(self) -> None:
        run("ip", "link", "del", self._here)


class _Bridged:
    """Two cards of this kernel, a machine between them, which has netem on both of its own."""

    cards: tuple[str, str] = ("eth0", "eth1")
    kernel = "a machine's"

    def __init__(self, here: str, there: str) -> None:
        ends: list[int] = []
        try:
            ends += [tap(here)]
            ends += [tap(there)]
            self._machine = Machine((ends[0], ends[1]))
        finally:
            for end in ends:
                os.close(end)

    def tc(self, card: str, *words: str) -> str:
        return self._machine.run("tc", *words)

    def stop(self) -> None:
        self._machine.stop()


class Netem:
    """One at a time in a process. `outside` is the address at this end of the cable."""

    def __init__(self, how: Impairment) -> None:
        number = os.getpid()
        block = f"10.199.{number >> 6 & 0xFF}"
        first = (number & 0x3F) * 4
        self.outside, self._inside = f"{block}.{first + 1}", f"{block}.{first + 2}"
        here, there = f"tl{number}a", f"tl{number}b"
        self._space = Namespace()
        try:
            own = _has_netem(self._space)
            self._cable: _Cable = _Pair(here, there, self._space) if own else _Bridged(here, there)
        except BaseException:
            self._space.close()
            raise
        self.kernel = self._cable.kernel
        try:
            self._connect(here, there)
            self._impair(how)
        except BaseException:
            self.close()
            raise

    def _connect(self, here: str, there: str) -> None:
        run("ip", "link", "set", there, "netns", self._space.path)
        _raise_card(here, 0, self.outside, self._inside)
        with self._space.entered():
            _raise_card(there, 1, self._inside, self.outside)

    def _impair(self, how: Impairment) -> None:
        rules = (
            "netem", "limit", "10000",
            "delay", f"{how.delay_s * 1000:g}ms", f"{how.jitter_s * 1000:g}ms",
            "loss", f"{how.loss * 100:g}%", "duplicate", f"{how.copies * 100:g}%",
        )  # fmt: skip
        for card in self._cable.cards:
            self._cable.tc(card, "qdisc", "add", "dev", card, "root", *rules)

    def figures(self) -> tuple[dict[str, int], dict[str, int]]:
        """Netem's counts, towards here and back: `packets` are gone on, `qlen` under way."""
        out, back = (self._of(card) for card in self._cable.cards)
        return out, back

    def _of(self, card: str) -> dict[str, Any]:
        told = json.loads(self._cable.tc(card, "-s", "-j", "qdisc", "show", "dev", card))
        (netem,) = [one for one in told if one["kind"] == "netem"]
        return netem

    def line(self) -> Line:
        with self._space.entered():
            near = pair(self._inside)
        return Line(self._inside, near[0].getsockname()[1], near, _Way(self))

    def close(self) -> None:
        self._cable.stop()
        self._space.close()


class _Way:
    """Of one line; nobody else may use the cable meanwhile."""

    stalls = 0

    def __init__(self, netem: Netem) -> None:
        self._netem = netem
        self._before = netem.figures()
        self._target = ("", 0)
        self._taken = 0
        self._told: tuple[Tally, Tally] | None = None
        self.passages: dict[int, list[Passage]] = {}
        self.dropped = None

    def aim(self, host: str, port: int) -> None:
        self._target = (host, port)

    def send(self, near: socket.socket, data: bytes, *, control: bool) -> None:
        host, port = self._target
        if port:
            near.sendto(data, (host, port + control))
            self._taken += 1

    def tallies(self) -> tuple[Tally, Tally]:
        """Netem does not tell copies: they are what it had above what was sent to it."""
        if self._told:
            return self._told
        (out, out_lost), (back, back_lost) = (
            (sum(now[key] - before[key] for key in ("packets", "drops", "qlen")),
             now["drops"] - before["drops"])
            for before, now in zip(self._before, self._netem.figures(), strict=True)
        )  # fmt: skip
        return Tally(self._taken, out_lost, out - self._taken), Tally(back, back_lost)

    def stop(self) -> None:
        self._told = self.tallies()


def _has_netem(space: Namespace) -> bool:
    """Whether this kernel has the queueing discipline."""
    with space.entered():
        run("tc", "qdisc", "add", "dev", "lo", "root", "netem", check=False)
        return "netem" in run("tc", "qdisc", "show", "dev", "lo")


def _raise_card(name: str, end: int, address: str, other: str) -> None:
    """Nothing of its own goes through it: the far end is known, and there is no IPv6."""
    quiet = Path(f"/proc/sys/net/ipv6/conf/{name}/disable_ipv6")
    if quiet.exists():
        quiet.write_text("1")
    # A machine without CPU for a moment is to lose nothing by itself.
    run("ip", "link", "set", name, "address", _MACS[end], "txqueuelen", "10000")
    run("ip", "address", "add", f"{address}/30", "dev", name)
    run("ip", "link", "set", name, "up")
    run("ip", "neighbour", "add", other, "lladdr", _MACS[1 - end], "dev", name)
