"""The voice role: SIP, audio and call control of this process, put together."""

from pathlib import Path

import structlog

from trunkline.engines.http.client import HttpClient
from trunkline.engines.http.guard import AddressPolicy
from trunkline.engines.http.message import HttpLimits
from trunkline.engines.media import MediaConfig, MediaPool
from trunkline.engines.sip import Hop, UserAgent
from trunkline.processes.foundation import Foundation
from trunkline.processes.messaging import Messaging
from trunkline.processes.voice import sip
from trunkline.processes.voice.control import Control
from trunkline.processes.voice.engines import Doorman, MediaStart, media_processes
from trunkline.processes.voice.peers import Peers
from trunkline.processes.voice.routing import Routing
from trunkline.processes.voice.simulated import SimulatedPhones
from trunkline.processes.voice.sounds import Sounds
from trunkline.protocols.sip.digest import Secret
from trunkline.runtime.supervise import WhenItFails
from trunkline.simulator.rules import Rules
from trunkline.voice.endpoints.registrar import PhoneBook
from trunkline.voice.endpoints.registrations import StoredRegistrations
from trunkline.voice.partings.flows import Flows
from trunkline.voice.partings.telling import Partings
from trunkline.voice.records.closing import Closer, Heartbeat, new_node

log = structlog.get_logger(__name__)

DOCUMENT_BYTES = 128 * 1024  # a little more than a document may have, so that longer ones are seen


