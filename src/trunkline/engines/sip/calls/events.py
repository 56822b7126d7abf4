"""What a call tells the one who owns it."""

import asyncio
from collections import deque
from typing import Final, Literal, NamedTuple, Protocol

from trunkline.protocols.sip import Headers

Side = Literal["local", "remote", "network"]


class Proceeding(NamedTuple):
    """Outgoing: the INVITE has arrived, and can be taken back from now on.

    Told once for each INVITE, so again when one was challenged.
    """


class Unheard(NamedTuple):
    """Outgoing: the INVITE was sent, and nothing came back for a while.

    Told once for each INVITE, and not when something came at once.
    """


class Progress(NamedTuple):
    """Outgoing: the call is on its way (180, 183 …). `sdp` is early media's answer, or empty.

    `leg` tells forked legs apart: the To tag. A leg's later descriptions repeat its first.
    """

    status: int
    reason: str
    sdp: bytes
    leg: str
    headers: Headers


class Answered(NamedTuple):
    """Outgoing: somebody answered. With `offer` the SDP is an offer: call `acknowledge(answer)`."""

    sdp: bytes
    offer: bool
    leg: str
    headers: Headers


class Failed(NamedTuple):
    """Outgoing: it came to nothing. `local` when no peer said so (408: no answer, 503: not sent).

    `proving` when a challenge was answered before. For 3xx the Contact headers say where else to
    try. Nothing follows.
    """

    status: int
    reason: str
    local: bool
    headers: Headers
    proving: bool = False


class Confirmed(NamedTuple):
    """Incoming: our answer arrived (its ACK came).

    `sdp` is the peer's answer to an offer of ours; also to one that only refreshed the session.
    """

    sdp: bytes


class Offered(NamedTuple):
    """The peer wants to change the session: hold, other codecs, another address.

    Answer with `offer.accept(sdp)` or `offer.reject(488)`, within AgentConfig.offer_timeout_s. When
    `sdp` is empty it asks for an offer of ours; its answer comes as Confirmed.
    """

    sdp: bytes
    method: str
    offer: "Offer"


class Digit(NamedTuple):
    """A digit that came by INFO."""

    digit: str
    duration_ms: int


class Info(NamedTuple):
    """Any other INFO; it was answered with 200."""

    content_type: str
    body: bytes


class Ended(NamedTuple):
    """The call is over, or an incoming one was given up before it was answered. Nothing follows.

    `status`: 487 cancelled, 408 no ACK, refresh or answer to a request of ours, 481 unknown to the
    peer; else 200. `cause` is the Reason header as received (RFC 3326), or what happened, in
    words.
    """

    side: Side
    status: int
    cause: str
    answered: bool


Event = (
    Proceeding | Unheard | Progress | Answered | Failed | Confirmed | Offered | Digit | Info | Ended
)


class Offer(Protocol):
    """An offer of the peer that waits for us. Only the first word counts; later ones give False."""

    def accept(self, sdp: bytes) -> bool: ...

    def reject(self, status: int = 488) -> bool: ...


class Reply(NamedTuple):
    """What the peer answered to a request of ours; 408 and 481 end the call."""

    status: int
    reason: str
    sdp: bytes
    headers: Headers

    @property
    def accepted(self) -> bool:
        return 200 <= self.status < 300


MAX_WAITING: Final = 64
"""Events kept for an owner that does not look; then digits and INFO are dropped, all else stays."""


class EventQueue:
    """The events of one call, for the one task that owns it."""

    __slots__ = ("_events", "_waiter", "closed", "dropped")

    def __init__(self) -> None:
        self._events: deque[Event] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self.closed = False
        """Whether the last event was put in."""
        self.dropped = 0

    def put(self, event: Event) -> None:
        if self.closed:
            return
        if len(self._events) >= MAX_WAITING and isinstance(event, Digit | Info | Progress):
            self.dropped += 1
            return
        self._events.append(event)
        self.closed = isinstance(event, Failed | Ended)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def next(self) -> Event | None:
        """Wait for the next event; None after the last. One task at a time may wait."""
        while not self._events:
            if self.closed:
                return None
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        return self._events.popleft()
