"""Start the roles asked for, serve until told to stop, and stop in order."""

import contextlib
import dataclasses
import gc
import socket
from importlib.metadata import version
from pathlib import Path

import structlog
import uvloop

from trunkline.processes import (
    api,
    banner,
    messaging,
    observe,
    provision,
    roles,
    watch,
)
from trunkline.processes import carriers as carrier_config
from trunkline.processes.beside.bus import lay_bus, open_bus, start_word
from trunkline.processes.beside.crew import Crew, Forked, fork_ahead
from trunkline.processes.channels.mms import Mms
from trunkline.processes.channels.whatsapp import Whatsapp
from trunkline.processes.foundation import Foundation, lay, settle_memory
from trunkline.processes.intercept import served as interception
from trunkline.processes.sandbox import Sandbox
from trunkline.processes.served.listener import STOP_TIMEOUT_S, listen, server_of, url_of
from trunkline.processes.served.routes import Served
from trunkline.processes.voice import records as voice_records
from trunkline.processes.voice import sip
from trunkline.processes.voice.role import Voice
from trunkline.runtime import log
from trunkline.runtime.clock import Clock, SystemClock
from trunkline.runtime.db.migrate import migrate
from trunkline.runtime.folder import Claim, prepare
from trunkline.runtime.settings import Settings
from trunkline.runtime.supervise import WhenItFails
from trunkline.simulator.smsc import Simulator, SimulatorConfig

logger = structlog.get_logger(__name__)


def run(
    settings: Settings,
    *,
    roles: frozenset[str],
    ready_file: Path | None = None,
    clock: Clock | None = None,
    local: bool = False,
    stop_with: int | None = None,
) -> int:
    """Run `roles` (api, messaging, voice, webhooks) until SIGTERM or SIGINT; return the exit code.

    `clock` is the system's if not given. With `stop_with` the end of that process stops it too.

    Raises:
        TrunklineError: the program cannot start; the message says how to mend it.
    """
    gc.freeze()  # what was imported stays: the collector need not walk it
    log.configure(settings.log_level, settings.log_format)
    if settings.simulator is None:
        settings = dataclasses.replace(settings, simulator=local)
    beside = fork_ahead(settings, roles, controlled_clock=clock is not None)
    prepare(settings.data)
    if ready_file is not None:
        ready_file.unlink(missing_ok=True)  # the last run's says nothing of this one
    # SQLite is one process's; several processes on PostgreSQL may share a folder of keys.
    alone = settings.database.startswith("sqlite")
    with Claim(settings.data) if alone else contextlib.nullcontext():
        applied = migrate(settings.database)
        if applied:
            logger.info("database.migrated", revisions=applied)
        listener = listen(settings.http)
        with contextlib.closing(listener):
            base = lay(settings, clock or SystemClock())
            base.bus = lay_bus(settings)
            main = _Main(base, roles, listener, ready_file, beside, local=local)
            return uvloop.run(main.run(stop_with))


