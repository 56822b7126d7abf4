"""A role in a process of its own beside the main one, so that more cores than one are used.

The main process starts it, restarts it when it dies, and takes it along when it dies itself.
"""

import asyncio
import contextlib
import os
import signal
import sys
from dataclasses import dataclass, field

import msgspec
import structlog
import uvloop

from trunkline.messaging.store.optouts import CHANGED as OPTOUTS_CHANGED
from trunkline.messaging.store.outbound import QUEUED as MESSAGES_QUEUED
from trunkline.processes import messaging, observe, roles
from trunkline.processes.beside import life, relay
from trunkline.processes.carriers import Simulated
from trunkline.processes.channels.mms import Mms
from trunkline.processes.channels.whatsapp import Whatsapp
from trunkline.processes.foundation import Foundation, lay, settle_memory
from trunkline.runtime import log
from trunkline.runtime.changes import CHANGED
from trunkline.runtime.clock import SystemClock
from trunkline.runtime.settings import load
from trunkline.runtime.supervise import WhenItFails
from trunkline.webhooks.store.queue import QUEUED as WEBHOOKS_QUEUED

logger = structlog.get_logger(__name__)

TOPICS = (MESSAGES_QUEUED, WEBHOOKS_QUEUED, CHANGED, OPTOUTS_CHANGED)
FIGURES_S = 1.0
READY_S = 5.0
FOLLOW_S = 5.0  # a change is answered for at the latest then, known everywhere or not
STOP_S = 20.0


class Orders(msgspec.Struct, frozen=True):
    """What a companion is told at its start; `environment` is set beside what it inherits."""

    role: str  # messaging | webhooks
    local: bool
    simulated: Simulated | None = None
    environment: dict[str, str] = msgspec.field(default_factory=dict[str, str])


def _no_figures() -> dict[str, float]:
    return {}


def _no_words() -> dict[str, str]:
    return {}


@dataclass(slots=True)
class Companion:
    """The main process's side; `figures` are the other's metrics, a second old at most.

    `words` are what its carriers last failed with, by name.
    """

    base: Foundation
    orders: Orders
    forked: life.Forked | None = None  # its first life, if that was begun ahead
    figures: dict[str, float] = field(default_factory=_no_figures)
    words: dict[str, str] = field(default_factory=_no_words)
    _ready: asyncio.Event = field(default_factory=asyncio.Event)
    _moved: asyncio.Event = field(default_factory=asyncio.Event)
    _announced: int = 0
    _seen: int = 0
    _life: life.Life | None = None

    def start(self) -> None:
        """Run it under the main process's supervisor."""
        self.base.db.listen(CHANGED, self._announce)
        self.base.db.add_follower(self.caught_up)
        self.base.supervisor.start(
            f"{self.orders.role} process",
            self._live,
            when_it_fails=WhenItFails.RESTART,
            stop=self._stop,
            stop_timeout_s=STOP_S,
        )

    async def wait_ready(self) -> None:
        """Return once it serves, or after a while: a slow start is no reason not to serve."""
        try:
            async with asyncio.timeout(READY_S):
                await self._ready.wait()
        except TimeoutError:
            logger.warning("companion.slow", role=self.orders.role, waited_s=READY_S)

    async def _live(self) -> None:
        forked, self.forked = self.forked, None
        if forked is not None:
            child = await life.join(forked, relay.MAX_LINE)
        else:
            child = await life.execute(relay.MAX_LINE)
        self._life = child
        orders = msgspec.structs.replace(self.orders, environment=self._environment())
        child.writer.write(msgspec.json.encode(orders) + b"\n")
        mouth = relay.Mouth(child.writer)
        mouth.follow(self.base.db, TOPICS)
        try:
            await mouth.listen(child.reader, self.base.db, self._hear)
        finally:
            self._ready.clear()
            self._moved.set()
            mouth.leave(self.base.db)
        code = await child.wait()
        if code != 0:
            raise RuntimeError(f"the {self.orders.role} process ended with code {code}")

    async def caught_up(self) -> None:
        """Return once it has in memory what was changed here, or after a moment."""
        wanted = self._announced
        if not self._ready.is_set():
            return  # it reads everything when it starts
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FOLLOW_S):
                while self._seen < wanted and self._ready.is_set():
                    self._moved.clear()
                    await self._moved.wait()

    def _announce(self, revisions: set[str]) -> None:
        self._announced = max(self._announced, *map(int, revisions))

    def _hear(self, line: relay.Line) -> None:
        if line.seen:
            self._seen = line.seen
            self._moved.set()
        if line.figures:
            self.figures, self.words = line.figures, line.words
            self._ready.set()

    async def _stop(self) -> None:
        if self._life is not None:
            self._life.writer.close()
            await self._life.wait()

    def _environment(self) -> dict[str, str]:
        settings = self.base.settings
        return {
            "TRUNKLINE_DATA": str(settings.data.absolute()),
            "TRUNKLINE_DATABASE": settings.database,
            "TRUNKLINE_LOCAL": "true" if self.orders.local else "false",
            "TRUNKLINE_SIMULATOR": "true" if settings.simulator else "false",
        }


def main() -> None:
    """Be the companion: serve the role that standard input names, until that ends."""
    # A signal to the whole group is the main process's, which then ends this one in order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    uvloop.run(_serve())


async def _serve() -> None:
    reader, mouth = await _pipes()
    told = await reader.readline()
    if not told:
        return  # the main process has ended, or wants no companion
    orders = msgspec.json.decode(told, type=Orders)
    life.take_name(orders.role)
    settings = load({**os.environ, **orders.environment})
    log.configure(settings.log_level, settings.log_format)
    base = lay(settings, SystemClock())
    base.db.start()
    mouth.follow(base.db, TOPICS)
    await base.refresh()
    base.supervisor.start(
        "refresh", lambda: base.keep_fresh(mouth.seen), when_it_fails=WhenItFails.RESTART
    )
    parts = messaging.prepare(base)
    figures = await _start(base, parts, orders)
    settle_memory()

    async def tell() -> None:
        while True:
            mouth.figures(dict(figures()), observe.carriers_words(parts))
            await asyncio.sleep(FIGURES_S)

    async def hear() -> None:
        await mouth.listen(reader, base.db, lambda _: None)
        base.supervisor.request_stop("the main process is done")

    base.supervisor.start("figures", tell)
    base.supervisor.start("relay", hear)
    try:
        await base.supervisor.wait()
    finally:
        await parts.close()
        await base.supervisor.close()
        await base.db.close()


async def _start(base: Foundation, parts: messaging.Messaging, orders: Orders) -> observe.Figures:
    if orders.role == "webhooks":
        return roles.start_webhooks(base, parts, local=orders.local)
    simulated = orders.simulated
    whatsapp = Whatsapp(base, parts, simulated.whatsapp_url if simulated else "")
    mms = Mms(base, parts, orders.local, simulated.mms_url if simulated else "")
    return await roles.start_messaging(base, parts, simulated, (whatsapp, mms))


async def _pipes() -> tuple[asyncio.StreamReader, relay.Mouth]:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=relay.MAX_LINE)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    transport, protocol = await loop.connect_write_pipe(
        asyncio.streams.FlowControlMixin, sys.stdout
    )
    writer = asyncio.StreamWriter(transport, protocol, None, loop)
    return reader, relay.Mouth(writer)


if __name__ == "__main__":
    life.die_with(os.getppid())
    main()
