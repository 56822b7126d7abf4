"""Changes of a session that stands.

Re-INVITE and UPDATE, of ours and of the peer (RFC 3261 14, 3311).
"""

import asyncio
import random
from collections.abc import Callable
from typing import Final

from trunkline.engines.sip.calls.confirm import Repetition
from trunkline.engines.sip.calls.events import Confirmed, Offered, Reply
from trunkline.engines.sip.calls.leg import Leg, Pairs
from trunkline.engines.sip.calls.session import Session
from trunkline.engines.sip.core import Core
from trunkline.engines.sip.transaction import ServerTransaction
from trunkline.protocols.sip import Headers, Request, respond
from trunkline.protocols.sip.bodies import sdp_of
from trunkline.protocols.sip.session_timer import (
    Accepted,
    TooSmall,
    accept,
    agreed,
    parse_min_se,
)

_GLARE_TRIES: Final = 3


class Offers:
    """At most one change is under way in each direction; more are refused as the rules say."""

    def __init__(self, core: Core, call: Session) -> None:
        self._core = core
        self._call = call
        self._ours = asyncio.Lock()
        self._inviting = False
        """Our re-INVITE has no final response yet."""
        self._offering = False
        """An offer of ours has no answer yet."""
        self._theirs: PeerOffer | None = None
        self._unconfirmed: dict[int, Repetition] = {}
        """2xx of ours that wait for their ACK, by CSeq."""
        self._late: set[int] = set()
        """Those whose ACK brings the answer to an offer of ours."""
        self.on_confirmed: Callable[[], None] | None = None

    # -- ours --------------------------------------------------------------------------------------

    async def reinvite(self, sdp: bytes) -> Reply:
        async with self._ours:
            for _ in range(_GLARE_TRIES - 1):
                reply = await self._change("INVITE", sdp)
                if reply.status != 491:
                    return reply
                await asyncio.sleep(self._glare_wait())
            return await self._change("INVITE", sdp)

    async def update(self, sdp: bytes = b"") -> Reply:
        async with self._ours:
            return await self._change("UPDATE", sdp)

    async def refresh(self) -> None:
        """Keep the session alive, by UPDATE if the peer knows it (RFC 4028 7.2, 10)."""
        call = self._call
        if call.over or call.leg is None:
            return
        if "update" in call.leg.allow:
            await self.update()
        elif call.local_sdp:
            before = call.remote_sdp
            reply = await self.reinvite(call.local_sdp)
            if reply.accepted and reply.sdp not in (b"", before) and not call.over:
                call.tell(Confirmed(reply.sdp))  # RFC 3264 8: the peer may have moved

    async def _change(self, method: str, sdp: bytes) -> Reply:
        """Send one re-INVITE or UPDATE; a 422 is answered with the interval it wants."""
        call = self._call
        if self._theirs is not None and (sdp or method == "INVITE"):
            return Reply(491, "an offer of the peer is open", b"", Headers())
        self._inviting, self._offering = method == "INVITE", bool(sdp)
        try:
            reply = await call.ask(method, self._headers(sdp), sdp)
            if reply.status == 422:
                min_s = parse_min_se(reply.headers.get("min-se"))
                reply = await call.ask(method, self._headers(sdp, min_s), sdp)
        finally:
            self._inviting = self._offering = False
        if reply.accepted and not call.over:
            if sdp:
                call.local_sdp = sdp
                call.remote_sdp = reply.sdp or call.remote_sdp
            call.session_set(agreed(reply.headers))
        return reply

    def _headers(self, sdp: bytes, min_s: int = 0) -> Pairs:
        call = self._call
        headers = [("Contact", call.contact()), *call.abilities()]
        clock = call.agreed
        if clock is not None:
            interval = max(clock.interval_s, min_s)
            refresher = "uac" if clock.ours else "uas"
            headers.append(("Session-Expires", f"{interval};refresher={refresher}"))
        if min_s:
            headers.append(("Min-SE", str(min_s)))
        if sdp:
            headers.append(("Content-Type", "application/sdp"))
        return headers

    def _glare_wait(self) -> float:
        """How long to wait after a 491 (RFC 3261 14.1)."""
        low, high = (2.1, 4.0) if self._call.outgoing else (0.0, 2.0)
        return random.uniform(low, high)  # noqa: S311 - spreads, hides nothing

    # -- the peer's --------------------------------------------------------------------------------

    def on_invite(self, transaction: ServerTransaction, leg: Leg) -> None:
        inviting = self._inviting or (self._call.outgoing and not self._call.answered)
        if inviting or self._offering:
            transaction.respond(respond(transaction.request, 491))  # RFC 3261 14.2
            return
        if self._theirs is not None or not self._call.answered:
            self._busy(transaction)
            return
        self._consider(transaction, leg)

    def on_update(self, transaction: ServerTransaction, leg: Leg) -> None:
        call, request = self._call, transaction.request
        if not request.body:
            self._refreshed(transaction, leg)
        elif self._offering or (call.outgoing and not call.answered and not call.remote_sdp):
            transaction.respond(respond(request, 491))  # RFC 3311 5.2
        elif self._theirs is not None or not (call.answered or call.local_sdp):
            self._busy(transaction)
        else:
            self._consider(transaction, leg)

    def on_prack(self, transaction: ServerTransaction, leg: Leg) -> None:
        """Take the offer that a PRACK brings; its answer goes into the 2xx (RFC 3262 5)."""
        sdp = sdp_of(transaction.request)
        if not sdp or self._theirs is not None or self._offering:
            transaction.respond(respond(transaction.request, 488))
        else:
            self._hand_over(transaction, leg, sdp, Accepted(None))

    def on_ack(self, request: Request) -> None:
        number = request.cseq.number
        repetition = self._unconfirmed.pop(number, None)
        if repetition is None:
            return
        repetition.stop()
        sdp = b""
        if number in self._late:  # RFC 3261 13.2.1: any other ACK answers nothing
            self._late.discard(number)
            sdp = sdp_of(request) or b""
            self._call.remote_sdp = sdp or self._call.remote_sdp
        self._call.tell(Confirmed(sdp))
        if not self._unconfirmed and self.on_confirmed is not None:
            self.on_confirmed()

    @property
    def unconfirmed(self) -> bool:
        """Whether a 2xx of ours still waits for its ACK."""
        return bool(self._unconfirmed)

    def expect_ack(self, transaction: ServerTransaction, octets: bytes, *, late: bool) -> None:
        """Send a 2xx again until its ACK; `late` says that the ACK brings an answer."""
        number = transaction.request.cseq.number
        if late:
            self._late.add(number)

        def lost() -> None:
            self._unconfirmed.pop(number, None)
            self._call.not_confirmed()

        self._unconfirmed[number] = Repetition(self._core, transaction, octets, lost)

    def close(self) -> None:
        for repetition in self._unconfirmed.values():
            repetition.stop()
        self._unconfirmed.clear()
        if self._theirs is not None:
            self._theirs.reject(487)

    def settled(self) -> None:
        """The peer's offer was answered."""
        self._theirs = None

    def _consider(self, transaction: ServerTransaction, leg: Leg) -> None:
        """Hand an offer to the owner; one that repeats the last needs no thought (RFC 4028 7.4).

        Unless the peer has moved: behind NAT its audio may come from another port as well now.
        """
        request = transaction.request
        sdp = sdp_of(request)
        if sdp is None:
            headers = [("Accept", "application/sdp")]
            transaction.respond(respond(request, 415, headers=headers))
            return
        timer = accept(request, self._core.config.session)
        if isinstance(timer, TooSmall):
            headers = [("Min-SE", str(timer.min_s))]
            transaction.respond(respond(request, 422, headers=headers))
            return
        if request.method == "INVITE":
            transaction.respond(respond(request, 100))
        self._hand_over(transaction, leg, sdp, timer)

    def _hand_over(
        self, transaction: ServerTransaction, leg: Leg, sdp: bytes, timer: Accepted
    ) -> None:
        request, call = transaction.request, self._call
        offer = PeerOffer(self._core, call, self, transaction, leg, timer)
        self._theirs = offer
        transaction.on_cancel = offer.cancelled
        if sdp and sdp == call.remote_sdp and call.local_sdp and not leg.moved:
            offer.accept(call.local_sdp)
        else:
            offer.wait(sdp)
            call.tell(Offered(sdp, request.method, offer))

    def _refreshed(self, transaction: ServerTransaction, leg: Leg) -> None:
        """Answer an UPDATE without SDP: it refreshes session and target only."""
        request = transaction.request
        timer = accept(request, self._core.config.session)
        if isinstance(timer, TooSmall):
            headers = [("Min-SE", str(timer.min_s))]
            transaction.respond(respond(request, 422, headers=headers))
            return
        leg.dialog.refresh_target(request, "UPDATE")
        headers = [("Contact", self._call.contact()), *self._call.abilities()]
        transaction.respond(respond(request, 200, headers=[*headers, *timer_headers(timer)]))
        if self._call.answered:
            self._call.session_set(timer.agreed)

    def _busy(self, transaction: ServerTransaction) -> None:
        # RFC 3261 14.2: another change is under way; try again in 0 to 10 s.
        wait = str(random.randint(1, 10))  # noqa: S311 - spreads, hides nothing
        headers = [("Retry-After", wait)]
        transaction.respond(respond(transaction.request, 500, headers=headers))


