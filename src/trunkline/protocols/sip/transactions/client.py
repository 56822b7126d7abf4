"""Client transactions (RFC 3261 17.1, RFC 6026 7.2)."""

from abc import ABC, abstractmethod
from enum import Enum
from typing import Final, NamedTuple

from trunkline.protocols.sip.transactions.timing import Timing


class ClientState(Enum):
    CALLING = "calling"
    """Sent, no response yet; Trying for other methods than INVITE."""
    PROCEEDING = "proceeding"
    COMPLETED = "completed"
    ACCEPTED = "accepted"
    TERMINATED = "terminated"


class FromClient(NamedTuple):
    """What to do now: send the request again, acknowledge, hand the response up.

    Or report the time-out.
    """

    resend: bytes | None = None
    acknowledge: bool = False
    deliver: bool = False
    timed_out: bool = False


NOTHING: Final = FromClient()
_DELIVER: Final = FromClient(deliver=True)
_ACKNOWLEDGE: Final = FromClient(acknowledge=True)
_TIMED_OUT: Final = FromClient(timed_out=True)
_DELIVER_AND_ACKNOWLEDGE: Final = FromClient(acknowledge=True, deliver=True)


class ClientMachine(ABC):
    """What both have in common: octets to send again, and one moment to be woken at."""

    __slots__ = ("_give_up_at", "_octets", "_reliable", "_resend_at", "_timing", "_wait", "state")

    def __init__(self, octets: bytes, timing: Timing, *, reliable: bool) -> None:
        self.state = ClientState.CALLING
        self._octets = octets
        self._timing = timing
        self._reliable = reliable
        self._wait = timing.t1
        self._resend_at: float | None = None
        self._give_up_at: float | None = None

    @property
    def over(self) -> bool:
        return self.state is ClientState.TERMINATED

    @property
    def waiting(self) -> bool:
        """Whether the final response is still to come."""
        return self.state in (ClientState.CALLING, ClientState.PROCEEDING)

    @property
    def wake_at(self) -> float | None:
        if self._resend_at is None:
            return self._give_up_at
        if self._give_up_at is None:
            return self._resend_at
        return min(self._resend_at, self._give_up_at)

    def start(self, now: float) -> None:
        """The request was sent for the first time."""
        self._give_up_at = now + self._timing.limit  # timers B and F
        if not self._reliable:
            self._resend_at = now + self._timing.t1  # timers A and E

    def stop(self) -> None:
        """The transport failed, or nobody wants an answer any more."""
        self.state = ClientState.TERMINATED
        self._resend_at = self._give_up_at = None

    @abstractmethod
    def receive(self, status: int, now: float) -> FromClient: ...

    def wake(self, now: float) -> FromClient:
        if self._give_up_at is not None and now >= self._give_up_at:
            waiting = self.waiting
            self.stop()
            return _TIMED_OUT if waiting else NOTHING
        if self._resend_at is not None and now >= self._resend_at:
            self._wait = self._next_wait()
            self._resend_at = now + self._wait
            return FromClient(resend=self._octets)
        return NOTHING

    @abstractmethod
    def _next_wait(self) -> float: ...

    def _linger(self, state: ClientState, seconds: float, now: float) -> None:
        self.state = state
        self._resend_at = None
        if seconds:
            self._give_up_at = now + seconds
        else:
            self.stop()


class InviteClient(ClientMachine):
    """Client transaction of an INVITE. The owner makes the ACK of a refusal when told to.

    Of 2xx it is its own affair.
    """

    __slots__ = ()

    def resume(self) -> None:
        """Another process sent it, and had a provisional response: go on from there."""
        self.state = ClientState.PROCEEDING

    def receive(self, status: int, now: float) -> FromClient:
        state = self.state
        if state is ClientState.TERMINATED:
            return NOTHING
        if state is ClientState.ACCEPTED:
            return _DELIVER if 200 <= status < 300 else NOTHING  # RFC 6026 7.2
        if state is ClientState.COMPLETED:
            return _ACKNOWLEDGE if status >= 300 else NOTHING
        if status < 200:
            if state is ClientState.CALLING:
                self.state = ClientState.PROCEEDING
                self._resend_at = self._give_up_at = None
            return _DELIVER
        if status < 300:
            self._linger(ClientState.ACCEPTED, self._timing.limit, now)  # timer M
            return _DELIVER
        linger = 0 if self._reliable else self._timing.limit  # timer D, 32 s by default
        self._linger(ClientState.COMPLETED, linger, now)
        return _DELIVER_AND_ACKNOWLEDGE

    def cancelled(self, now: float) -> None:
        """A CANCEL went out: without a final response in 64*T1 it is over (RFC 3261 9.1)."""
        if self.state in (ClientState.CALLING, ClientState.PROCEEDING):
            self._give_up_at = now + self._timing.limit

    def _next_wait(self) -> float:
        return self._wait * 2  # timer A has no ceiling


class PlainClient(ClientMachine):
    """Client transaction of every other method."""

    __slots__ = ()

    def receive(self, status: int, now: float) -> FromClient:
        if self.state in (ClientState.COMPLETED, ClientState.TERMINATED):
            return NOTHING
        if status < 200:
            self.state = ClientState.PROCEEDING
            return _DELIVER
        linger = 0 if self._reliable else self._timing.t4  # timer K
        self._linger(ClientState.COMPLETED, linger, now)
        return _DELIVER

    def _next_wait(self) -> float:
        if self.state is ClientState.PROCEEDING:
            return self._timing.t2  # RFC 3261 17.1.2.2
        return min(self._wait * 2, self._timing.t2)
