"""The user agent: what control code places and receives calls with."""

import asyncio
import logging
from collections.abc import Callable, Container, Iterable, Sequence
from typing import Final

from trunkline.engines.sip.authenticate import Authenticator, Secrets
from trunkline.engines.sip.bans import Bans
from trunkline.engines.sip.bindings import OnChange
from trunkline.engines.sip.calls import (
    Call,
    IncomingCall,
    OutgoingCall,
    Placing,
    Word,
    say,
)
from trunkline.engines.sip.config import AgentConfig
from trunkline.engines.sip.core import Core
from trunkline.engines.sip.desk import Desk
from trunkline.engines.sip.gate import Gate
from trunkline.engines.sip.registrar import Kept, Registrar
from trunkline.engines.sip.registration import OnState, Registration, TrunkRegistration
from trunkline.engines.sip.stats import Stats
from trunkline.engines.sip.transactor import Transactor
from trunkline.engines.sip.transport import Hop, TransportName, Transports
from trunkline.engines.sip.trunks import Trunk, TrunkTable
from trunkline.protocols.sip import Uri
from trunkline.protocols.sip.digest import Credentials, Secret

logger = logging.getLogger(__name__)


async def no_secrets(_username: str, _realm: str) -> Secret | None:
    """Know nobody."""
    return None


class UserAgent:
    """Sockets, transactions, calls, registrar and registrations of one process.

    on_call(call): a call came; it must not block. Give the call to the task that will own it.
    secrets_of(username, realm): the secret of a user, or None; asked for each REGISTER and each
    call of a user. on_registered(username, bindings): contacts came, went or were refreshed; empty
    when none is left. kept(username): awaited before a REGISTER is answered with 200. admit():
    whether there is room for another call; asked before anything is sent for it. heeded: hosts and
    ports of peers that are never banned, whatever others do at the same address.
    """

    def __init__(
        self,
        config: AgentConfig,
        *,
        on_call: Callable[[IncomingCall], None],
        secrets_of: Secrets = no_secrets,
        trunks: Iterable[Trunk] = (),
        on_registered: OnChange | None = None,
        kept: Kept | None = None,
        admit: Callable[[], bool] | None = None,
        heeded: Container[tuple[str, int]] = (),
    ) -> None:
        self.config: Final = config
        self.stats: Final = Stats()
        self.bans: Final = Bans(config.bans)
        self.trunks: Final = TrunkTable(trunks)
        self._on_call = on_call
        self._secrets_of = secrets_of
        self._on_registered = on_registered
        self._kept = kept
        self._admit = admit
        self._heeded = heeded
        self._registrations: set[Registration] = set()
        self._desk: Desk | None = None
        self._core: Core | None = None

    # -- life ------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Listen; OSError when a port cannot be had."""
        config, loop = self.config, asyncio.get_running_loop()
        gate = Gate(self.bans, self.trunks, self._heeded)
        desk = Desk(self._on_call, gate, self.trunks, self._admit)
        limit = config.max_transactions
        transactor = Transactor(desk, config.timing, self.stats, max_transactions=limit, loop=loop)
        transports = Transports(
            config.listeners,
            desk,
            advertise=config.advertise,
            limits=config.streams,
            client_tls=config.client_tls,
        )
        transactor.attach(transports)
        core = Core(config, loop, transactor, transports, self.stats)
        authenticator = Authenticator(core, gate, self._secrets_of)
        registrar = Registrar(core, authenticator, self._on_registered, self._kept)
        gate.attach(registrar, transactor.awaits, loop.time)
        desk.attach(core, authenticator, registrar)
        await transports.start()
        registrar.start()
        self._desk, self._core = desk, core

    async def close(self, drain_s: float = 2.0) -> None:
        """Refuse new calls with 503, hang up all others, wait for what is still answered, close."""
        desk, core = self._desk, self._core
        if desk is None or core is None:
            return
        desk.closing = True
        await asyncio.gather(*(each.close() for each in self._registrations))
        for call in desk.live():
            call.hang_up(reason='Q.850;cause=41;text="Temporary failure"')
        deadline = core.loop.time() + drain_s
        while desk.busy and core.loop.time() < deadline:  # noqa: ASYNC110 - ends by the clock
            await asyncio.sleep(0.02)
        self._desk = self._core = None
        desk.close()
        await core.close()
        core.transactor.close()
        await core.transports.close()

    # -- calls -----------------------------------------------------------------------------------

    def place(self, placing: Placing) -> OutgoingCall:
        """Place a call; what becomes of it comes as events. RuntimeError when not started.

        Malformed when the URI or a route is none, EncodeError when a header has a line end in it.
        """
        desk = self._running
        return desk.place(placing)

    @property
    def calls(self) -> int:
        """Calls that are not over."""
        return self._desk.active if self._desk is not None else 0

    def live(self) -> list[Call]:
        """Give the calls that are not over."""
        return self._desk.live() if self._desk is not None else []

    async def part(
        self, word: Word, *, credentials: Credentials | None = None, reason: str = ""
    ) -> int:
        """End a call that a process had which is gone: BYE, CANCEL or refusal; wait for its end.

        Gives the final status: 408 for silence, 503 when there is no way. Malformed or EncodeError
        when what was kept cannot be used; RuntimeError when not started.
        """
        if self._core is None:
            raise RuntimeError("the user agent is not started")
        status: asyncio.Future[int] = self._core.loop.create_future()

        def done(final: int) -> None:
            if not status.done():
                status.set_result(final)

        say(self._core, word, credentials=credentials, reason=reason, done=done)
        return await status

    # -- registrations -----------------------------------------------------------------------------

    @property
    def registrar(self) -> Registrar:
        """Where the users are. RuntimeError when not started."""
        return self._running.registrar

    def register(self, trunk: TrunkRegistration, on_state: OnState | None = None) -> Registration:
        """Register with a trunk and keep it so until `unregister`. Malformed when a URI is none."""
        if self._core is None:
            raise RuntimeError("the user agent is not started")
        registration = Registration(self._core, trunk, on_state)
        self._registrations.add(registration)
        registration.start()
        return registration

    async def unregister(self, registration: Registration) -> None:
        self._registrations.discard(registration)
        await registration.close()

    # -- sockets -----------------------------------------------------------------------------------

    def port(self, transport: TransportName = "udp") -> int:
        """The port that is listened on; 0 for none."""
        return self._core.transports.ports.get(transport, 0) if self._core is not None else 0

    async def hops(self, uri: Uri) -> Sequence[Hop]:
        """Where a URI leads, in the order to try it; nothing when there is no such host."""
        return () if self._core is None else await self._core.resolver.hops(uri)

    def contact(self, hop: Hop, user: str = "trunkline") -> str:
        """The value of Contact by which that peer reaches us."""
        if self._core is None:
            raise RuntimeError("the user agent is not started")
        return self._core.contact(hop, user)

    @property
    def _running(self) -> Desk:
        if self._desk is None:
            raise RuntimeError("the user agent is not started")
        return self._desk