class _Main:
    """One run of the program."""

    def __init__(
        self,
        base: Foundation,
        roles: frozenset[str],
        listener: socket.socket,
        ready_file: Path | None,
        forked: Forked,
        *,
        local: bool,
    ) -> None:
        self._base = base
        self._crew = Crew(base, forked, local=local)
        self._roles = roles
        self._listener = listener
        self._ready_file = ready_file
        self._local = local
        self._sandbox = Sandbox(base)
        self._simulator: Simulator | None = None
        self._whatsapp: Whatsapp | None = None
        self._mms: Mms | None = None
        self._voice: Voice | None = None
        self._leading: interception.Leading | None = None
        self._carriers = watch.Standing()

    async def run(self, stop_with: int | None = None) -> int:
        """Start everything, wait, stop everything."""
        base = self._base
        base.db.start()
        base.supervisor.stop_on_signals()
        if stop_with is not None:
            base.supervisor.stop_with(stop_with)
        parts = messaging.prepare(base, self._crew.carriers())
        try:
            await self._start(parts)
            reason = await base.supervisor.wait()
            logger.info("stopping", reason=reason)
        finally:
            await self._stop(parts)
        return 1 if base.supervisor.failed else 0

    async def _start(self, parts: messaging.Messaging) -> None:
        base = self._base
        if not base.settings.public_url:  # the port may have been chosen by the system
            base.links.base = url_of(self._listener)
        await provision.prices(base)
        provisioned = await provision.developer(base) if self._local else None
        await base.refresh()
        await open_bus(base.bus, base.health, base.metrics)
        start_word(base.bus, base.db, base.supervisor)
        await messaging.recall(base, parts)
        base.supervisor.start("refresh", base.keep_fresh, when_it_fails=WhenItFails.RESTART)
        observe.database(base)
        if "webhooks" in self._roles:
            observe.webhooks(base, self._start_webhooks(parts))
        self._whatsapp = Whatsapp(base, parts)
        self._whatsapp.listen()
        self._mms = Mms(base, parts, self._local)
        if "voice" in self._roles and sip.listens(base.settings, local=self._local):
            self._voice = Voice(base, parts, local=self._local, rules=self._sandbox.rules)
        if "messaging" in self._roles:
            figures = await self._start_messaging(parts, self._whatsapp, self._mms)
            self._carriers = watch.Standing(figures, self._crew.words(parts))
            roles.start_upkeep(base, local=self._local)
            observe.messaging(base, carrier_config.names(base.settings), figures)
        if self._roles & {"messaging", "voice"}:
            # Where calls are served too: only there are the files of what was being recorded.
            heartbeat = None if self._voice is None else self._voice.heartbeat
            voice_records.start(base, heartbeat)
        if self._voice is not None:
            await self._voice.start()
        served = Served(
            base,
            self._local,
            self._carriers,
            self._sandbox,
            self._whatsapp,
            self._mms,
            self._simulator,
            self._voice,
        )
        app, calls = api.build(
            base, parts, version("trunkline"), served.routes(), serves="api" in self._roles
        )
        server = server_of(base.settings, app)
        base.supervisor.start(
            "http",
            lambda: server.serve(sockets=[self._listener]),
            stop=server.stop,
            stop_timeout_s=STOP_TIMEOUT_S + 2.0,
        )
        await server.serving.wait()
        if self._local and "api" in self._roles:
            self._leading = await interception.start(base.settings, url_of(self._listener))
        if "api" in self._roles:
            parts.destinations.warm()
            await api.resume(base, calls)
        await self._crew.ready()
        await self._say_ready(parts, provisioned)

    async def _say_ready(
        self, parts: messaging.Messaging, provisioned: provision.Provisioned | None
    ) -> None:
        base = self._base
        where = banner.Where(
            url_of(self._listener), "" if self._voice is None else self._voice.address
        )
        if self._leading is not None:
            leads = (self._leading.proxy, str(self._leading.authority))
            where = dataclasses.replace(where, proxy=leads[0], authority=leads[1])
        settle_memory()
        logger.info("ready", url=where.url, roles=sorted(self._roles))
        if provisioned is not None:
            if self._ready_file is not None:
                banner.write_ready_file(self._ready_file, where, provisioned)
            await banner.show(base, parts, self._simulator, where, provisioned)
        elif self._ready_file is not None:
            banner.write_ready_file(self._ready_file, where, None)

    def _start_webhooks(self, parts: messaging.Messaging) -> observe.Figures:
        if self._crew.has("webhooks"):
            return self._crew.start("webhooks")
        return roles.start_webhooks(self._base, parts, local=self._local)

    async def _start_messaging(
        self, parts: messaging.Messaging, whatsapp: Whatsapp, mms: Mms
    ) -> observe.Figures:
        simulated = None
        if self._base.settings.simulator:
            simulated = await self._start_simulators(whatsapp, mms)
        if self._crew.has("messaging"):
            return self._crew.start("messaging", simulated)
        return await roles.start_messaging(self._base, parts, simulated, (whatsapp, mms))

    async def _start_simulators(self, whatsapp: Whatsapp, mms: Mms) -> carrier_config.Simulated:
        settings = self._base.settings
        config = SimulatorConfig(
            seed=settings.simulator_seed,
            password=carrier_config.SIMULATOR_PASSWORD,
            receipt_delay_s=settings.simulator_receipt_delay_s,
        )
        self._simulator = Simulator(config, self._base.clock, self._sandbox.rules)
        await self._simulator.start()
        await whatsapp.simulate(url_of(self._listener))
        await mms.simulate(url_of(self._listener), self._sandbox.rules)
        return carrier_config.Simulated(
            self._simulator.port, whatsapp.simulated_url, mms.simulated_url
        )

    async def _stop(self, parts: messaging.Messaging) -> None:
        base = self._base
        if self._leading is not None:
            await self._leading.interceptor.close()
        if self._voice is not None:
            await self._voice.close()
        await parts.close()
        await base.supervisor.close()
        if self._simulator is not None:
            await self._simulator.stop()
        if self._whatsapp is not None:
            await self._whatsapp.stop()
        if self._mms is not None:
            await self._mms.stop()
        await base.bus.close()
        await base.db.close()
