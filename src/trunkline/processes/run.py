"""Start the roles asked for, serve until told to stop, and stop in order."""

import contextlib
import dataclasses
import gc
import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import structlog
import uvicorn
import uvloop
from starlette.routing import BaseRoute

from trunkline.engines.http.server import HttpServer
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
from trunkline.processes.beside import companion, life
from trunkline.processes.beside.bus import lay_bus, open_bus, start_word
from trunkline.processes.beside.companion import Companion, Orders
from trunkline.processes.channels.mms import Mms
from trunkline.processes.channels.whatsapp import Whatsapp
from trunkline.processes.foundation import Foundation, lay, settle_memory
from trunkline.processes.intercept import served as interception
from trunkline.processes.sandbox import Sandbox
from trunkline.processes.voice import records as voice_records
from trunkline.processes.voice import sip
from trunkline.processes.voice.role import Voice
from trunkline.rest.mms.files import media_routes
from trunkline.rest.money import MoneyPages
from trunkline.rest.operator import operator_routes
from trunkline.rest.simulation import handset_routes
from trunkline.rest.voice.feedback import feedback_pages
from trunkline.rest.voice.handsets import handset_call_routes
from trunkline.runtime import log
from trunkline.runtime.clock import Clock, SystemClock
from trunkline.runtime.db.migrate import migrate
from trunkline.runtime.folder import Claim, prepare
from trunkline.runtime.settings import HostPort, Settings
from trunkline.runtime.supervise import WhenItFails
from trunkline.simulator.smsc import Simulator, SimulatorConfig
from trunkline.values.errors import TrunklineError

logger = structlog.get_logger(__name__)

BACKLOG = 2_048
STOP_TIMEOUT_S = 10


class AddressInUse(TrunklineError):
    """The HTTP address cannot be listened on."""


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
    beside = _fork_ahead(settings, roles, controlled_clock=clock is not None)
    prepare(settings.data)
    if ready_file is not None:
        ready_file.unlink(missing_ok=True)  # the last run's says nothing of this one
    # SQLite is one process's; several processes on PostgreSQL may share a folder of keys.
    alone = settings.database.startswith("sqlite")
    with Claim(settings.data) if alone else contextlib.nullcontext():
        applied = migrate(settings.database)
        if applied:
            logger.info("database.migrated", revisions=applied)
        listener = _listen(settings.http)
        with contextlib.closing(listener):
            base = lay(settings, clock or SystemClock())
            base.bus = lay_bus(settings)
            main = _Main(base, roles, listener, ready_file, beside, local=local)
            return uvloop.run(main.run(stop_with))


def _fork_ahead(
    settings: Settings, roles: frozenset[str], *, controlled_clock: bool
) -> dict[str, life.Forked | None]:
    """Begin a process for each role that gets one of its own: if others are here, and cores."""
    alone = len(roles) == 1 or (os.cpu_count() or 1) == 1 or not settings.own_processes
    if alone or controlled_clock:  # a controlled clock is one process's
        return {}
    forked: dict[str, life.Forked | None] = {}
    for role in sorted(roles & {"messaging", "webhooks"}):
        begun = [one for one in forked.values() if one is not None]
        forked[role] = life.fork(companion.main, begun)
    return forked


@dataclass(frozen=True, slots=True)
class _Elsewhere:
    """A carrier in the process of its role, as its figures tell of it."""

    name: str
    figures_of: Callable[[str], Mapping[str, float]]

    @property
    def is_up(self) -> bool:
        return self.figures_of("messaging").get(observe.carrier_figure(self.name, "up"), 0) > 0


