"""A call, as either side has it once there is a dialog."""

import asyncio
from abc import ABC, abstractmethod
from typing import Final, Protocol

from trunkline.engines.sip.calls.events import (
    Digit,
    Ended,
    Event,
    EventQueue,
    Info,
    Reply,
    Side,
)
from trunkline.engines.sip.calls.exchange import Exchange
from trunkline.engines.sip.calls.leg import Leg, Pairs
from trunkline.engines.sip.calls.offers import Offers
from trunkline.engines.sip.calls.refresh import SessionClock
from trunkline.engines.sip.core import CALL_METHODS, SUPPORTED, Core
from trunkline.engines.sip.transaction import ServerTransaction
from trunkline.engines.sip.transport import Hop
from trunkline.protocols.sip import Headers, Request, Response, respond
from trunkline.protocols.sip.bodies import RELAY, parse_digit, sdp_of, write_digit
from trunkline.protocols.sip.digest import Credentials
from trunkline.protocols.sip.session_timer import Agreed


class Registry(Protocol):
    """Who finds the call that a message belongs to."""

    def add(self, call: "Call") -> None: ...

    def retire(self, call: "Call") -> None: ...


class Call(ABC):
    """What both sides of a call share. Its owner awaits `next` and calls the verbs.

    No verb raises for what a peer does: `reinvite`, `update`, `info` give a Reply; `hang_up` may
    be called at any time, any number of times. `call_id` and `local_tag` name the call;
    `local_sdp` is the last description we gave.
    """

    outgoing: bool = False

    def __init__(
        self,
        core: Core,
        registry: Registry,
        call_id: str,
        local_tag: str,
        credentials: Credentials | None,
    ) -> None:
        self.call_id: Final = call_id
        self.local_tag: Final = local_tag
        self.answered = False
        self.over = False
        self.local_sdp = b""
        self.remote_sdp = b""
        self.leg: Leg | None = None
        """The dialog that counts: the answered one, before that the latest early one."""
        self._core = core
        self._registry = registry
        self._credentials = credentials
        self._events = EventQueue()
        self._clock = SessionClock(core.loop, self._refresh, self._expired)
        self._offers = Offers(core, self)
        self._asked: set[asyncio.Future[Reply]] = set()
        """Requests of ours whose answers somebody awaits."""
        registry.add(self)

    # -- for the owner ---------------------------------------------------------------------------

    async def next(self) -> Event | None:
        """Wait for the next event; None after Failed or Ended. One task at a time may wait."""
        return await self._events.next()

    @abstractmethod
    def hang_up(self, *, reason: str = "", headers: Pairs | None = None) -> None:
        """End the call in whatever state it is.

        `reason` is a value of the Reason header (RFC 3326).
        """

    async def reinvite(self, sdp: bytes) -> Reply:
        """Offer another description by re-INVITE; a 491 is tried again (RFC 3261 14.1)."""
        return await self._offers.reinvite(sdp)

    async def update(self, sdp: bytes = b"") -> Reply:
        """Send an UPDATE (RFC 3311), also before the answer; without SDP it only refreshes."""
        return await self._offers.update(sdp)

    async def info(self, content_type: str, body: bytes) -> Reply:
        """Send an INFO (RFC 6086)."""
        return await self.ask("INFO", [("Content-Type", content_type)], body)

    async def send_digit(self, digit: str, duration_ms: int = 160) -> Reply:
        """Send a digit (0-9 * # A-D) by INFO."""
        return await self.info(RELAY, write_digit(digit, duration_ms))

    # -- requests of ours within the dialog --------------------------------------------------------

    async def ask(self, method: str, headers: Pairs, body: bytes = b"") -> Reply:
        """Send a request in the dialog and wait for its final response."""
        leg = self.leg
        if leg is None or self.over:
            return Reply(481, "There is no dialog", b"", Headers())
        future: asyncio.Future[Reply] = self._core.loop.create_future()
        self._asked.add(future)
        future.add_done_callback(self._asked.discard)

        def received(exchange: Exchange, response: Response) -> None:
            if response.status < 200:
                return
            self.on_final(leg, exchange, response)
            if not future.done():
                future.set_result(reply_of(response))

        def failed(status: int, reason: str) -> None:
            if not future.done():
                future.set_result(Reply(status, reason, b"", Headers()))

        leg.ask(method, on_response=received, on_failure=failed, headers=headers, body=body)
        reply = await future
        if reply.status in (408, 481) and not self.over:
            # RFC 3261 12.2.1.2: the peer does not know the dialog, or is not there any more.
            self._end("network", reply.status, f"{method}: {reply.reason}")
            if reply.status == 408:
                leg.bye([])
        return reply

    def on_final(self, leg: Leg, exchange: Exchange, response: Response) -> None:
        """A final response came to a request within the dialog."""
        if response.is_success:
            leg.dialog.refresh_target(response, exchange.request.method)
            leg.heard(response, exchange.hop)
            if exchange.request.method == "INVITE":
                number = exchange.request.cseq.number
                if not leg.acknowledge_again(number):
                    leg.acknowledge(exchange)

    # -- requests of the peer ----------------------------------------------------------------------

    def on_request(self, transaction: ServerTransaction) -> None:
        """Serve a request within one of our dialogs."""
        request = transaction.request
        leg = self._leg_of(request)
        if leg is None or (self.over and request.method != "BYE"):
            transaction.respond(respond(request, 481))
            return
        if not leg.dialog.in_order(request):
            transaction.respond(respond(request, 500, reason="CSeq is out of order"))
            return
        leg.dialog.check_target(request)  # Malformed is answered with 400 by who reads messages
        leg.heard(request, transaction.hop)
        self._serve(transaction, leg)

    def _serve(self, transaction: ServerTransaction, leg: Leg) -> None:
        request = transaction.request
        match request.method:
            case "BYE":
                self._on_bye(transaction)
            case "INVITE":
                self._offers.on_invite(transaction, leg)
            case "UPDATE":
                self._offers.on_update(transaction, leg)
            case "INFO":
                self._on_info(transaction)
            case "PRACK":
                self._on_prack(transaction)
            case "OPTIONS":
                transaction.respond(respond(request, 200, headers=self.abilities()))
            case "REFER":
                transaction.respond(respond(request, 603))  # nobody else decides where calls go
            case _:
                allow = [("Allow", CALL_METHODS)]
                transaction.respond(respond(request, 405, headers=allow))

    def on_ack(self, request: Request) -> None:
        """An ACK came for a 2xx of ours."""
        if self._leg_of(request) is not None:
            self._offers.on_ack(request)

    def _leg_of(self, request: Request) -> Leg | None:
        leg = self.leg
        return leg if leg is not None and leg.dialog.id.remote_tag == request.from_.tag else None

    def _on_bye(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        transaction.respond(respond(request, 200))
        self._end("remote", 200, request.headers.get("reason") or "")

    def _on_info(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        digit = parse_digit(request.content_type, request.body)
        if digit is None and "info-package" in request.headers:
            # RFC 6086 4.2.2: none of the packages there are is served.
            transaction.respond(respond(request, 469, headers=[("Recv-Info", "")]))
            return
        transaction.respond(respond(request, 200))
        if not request.body:
            return
        if digit is not None:
            self.tell(Digit(digit.digit, digit.duration_ms))
        else:
            self.tell(Info(request.content_type, request.body))

    def _on_prack(self, transaction: ServerTransaction) -> None:
        transaction.respond(respond(transaction.request, 481))  # nothing waits for one

    # -- session timer -----------------------------------------------------------------------------

    def session_set(self, agreed: Agreed | None) -> None:
        """The session was set up or refreshed with this agreement."""
        if not self.over:
            self._clock.start(agreed)

    def _refresh(self) -> None:
        self._core.spawn(self._offers.refresh())

    def _expired(self) -> None:
        if not self.over:
            self._end("network", 408, "the session was not refreshed")
            if self.leg is not None:
                self.leg.bye([("Reason", 'SIP;cause=408;text="Session expired"')])

    # -- inside ------------------------------------------------------------------------------------

    def goes_by(self, hop: Hop) -> bool:
        """Whether requests to the peer go by this connection."""
        pinned = self.leg.route.pinned if self.leg is not None else None
        return pinned is not None and pinned[:3] == hop[:3]

    def abilities(self) -> Pairs:
        return [("Allow", CALL_METHODS), ("Supported", SUPPORTED), ("Accept", "application/sdp")]

    @abstractmethod
    def contact(self) -> str: ...

    @abstractmethod
    def not_confirmed(self) -> None:
        """The ACK to a 2xx of ours never came."""

    @property
    def agreed(self) -> Agreed | None:
        """What the session timer was set to."""
        return self._clock.agreed

    @property
    def is_of_user(self) -> bool:
        """Whether a user called, and no trunk."""
        return False

    @property
    def username(self) -> str:
        """Who we prove to be when we are challenged; "" for nobody."""
        return "" if self._credentials is None else self._credentials.username

    def tell(self, event: Event) -> None:
        self._events.put(event)

    def _end(self, side: Side, status: int, cause: str) -> None:
        if not self.over:
            self._close()
            self.tell(Ended(side, status, cause, self.answered))

    def abandon(self) -> None:
        """Forget the call without a word to the peer; Ended tells the owner."""
        self._end("local", 503, "the user agent is closed")

    def _close(self) -> None:
        """Stop everything that runs for the call."""
        self.over = True
        self._clock.stop()
        self._offers.close()
        for future in [each for each in self._asked if not each.done()]:
            future.set_result(Reply(487, "the call is over", b"", Headers()))
        self._registry.retire(self)


def reply_of(response: Response) -> Reply:
    return Reply(response.status, response.reason, sdp_of(response) or b"", response.headers)
