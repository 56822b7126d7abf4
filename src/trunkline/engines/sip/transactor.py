"""The transaction layer: matches what comes, and drives the machines by the loop's timers."""

import asyncio
import logging
import traceback
from collections.abc import Callable
from typing import Final, Protocol

from trunkline.engines.sip.stats import Stats
from trunkline.engines.sip.transaction import (
    ClientTransaction,
    Key,
    ServerTransaction,
    reply_hop,
)
from trunkline.engines.sip.transport import Hop, Transports
from trunkline.protocols.sip import Malformed, Request, Response, SipError, parse, respond
from trunkline.protocols.sip.transactions import Timing, response_key, server_key

logger = logging.getLogger(__name__)

_STUN: Final = b"\x21\x12\xa4\x42"  # RFC 8489 5
_FEW: Final = 4
_OURS: Final = ("INVITE", "BYE", "CANCEL", "REGISTER", "UPDATE", "PRACK", "INFO")


class TransactionUser(Protocol):
    """What is above: the user agent."""

    def may_answer(self, hop: Hop) -> bool:
        """Whether rubbish from there deserves a 400; strangers get nothing."""
        ...

    def on_malformed(self, hop: Hop) -> None: ...

    def on_request(self, transaction: "ServerTransaction") -> None: ...

    def on_ack(self, request: Request) -> None: ...


class Transactor:
    """All transactions of one user agent."""

    def __init__(
        self,
        user: TransactionUser,
        timing: Timing,
        stats: Stats,
        *,
        max_transactions: int,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self.timing: Final = timing
        self.loop: Final = loop
        self.clients: Final[dict[Key, ClientTransaction]] = {}
        self.servers: Final[dict[Key, ServerTransaction]] = {}
        self._transports: Transports | None = None
        self._user = user
        self._stats = stats
        self._max = max_transactions

    def attach(self, transports: Transports) -> None:
        self._transports = transports

    def transmit(
        self, octets: bytes, hop: Hop, on_failed: Callable[[str], None] | None = None
    ) -> None:
        self._stats.sent += 1
        if self._transports is not None:
            self._transports.send(octets, hop, on_failed)

    def is_open(self, hop: Hop) -> bool:
        return self._transports is not None and self._transports.is_open(hop)

    def close(self) -> None:
        """Forget all transactions; their timers stop."""
        for each in [*self.clients.values(), *self.servers.values()]:
            each.stop()

    def awaits(self, branch: str) -> bool:
        """Whether a request of ours with this branch is on its way."""
        return any((branch, method) in self.clients for method in _OURS)

    def receive(self, octets: bytes, hop: Hop) -> None:
        """Take one message; errors of our own are counted, and answered with 500 if they can be."""
        if _is_keep_alive(octets):
            return
        self._stats.received += 1
        try:
            message = parse(octets)
        except Malformed as malformed:
            self._on_malformed(malformed, hop)
            return
        try:
            if isinstance(message, Response):
                self._on_response(message)
            else:
                self._on_request(message, hop)
        except Malformed as malformed:
            # A header that is read only now. What it asks for was not done.
            malformed.request = message if isinstance(message, Request) else None
            self._on_malformed(malformed, hop)
        except Exception as error:  # noqa: BLE001 - edge of a message: the next must be served
            # One line, whatever a peer sends; the traceback is for who asks for it.
            logger.error("%r of %s was not served: %r", message, hop, error)
            logger.debug("the traceback: %s", traceback.format_exc())
            self._on_fault(message)

    def _on_response(self, response: Response) -> None:
        found = self.clients.get(response_key(response))
        if found is None or response.is_forwarded:  # RFC 3261 8.1.3.3
            self._stats.stray += 1  # RFC 6026 7.2: dropped
            return
        found.received(response)

    def _on_request(self, request: Request, hop: Hop) -> None:
        _mark_source(request, hop)
        key = server_key(request)
        found = self.servers.get(key)
        if request.method == "ACK":
            if found is None or found.acked():
                self._user.on_ack(request)
        elif found is not None:
            found.repeated()
        elif request.method == "CANCEL":
            self._on_cancel(request, hop, key)
        elif len(self.servers) >= self._max:
            self._stats.overload += 1
            if self._user.may_answer(hop):
                self.answer(request, hop, 503, (("Retry-After", "5"),))
        else:
            self._user.on_request(ServerTransaction(self, request, hop, key))

    def _on_cancel(self, request: Request, hop: Hop, key: Key) -> None:
        cancelled = self.servers.get(server_key(request, "INVITE"))
        if cancelled is None or cancelled.hop.host != hop.host:
            if self._user.may_answer(hop):
                self.answer(request, hop, 481)  # RFC 3261 9.2
            return
        transaction = ServerTransaction(self, request, hop, key)
        transaction.respond(respond(request, 200, tag=steady_tag(request)))
        if not cancelled.answered and cancelled.on_cancel is not None:
            cancelled.on_cancel(request)

    def _on_malformed(self, malformed: Malformed, hop: Hop) -> None:
        self._stats.malformed += 1
        self._user.on_malformed(hop)
        request = malformed.request
        if request is None or request.method == "ACK":
            return
        reason = f"Bad Request: {malformed.reason}" if malformed.status == 400 else ""
        try:
            begun = self.servers.get(server_key(request))
        except SipError:
            begun = None  # too broken to be one
        if begun is not None and begun.request is request:
            if not begun.answered:
                tag = steady_tag(request)
                begun.respond(respond(request, malformed.status, reason=reason, tag=tag))
        elif self._user.may_answer(hop):
            _mark_source(request, hop)
            self.answer(request, hop, malformed.status, reason=reason)

    def _on_fault(self, message: Request | Response) -> None:
        self._stats.faults += 1
        if isinstance(message, Request) and message.method != "ACK":
            found = self.servers.get(server_key(message))
            if found is not None and not found.answered:
                found.respond(respond(message, 500, tag=steady_tag(message)))

    def answer(
        self,
        request: Request,
        hop: Hop,
        status: int,
        headers: tuple[tuple[str, str], ...] = (),
        *,
        reason: str = "",
    ) -> None:
        """Answer without a transaction (RFC 3261 8.2.7): the same request gets the same answer."""
        response = respond(request, status, reason=reason, tag=steady_tag(request), headers=headers)
        self.transmit(response.serialise(), reply_hop(request, hop))


def _is_keep_alive(octets: bytes) -> bool:
    """Whether a datagram only keeps a NAT open: line ends, a few octets, STUN (RFC 5626 4.4.2)."""
    is_stun = octets[4:8] == _STUN and octets[0] < 4
    return is_stun or len(octets) <= _FEW or not octets.strip(b"\r\n\0")


def steady_tag(request: Request) -> str:
    """Make a To tag that is the same for every retransmission of a request (RFC 3261 8.2.7)."""
    same = request.headers.get("call-id"), request.headers.get("cseq")
    return f"{hash(same) & 0xFFFFFFFF:08x}"


def _mark_source(request: Request, hop: Hop) -> None:
    """Write into Via where the request really came from (RFC 3261 18.2.1, RFC 3581 4)."""
    via = request.via
    asked = "rport" in via.params
    if not asked and via.host.strip("[]") == hop.host:
        return
    params = {**via.params, "received": hop.host}
    if asked:
        params["rport"] = str(hop.port)
    request.put_via(via._replace(params=params))
