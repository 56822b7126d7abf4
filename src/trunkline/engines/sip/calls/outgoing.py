"""A call of ours: INVITE, forks, early media, CANCEL and its races (RFC 3261 13.2, 9.1)."""

from dataclasses import dataclass, field
from typing import Final

from trunkline.engines.sip.calls.call import Call, Registry
from trunkline.engines.sip.calls.events import Answered, Failed, Proceeding, Progress, Unheard
from trunkline.engines.sip.calls.exchange import Exchange
from trunkline.engines.sip.calls.leg import Leg, Pairs
from trunkline.engines.sip.core import Core
from trunkline.engines.sip.transport import Hop
from trunkline.protocols.sip import (
    MAX_FORWARDS,
    Headers,
    Malformed,
    Request,
    Response,
    cancel_for,
    confirm,
    from_response,
    make_address,
    unusable,
)
from trunkline.protocols.sip.bodies import sdp_of
from trunkline.protocols.sip.digest import Credentials
from trunkline.protocols.sip.reliable import is_reliable
from trunkline.protocols.sip.session_timer import agreed, parse_min_se

_MAX_LEGS: Final = 16
"""Forked early dialogs that are followed; further ones are let go."""
_MAX_INTERVAL_TRIES: Final = 2
_SILENCE_S: Final = 0.1
"""Nearly all send 100 sooner: then nobody need be told that an INVITE is unheard."""


@dataclass(frozen=True, slots=True)
class Placing:
    """What is to be called, and as whom.

    `uri` is the Request-URI and To; `hop` where the INVITE goes if not where that leads. `sdp`
    empty asks the peer for an offer (late offer). `headers` are added to the INVITE.
    """

    uri: str
    caller: str
    sdp: bytes = b""
    hop: Hop | None = None
    caller_name: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    credentials: Credentials | None = field(default=None, repr=False)
    route: tuple[str, ...] = ()
    """Values of Route, outbound proxies first."""


