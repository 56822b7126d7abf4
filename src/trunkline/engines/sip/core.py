"""What calls, registrations and the agent share: sending, names for things, and counting."""

import asyncio
import logging
import secrets
import traceback
from collections.abc import Callable, Coroutine
from typing import Final

from trunkline.engines.sip.config import AgentConfig
from trunkline.engines.sip.stats import Stats
from trunkline.engines.sip.transaction import ClientTransaction, ServerTransaction
from trunkline.engines.sip.transactor import Transactor
from trunkline.engines.sip.transport import (
    DEFAULT_PORTS,
    Hop,
    Resolver,
    Transports,
    bracketed,
    place_of,
)
from trunkline.protocols.sip import (
    COOKIE,
    Dialog,
    Malformed,
    Request,
    Response,
    Via,
    parse_uri,
    respond,
)

logger = logging.getLogger(__name__)

METHODS: Final = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, PRACK, REGISTER"
"""Allow: what is served. REFER, SUBSCRIBE and MESSAGE are not."""
CALL_METHODS: Final = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, PRACK"
SUPPORTED: Final = "100rel, timer"


class Core:
    """One user agent's machinery, as its parts see it."""

    def __init__(
        self,
        config: AgentConfig,
        loop: asyncio.AbstractEventLoop,
        transactor: Transactor,
        transports: Transports,
        stats: Stats,
    ) -> None:
        self.config: Final = config
        self.loop: Final = loop
        self.transactor: Final = transactor
        self.transports: Final = transports
        self.stats: Final = stats
        self.resolver: Final = Resolver(loop)

        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def tasks(self) -> int:
        return len(self._tasks)

    def spawn(
        self, work: Coroutine[None, None, None], serving: ServerTransaction | None = None
    ) -> None:
        """Do work that ends with the agent at the latest; if it fails, `serving` gets a 500."""
        task = self.loop.create_task(self._guard(work, serving))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guard(
        self, work: Coroutine[None, None, None], serving: ServerTransaction | None
    ) -> None:
        try:
            await work
        except Exception as error:  # noqa: BLE001 - edge of a piece of work: the agent goes on
            self.stats.faults += 1
            logger.error("work for a request failed: %r", error)
            logger.debug("the traceback: %s", traceback.format_exc())
            if serving is not None and not serving.answered:
                serving.respond(respond(serving.request, 500, tag=self.token()))

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.resolver.close()

    def token(self) -> str:
        """Make a tag, branch or Call-ID that nobody can guess (RFC 3261 19.3: at least 32 bits)."""
        return secrets.token_hex(8)

    def via(self, hop: Hop) -> Via:
        """Make the Via of a new transaction."""
        host, port = self.transports.local(hop)
        params: dict[str, str | None] = {"branch": f"{COOKIE}{self.token()}", "rport": None}
        return Via(hop.transport.upper(), bracketed(host), port, params)

    def contact(self, hop: Hop, user: str = "trunkline", *, secure: bool = False) -> str:
        """Make the value of Contact that leads a peer back to us; `secure` by TLS all the way."""
        host, port = self.transports.local(hop)
        if secure and hop.transport == "tls":
            return f"<sips:{user}@{bracketed(host)}:{port}>"
        transport = "" if hop.transport == "udp" else f";transport={hop.transport}"
        return f"<sip:{user}@{bracketed(host)}:{port}{transport}>"

    def ask(
        self,
        request: Request,
        hop: Hop,
        on_response: Callable[[Response], None],
        on_failure: Callable[[int, str], None],
    ) -> ClientTransaction:
        """Send a request in a transaction of its own. EncodeError."""
        return ClientTransaction(self.transactor, request, hop, on_response, on_failure)

    def send(self, request: Request, hop: Hop) -> bytes:
        """Send a request without a transaction: the ACK of a 2xx. Gives its octets."""
        octets = request.serialise()
        self.transactor.transmit(octets, hop)
        return octets

    def reach(self, uri: str, then: Callable[[Hop | None], None]) -> None:
        """Find where a URI leads; `then` is called at once for addresses, later for names."""
        try:
            parsed = parse_uri(uri)
        except Malformed:
            then(None)
            return
        if not parsed.is_sip:
            then(None)
            return
        self.resolver.reach(parsed, then)


class Route:
    """The way of a dialog's requests: its route set, or the address that it was heard from.

    A peer behind NAT writes an address that leads nowhere; one on a connection is reached by that.
    If neither a proxy put itself in between (Record-Route), the source of its message is used.
    """

    __slots__ = ("_core", "_dialog", "_pinned")

    def __init__(self, core: Core, dialog: Dialog, heard_from: Hop) -> None:
        self._core = core
        self._dialog = dialog
        self._pinned: Hop | None = None
        self.heard(heard_from)

    def heard(self, hop: Hop) -> None:
        """A message of the peer came from there."""
        if self._dialog.route_set:
            self._pinned = None
            return
        try:
            _, host, _ = place_of(parse_uri(self._dialog.target))
        except Malformed:
            host = ""
        self._pinned = hop if hop.reliable or host != hop.host else None

    @property
    def pinned(self) -> Hop | None:
        """The address that it was heard from, if requests go there."""
        return self._pinned

    def find(self, then: Callable[[Hop | None], None]) -> None:
        if self._pinned is not None:
            is_gone = self._pinned.reliable and not self._core.transports.is_open(self._pinned)
            then(self._anew(self._pinned) if is_gone else self._pinned)
            return
        try:
            first = self._dialog.first_hop
        except Malformed:
            then(None)
            return
        self._core.reach(first, then)

    def _anew(self, gone: Hop) -> Hop:
        """Where to connect to once a connection is gone: its far end may be no port that listens.

        Contact says which does, unless it names another host: that of a peer behind NAT.
        """
        try:
            uri = parse_uri(self._dialog.target)
        except Malformed:
            return gone
        port = uri.port or DEFAULT_PORTS[gone.transport]
        same = uri.host.strip("[]") == gone.host and uri.transport in (None, gone.transport)
        return gone._replace(port=port) if same else gone
