"""The engines of calls: the user agent, the media processes, and the switch over them.

On a developer's machine the media processes start with the first call: until they serve, that call
waits; others have them from the beginning.
"""

import asyncio
import os
from collections.abc import Callable

import structlog

from trunkline.engines.media import MediaConfig, MediaGone, MediaPool
from trunkline.engines.media.messages import Event
from trunkline.engines.sip import IncomingCall
from trunkline.runtime.settings import Settings
from trunkline.voice.switch import Switch

log = structlog.get_logger(__name__)

AGAIN_S = 5.0  # after media processes did not start
MOST_PROCESSES = 16


def media_processes(settings: Settings) -> int:
    """Return how many media processes there are to be."""
    return settings.media_processes or max(1, min(MOST_PROCESSES, (os.cpu_count() or 1) - 1))


class MediaStart:
    """Starts the media processes once, when they are needed first."""

    def __init__(
        self,
        config: MediaConfig,
        count: int,
        on_event: Callable[[Event], None],
        attach: Callable[[MediaPool], None],
    ) -> None:
        """`attach` gets the processes once they serve."""
        self._new_pool = lambda: MediaPool(config, count, on_event)
        self._attach = attach
        self._pool: MediaPool | None = None
        self._starting: asyncio.Task[bool] | None = None
        self._on_ready: list[Callable[[], None]] = []
        self._failed_at = float("-inf")

    @property
    def ready(self) -> bool:
        """Whether calls can have audio now."""
        task = self._starting
        return task is not None and task.done() and not task.cancelled() and task.result()

    def when_ready(self, told: Callable[[], None]) -> None:
        """Have `told` called once they serve."""
        self._on_ready.append(told)

    def wanted(self) -> bool:
        """Tell whether they serve; start them if nobody has yet."""
        if self.ready:
            return True
        self._begin()
        return False

    async def up(self) -> bool:
        """Wait until they serve; False when they do not start."""
        return await asyncio.shield(self._begin())

    async def close(self) -> None:
        """End them."""
        task = self._starting
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        if self._pool is not None:
            await self._pool.close()

    def _begin(self) -> "asyncio.Task[bool]":
        loop = asyncio.get_running_loop()
        task = self._starting
        failed = task is not None and task.done() and not task.result()
        if task is None or (failed and loop.time() - self._failed_at >= AGAIN_S):
            task = self._starting = loop.create_task(self._start(), name="media start")
        return task

    async def _start(self) -> bool:
        pool = self._pool = self._new_pool()
        try:
            await pool.start()
        except MediaGone as error:
            self._failed_at = asyncio.get_running_loop().time()
            log.error("media.not_started", error=str(error))
            return False
        self._attach(pool)
        for told in self._on_ready:
            told()
        return True


class Doorman:
    """Stands between the user agent and the switch until there is audio."""

    def __init__(self, switch: Switch, media: MediaStart, full: Callable[[], bool]) -> None:
        self._switch = switch
        self._media = media
        self._full = full
        self._waiting: set[asyncio.Task[None]] = set()

    def admit(self) -> bool:
        """Whether there is room for another call."""
        if self._full():
            return False
        return self._switch.admit() if self._media.ready else True

    def on_call(self, call: IncomingCall) -> None:
        """Hand a call to the switch, now or once there is audio."""
        if self._media.ready:
            self._switch.on_call(call)
            return
        task = asyncio.create_task(self._later(call), name="call before there is audio")
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    async def _later(self, call: IncomingCall) -> None:
        if await self._media.up():
            self._switch.on_call(call)
        else:
            call.reject(503)
