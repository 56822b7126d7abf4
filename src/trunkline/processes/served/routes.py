"""What is served beside the API: files, the operator's pages, channels, simulated handsets."""

from dataclasses import dataclass

from starlette.routing import BaseRoute

from trunkline.processes import watch
from trunkline.processes.channels.mms import Mms
from trunkline.processes.channels.whatsapp import Whatsapp
from trunkline.processes.foundation import Foundation
from trunkline.processes.sandbox import Sandbox
from trunkline.processes.voice import records as voice_records
from trunkline.processes.voice.role import Voice
from trunkline.rest.mms.files import media_routes
from trunkline.rest.money import MoneyPages
from trunkline.rest.operator import operator_routes
from trunkline.rest.simulation import handset_routes
from trunkline.rest.voice.feedback import feedback_pages
from trunkline.rest.voice.handsets import handset_call_routes
from trunkline.simulator.smsc import Simulator


@dataclass(frozen=True, slots=True)
class Served:
    """What runs here that has pages of its own; None for what does not run."""

    base: Foundation
    local: bool
    carriers: watch.Standing
    sandbox: Sandbox
    whatsapp: Whatsapp
    mms: Mms
    simulator: Simulator | None
    voice: Voice | None

    def routes(self) -> list[BaseRoute]:
        """Return all of it."""
        base = self.base
        return [
            *media_routes(base.library, base.links, base.clock),
            *voice_records.routes(base),
            *self._operator(),
            *self.whatsapp.routes(),
            *self.mms.routes(),
            *self._simulated(),
        ]

    def _operator(self) -> list[BaseRoute]:
        base = self.base
        money = MoneyPages(
            db=base.db, clock=base.clock, accounts=base.accounts, permissions=base.permissions
        )
        return [
            *operator_routes(
                base.db,
                base.clock,
                token=base.settings.admin_token,
                local=self.local,
                pages=[
                    *money.pages(),
                    *watch.pages(base, self.carriers),
                    *feedback_pages(base.db),
                ],
            )
        ]

    def _simulated(self) -> list[BaseRoute]:
        if not self.local:
            return []
        routes: list[BaseRoute] = []
        owner_of = self.sandbox.rules.owner_of
        if self.simulator is not None:
            cloud, mmsc = self.whatsapp.simulator, self.mms.simulator
            routes += handset_routes(self.simulator, cloud, mmsc, owner_of=owner_of)
            routes += self.sandbox.routes()
        phones = None if self.voice is None else self.voice.simulated
        if phones is not None:
            routes += handset_call_routes(phones.phones, owner_of)
        return routes
