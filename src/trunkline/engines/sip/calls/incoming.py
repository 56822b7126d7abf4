"""A call that a peer places: ringing, early media, answer or refusal (RFC 3261 13.3, 3262)."""

import asyncio
from typing import Final

from trunkline.engines.sip.calls.call import Call, Registry
from trunkline.engines.sip.calls.confirm import Repetition
from trunkline.engines.sip.calls.events import Confirmed
from trunkline.engines.sip.calls.leg import Leg, Pairs
from trunkline.engines.sip.calls.offers import timer_headers
from trunkline.engines.sip.core import Core
from trunkline.engines.sip.origin import FromUser, Origin
from trunkline.engines.sip.transaction import ServerTransaction
from trunkline.engines.sip.transport import Hop
from trunkline.protocols.sip import Request, from_request, respond
from trunkline.protocols.sip.bodies import sdp_of
from trunkline.protocols.sip.digest import Credentials
from trunkline.protocols.sip.grammar import parse_number
from trunkline.protocols.sip.reliable import Numbering, can_reliable, wants_reliable
from trunkline.protocols.sip.session_timer import Accepted

_REMIND_S: Final = 60.0  # RFC 3261 13.3.1.1: every minute, lest a proxy gives up
_LONGEST_S: Final = 86_400
_MAX_PROVISIONAL: Final = 20
"""Reliable responses that may wait for a PRACK of the one before."""


