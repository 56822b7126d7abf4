"""One TCP connection that carries one SMPP session."""

import asyncio
import logging
import socket
from typing import Final, Protocol, cast

from trunkline.protocols.smpp import (
    Broken,
    Event,
    Outstanding,
    Request,
    Response,
    Session,
)

logger = logging.getLogger(__name__)

_MAX_UNSENT: Final = 4 << 20  # octets; a peer that reads so little is gone or hostile
_CLOSE_S: Final = 5.0  # for the last octets to leave after close()

Sent = tuple[float, object]
"""Context of every request: when it was sent (loop time) and what the application gave with it."""


class WireOwner(Protocol):
    """Who is told what happens on a wire."""

    def on_connected(self, wire: "Wire") -> None: ...

    def on_event(self, wire: "Wire", event: Event) -> None: ...

    def on_lost(self, wire: "Wire", reason: str, unanswered: list[Outstanding]) -> None: ...

    def on_writable(self, wire: "Wire") -> None: ...


class Wire(asyncio.Protocol):
    """Owns the transport: octets in go to the session, events to the owner.

    What is written during one turn of the loop leaves in one `transport.write`.
    """

    __slots__ = (
        *("_close_timer", "_loop", "_out", "_owner", "_reason", "_transport"),
        *("blocked", "closed", "heard_at", "peer", "session", "since"),
    )

    def __init__(self, session: Session, owner: WireOwner, loop: asyncio.AbstractEventLoop) -> None:
        self.session = session
        self.blocked = False
        """The peer reads too slowly to write more than answers."""
        self.closed = False
        self.since = self.heard_at = loop.time()
        self.peer = ""
        self._owner = owner
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._out: list[bytes] = []
        self._reason = ""
        self._close_timer: asyncio.TimerHandle | None = None

    # -- asyncio.Protocol ------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        sock = transport.get_extra_info("socket")
        if sock is not None and sock.family in (socket.AF_INET, socket.AF_INET6):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        peer = transport.get_extra_info("peername")
        self.peer = f"{peer[0]}:{peer[1]}" if isinstance(peer, tuple) else ""
        self._owner.on_connected(self)

    def data_received(self, data: bytes) -> None:
        if self.closed:
            return
        self.heard_at = self._loop.time()
        session = self.session
        events = session.receive(data)
        if session.answers:
            self.write(b"".join(session.answers))
            session.answers.clear()
        for event in events:
            self._tell(event)

    def pause_writing(self) -> None:
        self.blocked = True

    def resume_writing(self) -> None:
        self.blocked = False
        self._owner.on_writable(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        if self._close_timer is not None:
            self._close_timer.cancel()
        reason = self._reason or (str(exc) if exc else "the peer closed the connection")
        self._owner.on_lost(self, reason, self.session.close())

    # -- for the owner ---------------------------------------------------------------------------

    def send(self, request: Request, context: object, now: float) -> int:
        """Send a request now, at loop time `now`; the sequence_number. See Session.send."""
        sent: Sent = (now, context)
        sequence, data = self.session.send(request, sent)
        self.write(data)
        return sequence

    def respond(self, response: Response) -> bool:
        """Answer a request of the peer; False when it is not waiting, or gone."""
        data = None if self.closed else self.session.respond(response)
        if data is None:
            return False
        self.write(data)
        return True

    def refuse(self, sequence_number: int, status: int) -> bool:
        """Answer with an error and no body; False when it is not waiting, or gone."""
        data = None if self.closed else self.session.refuse(sequence_number, status)
        if data is None:
            return False
        self.write(data)
        return True

    def write(self, data: bytes) -> None:
        """Send octets at the end of this turn of the loop."""
        out = self._out
        if not out:
            self._loop.call_soon(self._flush)
        out.append(data)

    def expired(self, sent_before: float) -> list[Outstanding]:
        """Give up on requests sent before that time, oldest first."""
        session = self.session
        late: list[int] = []
        for sequence, found in session.outstanding.items():
            if cast("Sent", found.context)[0] > sent_before:
                break
            late.append(sequence)
        return [found for sequence in late if (found := session.expire(sequence)) is not None]

    def close(self, reason: str) -> None:
        """Close after what was written has left, within a few seconds."""
        if self.closed or self._transport is None:
            return
        self._reason = self._reason or reason
        self._flush()
        self.closed = True
        self._transport.close()
        if self._close_timer is None:
            self._close_timer = self._loop.call_later(_CLOSE_S, self._transport.abort)

    def abort(self, reason: str) -> None:
        """Close at once."""
        if self._transport is None:
            return
        self._reason = self._reason or reason
        self.closed = True
        self._transport.abort()

    # -- inside ----------------------------------------------------------------------------------

    def _tell(self, event: Event) -> None:
        if isinstance(event, Broken):
            logger.warning("smpp %s: %s", self.peer, event.reason)
            self.close(f"garbage from the peer: {event.reason}")
            return
        try:
            self._owner.on_event(self, event)
        except Exception:
            logger.exception("smpp %s: handling %r failed", self.peer, event)

    def _flush(self) -> None:
        if not self._out or self._transport is None:
            return
        data = b"".join(self._out) if len(self._out) > 1 else self._out[0]
        self._out.clear()
        if self.closed:
            return
        self._transport.write(data)
        if self.blocked and self._transport.get_write_buffer_size() > _MAX_UNSENT:
            self.abort("the peer does not read")
