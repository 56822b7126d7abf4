"""What listens to one leg: recognition, a judge of machines, streams."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from trunkline.voice.events import LegEvent
from trunkline.voice.switch.core import Core
from trunkline.voice.switch.ports import Running, Senses
from trunkline.voice.switch.taps import Tapped
from trunkline.voice.telephony import LegGone, ListenSpec, MachineSpec, Refused, StreamSpec

log = structlog.get_logger(__name__)

CLOSE_S: Final = 2.0


class Attending:
    """At most one recognition, one judge, one wait for a beep and one stream at a time."""

    def __init__(self, core: Core, leg: Tapped, tell: Callable[[LegEvent], None]) -> None:
        self._core = core
        self._leg = leg
        self._tell = tell
        self._running: dict[str, Running] = {}
        self._streams: set[str] = set()
        self._starting: set[str] = set()
        self._closed = False

    @property
    def busy(self) -> bool:
        """Whether something is at work."""
        return bool(self._running)

    async def listen(self, spec: ListenSpec) -> None:
        """Recognise; a recognition that runs gives way."""
        senses = self._senses("recognised")
        await self.stop("listen")
        await self._start("listen", lambda: senses.listen(self._leg, spec, self._tell))

    async def judge(self, spec: MachineSpec) -> None:
        """Listen for a machine."""
        senses = self._senses("judged")
        await self.stop("judge")
        await self._start("judge", lambda: senses.judge(self._leg, spec, self._tell))

    async def beep(self) -> None:
        """Listen for a beep."""
        senses = self._senses("listened for")
        await self.stop("beep")
        await self._start("beep", lambda: senses.beep(self._leg, self._tell))

    async def stream(self, spec: StreamSpec) -> None:
        """Stream; raises Refused while another one runs."""
        senses = self._senses("streamed")
        for stream_id in list(self._streams):
            running = self._running.get(stream_id)
            if running is None or not running.over:
                raise Refused("the call is streamed already")
            await self.stop(stream_id)
        self._streams.add(spec.stream_id)
        try:
            await self._start(spec.stream_id, lambda: senses.stream(self._leg, spec, self._tell))
        except BaseException:
            self._streams.discard(spec.stream_id)
            raise

    async def stop(self, what: str) -> None:
        """End one of them: "listen", "judge", "beep" or a stream by its id; others are ignored."""
        self._streams.discard(what)
        running = self._running.pop(what, None)
        if running is not None:
            await self._close(running)

    async def close(self) -> None:
        """End all, and take nothing more."""
        self._closed = True
        for what in list(self._running):
            await self.stop(what)

    async def _start(self, what: str, begin: Callable[[], Awaitable[Running]]) -> None:
        if what in self._starting:
            raise Refused("it is being started already")
        self._starting.add(what)
        try:
            running = await begin()
        finally:
            self._starting.discard(what)
        if self._closed:  # the leg ended meanwhile
            await self._close(running)
            raise LegGone("the leg has ended")
        self._running[what] = running

    async def _close(self, running: Running) -> None:
        try:
            async with asyncio.timeout(CLOSE_S):
                await running.close()
        except TimeoutError:
            log.warning("leg.slow_to_close", leg=self._leg.uuid, what=repr(running))
        except Exception:  # whatever breaks there, the leg has to end and give its ports back
            log.exception("leg.broken_at_close", leg=self._leg.uuid)

    def _senses(self, done: str) -> Senses:
        senses = self._core.around.senses
        if senses is None:
            raise Refused(f"nothing can be {done} here")
        return senses
