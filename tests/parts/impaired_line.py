"""A phone's sockets at the end of a bad network, and what the network says that it did."""

import socket
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Impairment:
    """Shares of packets, and seconds; each way."""

    loss: float = 0.02
    copies: float = 0.01
    delay_s: float = 0.04
    jitter_s: float = 0.04
    seed: int = 1
    """Of the relay; a kernel's netem takes what comes."""
    stall_each_s: float = 0.0
    """The relay stops now and then, so long apart on average; 0: never. Of netem: never."""
    stall_s: tuple[float, float] = (0.1, 0.6)


@dataclass
class Tally:
    """What became of the packets that went one way.

    The relay counts RTP. Netem counts RTCP and ICMP too, and of what comes from the program it
    counts copies as `taken`, but for those it is known how many there were.
    """

    taken: int = 0
    lost: int = 0
    copied: int = 0
    overtaken: int | None = None
    """None: netem does not say."""
    newest: float = field(default=0.0, repr=False)

    @property
    def passed(self) -> int:
        """How many come out, at last."""
        return self.taken + self.copied - self.lost


@dataclass
class Passage:
    """What became of one packet of an event on its way out; monotonic seconds."""

    sequence: int
    timestamp: int
    taken_s: float
    left_s: list[float] = field(default_factory=list[float])
    """None: it was lost; two: it was copied."""


class Way(Protocol):
    """What is between the phone and the program."""

    stalls: int
    passages: dict[int, list[Passage]]
    """Of the phone's event packets, by timestamp; {} where nobody knows."""

    def aim(self, host: str, port: int) -> None: ...

    def send(self, near: socket.socket, data: bytes, *, control: bool) -> None: ...

    def tallies(self) -> tuple[Tally, Tally]: ...

    @property
    def dropped(self) -> int | None: ...

    def stop(self) -> None: ...


@dataclass
class Line:
    """What to state in SDP, and how to reach the program's ports; `near` is (RTP, RTCP)."""

    host: str
    port: int
    near: tuple[socket.socket, socket.socket]
    way: Way

    @property
    def tallies(self) -> tuple[Tally, Tally]:
        """Of what the phone has sent, and of what the program has sent it."""
        return self.way.tallies()

    @property
    def dropped(self) -> int | None:
        """RTP of the phone that is lost, less the copies; None where that is not known at once."""
        return self.way.dropped

    def aim(self, host: str, port: int) -> None:
        """Send to these of the program's ports from now on, RTCP to the next."""
        self.way.aim(host, port)

    def send(self, data: bytes, *, control: bool = False) -> None:
        self.way.send(self.near[control], data, control=control)

    def receive(self, *, control: bool = False) -> bytes | None:
        """What came next; None when nothing is there."""
        try:
            return self.near[control].recv(2048)
        except BlockingIOError:
            return None

    def close(self) -> None:
        self.way.stop()
        for sock in self.near:
            sock.close()


def pair(host: str) -> tuple[socket.socket, socket.socket]:
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
