"""What is left of an INVITE of ours whose process is gone: enough to take it back.

The heir goes on with the transaction (RFC 3261 17.1.1) where the dead process was, by the same
branch: CANCEL, the ACK of what that brings, and ACK and BYE if somebody answered all the same.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from trunkline.engines.sip.calls.exchange import Exchange
from trunkline.engines.sip.calls.farewell import CSEQ_ROOM
from trunkline.engines.sip.calls.outgoing import OutgoingCall
from trunkline.engines.sip.core import Core, Route
from trunkline.engines.sip.transaction import ClientTransaction
from trunkline.engines.sip.transport import Hop, bracketed
from trunkline.protocols.sip import (
    Malformed,
    Response,
    cancel_for,
    from_response,
    invite_of,
)
from trunkline.protocols.sip.digest import Credentials


@dataclass(frozen=True, slots=True)
class Invitation:
    """An INVITE that is on its way: a final response did not come, a provisional one if `heard`.

    Plain values that outlive the process; `hop` and `username` as in `Farewell`. `proof` are
    the headers that answered challenges, which an ACK repeats.
    """

    uri: str
    via: str
    local: str
    to: str
    call_id: str
    cseq: int
    routes: tuple[str, ...]
    hop: Hop
    proof: tuple[tuple[str, str], ...] = ()
    username: str = ""
    heard: bool = True


def invitation_of(call: OutgoingCall) -> Invitation | None:
    """Return what would take an INVITE back; None if it cannot be, or was, or is answered."""
    exchange = call.invite
    if exchange is None or call.over or not (exchange.proceeding or exchange.unheard):
        return None
    request = exchange.request
    return Invitation(
        request.uri,
        str(request.via),
        request.headers.get("from") or "",
        request.headers.get("to") or "",
        request.call_id,
        request.cseq.number,
        tuple(request.headers.lines("route")),
        exchange.hop,
        tuple(exchange.credentials_header),
        call.username,
        exchange.proceeding,
    )


def withdraw(
    core: Core,
    invitation: Invitation,
    *,
    credentials: Credentials | None,
    reason: str,
    done: Callable[[int], None],
) -> None:
    """Send the CANCEL and see it through; `done` gets the last status.

    One that was not heard is waited for first, for 64*T1: it must not be cancelled before a
    provisional response (RFC 3261 9.1). `done` gets 408 if nothing comes, and at once when it would
    go to another address.

    That of the INVITE, as a rule 487, or of the BYE if it was answered; of the CANCEL when nothing
    came of it: 481 if the peer knows of no such INVITE, 408 for silence, 503 if there is no way.

    Raises:
        Malformed, EncodeError: what was kept cannot be read or written.
    """
    _Withdrawal(core, invitation, credentials, reason, done)


class _Withdrawal:
    """One INVITE that is being taken back."""

    def __init__(
        self,
        core: Core,
        invitation: Invitation,
        credentials: Credentials | None,
        reason: str,
        done: Callable[[int], None],
    ) -> None:
        self._core: Final = core
        self._credentials: Final = credentials
        self._hop: Final = invitation.hop
        self._proof: Final = list(invitation.proof)
        self._reason: Final = [("Reason", reason)] if reason else []
        self._done: Final = done
        self._cancelled = 408
        """The status of the CANCEL."""
        self._acks: dict[str, tuple[bytes, Hop]] = {}
        invite = invite_of(
            invitation.uri,
            vias=(invitation.via,),
            sender=invitation.local,
            to=invitation.to,
            call_id=invitation.call_id,
            cseq=invitation.cseq,
            routes=invitation.routes,
        )
        local = core.transports.local(invitation.hop)
        self._is_ours: Final = (invite.via.host, invite.via.port) == (bracketed(local[0]), local[1])
        """Whether answers to the INVITE come to us: they go to its Via (RFC 3261 18.2.2)."""
        self._sent = False
        self._invite: Final = ClientTransaction(
            core.transactor, invite, self._hop, self._answered, self._over, resumed=True
        )
        self._invite.expect_end()
        if invitation.heard:
            self._cancel()
        elif not self._is_ours:
            self._give_up(408)

    def _cancel(self) -> None:
        if self._sent:
            return
        self._sent = True
        cancel = cancel_for(self._invite.request)
        for name, value in self._reason:
            cancel.headers.add(name, value)
        try:
            self._core.ask(cancel, self._hop, self._taken, self._not_taken)
        except Exception:
            self._invite.stop()
            raise
        self._invite.expect_end()

    # -- what the CANCEL brings --------------------------------------------------------------------

    def _taken(self, response: Response) -> None:
        if response.status < 200:
            return
        self._cancelled = response.status
        if not self._is_ours:
            self._give_up(response.status)
        # Else the INVITE is waited for, also after a 481: a 200 may have been sent already, which
        # comes again (RFC 3261 13.3.1.4).

    def _not_taken(self, status: int, _reason: str) -> None:
        self._cancelled = status
        if status != 408 or not self._is_ours:
            self._give_up(status)

    def _give_up(self, status: int) -> None:
        self._invite.stop()
        self._done(status)

    # -- what the INVITE brings --------------------------------------------------------------------

    def _answered(self, response: Response) -> None:
        if response.is_provisional:
            self._cancel()
            return
        if not response.is_success:
            self._done(response.status)
            return
        tag = response.to.tag
        if tag in self._acks:  # it came again
            self._core.transactor.transmit(*self._acks[tag])
            return
        self._end(response, tag)

    def _over(self, _status: int, _reason: str) -> None:
        self._done(self._cancelled)

    def _end(self, response: Response, tag: str) -> None:
        """It was answered, CANCEL or not: acknowledge, and hang up (RFC 3261 9.1, 15)."""
        try:
            dialog = from_response(self._invite.request, response)
        except Malformed:
            self._done(502)
            return
        number = dialog.local_cseq
        dialog.local_cseq += CSEQ_ROOM  # there may have been PRACKs

        def send(hop: Hop | None) -> None:
            if hop is None:
                self._done(503)
                return
            ack = dialog.request("ACK", self._core.via(hop), headers=self._proof, cseq=number)
            self._acks[tag] = self._core.send(ack, hop), hop
            Exchange(
                self._core,
                dialog.request("BYE", self._core.via(hop), headers=self._reason),
                hop,
                on_response=self._ended,
                on_failure=lambda status, _reason: self._done(status),
                credentials=self._credentials,
                dialog=dialog,
            )

        Route(self._core, dialog, self._hop).find(send)

    def _ended(self, response: Response) -> None:
        if response.status >= 200:
            self._done(response.status)
