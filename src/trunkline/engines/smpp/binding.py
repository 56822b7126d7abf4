"""One connection of a link, from the bind request to its end."""

import asyncio
import logging
from typing import Final, Protocol, cast

from trunkline.engines.smpp.config import LinkConfig
from trunkline.engines.smpp.delivery import Delivery
from trunkline.engines.smpp.outcome import THROTTLES, NoResponseReason
from trunkline.engines.smpp.stats import Stats
from trunkline.engines.smpp.wire import Sent, Wire
from trunkline.protocols.smpp import (
    UNWINDOWED,
    AlertNotification,
    Answered,
    BadAnswer,
    Bind,
    BindReceiver,
    BindTransceiver,
    BindTransmitter,
    DataSm,
    DeliverSm,
    EnquireLink,
    Event,
    Outstanding,
    Received,
    Refused,
    Request,
    Response,
    Role,
    Session,
    Unbind,
    UnbindResp,
    Unmatched,
    commands,
)

logger = logging.getLogger(__name__)

_TICKS: Final = 4  # how often per time-out it is looked at
_TICK_MAX_S: Final = 1.0
_UNBIND_S: Final = 3.0  # for the carrier to answer unbind and close

_BINDS: Final[dict[str, type[Bind]]] = {
    "trx": BindTransceiver,
    "tx": BindTransmitter,
    "rx": BindReceiver,
}


class Listener(Protocol):
    """Who is told what a link receives."""

    def on_answer(self, link: str, sent: Sent, response: Response, now: float) -> None: ...

    def on_no_answer(self, link: str, sent: Sent, reason: NoResponseReason) -> None: ...

    def on_message(self, pdu: DeliverSm | DataSm, delivery: Delivery) -> None: ...

    def on_alert(self, pdu: AlertNotification, link: str) -> None: ...

    def on_room(self) -> None: ...


