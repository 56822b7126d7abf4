"""The webhooks role in a process of its own beside the main one, so that two cores are used.

The main process starts it, restarts it when it dies, and takes it along when it dies itself.
"""

import asyncio
import ctypes
import os
import signal
import sys
from dataclasses import dataclass, field

import structlog
import uvloop

from trunkline.messaging.store.optouts import CHANGED as OPTOUTS_CHANGED
from trunkline.messaging.store.outbound import QUEUED as MESSAGES_QUEUED
from trunkline.processes import messaging, relay, webhooks
from trunkline.processes.foundation import Foundation, lay, settle_memory
from trunkline.runtime import log
from trunkline.runtime.changes import CHANGED
from trunkline.runtime.clock import SystemClock
from trunkline.runtime.settings import load
from trunkline.runtime.supervise import WhenItFails
from trunkline.webhooks.store.queue import QUEUED as WEBHOOKS_QUEUED

logger = structlog.get_logger(__name__)

FIGURES_S = 1.0
READY_S = 5.0
STOP_S = 20.0
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def _no_figures() -> dict[str, float]:
    return {}


@dataclass(slots=True)
class Companion:
    """The main process's side; `figures` are the other's metrics, a second old at most."""

    base: Foundation
    local: bool
    figures: dict[str, float] = field(default_factory=_no_figures)
    _ready: asyncio.Event = field(default_factory=asyncio.Event)
    _process: asyncio.subprocess.Process | None = None

    def start(self) -> None:
        """Run it under the main process's supervisor."""
        self.base.supervisor.start(
            "companion",
            self._live,
            when_it_fails=WhenItFails.RESTART,
            stop=self._stop,
            stop_timeout_s=STOP_S,
        )

    async def wait_ready(self) -> None:
        """Return once it delivers, or after a while: a slow start is no reason not to serve."""
        try:
            async with asyncio.timeout(READY_S):
                await self._ready.wait()
        except TimeoutError:
            logger.warning("companion.slow", waited_s=READY_S)

    async def _live(self) -> None:
        process = self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "trunkline.processes.companion",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=relay.MAX_LINE,
            env=self._environment(),
        )
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the companion has no pipes")
        mouth = relay.Mouth(process.stdin)
        mouth.follow(self.base.db, (WEBHOOKS_QUEUED, CHANGED, OPTOUTS_CHANGED))
        await relay.listen(process.stdout, self.base.db, self._take_figures)
        code = await process.wait()
        if code != 0:
            raise RuntimeError(f"the webhooks process ended with code {code}")

    def _take_figures(self, figures: dict[str, float]) -> None:
        self.figures = figures
        self._ready.set()

    async def _stop(self) -> None:
        process = self._process
        if process is not None and process.returncode is None and process.stdin is not None:
            process.stdin.close()
            await process.wait()

    def _environment(self) -> dict[str, str]:
        settings = self.base.settings
        return {
            **os.environ,
            "TRUNKLINE_DATA": str(settings.data.absolute()),
            "TRUNKLINE_DATABASE": settings.database,
            "TRUNKLINE_LOCAL": "true" if self.local else "false",
            "TRUNKLINE_SIMULATOR": "true" if settings.simulator else "false",
        }


def main() -> None:
    """Be the companion: deliver webhooks until standard input ends."""
    _die_with_parent()
    # A signal to the whole group is the main process's, which then ends this one in order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    uvloop.run(_deliver())


def _die_with_parent() -> None:
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise SystemExit(1)


async def _deliver() -> None:
    settings = load(os.environ)
    log.configure(settings.log_level, settings.log_format)
    base = lay(settings, SystemClock())
    base.db.start()
    reader, mouth = await _pipes()
    mouth.follow(base.db, (MESSAGES_QUEUED,))
    await base.refresh()
    base.supervisor.start("refresh", base.keep_fresh, when_it_fails=WhenItFails.RESTART)
    worker = webhooks.start(base, messaging.prepare(base), local=settings.local)
    settle_memory()

    async def tell() -> None:
        while True:
            mouth.figures(webhooks.figures(worker))
            await asyncio.sleep(FIGURES_S)

    async def hear() -> None:
        await relay.listen(reader, base.db, lambda _: None)
        base.supervisor.request_stop("the main process is done")

    base.supervisor.start("figures", tell)
    base.supervisor.start("relay", hear)
    try:
        await base.supervisor.wait()
    finally:
        await base.supervisor.close()
        await base.db.close()


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
    main()
