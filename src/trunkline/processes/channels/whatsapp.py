"""WhatsApp put together: its validator, its carriers, their webhooks, and the simulated one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from starlette.routing import BaseRoute

from trunkline.billing.model import Direction
from trunkline.engines.http.client import HttpClient
from trunkline.engines.http.guard import AddressPolicy
from trunkline.engines.http.message import HttpLimits
from trunkline.messaging.carriers.cloud_files import CloudFiles
from trunkline.messaging.carriers.whatsapp import CloudConfig, WhatsappCarrier
from trunkline.messaging.whatsapp.files import Files
from trunkline.messaging.whatsapp.forward import Picture
from trunkline.messaging.whatsapp.keep import Keeper
from trunkline.messaging.whatsapp.model import SERVICE, TYPE
from trunkline.messaging.whatsapp.receive import WhatsappReceiver
from trunkline.messaging.whatsapp.report import StatusReporter
from trunkline.messaging.whatsapp.store.outbound import record_sent
from trunkline.messaging.whatsapp.validate import WhatsappValidator
from trunkline.numbers.model import NumberType, OwnedNumber
from trunkline.processes.carriers import WHATSAPP_SIMULATOR
from trunkline.processes.foundation import Foundation
from trunkline.processes.messaging import Desk, Messaging
from trunkline.protocols.whatsapp.events import Event, FileRef, StatusEvent
from trunkline.rest.whatsapp import PATH, Hook, whatsapp_routes
from trunkline.runtime.settings.whatsapp import WhatsappCarrier as CarrierSettings
from trunkline.runtime.supervise import WhenItFails
from trunkline.simulator.whatsapp import server as simulated
from trunkline.simulator.whatsapp.cloud import phone_number_id
from trunkline.simulator.whatsapp.outcomes import category_of
from trunkline.simulator.whatsapp.server import WhatsappSimulator

API_BODY_BYTES = 1024 * 1024
FILE_BYTES = 25 * 1024 * 1024  # of a file that comes in; above it there is none
LOOK_BYTES = 1_024  # of a customer's file: only its headers matter


@dataclass(slots=True)
class Whatsapp:
    """The parts of one process: the API's validates and takes webhooks, the carriers' sends.

    `simulator` is there where the simulated carrier runs, `simulated_url` where it is used.
    """

    base: Foundation
    messaging: Messaging
    simulated_url: str = ""
    simulator: WhatsappSimulator | None = None
    clouds: dict[str, CloudFiles] = field(default_factory=dict[str, CloudFiles])
    files: Files = field(init=False)
    reporter: StatusReporter = field(init=False)
    receiver: WhatsappReceiver = field(init=False)

    def __post_init__(self) -> None:
        base = self.base
        self.files = Files(base.db, base.clock, base.library, base.links)
        self.reporter = StatusReporter(base.db, base.clock)
        self.receiver = WhatsappReceiver(
            db=base.db,
            clock=base.clock,
            numbers=base.numbers,
            applications=base.applications,
            sender=self.messaging.sender,
            price=self._inbound_price,
            network=self.messaging.destinations.network_of_sender,
            fetch=self._fetch,
        )
        self.messaging.kinds[TYPE] = WhatsappValidator(
            db=base.db,
            clock=base.clock,
            numbers=base.numbers,
            connected=self._connected,
            category=self._category,
            price=self._price,
            link=self.files.linked,
        )

    def listen(self) -> None:
        """Make ready to fetch the files of inbound messages, where the webhooks come in."""
        for one in self.base.settings.whatsapp_carriers:
            self._open_files(_config(one), local=False)

    async def simulate(self, url: str) -> None:
        """Run the simulated carrier; `url` is where we answer."""
        base = self.base
        self.simulator = WhatsappSimulator(
            base.clock, receipt_delay_s=base.settings.simulator_receipt_delay_s
        )
        self.simulator.webhook_url = f"{url}{PATH}{WHATSAPP_SIMULATOR}"
        await self.simulator.start()
        self.simulated_url = self.simulator.url
        self._open_files(_simulated(self.simulated_url), local=True)

    def keep(self) -> None:
        """Run what the carriers need besides their lanes."""
        base = self.base
        keeper = Keeper(base.db, base.clock)
        base.supervisor.start("whatsapp keeper", keeper.run, when_it_fails=WhenItFails.RESTART)

    async def stop(self) -> None:
        """End the simulated carrier, and downloads under way."""
        for cloud in self.clouds.values():
            await cloud.client.close()
        if self.simulator is not None:
            await self.simulator.stop()

    def add(self, desk: Desk) -> None:
        """Give every WhatsApp carrier its lane."""
        for one in self.base.settings.whatsapp_carriers:
            self._add(desk, _config(one), local=False)
        if self.simulated_url:
            self._add(desk, _simulated(self.simulated_url), local=True)

    def routes(self) -> list[BaseRoute]:
        """Return the paths that carriers send their webhooks to."""
        hooks = [
            Hook(
                one.name, one.app_secret, one.verify_token, partial(self._take, one.name, _ids(one))
            )
            for one in self.base.settings.whatsapp_carriers
        ]
        if self.simulator is not None:
            take = partial(self._take, WHATSAPP_SIMULATOR, {})
            hooks.append(
                Hook(WHATSAPP_SIMULATOR, simulated.APP_SECRET, simulated.VERIFY_TOKEN, take)
            )
        return whatsapp_routes(hooks)

    def _add(self, desk: Desk, config: CloudConfig, *, local: bool) -> None:
        policy = self._policy(local=local)
        desk.add(
            WhatsappCarrier(
                config=config,
                clock=self.base.clock,
                client=HttpClient(
                    policy,
                    HttpLimits(
                        connections_per_origin=config.window, body_bytes=API_BODY_BYTES, redirects=0
                    ),
                ),
                looker=HttpClient(policy, HttpLimits(body_bytes=LOOK_BYTES)),
                on_outcome=self.messaging.settler(config.name),
                on_room=partial(self.messaging.wake, {config.name}),
            ),
            record_sent,
        )

    def _policy(self, *, local: bool) -> AddressPolicy:
        settings = self.base.settings
        return AddressPolicy(
            allow_loopback=local or settings.local, allow_networks=settings.webhook_networks
        )

    def _open_files(self, config: CloudConfig, *, local: bool) -> None:
        limits = HttpLimits(connections_per_origin=4, body_bytes=FILE_BYTES, redirects=0)
        client = HttpClient(self._policy(local=local), limits)
        self.clouds[config.name] = CloudFiles(config, client)

    async def _fetch(
        self, carrier: str, number: OwnedNumber, file: FileRef, hidden: bool
    ) -> Picture | None:
        cloud = self.clouds.get(carrier)
        body = None if cloud is None else await cloud.download(file.media_id)
        if body is None:
            return None
        return await self.files.keep(number, file, body, hidden=hidden)

    async def _take(self, carrier: str, ids: Mapping[str, str], event: Event) -> None:
        if isinstance(event, StatusEvent):
            await self.reporter.take(carrier, event)
        else:
            await self.receiver.take(carrier, ids.get(event.phone_number_id, event.number), event)

    def _price(self, country: str, category: str) -> int:
        return self.base.rates.whatsapp(country, Direction.OUTBOUND, category)

    def _inbound_price(self, country: str) -> int:
        return self.base.rates.whatsapp(country, Direction.INBOUND, SERVICE)

    def _connected(self, sender: str) -> bool:
        """Tell whether a number of ours is one of WhatsApp's; the simulator knows all but some."""
        if any(sender in one.numbers for one in self.base.settings.whatsapp_carriers):
            return True
        owned = self.base.numbers.get(sender)
        simulated_here = bool(self.base.settings.simulator)
        return simulated_here and owned is not None and owned.number_type is not NumberType.TOLLFREE

    def _category(self, sender: str, template: str) -> str:
        for one in self.base.settings.whatsapp_carriers:
            if sender in one.numbers:
                return one.categories.get(template, one.default_category)
        return category_of(template)


def _config(settings: CarrierSettings) -> CloudConfig:
    return CloudConfig(
        name=settings.name,
        url=settings.url,
        version=settings.version,
        token=settings.token,
        phone_number_id=settings.numbers.get,
        window=settings.window,
        tps=settings.tps or None,
        timeout_s=settings.response_timeout_s,
    )


def _ids(settings: CarrierSettings) -> Mapping[str, str]:
    return {id_: number for number, id_ in settings.numbers.items()}


def _simulated(url: str) -> CloudConfig:
    return CloudConfig(
        name=WHATSAPP_SIMULATOR,
        url=url,
        version=simulated.VERSION,
        token=simulated.TOKEN,
        phone_number_id=phone_number_id,
        window=50,
    )
