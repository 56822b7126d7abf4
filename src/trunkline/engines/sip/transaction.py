"""One transaction over the wire: a machine of protocols.sip, driven by the loop's timers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, Protocol

from trunkline.engines.sip.transport import DEFAULT_PORTS, Hop
from trunkline.protocols.sip import Request, Response, ack_for
from trunkline.protocols.sip.transactions import (
    ClientMachine,
    FromClient,
    FromServer,
    InviteClient,
    InviteServer,
    PlainClient,
    PlainServer,
    ServerMachine,
    Timing,
    client_key,
)

Key = tuple[str, ...]


class Layer(Protocol):
    """What a transaction needs of the layer that it is part of."""

    @property
    def timing(self) -> Timing: ...

    @property
    def loop(self) -> asyncio.AbstractEventLoop: ...

    @property
    def clients(self) -> dict[Key, ClientTransaction]: ...

    @property
    def servers(self) -> dict[Key, ServerTransaction]: ...

    def transmit(
        self, octets: bytes, hop: Hop, on_failed: Callable[[str], None] | None = None
    ) -> None: ...

    def is_open(self, hop: Hop) -> bool: ...


class Timer:
    """One timer, that moves without being made anew as long as it only moves back."""

    __slots__ = ("_fire", "_handle", "_loop")

    def __init__(self, loop: asyncio.AbstractEventLoop, fire: Callable[[], None]) -> None:
        self._loop = loop
        self._fire = fire
        self._handle: asyncio.TimerHandle | None = None

    def arm(self, wake_at: float | None) -> None:
        handle = self._handle
        if wake_at is None:
            self.stop()
        elif handle is None or handle.when() > wake_at:
            if handle is not None:
                handle.cancel()
            self._handle = self._loop.call_at(wake_at, self._fired)

    def stop(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _fired(self) -> None:
        self._handle = None
        self._fire()


class ClientTransaction:
    """A request of ours on its way. `on_response` is called for each response of interest.

    `on_failure(status, reason)` is called at most once: 408 for a time-out, 503 when it cannot be
    sent.
    """

    __slots__ = (
        "_layer",
        "_on_failure",
        "_on_response",
        "_timer",
        "hop",
        "key",
        "machine",
        "request",
    )

    def __init__(
        self,
        layer: Layer,
        request: Request,
        hop: Hop,
        on_response: Callable[[Response], None],
        on_failure: Callable[[int, str], None],
        *,
        resumed: bool = False,
    ) -> None:
        """Send the request; not if `resumed`: a process that is gone had sent this INVITE."""
        octets = request.serialise()
        self.request: Final = request
        self.hop: Final = hop
        self.key: Final = client_key(request)
        self.machine: Final[ClientMachine] = _machine_for(request, octets, hop, layer.timing)
        self._layer = layer
        self._on_response = on_response
        self._on_failure = on_failure
        self._timer = Timer(layer.loop, self._wake)
        layer.clients[self.key] = self
        if resumed and isinstance(self.machine, InviteClient):
            self.machine.resume()
            return
        self.machine.start(layer.loop.time())
        self._timer.arm(self.machine.wake_at)
        layer.transmit(octets, hop, self._not_sent)

    def received(self, response: Response) -> None:
        action = self.machine.receive(response.status, self._layer.loop.time())
        if action.acknowledge:
            ack = ack_for(self.request, response)
            self._layer.transmit(ack.serialise(), self.hop)
        self._settle()
        if action.deliver:
            self._on_response(response)

    def expect_end(self) -> None:
        """A CANCEL was sent: wait 64*T1 for what it brings (RFC 3261 9.1)."""
        if isinstance(self.machine, InviteClient):
            self.machine.cancelled(self._layer.loop.time())
            self._timer.arm(self.machine.wake_at)

    def stop(self) -> None:
        """Forget it: nobody wants an answer."""
        self.machine.stop()
        self._settle()

    def _wake(self) -> None:
        action: FromClient = self.machine.wake(self._layer.loop.time())
        if action.resend is not None:
            self._layer.transmit(action.resend, self.hop, self._not_sent)
        self._settle()
        if action.timed_out:
            self._on_failure(408, "Request Timeout")

    def _not_sent(self, reason: str) -> None:
        # Called within __init__ as well, when nobody knows of us yet.
        self._layer.loop.call_soon(self._fail, reason)

    def _fail(self, reason: str) -> None:
        if self.machine.over:
            return
        self.machine.stop()
        self._settle()
        self._on_failure(503, reason)  # RFC 3261 8.1.3.1

    def _settle(self) -> None:
        if self.machine.over:
            self._timer.stop()
            self._layer.clients.pop(self.key, None)
        else:
            self._timer.arm(self.machine.wake_at)


def _machine_for(request: Request, octets: bytes, hop: Hop, timing: Timing) -> ClientMachine:
    kind = InviteClient if request.method == "INVITE" else PlainClient
    return kind(octets, timing, reliable=hop.reliable)


class ServerTransaction:
    """A request of a peer. Answer it with `respond`.

    `on_cancel` is called when the peer cancels it, `on_refused` when its refusal was acknowledged
    (True) or never was (False).
    """

    __slots__ = (
        "_layer",
        "_reply_hop",
        "_timer",
        "hop",
        "key",
        "machine",
        "on_cancel",
        "on_refused",
        "request",
    )

    def __init__(self, layer: Layer, request: Request, hop: Hop, key: Key) -> None:
        kind = InviteServer if request.method == "INVITE" else PlainServer
        self.request: Final = request
        self.hop: Final = hop
        self.key: Final = key
        self.machine: Final[ServerMachine] = kind(layer.timing, reliable=hop.reliable)
        self.on_cancel: Callable[[Request], None] | None = None
        self.on_refused: Callable[[bool], None] | None = None
        self._layer = layer
        self._reply_hop = reply_hop(request, hop)
        self._timer = Timer(layer.loop, self._wake)
        layer.servers[key] = self

    @property
    def answered(self) -> bool:
        return self.machine.answered

    def respond(self, response: Response) -> bytes:
        """Send a response unless it is too late for it; gives its octets. EncodeError."""
        octets = response.serialise()
        if self.machine.respond(response.status, octets, self._layer.loop.time()):
            self._send(octets)
            self._settle()
        return octets

    def _send(self, octets: bytes) -> None:
        hop = self._reply_hop
        if hop.reliable and not self._layer.is_open(hop):
            # RFC 3261 18.2.2: to where the peer says that it listens.
            port = self.request.via.port or DEFAULT_PORTS[hop.transport]
            hop = hop._replace(port=port)
        self._layer.transmit(octets, hop)

    def send_again(self, octets: bytes) -> None:
        """Send a 2xx or a reliable provisional response once more."""
        self._send(octets)

    def repeated(self) -> None:
        """The peer sent its request again."""
        octets = self.machine.again()
        if octets is not None:
            self._send(octets)

    def acked(self) -> bool:
        """The ACK of the transaction came; True when it is for whoever sent a 2xx."""
        if not isinstance(self.machine, InviteServer):
            return False
        refused = self.machine.refused
        action = self.machine.acked(self._layer.loop.time())
        self._settle()
        if refused and self.on_refused is not None:
            self.on_refused(True)
        return action.deliver

    def stop(self) -> None:
        self.machine.stop()
        self._settle()

    def _wake(self) -> None:
        action: FromServer = self.machine.wake(self._layer.loop.time())
        if action.send is not None:
            self._send(action.send)
        self._settle()
        if action.no_ack and self.on_refused is not None:
            self.on_refused(False)

    def _settle(self) -> None:
        if self.machine.over:
            self._timer.stop()
            self._layer.servers.pop(self.key, None)
        else:
            self._timer.arm(self.machine.wake_at)


def reply_hop(request: Request, hop: Hop) -> Hop:
    """Where responses go: the connection, or the datagram's source (RFC 3261 18.2.2, RFC 3581 4).

    The host is always that of the datagram: `maddr` would let anybody aim our answers at others.
    """
    if hop.reliable:
        return hop
    via = request.via
    return hop if "rport" in via.params else hop._replace(port=via.port or 5060)