class _Main:
    """One run of the program."""

    def __init__(
        self,
        base: Foundation,
        roles: frozenset[str],
        listener: socket.socket,
        ready_file: Path | None,
        forked: Mapping[str, life.Forked | None],
        *,
        local: bool,
    ) -> None:
        self._base = base
        self._forked = forked  # by the roles that run beside
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
        self._companions: dict[str, Companion] = {}
        self._carriers = watch.Standing()

    async def run(self, stop_with: int | None = None) -> int:
        """Start everything, wait, stop everything."""
        base = self._base
        base.db.start()
        base.supervisor.stop_on_signals()
        if stop_with is not None:
            base.supervisor.stop_with(stop_with)
        carriers = carrier_config.names(base.settings)
        beside = "messaging" in self._forked
        alive = {name: _Elsewhere(name, self._figures_of) for name in carriers} if beside else None
        parts = messaging.prepare(base, alive)
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
            base.links.base = _url(self._listener)
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
            self._carriers = watch.Standing(figures, self._words_of(parts))
            roles.start_upkeep(base, local=self._local)
            observe.messaging(base, carrier_config.names(base.settings), figures)
        if self._roles & {"messaging", "voice"}:
            # Where calls are served too: only there are the files of what was being recorded.
            heartbeat = None if self._voice is None else self._voice.heartbeat
            voice_records.start(base, heartbeat)
        if self._voice is not None:
            await self._voice.start()
        app, calls = api.build(
            base, parts, version("trunkline"), self._routes(), serves="api" in self._roles
        )
        server = self._server(app)
        base.supervisor.start(
            "http",
            lambda: server.serve(sockets=[self._listener]),
            stop=server.stop,
            stop_timeout_s=STOP_TIMEOUT_S + 2.0,
        )
        await server.serving.wait()
        if self._local and "api" in self._roles:
            self._leading = await interception.start(base.settings, _url(self._listener))
        if "api" in self._roles:
            parts.destinations.warm()
            await api.resume(base, calls)
        for one in self._companions.values():
            await one.wait_ready()
        await self._say_ready(parts, provisioned)

    async def _say_ready(
        self, parts: messaging.Messaging, provisioned: provision.Provisioned | None
    ) -> None:
        base = self._base
        where = banner.Where(
            _url(self._listener), "" if self._voice is None else self._voice.address
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

    def _beside(self, role: str, simulated: carrier_config.Simulated | None) -> observe.Figures:
        begun = Companion(self._base, Orders(role, self._local, simulated), self._forked[role])
        self._companions[role] = begun
        begun.start()
        return lambda: begun.figures

    def _figures_of(self, role: str) -> Mapping[str, float]:
        one = self._companions.get(role)
        return one.figures if one is not None else {}

    def _words_of(self, parts: messaging.Messaging) -> watch.Words:
        companion = self._companions.get("messaging")
        if companion is not None:
            return lambda: companion.words
        return lambda: observe.carriers_words(parts)

    def _start_webhooks(self, parts: messaging.Messaging) -> observe.Figures:
        if "webhooks" in self._forked:
            return self._beside("webhooks", None)
        return roles.start_webhooks(self._base, parts, local=self._local)

    async def _start_messaging(
        self, parts: messaging.Messaging, whatsapp: Whatsapp, mms: Mms
    ) -> observe.Figures:
        simulated = None
        if self._base.settings.simulator:
            simulated = await self._start_simulators(whatsapp, mms)
        if "messaging" in self._forked:
            return self._beside("messaging", simulated)
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
        await whatsapp.simulate(_url(self._listener))
        await mms.simulate(_url(self._listener), self._sandbox.rules)
        return carrier_config.Simulated(
            self._simulator.port, whatsapp.simulated_url, mms.simulated_url
        )

    def _routes(self) -> list[BaseRoute]:
        base = self._base
        routes: list[BaseRoute] = [*media_routes(base.library, base.links, base.clock)]
        routes += voice_records.routes(base)
        routes += operator_routes(
            base.db,
            base.clock,
            token=base.settings.admin_token,
            local=self._local,
            pages=[
                *MoneyPages(
                    db=base.db,
                    clock=base.clock,
                    accounts=base.accounts,
                    permissions=base.permissions,
                ).pages(),
                *watch.pages(base, self._carriers),
                *feedback_pages(base.db),
            ],
        )
        whatsapp = self._whatsapp
        if whatsapp is not None:
            routes += whatsapp.routes()
        mms = self._mms
        if mms is not None:
            routes += mms.routes()
        if self._local and self._simulator is not None:
            cloud = None if whatsapp is None else whatsapp.simulator
            owner_of = self._sandbox.rules.owner_of
            mmsc = None if mms is None else mms.simulator
            routes += handset_routes(self._simulator, cloud, mmsc, owner_of=owner_of)
            routes += self._sandbox.routes()
        phones = None if self._voice is None else self._voice.simulated
        if self._local and phones is not None:
            routes += handset_call_routes(phones.phones, self._sandbox.rules.owner_of)
        return routes

    def _server(self, app: object) -> HttpServer:
        proxies = self._base.settings.trusted_proxies
        config = uvicorn.Config(
            app,  # pyright: ignore[reportArgumentType]
            http="httptools",
            ws="none",
            loop="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(proxies),
            forwarded_allow_ips=proxies or None,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=STOP_TIMEOUT_S,
            backlog=BACKLOG,
        )
        return HttpServer(config)

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


def _listen(http: HostPort) -> socket.socket:
    family = socket.AF_INET6 if ":" in http.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((http.host, http.port))
    except OSError as error:
        listener.close()
        raise AddressInUse(
            f"cannot listen on {http}: {error.strerror}; choose another address (TRUNKLINE_HTTP)"
        ) from error
    listener.listen(BACKLOG)
    return listener


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