class OutgoingCall(Call):
    """Placed by `UserAgent.place`. Events: Unheard, Proceeding, Progress…, Answered or Failed.

    After Answered, Ended.
    """

    outgoing = True

    def __init__(self, core: Core, registry: Registry, placing: Placing) -> None:
        super().__init__(core, registry, core.token(), core.token(), placing.credentials)
        self.placing: Final = placing
        self.local_sdp = placing.sdp
        self._legs: dict[str, Leg] = {}
        self._exchange: Exchange | None = None
        self._arrived = 0
        """CSeq of the INVITE that a provisional response came to."""
        self._hop: Hop | None = None
        self._cancel: Pairs | None = None
        """Headers of the CANCEL, once one is wanted."""
        self._cancelled = False
        """Whether it was sent."""
        self._unacknowledged: Exchange | None = None
        """A 2xx with an offer, whose ACK waits for our answer."""
        self._interval_tries = 0

    def start(self) -> None:
        """Send the INVITE, as soon as it is known where to."""
        first = self.placing.route[0].strip("<>") if self.placing.route else self.placing.uri
        if self.placing.hop is not None:
            self._invite(self.placing.hop)
        else:
            self._core.reach(first, self._invite)

    def contact(self) -> str:
        hop = self._hop or Hop("udp", "127.0.0.1", 0)
        secure = self.placing.uri.lower().startswith("sips:")  # RFC 3261 8.1.1.8
        return self._core.contact(hop, secure=secure)

    @property
    def invite(self) -> Exchange | None:
        """The INVITE on its way, once it was sent."""
        return self._exchange

    # -- for the owner -----------------------------------------------------------------------------

    def hang_up(self, *, reason: str = "", headers: Pairs | None = None) -> None:
        """Cancel before the answer (Failed 487 follows), else send BYE (Ended follows)."""
        added = [("Reason", reason)] if reason else []
        added += headers or []
        if self.over:
            return
        if self.answered:
            if self._unacknowledged is not None:
                self.acknowledge(b"")
            self._end("local", 200, reason)
            if self.leg is not None:
                self.leg.bye(added)
        elif self._exchange is None:
            self._fail(487, "Request Terminated", local=True)
        elif self._cancel is None:
            self._cancel = added
            self._exchange.give_up()
            self._try_cancel()

    def acknowledge(self, sdp: bytes) -> bool:
        """Answer the offer that came with Answered; False when there is none."""
        exchange, self._unacknowledged = self._unacknowledged, None
        if exchange is None or self.leg is None:
            return False
        self.local_sdp = sdp
        self.leg.acknowledge(exchange, sdp)
        return True

    # -- the INVITE --------------------------------------------------------------------------------

    def _invite(self, hop: Hop | None) -> None:
        if self.over:
            return
        if hop is None:
            self._fail(503, "no way to the peer", local=True)
            return
        self._hop = hop
        placing = self.placing
        self._exchange = Exchange(
            self._core,
            self._first_request(hop),
            hop,
            on_response=self._on_response,
            on_failure=self._on_failure,
            credentials=placing.credentials,
            on_sent=self._watch_silence,
        )
        self._watch_silence()

    def _watch_silence(self) -> None:
        """An INVITE was sent: tell if nothing comes back."""

        def look() -> None:
            exchange = self._exchange
            if exchange is None or exchange.request is not sent or self.over:
                return
            if exchange.unheard:
                self.tell(Unheard())

        sent = self._exchange.request if self._exchange is not None else None
        self._core.loop.call_later(_SILENCE_S, look)

    def _first_request(self, hop: Hop) -> Request:
        placing, core = self.placing, self._core
        headers = Headers()
        add = headers.add
        add("Via", str(core.via(hop)))
        add("Max-Forwards", str(MAX_FORWARDS))
        for route in placing.route:
            add("Route", route)
        add("From", str(make_address(placing.caller, placing.caller_name, self.local_tag)))
        add("To", f"<{placing.uri}>")
        add("Call-ID", self.call_id)
        add("CSeq", "1 INVITE")
        add("Contact", self.contact())
        for name, value in self.abilities():
            add(name, value)
        interval = core.config.session.interval_s
        if interval:
            add("Session-Expires", str(interval))
        add("User-Agent", core.config.product)
        for name, value in placing.headers:
            add(name, value)
        if placing.sdp:
            add("Content-Type", "application/sdp")
        else:
            # An offer in a reliable 1xx would have to be answered in its PRACK: not asked for.
            headers.set("Supported", "timer")
        return Request("INVITE", placing.uri, headers, placing.sdp)

    def _try_cancel(self) -> None:
        """Send the CANCEL, if one is wanted and a response came (RFC 3261 9.1)."""
        exchange = self._exchange
        if self._cancel is None or self._cancelled or exchange is None or not exchange.proceeding:
            return
        self._cancelled = True
        cancel = cancel_for(exchange.request)
        for name, value in self._cancel:
            cancel.headers.add(name, value)
        self._core.ask(cancel, exchange.hop, lambda _: None, lambda _status, _reason: None)
        exchange.transaction.expect_end()

    # -- its responses -----------------------------------------------------------------------------

    def _on_response(self, response: Response) -> None:
        if response.is_provisional:
            self._try_cancel()
            self._note_arrival(response.cseq.number)
            if response.status > 100:
                self._on_progress(response)
        elif response.is_success:
            self._on_success(response)
        elif response.status == 422 and self._ask_longer(response):
            return
        else:
            self._fail(response.status, response.reason, local=False, headers=response.headers)

    def _note_arrival(self, cseq: int) -> None:
        if self._arrived != cseq and self._cancel is None:
            self._arrived = cseq
            self.tell(Proceeding())

    def _on_failure(self, status: int, reason: str) -> None:
        if self._cancel is not None:
            status, reason = 487, "Request Terminated"  # it is what was wanted
        self._fail(status, reason, local=True)

    def _on_progress(self, response: Response) -> None:
        if self.over or self.answered:
            return
        tag = response.to.tag
        if tag:
            leg = self._leg_for(response)
            if leg is None:
                return
            if is_reliable(response) and not self._acknowledge_progress(leg, response):
                return
            self.leg = leg
        sdp = sdp_of(response) or b""
        self.remote_sdp = sdp or self.remote_sdp
        self.tell(Progress(response.status, response.reason, sdp, tag, response.headers))

    def _acknowledge_progress(self, leg: Leg, response: Response) -> bool:
        """Send the PRACK; False for a repetition."""
        rack = leg.ordering.take(response)
        if rack is None:
            return False
        leg.ask(
            "PRACK",
            on_response=lambda _exchange, _response: None,
            on_failure=lambda _status, _reason: None,
            headers=[("RAck", f"{rack.rseq} {rack.cseq} {rack.method}")],
        )
        return True

    def _leg_for(self, response: Response) -> Leg | None:
        tag = response.to.tag
        leg = self._legs.get(tag)
        exchange, hop = self._exchange, self._hop
        if exchange is None or hop is None:
            return None
        if leg is None and len(self._legs) < _MAX_LEGS:
            dialog = from_response(exchange.request, response)
            leg = self._legs[tag] = Leg(self._core, dialog, hop, self._credentials)
        if leg is not None:
            leg.heard(response, hop)
        return leg

    def _on_success(self, response: Response) -> None:
        exchange = self._exchange
        if exchange is None:
            return
        try:
            leg = self._leg_for(response)
            if leg is not None and not leg.dialog.confirmed:
                confirm(leg.dialog, response)
                leg.heard(response, exchange.hop)
        except Malformed:
            leg = None
        if leg is None:
            if not self.answered:
                self._decline(exchange, response)
                self._fail(502, "an answer that makes no dialog", local=True)
            return
        if self.answered or self.over:
            self._on_further_success(leg, exchange)
            return
        self.leg = leg
        if self._cancel is not None:
            # The answer crossed our CANCEL (RFC 3261 9.1): take it and hang up.
            leg.acknowledge(exchange)
            leg.bye(self._cancel)
            self._fail(487, "Request Terminated", local=True)
            return
        self._take_answer(leg, exchange, response)

    def _take_answer(self, leg: Leg, exchange: Exchange, response: Response) -> None:
        self.answered = True
        sdp = sdp_of(response) or b""
        self.remote_sdp = sdp or self.remote_sdp
        late = not exchange.request.body and bool(sdp)
        if late:
            self._unacknowledged = exchange
            self._core.loop.call_later(self._core.config.offer_timeout_s, self._not_answered)
        else:
            leg.acknowledge(exchange)
        self.session_set(agreed(response.headers))
        self.tell(Answered(sdp, late, response.to.tag, response.headers))

    def _decline(self, exchange: Exchange, response: Response) -> None:
        """Who answered in a way that cannot be used takes the call for answered: end it there."""
        leg = Leg(self._core, unusable(exchange.request, response), exchange.hop, self._credentials)
        leg.acknowledge(exchange)
        leg.bye([("Reason", 'SIP;cause=400;text="Contact cannot be used"')])

    def _not_answered(self) -> None:
        """Nobody answered a late offer: the peer must not wait for ever."""
        if self._unacknowledged is not None and not self.over:
            self.hang_up(reason='SIP;cause=488;text="No answer to the offer"')

    def _on_further_success(self, leg: Leg, exchange: Exchange) -> None:
        """A 2xx came again, or another fork answered as well (RFC 3261 13.2.2.4)."""
        number = exchange.request.cseq.number
        if leg.acknowledge_again(number) or leg is self.leg:
            return
        leg.acknowledge(exchange)
        leg.bye([])

    def _ask_longer(self, response: Response) -> bool:
        """Try again with the interval that a 422 wants (RFC 4028 7.3)."""
        exchange = self._exchange
        if (
            exchange is None
            or self._interval_tries >= _MAX_INTERVAL_TRIES
            or self._cancel is not None
        ):
            return False
        self._interval_tries += 1
        least = parse_min_se(response.headers.get("min-se"))
        interval = max(least, self._core.config.session.interval_s)
        exchange.repeat([("Session-Expires", str(interval)), ("Min-SE", str(least))])
        return True

    def _leg_of(self, request: Request) -> Leg | None:
        if self.answered:
            return super()._leg_of(request)
        return self._legs.get(request.from_.tag)

    def _fail(
        self, status: int, reason: str, *, local: bool, headers: Headers | None = None
    ) -> None:
        if self.over or self.answered:
            return
        self._close()
        exchange = self._exchange
        proving = exchange is not None and bool(exchange.credentials_header)
        self.tell(Failed(status, reason, local, headers or Headers(), proving))

    def not_confirmed(self) -> None:
        """An ACK to a 2xx of ours never came (RFC 3261 14.2 leaves the session; we end it)."""
        self._end("network", 408, "no ACK")
        if self.leg is not None:
            self.leg.bye([])
