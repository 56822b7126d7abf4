"""Who may deliver calls: trunks of the settings, and carriers of accounts, kept up to date."""

import asyncio
from collections.abc import Mapping, Sequence

import structlog

from trunkline.engines.sip import Registration, RegistrationState, Trunk, UserAgent
from trunkline.numbers.model import IncomingCarrier
from trunkline.numbers.store import carriers as store
from trunkline.processes.foundation import Foundation
from trunkline.processes.voice import sip
from trunkline.runtime.sweep import keep_sweeping

log = structlog.get_logger(__name__)

LOOK_S = 5.0  # how late a change of carriers is seen
NAMES_S = 60.0  # how late a change of a trunk's addresses is
OWN = "carrier:"  # begins the name of a trunk that is a carrier of accounts; its address follows


class Peers:
    """Tells the user agent whom calls are taken from; registers where trunks want it."""

    def __init__(self, base: Foundation, agent: UserAgent) -> None:
        self._base = base
        self._agent = agent
        self._trunks: Sequence[Trunk] = tuple(sip.delivering(base.settings))
        self._named_at = float("-inf")
        self._carriers: Sequence[IncomingCarrier] = ()
        self.owners: Mapping[str, frozenset[str]] = {}
        """The main accounts that a trunk is a carrier of, by the trunk's name."""

    def register(self) -> None:
        """Register with the trunks that want it; the user agent keeps it so."""
        for name, wanted in sip.registrations(self._base.settings).items():
            self._agent.register(wanted, _Teller(name).told)

    async def run(self) -> None:
        """Look for changes for ever; cancel to stop."""
        await keep_sweeping(self._base.clock, LOOK_S, self.look)

    async def look(self) -> None:
        """Look once."""
        carriers = await self._base.db.read(store.all_for_calls)
        now = asyncio.get_running_loop().time()
        named = now - self._named_at >= NAMES_S
        if named or carriers != self._carriers:
            self._carriers = carriers
            self._replace()  # before names are looked up: who answers may be slow, or dead
        if named:
            await self._look_up()
            self._named_at = now
            self._replace()

    async def _look_up(self) -> None:
        settings = self._base.settings
        servers = {
            name: {hop.host for hop in await self._agent.hops(uri)}
            for name, uri in sip.domains(settings)
        }
        self._trunks = await asyncio.to_thread(lambda: tuple(sip.peers(settings, servers)))

    def _replace(self) -> None:
        owners: dict[str, set[str]] = {}
        for one in self._carriers:
            for address in one.ip_set.split(","):
                owners.setdefault(f"{OWN}{address.strip()}", set()).add(one.main_auth_id)
        self.owners = {name: frozenset(mains) for name, mains in owners.items()}
        # Of equal networks the first counts: a trunk of the settings brings everybody's numbers.
        own = [Trunk(name, (name.removeprefix(OWN),)) for name in owners]
        trunks = [*self._trunks, *own]
        try:
            self._agent.trunks.replace(trunks)
        except ValueError as error:
            log.error("sip.trunks_unreadable", error=str(error))


class _Teller:
    """Logs how a registration stands, when that changes."""

    def __init__(self, trunk: str) -> None:
        self._trunk = trunk
        self._state: RegistrationState | None = None

    def told(self, _: Registration, state: RegistrationState, reason: str) -> None:
        if state is not self._state:
            self._state = state
            tell = log.warning if state is RegistrationState.FAILED else log.info
            tell("trunk.registration", trunk=self._trunk, state=state.value, reason=reason)
