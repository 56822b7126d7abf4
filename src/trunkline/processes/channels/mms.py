"""MMS put together: its validator, its carriers, what they bring, and the simulated MMSC."""

from dataclasses import dataclass, field
from functools import partial

from starlette.routing import BaseRoute

from trunkline.engines.http.guard import AddressPolicy
from trunkline.messaging.carriers.mm7 import Mm7Carrier, Mm7Rules
from trunkline.messaging.carriers.mm7_status import reported
from trunkline.messaging.kinds.mms import MmsValidator
from trunkline.messaging.media.arrive import MmsReceiver
from trunkline.messaging.media.gather import Gatherer
from trunkline.messaging.model import ReceiptItem
from trunkline.messaging.store import answers
from trunkline.processes.carriers import MMS_SIMULATOR
from trunkline.processes.foundation import Foundation
from trunkline.processes.messaging import Desk, Messaging
from trunkline.protocols.mm7.messages import DeliveryReportReq
from trunkline.rest.mms.gateway import PATH, Gateway, mm7_routes
from trunkline.runtime.settings import Mm7Carrier as CarrierSettings
from trunkline.simulator.mms.server import PASSWORD, USERNAME, MmsSimulator
from trunkline.simulator.rules import Rules


@dataclass(slots=True)
class Mms:
    """The parts of one process: the API's validates and takes what comes, the carriers' sends.

    `simulator` is there where the simulated MMSC runs, `simulated_url` where it is used.
    """

    base: Foundation
    messaging: Messaging
    local: bool
    simulated_url: str = ""
    simulator: MmsSimulator | None = None
    receiver: MmsReceiver = field(init=False)

    def __post_init__(self) -> None:
        base = self.base
        self.receiver = MmsReceiver(base.library, base.links, self.messaging.receiver, base.clock)
        self.messaging.kinds["mms"] = MmsValidator(base.library, base.numbers, base.rates)

    async def simulate(self, url: str, rules: Rules) -> None:
        """Run the simulated MMSC, which finds us at `url` and obeys `rules`."""
        base = self.base
        self.simulator = MmsSimulator(
            base.clock, receipt_delay_s=base.settings.simulator_receipt_delay_s, rules=rules
        )
        self.simulator.platform_url = f"{url}{PATH}{MMS_SIMULATOR}"
        await self.simulator.start()
        self.simulated_url = self.simulator.url

    async def stop(self) -> None:
        """End the simulated MMSC."""
        if self.simulator is not None:
            await self.simulator.stop()

    def add(self, desk: Desk) -> None:
        """Give every MMSC its lane."""
        for one in self.base.settings.mm7_carriers:
            self._add(desk, one.name, _rules(one))
        if self.simulated_url:
            self._add(desk, MMS_SIMULATOR, Mm7Rules(url=self.simulated_url, window=20))

    def routes(self) -> list[BaseRoute]:
        """Return the paths that MMSCs bring messages and reports to."""
        gateways = [
            Gateway(one.name, one.inbound_username, one.inbound_password)
            for one in self.base.settings.mm7_carriers
        ]
        if self.simulator is not None:
            gateways.append(Gateway(MMS_SIMULATOR, USERNAME, PASSWORD))
        return [*mm7_routes(gateways, self.receiver, self._report)]

    def _add(self, desk: Desk, name: str, rules: Mm7Rules) -> None:
        settings = self.base.settings
        policy = AddressPolicy(
            allow_loopback=self.local or settings.local, allow_networks=settings.webhook_networks
        )
        desk.add(
            Mm7Carrier(
                name=name,
                rules=rules,
                clock=self.base.clock,
                gatherer=lambda: Gatherer(self.base.library, policy),
                on_outcome=self.messaging.settler(name),
                on_room=partial(self.messaging.wake, {name}),
            )
        )

    async def _report(self, carrier: str, report: DeliveryReportReq) -> None:
        """Store what became of a message; raises DatabaseError."""
        found = reported(report.status)
        if found is None:
            return
        state, error_code = found
        err = report.status_text.removeprefix("err:")
        if carrier == MMS_SIMULATOR and error_code and len(err) == 4 and err.startswith("9"):
            error_code = int(err[1:]) or 1000  # as the simulated SMSC's codes, docs/simulator.md
        raw = f"id:{report.message_id} status:{report.status} {report.status_text}"
        item = ReceiptItem(
            carrier,
            (report.message_id,),
            report.recipient,
            state,
            error_code,
            self.base.clock.now(),
            raw[:500].replace("\0", ""),
        )
        await self.base.db.submit(answers.record, item)


def _rules(settings: CarrierSettings) -> Mm7Rules:
    return Mm7Rules(
        url=settings.url,
        vasp_id=settings.vasp_id,
        vas_id=settings.vas_id,
        service_code=settings.service_code,
        username=settings.username,
        password=settings.password,
        window=settings.window,
        tps=settings.tps,
        response_timeout_s=settings.response_timeout_s,
        ca_file=settings.tls_ca,
    )
