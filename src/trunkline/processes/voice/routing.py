"""Where calls out go: trunks, phones and addresses, within what accounts may spend."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

from trunkline.engines.http.guard import AddressPolicy
from trunkline.engines.sip import Binding, Hop, OutgoingCall, UserAgent
from trunkline.processes.foundation import Foundation
from trunkline.processes.voice import sip
from trunkline.protocols.sip import Uri
from trunkline.protocols.sip.digest import Credentials
from trunkline.voice.credit import CallCredit
from trunkline.voice.journal import RecordedCalls
from trunkline.voice.records.store import lists
from trunkline.voice.switch.routes import Routes, TrunkWay
from trunkline.voice.tolls import Barred, TollLimits, Tolls
from trunkline.voice.trunks import TrunkTable


class Routing:
    """The router of the switch; `agent` and `simulator_port` are known once those are started."""

    def __init__(self, base: Foundation, policy: AddressPolicy) -> None:
        self._base = base
        self._policy = policy
        self._table: TrunkTable | None = None
        self.agent: UserAgent | None = None
        self.simulator_port = 0

    def router(self, credit: CallCredit, journal: RecordedCalls) -> Tolls:
        """Make the router; `credit` and `journal` say what accounts may still do."""
        settings = self._base.settings
        table = self._table = TrunkTable(
            ways=sip.ways(settings, self.simulator_port),
            routes=sip.routes(settings, simulated=self.simulator_port > 0),
            limits=sip.limits(settings),
            clock=self._base.clock,
            calls_at=self._calls_at,
        )
        domains = [settings.sip_domain]
        routes = Routes(domains, self._contacts, table.ways, self._policy, self._reach)
        return Tolls(
            routes,
            clock=self._base.clock,
            limits=TollLimits(
                settings.call_countries,
                settings.concurrent_calls,
                settings.spend_per_day,
                settings.premium_numbers,
                Barred(
                    settings.barred_numbers,
                    settings.barred_prefixes,
                    settings.barred_caller_ids,
                    settings.calls_per_destination,
                ),
            ),
            credit=credit,
            main_of=self.main_of,
            legs=journal,
            spent_today=self._spent_today,
            free=frozenset({sip.SIMULATOR}),
        )

    @property
    def played(self) -> frozenset[tuple[str, int | None]]:
        """Where this process itself is the far end, by host and port: simulated phones."""
        return frozenset({("127.0.0.1", self.simulator_port)})

    def credentials_of(self, trunk: str, username: str) -> Credentials | None:
        """Return what a trunk knows us by, if that is still the name we have there."""
        way = sip.ways(self._base.settings, 0).get(trunk)
        if way is None or not username or way.username != username:
            return None
        return Credentials(username, way.password)

    def on_trunk(self, number: str) -> bool:
        """Whether a number is called by a carrier's trunk, and not by the simulator."""
        table = self._table
        return table is not None and table.leads_elsewhere(number, frozenset({sip.SIMULATOR}))

    def main_of(self, account_id: str) -> str:
        """Return the main account of an account."""
        account = self._base.accounts.get(account_id)
        return account_id if account is None else account.main_auth_id

    def _contacts(self, username: str) -> Sequence[Binding]:
        if self.agent is None:
            return ()
        if self._base.endpoints.named(username) is None:  # deleted since it registered
            self.agent.registrar.remove(username)
        return self.agent.registrar.contacts(username)

    def _calls_at(self, way: TrunkWay) -> int:
        if self.agent is None:
            return 0
        return sum(
            isinstance(call, OutgoingCall) and _place_of(call.placing.uri) == way.place
            for call in self.agent.live()
        )

    async def _reach(self, uri: Uri) -> Sequence[Hop]:
        return () if self.agent is None else await self.agent.hops(uri)

    async def _spent_today(self, main_id: str) -> int:
        midnight = datetime.fromtimestamp(self._base.clock.now(), UTC).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        since = midnight.timestamp()
        return await self._base.db.read(partial(lists.spent, main_id=main_id, since=since))


def _place_of(uri: str) -> str:
    return uri.rpartition("@")[2].partition(";")[0]