class Voice:
    """What the role is made of; `start` serves calls, `close` ends them."""

    def __init__(
        self,
        base: Foundation,
        messaging: Messaging,
        *,
        local: bool,
        rules: Rules | None = None,
    ) -> None:
        """Serve calls; `rules` are faults of simulated phones.

        Raises:
            CannotServeCalls: the settings cannot be used.
        """
        settings, clock = base.settings, base.clock
        self._base = base
        self._messaging = messaging
        self._local = local
        self._listeners = sip.listeners(settings)
        self._policy = AddressPolicy(allow_loopback=local, allow_networks=settings.webhook_networks)
        self.heartbeat = Heartbeat(base.db, clock, new_node())
        self._phone_book = PhoneBook(
            directory=base.endpoints,
            stored=StoredRegistrations(base.db, clock),
            clock=clock,
            node=self.heartbeat.node,
        )
        self.simulated = (
            SimulatedPhones(clock, settings.sip_domain, speak=self._say, rules=rules)
            if settings.simulator
            else None
        )
        self._agent: UserAgent | None = None
        self._media: MediaStart | None = None
        self._control: Control | None = None
        self._sounds: Sounds | None = None
        self._http: HttpClient | None = None

    @property
    def address(self) -> str:
        """Where SIP is listened on, `host:port`; "" before it is."""
        first = self._listeners[0]
        port = self._agent.port(first.transport) if self._agent is not None else 0
        return sip.listened_at(first, port) if port else ""

    async def start(self) -> None:
        """Serve calls.

        Raises:
            CannotServeCalls: an address cannot be listened on.
        """
        base, settings = self._base, self._base.settings
        await self.heartbeat.beat()
        routing = Routing(base, self._policy)
        if self.simulated is not None:
            routing.simulator_port = await self.simulated.start()
        self._http = http = HttpClient(
            self._policy,
            HttpLimits(body_bytes=DOCUMENT_BYTES),
            extra_ca_file=settings.webhook_ca_bundle,
        )
        self._sounds = sounds = Sounds(base, self._policy)
        self._control = control = Control(
            base,
            self._messaging,
            node=self.heartbeat.node,
            http=http,
            sounds=sounds,
            routing=routing,
            media_ready=self._media_wanted,
        )
        self._media = media = MediaStart(
            self._media_config(), media_processes(settings), control.switch.on_media, self._attach
        )
        control.switch.media_up = media.up
        doorman = Doorman(control.switch, media, lambda: control.live.full)
        self._agent = agent = UserAgent(
            sip.agent_config(settings, self._listeners, local=self._local),
            on_call=doorman.on_call,
            secrets_of=self._secret_of,
            on_registered=self._phone_book.changed,
            kept=self._phone_book.kept,
            admit=doorman.admit,
            heeded={("127.0.0.1", routing.simulator_port)},
        )
        await self._listen(agent)
        routing.agent = agent
        media.when_ready(control.queue.wake)
        if not self._local:
            media.wanted()
        await self._run(agent, control, routing)

    async def close(self) -> None:
        """End all calls, then the engines."""
        if self._control is not None:
            await self._control.close()
            await self.heartbeat.leave()
        if self._agent is not None:
            await self._agent.close()
        if self._media is not None:
            await self._media.close()
        if self.simulated is not None:
            await self.simulated.stop()
        if self._sounds is not None:
            await self._sounds.close()
        if self._http is not None:
            await self._http.close()
        log.info("voice.closed")

    # --- the parts -------------------------------------------------------------------------------

    async def _listen(self, agent: UserAgent) -> None:
        try:
            await agent.start()
        except OSError as error:
            places = ", ".join(f"{one.transport} {one.host}:{one.port}" for one in self._listeners)
            raise sip.CannotServeCalls(
                f"SIP cannot be listened on at {places}: {error.strerror or error}; choose other"
                " addresses (sip.udp, sip.tcp, sip.tls)"
            ) from error
        if self.simulated is not None:
            self.simulated.reach(Hop("udp", self._listeners[0].host, agent.port("udp")))

    async def _run(self, agent: UserAgent, control: Control, routing: Routing) -> None:
        base = self._base
        peers = Peers(base, agent)
        control.owners = lambda: peers.owners
        await peers.look()
        restored = await self._phone_book.restore(agent.registrar)
        peers.register()
        partings = self._partings(agent, control, routing)
        for name, run in (
            ("call heartbeat", self.heartbeat.run),
            ("registrations of phones", self._phone_book.run),
            ("trunks", peers.run),
            ("call queue", control.queue.run),
            ("call credit", control.meter.run),
            ("transcriptions", control.transcriber.run),
            ("partings", partings.run),
        ):
            base.supervisor.start(name, run, when_it_fails=WhenItFails.RESTART)
        control.observe()
        self._observe(agent, partings)
        log.info("voice.ready", sip=self.address, node=self.heartbeat.node, phones=restored)

    def _partings(self, agent: UserAgent, control: Control, routing: Routing) -> Partings:
        base = self._base
        judge = Closer(
            db=base.db, clock=base.clock, balances=base.balances, heartbeat=self.heartbeat
        )
        return Partings(
            db=base.db,
            clock=base.clock,
            agent=agent,
            kept=control.dialogs,
            is_dead=judge.is_dead,
            on_outage=judge.forgive,
            credentials_of=routing.credentials_of,
            flows=Flows(agent.registrar.contacts),
        )

    def _observe(self, agent: UserAgent, partings: Partings) -> None:
        """Make the metrics of SIP."""
        observe, stats = self._base.metrics.observe, agent.stats
        observe("sip_strangers", "Requests of strangers, not answered.", lambda: stats.strangers)
        observe("sip_banned", "Packets of banned addresses, unread.", lambda: stats.banned)
        observe("sip_unauthorised", "Wrong passwords of phones.", lambda: stats.unauthorised)
        observe("sip_overload", "Calls refused for want of room.", lambda: stats.overload)
        untold = "Far ends of a dead process's calls that could not be told of the end."
        observe("sip_untold", untold, lambda: partings.untold)

    def _media_config(self) -> MediaConfig:
        settings = self._base.settings
        return MediaConfig(
            bind=sip.media_address(settings, self._listeners),
            advertised=sip.advertised(settings, self._listeners),
            first_port=settings.rtp_first_port,
            last_port=settings.rtp_last_port,
        )

    def _media_wanted(self) -> bool:
        return self._media is not None and self._media.wanted()

    def _attach(self, pool: MediaPool) -> None:
        if self._agent is not None and self._control is not None:
            self._control.switch.attach(self._agent, pool)

    async def _say(self, text: str) -> Path | None:
        return None if self._sounds is None else await self._sounds.say(text)

    async def _secret_of(self, username: str, realm: str) -> Secret | None:
        found = self.simulated.secret_of(username) if self.simulated is not None else None
        return found or await self._phone_book.secret_of(username, realm)