class PeerOffer:
    """An offer of the peer, until somebody answers it."""

    def __init__(
        self,
        core: Core,
        call: Session,
        offers: Offers,
        transaction: ServerTransaction,
        leg: Leg,
        timer: Accepted,
    ) -> None:
        self._core = core
        self._call = call
        self._offers = offers
        self._transaction = transaction
        self._leg = leg
        self._timer = timer
        self._sdp = b""
        self._limit: asyncio.TimerHandle | None = None
        self._open = True

    def wait(self, sdp: bytes) -> None:
        """Refuse it by itself when nobody answers in time."""
        self._sdp = sdp
        self._limit = self._core.loop.call_later(self._core.config.offer_timeout_s, self.reject)

    def accept(self, sdp: bytes) -> bool:
        """Answer with this description; it is an offer when the peer asked for one."""
        if not self._settle():
            return False
        call, request = self._call, self._transaction.request
        self._leg.dialog.refresh_target(request, request.method)
        self._leg.route.heard(self._transaction.hop)
        headers = [("Contact", call.contact()), *call.abilities(), *timer_headers(self._timer)]
        octets = self._transaction.respond(respond(request, 200, headers=headers, body=sdp))
        call.local_sdp = sdp
        call.remote_sdp = self._sdp or call.remote_sdp
        if request.method == "INVITE":
            self._offers.expect_ack(self._transaction, octets, late=not self._sdp)
        if call.answered and request.method != "PRACK":  # that refreshes no session
            call.session_set(self._timer.agreed)
        return True

    def reject(self, status: int = 488) -> bool:
        """Refuse it; the session stays as it was."""
        if not self._settle():
            return False
        self._transaction.respond(respond(self._transaction.request, status))
        return True

    def cancelled(self, _cancel: Request) -> None:
        self.reject(487)

    def _settle(self) -> bool:
        if not self._open:
            return False
        self._open = False
        if self._limit is not None:
            self._limit.cancel()
        self._offers.settled()
        return True


def timer_headers(timer: Accepted) -> Pairs:
    """Give what a 2xx says of the session timer."""
    if not timer.header:
        return []
    headers = [("Session-Expires", timer.header)]
    if timer.require:
        headers.append(("Require", "timer"))
    return headers