class IncomingCall(Call):
    """Given to `on_call`. Its owner calls `ring`, `answer` or `reject`, and reads events.

    `origin` says who calls: a trunk, or a registered user. `request` is the INVITE; `offer` its
    SDP, empty when the peer wants an offer of ours in the answer (late offer; the peer's answer
    comes with Confirmed).
    """

    def __init__(
        self,
        core: Core,
        registry: Registry,
        transaction: ServerTransaction,
        origin: Origin,
        timer: Accepted,
        credentials: Credentials | None = None,
    ) -> None:
        request = transaction.request
        tag = core.token()
        dialog = from_request(request, tag)
        super().__init__(core, registry, request.call_id, tag, credentials)
        self.origin: Final = origin
        self.request: Final = request
        self.offer: Final = sdp_of(request) or b""
        self.remote_sdp = self.offer
        self.leg = Leg(core, dialog, transaction.hop, credentials)
        self.leg.heard(request, transaction.hop)
        self._transaction = transaction
        self._timer = timer
        self._numbering = Numbering(1, request.cseq.number)
        self._unproven: Repetition | None = None
        """The reliable response that waits for its PRACK."""
        self._waiting: list[tuple[int, bytes, Pairs]] = []
        self._held: tuple[bytes, Pairs] | None = None
        """An answer that waits for a PRACK (RFC 3262 3)."""
        self._remind: asyncio.TimerHandle | None = None
        self._early = b""
        """Our answer to the offer, as it was given before the 200."""
        self._asked_early = False
        """Whether our offer was answered in a PRACK (RFC 3262 5)."""
        self._expiry: asyncio.TimerHandle | None = None
        self._bye: Pairs | None = None
        """Headers of a BYE that waits for the ACK (RFC 3261 15)."""
        transaction.on_cancel = self._on_cancel
        self._offers.on_confirmed = self._confirmed
        transaction.respond(respond(request, 100))
        seconds = parse_number(request.headers.get("expires"), _LONGEST_S)
        if seconds:
            self._expiry = core.loop.call_later(seconds, self._invite_expired)

    @property
    def open(self) -> bool:
        """Whether it can still be answered or refused."""
        return not (self.over or self.answered or self._transaction.answered)

    @property
    def must_prove(self) -> bool:
        """Whether the caller demands reliable responses (RFC 3262): the first has to have SDP."""
        return wants_reliable(self.request)

    @property
    def hop(self) -> Hop:
        """Where it came from."""
        return self._transaction.hop

    @property
    def is_of_user(self) -> bool:
        return isinstance(self.origin, FromUser)

    def contact(self) -> str:
        secure = self.leg is not None and self.leg.dialog.secure
        return self._core.contact(self._transaction.hop, secure=secure)

    # -- for the owner -----------------------------------------------------------------------------

    def ring(self, status: int = 180, sdp: bytes = b"", headers: Pairs | None = None) -> bool:
        """Tell the caller that it rings (180), or play early media (183 with SDP).

        Reliably if the caller demands it, or knows it and there is SDP. False when it is too late.
        A caller without an offer who demands it is given ours; its answer comes with Confirmed.
        """
        if not self.open or self._held is not None:
            return False
        if sdp:
            self.local_sdp = sdp
            self._early = sdp if self.offer else b""
        if self._unproven is not None:
            if len(self._waiting) < _MAX_PROVISIONAL:
                self._waiting.append((status, sdp, headers or []))
            return True
        self._ring(status, sdp, headers or [])
        return True

    def answer(self, sdp: bytes, headers: Pairs | None = None) -> bool:
        """Answer with 200; it is sent until acknowledged. False when it is too late."""
        if not self.open or self._held is not None:
            return False
        if self._unproven is not None:
            self._held = sdp, headers or []
            return True
        self._answer(sdp, headers or [])
        return True

    def reject(self, status: int = 486, reason: str = "", headers: Pairs | None = None) -> bool:
        """Refuse with 300 to 699; Ended follows. For 3xx put Contact into `headers`.

        False when too late.
        """
        if not self.open:
            return False
        self._refuse(status, reason, headers or [])
        self._end("local", status, reason)
        return True

    def hang_up(self, *, reason: str = "", headers: Pairs | None = None) -> None:
        """Refuse with 480 before the answer, else send BYE, after the ACK at the earliest."""
        added = [("Reason", reason)] if reason else []
        added += headers or []
        if self.over:
            return
        if not self.answered:
            self._refuse(480, "", added)
            self._end("local", 480, reason)
        elif self._offers.unconfirmed:
            self._bye = self._bye or added
        elif self.leg is not None:
            self._end("local", 200, reason)
            self.leg.bye(added)

    # -- answers -----------------------------------------------------------------------------------

    def _ring(self, status: int, sdp: bytes, headers: Pairs) -> None:
        request = self.request
        reliable = status > 100 and (
            self.must_prove
            or (bool(sdp) and self._core.config.reliable_early and can_reliable(request))
        )
        if self._asked_early:
            sdp = b""  # our offer is answered
        fields = [("Contact", self.contact()), *headers]
        if reliable:
            fields += [("Require", "100rel"), ("RSeq", str(self._numbering.take()))]
            fields += self.abilities()
        response = respond(request, status, tag=self.local_tag, headers=fields, body=sdp)
        octets = self._transaction.respond(response)
        if reliable:
            self._unproven = Repetition(
                self._core, self._transaction, octets, self._no_prack, ceiling=False
            )
        self._set_reminder(octets)

    def _set_reminder(self, octets: bytes) -> None:
        if self._remind is not None:
            self._remind.cancel()

        def remind() -> None:
            if self.open and self._unproven is None:
                self._transaction.send_again(octets)
            self._set_reminder(octets)

        self._remind = self._core.loop.call_later(_REMIND_S, remind)

    def _answer(self, sdp: bytes, headers: Pairs) -> None:
        fields = [
            ("Contact", self.contact()),
            *self.abilities(),
            *timer_headers(self._timer),
            *headers,
        ]
        if self._early and self.local_sdp != self._early:
            sdp = self.local_sdp  # an UPDATE has changed what was agreed on early
        late = not self.offer and not self._asked_early
        body = sdp if self.offer or late else b""
        response = respond(self.request, 200, tag=self.local_tag, headers=fields, body=body)
        octets = self._transaction.respond(response)
        self.answered = True
        self.local_sdp = sdp
        if self.leg is not None:
            self.leg.dialog.confirmed = True
        self._stop_ringing()
        self._offers.expect_ack(self._transaction, octets, late=late)
        self.session_set(self._timer.agreed)

    def _refuse(self, status: int, reason: str, headers: Pairs) -> None:
        response = respond(self.request, status, reason=reason, tag=self.local_tag, headers=headers)
        self._transaction.respond(response)

    def _invite_expired(self) -> None:
        """RFC 3261 13.3.1: the caller wanted to wait no longer than Expires says."""
        if self.open:
            self._refuse(487, "", [])
            self._end("remote", 487, "Expires")

    def _stop_ringing(self) -> None:
        if self._expiry is not None:
            self._expiry.cancel()
        if self._remind is not None:
            self._remind.cancel()
        if self._unproven is not None:
            self._unproven.stop()
            self._unproven = None

    # -- what the peer does ------------------------------------------------------------------------

    def _on_cancel(self, cancel: Request) -> None:
        if self.open:
            self._refuse(487, "", [])
            self._end("remote", 487, cancel.headers.get("reason") or "")

    def _on_bye(self, transaction: ServerTransaction) -> None:
        if self.open:
            self._refuse(487, "", [])  # RFC 3261 15.1.2: a BYE ends what is not answered too
        super()._on_bye(transaction)

    def _on_prack(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        if self._unproven is None or not self._numbering.acknowledge(request):
            transaction.respond(respond(request, 481))
            return
        self._unproven.stop()
        self._unproven = None
        sdp = sdp_of(request) or b""
        if sdp and self._early and self.leg is not None:
            self._offers.on_prack(transaction, self.leg)
        else:
            transaction.respond(respond(request, 200))
        if sdp and not self.offer and self.local_sdp:
            self.remote_sdp, self._asked_early = sdp, True
            self.tell(Confirmed(sdp))
        self._go_on()

    def _go_on(self) -> None:
        """Do what waited for a PRACK."""
        if self._waiting and self.open:
            self._ring(*self._waiting.pop(0))
        if self._held is not None and self._unproven is None and self.open:
            held, self._held = self._held, None
            self._answer(*held)

    def _no_prack(self) -> None:
        """RFC 3262 3: the INVITE is refused when no PRACK came."""
        self._unproven = None
        if self.open:
            self._refuse(504, "No PRACK", [])
            self._end("network", 408, "no PRACK")

    def _confirmed(self) -> None:
        if self._bye is not None and self.leg is not None and not self.over:
            bye, self._bye = self._bye, None
            self._end("local", 200, "")
            self.leg.bye(bye)

    def not_confirmed(self) -> None:
        """RFC 3261 13.3.1.4: without an ACK the session is ended."""
        bye, self._bye = self._bye, None
        self._end("network", 408, "no ACK")
        if self.leg is not None:
            self.leg.bye(bye or [])

    def _close(self) -> None:
        self._stop_ringing()
        super()._close()