class Binding:
    """Binds, watches over time-outs and the peer's life, and sorts what comes in."""

    def __init__(
        self,
        config: LinkConfig,
        stats: Stats,
        listener: Listener,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self.lost: Final[asyncio.Future[str]] = loop.create_future()
        """Done with the reason when the connection has ended."""
        self._config = config
        self._stats = stats
        self._listener = listener
        self._loop = loop
        self._bound: asyncio.Future[int] = loop.create_future()
        self._session = Session(Role.ESME, window=config.window, peer_window=config.deliver_window)
        self._wire = Wire(self._session, self, loop)
        self._tick_timer: asyncio.TimerHandle | None = None
        self._enquired_at: float | None = None

    @property
    def in_flight(self) -> int:
        return self._session.in_flight

    @property
    def free(self) -> int:
        wire = self._wire
        if wire.blocked or wire.closed:
            return 0
        return self._session.window - self._session.in_flight

    async def connect(self) -> None:
        """Open the connection; OSError (ssl.SSLError is one) or TimeoutError."""
        config = self._config
        tls_name = (config.server_name or config.host) if config.tls is not None else None
        async with asyncio.timeout(config.connect_timeout_s):
            await self._loop.create_connection(
                lambda: self._wire,
                config.host,
                config.port,
                ssl=config.tls,
                server_hostname=tls_name,
            )

    async def bind(self) -> int | str:
        """Bind: the command_status of the answer, or why there is none. 0 starts the watch."""
        self._wire.send(bind_request(self._config), None, self._loop.time())
        await asyncio.wait(
            [self._bound, self.lost],
            timeout=self._config.connect_timeout_s,
            return_when=asyncio.FIRST_COMPLETED,
        )
        if self._bound.done():
            bind_status = self._bound.result()
            if bind_status == 0:
                self._tick()
            return bind_status
        return self.lost.result() if self.lost.done() else "no answer to the bind"

    def submit(self, request: Request, context: object, now: float) -> None:
        """Send a request; StateError, WindowFull, EncodeError."""
        self._wire.send(request, context, now)
        self._stats.submitted += 1

    async def unbind(self, drain_s: float) -> None:
        """Wait up to drain_s until nothing is unanswered either way, then unbind."""
        session, wire = self._session, self._wire
        end = self._loop.time() + drain_s
        while (session.in_flight or session.unanswered) and self._loop.time() < end:
            await asyncio.wait([self.lost], timeout=min(0.02, drain_s))
        if not wire.closed and not self.lost.done():
            wire.send(Unbind(), None, self._loop.time())
            await asyncio.wait([self.lost], timeout=_UNBIND_S)

    async def end(self, reason: str) -> None:
        """Close the connection if it is not, and wait until its end was told."""
        self._wire.abort(reason)
        await asyncio.wait([self.lost], timeout=1.0)

    # -- keeping watch ---------------------------------------------------------------------------

    def _tick(self) -> None:
        if self._wire.closed:
            return
        config = self._config
        shortest = min(config.response_timeout_s, config.enquire_link_s, config.enquire_timeout_s)
        delay_s = min(_TICK_MAX_S, shortest / _TICKS)
        self._tick_timer = self._loop.call_later(delay_s, self._tick)
        now = self._loop.time()
        self._expire(now)
        self._enquire(now)

    def _expire(self, now: float) -> None:
        late = self._wire.expired(now - self._config.response_timeout_s)
        for found in late:
            if found.command_id not in UNWINDOWED:
                self._stats.timeouts += 1
                sent = cast("Sent", found.context)
                self._listener.on_no_answer(self._config.name, sent, "timeout")
        if late:
            self._listener.on_room()

    def _enquire(self, now: float) -> None:
        wire, config = self._wire, self._config
        if self._enquired_at is not None:
            # Any octet since then proves that the carrier lives, though it may answer in its turn.
            if wire.heard_at >= self._enquired_at:
                self._enquired_at = None
            elif now - self._enquired_at >= config.enquire_timeout_s:
                wire.abort("the carrier does not answer enquire_link")
        elif now - wire.heard_at >= config.enquire_link_s:
            wire.send(EnquireLink(), None, now)
            self._enquired_at = now

    # -- WireOwner -------------------------------------------------------------------------------

    def on_connected(self, wire: Wire) -> None:
        """Nothing yet: `bind` comes next."""

    def on_writable(self, wire: Wire) -> None:  # noqa: ARG002
        self._listener.on_room()

    def on_event(self, wire: Wire, event: Event) -> None:
        if isinstance(event, Answered):
            self._on_answered(event, wire.heard_at)
        elif isinstance(event, Received):
            self._on_received(wire, event.request)
        elif isinstance(event, BadAnswer):
            self._on_bad_answer(event)
        elif isinstance(event, Unmatched):
            self._stats.unmatched += 1
        elif isinstance(event, Refused):
            self._stats.refused += 1
            what = f"0x{event.command_id:08X}: {event.reason}"
            logger.warning("smpp %s: refused %s", self._config.name, what)

    def on_lost(self, wire: Wire, reason: str, unanswered: list[Outstanding]) -> None:  # noqa: ARG002
        if self._tick_timer is not None:
            self._tick_timer.cancel()
        if not self.lost.done():
            self.lost.set_result(reason)
        for found in unanswered:
            if found.command_id not in UNWINDOWED:
                self._stats.disconnected += 1
                sent = cast("Sent", found.context)
                self._listener.on_no_answer(self._config.name, sent, "disconnected")

    def _on_answered(self, event: Answered, now: float) -> None:
        if event.asked not in UNWINDOWED:
            sent = cast("Sent", event.context)
            self._stats.answered(now - sent[0])
            if event.response.command_status in THROTTLES:
                self._stats.throttled += 1
            self._listener.on_answer(self._config.name, sent, event.response, now)
        elif event.asked == commands.UNBIND:
            self._wire.close("unbound")
        elif event.asked != commands.ENQUIRE_LINK and not self._bound.done():
            self._bound.set_result(event.response.command_status)

    def _on_bad_answer(self, event: BadAnswer) -> None:
        name, bad = self._config.name, event.malformed
        logger.warning("smpp %s: bad answer 0x%08X: %s", name, bad.command_id, bad.reason)
        if event.asked not in UNWINDOWED:
            self._listener.on_no_answer(name, cast("Sent", event.context), "malformed")
            self._listener.on_room()
        elif event.asked not in (commands.UNBIND, commands.ENQUIRE_LINK):
            self._wire.abort(f"bad answer to the bind: {bad.reason}")

    def _on_received(self, wire: Wire, request: Request) -> None:
        if isinstance(request, (DeliverSm, DataSm)):
            self._stats.delivered += 1
            self._listener.on_message(request, Delivery(wire, request, self._config.name))
        elif isinstance(request, Unbind):
            wire.respond(UnbindResp(sequence_number=request.sequence_number))
            wire.close("the carrier unbound")
        elif isinstance(request, AlertNotification):
            self._listener.on_alert(request, self._config.name)


def bind_request(config: LinkConfig) -> Bind:
    """Make the bind request that the settings of a link ask for."""
    return _BINDS[config.bind_mode](
        system_id=config.system_id,
        password=config.password,
        system_type=config.system_type,
        interface_version=config.interface_version,
        addr_ton=config.addr_ton,
        addr_npi=config.addr_npi,
        address_range=config.address_range,
    )
