"""Server transactions (RFC 3261 17.2, RFC 6026 7.1)."""

from abc import ABC, abstractmethod
from enum import Enum
from typing import Final, NamedTuple

from trunkline.protocols.sip.transactions.timing import Timing


class ServerState(Enum):
    PROCEEDING = "proceeding"
    """Not answered finally; Trying too."""
    ACCEPTED = "accepted"
    COMPLETED = "completed"
    CONFIRMED = "confirmed"
    TERMINATED = "terminated"


class FromServer(NamedTuple):
    """What to do now: send, hand an ACK up, or report that no ACK came."""

    send: bytes | None = None
    deliver: bool = False
    no_ack: bool = False


NOTHING: Final = FromServer()
_DELIVER: Final = FromServer(deliver=True)
_NO_ACK: Final = FromServer(no_ack=True)


class ServerMachine(ABC):
    """What both have in common: the last response, and one moment to be woken at."""

    __slots__ = ("_end_at", "_last", "_reliable", "_resend_at", "_timing", "_wait", "state")

    def __init__(self, timing: Timing, *, reliable: bool) -> None:
        self.state = ServerState.PROCEEDING
        self._timing = timing
        self._reliable = reliable
        self._last: bytes | None = None
        self._wait = timing.t1
        self._resend_at: float | None = None
        self._end_at: float | None = None

    @property
    def over(self) -> bool:
        return self.state is ServerState.TERMINATED

    @property
    def answered(self) -> bool:
        """Whether a final response was given."""
        return self.state is not ServerState.PROCEEDING

    @property
    def wake_at(self) -> float | None:
        if self._resend_at is None:
            return self._end_at
        if self._end_at is None:
            return self._resend_at
        return min(self._resend_at, self._end_at)

    @abstractmethod
    def respond(self, status: int, octets: bytes, now: float) -> bool:
        """Take a response; False when it may not be sent any more."""

    def again(self) -> bytes | None:
        """The request came again: give the response that is to be sent once more."""
        return self._last if self.state is not ServerState.TERMINATED else None

    def wake(self, now: float) -> FromServer:
        if self._end_at is not None and now >= self._end_at:
            unacknowledged = self.state is ServerState.COMPLETED and self._resends
            self.stop()
            return _NO_ACK if unacknowledged else NOTHING
        if self._resend_at is not None and now >= self._resend_at:
            self._wait = min(self._wait * 2, self._timing.t2)
            self._resend_at = now + self._wait
            return FromServer(send=self._last)  # timer G
        return NOTHING

    def stop(self) -> None:
        self.state = ServerState.TERMINATED
        self._resend_at = self._end_at = None

    _resends: bool = False

    def _linger(self, state: ServerState, seconds: float, now: float) -> None:
        self.state = state
        self._resend_at = None
        if seconds:
            self._end_at = now + seconds
        else:
            self.stop()


class InviteServer(ServerMachine):
    """Server transaction of an INVITE.

    2xx are sent again by the owner (`Resender`), refusals by the machine.
    """

    __slots__ = ()
    _resends = True

    @property
    def refused(self) -> bool:
        """Whether a refusal was sent whose ACK is still to come."""
        return self.state is ServerState.COMPLETED

    def respond(self, status: int, octets: bytes, now: float) -> bool:
        if self.state is ServerState.ACCEPTED:
            return 200 <= status < 300  # RFC 6026 7.1: the same 2xx again
        if self.state is not ServerState.PROCEEDING:
            return False
        if status < 200:
            self._last = octets
        elif status < 300:
            self._last = None  # RFC 6026 7.1: retransmitted INVITEs are absorbed
            self._linger(ServerState.ACCEPTED, self._timing.limit, now)  # timer L
        else:
            self._last = octets
            self._linger(ServerState.COMPLETED, self._timing.limit, now)  # timer H
            if not self._reliable:
                self._resend_at = now + self._timing.t1  # timer G
        return True

    def acked(self, now: float) -> FromServer:
        """An ACK of this transaction came."""
        if self.state is ServerState.ACCEPTED:
            return _DELIVER
        if self.state is ServerState.COMPLETED:
            self._last = None
            self._linger(
                ServerState.CONFIRMED, 0 if self._reliable else self._timing.t4, now
            )  # timer I
        return NOTHING


class PlainServer(ServerMachine):
    """Server transaction of every other method."""

    __slots__ = ()

    def respond(self, status: int, octets: bytes, now: float) -> bool:
        if self.state is not ServerState.PROCEEDING:
            return False
        self._last = octets
        if status >= 200:
            linger = 0 if self._reliable else self._timing.limit  # timer J
            self._linger(ServerState.COMPLETED, linger, now)
        return True
