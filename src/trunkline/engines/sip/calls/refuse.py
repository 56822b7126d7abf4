"""What is left of an INVITE of a peer's whose process is gone: enough to refuse it.

The heir goes on with the transaction (RFC 3261 17.2.1) where the dead process was, by the same To
tag: a refusal, sent again until its ACK.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from trunkline.engines.sip.calls.incoming import IncomingCall
from trunkline.engines.sip.core import Core
from trunkline.engines.sip.transaction import ServerTransaction
from trunkline.engines.sip.transport import Hop
from trunkline.engines.sip.transport.hop import DEFAULT_PORTS
from trunkline.protocols.sip import invite_of, respond
from trunkline.protocols.sip.transactions import server_key

STATUS: Final = 503  # RFC 3398 8.2.6.1: temporary failure; who called may try another way


@dataclass(frozen=True, slots=True)
class Unanswered:
    """An INVITE without a final answer of ours, as plain values that outlive the process.

    `hop` is where answers go, one that is not to be dialled as in `Farewell`; `tag` and
    `contact` are ours.
    Nobody asks who refuses, so `username` is always "".
    """

    uri: str
    vias: tuple[str, ...]
    sender: str
    to: str
    call_id: str
    cseq: int
    tag: str
    hop: Hop
    contact: str
    username: str = ""


def unanswered_of(call: IncomingCall) -> Unanswered | None:
    """Return what would refuse a call that came; None if it is answered or over."""
    if not call.open:
        return None
    request = call.request
    return Unanswered(
        request.uri,
        tuple(request.headers.lines("via")),
        request.headers.get("from") or "",
        request.headers.get("to") or "",
        request.call_id,
        request.cseq.number,
        call.local_tag,
        _way_back(call, request.via.port),
        call.contact(),
    )


def refuse(core: Core, unanswered: Unanswered, *, reason: str, done: Callable[[int], None]) -> None:
    """Refuse it; `done` gets 200 when that was acknowledged, 408 when it never was.

    202 at once when that cannot be known: the ACK goes to the address that the INVITE was sent to,
    and we have another. 482 when its caller has asked again meanwhile, and is served.

    Raises:
        Malformed, EncodeError: what was kept cannot be read or written.
    """
    request = invite_of(
        unanswered.uri,
        vias=unanswered.vias,
        sender=unanswered.sender,
        to=unanswered.to,
        call_id=unanswered.call_id,
        cseq=unanswered.cseq,
    )
    key = server_key(request)
    if key in core.transactor.servers:
        done(482)
        return
    transaction = ServerTransaction(core.transactor, request, unanswered.hop, key)
    transaction.on_refused = lambda acknowledged: done(200 if acknowledged else 408)
    headers = [("Reason", reason)] if reason else []
    try:
        transaction.respond(respond(request, STATUS, tag=unanswered.tag, headers=headers))
    except Exception:
        transaction.stop()
        raise
    if unanswered.contact != core.contact(unanswered.hop):
        transaction.on_refused = None
        done(202)


def _way_back(call: IncomingCall, sent_by: int | None) -> Hop:
    hop = call.hop
    if not hop.reliable:
        return hop
    if call.is_of_user:
        return hop._replace(dial=False)  # its connection is gone, and it cannot be dialled
    # RFC 3261 18.2.2: then to the address it came from, and the port of its Via.
    return Hop(hop.transport, hop.host, sent_by or DEFAULT_PORTS[hop.transport])
