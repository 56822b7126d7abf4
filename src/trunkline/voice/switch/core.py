"""What all legs and rooms of a switch share."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, Final

import structlog

from trunkline.engines.media import MediaPool
from trunkline.engines.sip import UserAgent
from trunkline.runtime.clock import Clock
from trunkline.voice.switch.hearing import Hearing
from trunkline.voice.switch.ports import Farewells, Router, Senses, Shelf, Sounds
from trunkline.voice.switch.wiring import Wiring
from trunkline.voice.telephony import Refused

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SwitchConfig:
    """`codecs` are offered in this order; seconds."""

    codecs: tuple[str, ...] = ("PCMU", "PCMA", "G722", "opus")
    farewell_s: float = 20.0  # for recordings to be kept, before a leg's end is told
    media_timeout_s: float = 60.0  # PLIVO hangup cause 6020


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The ports of a switch; without `senses` nothing can be recognised or streamed.

    Without `farewells` nobody is told when the process dies.
    """

    clock: Clock
    router: Router
    shelf: Shelf
    sounds: Sounds
    senses: Senses | None = None
    farewells: Farewells | None = None


class Core:
    """The engines, once they are attached, and the tasks that work for legs."""

    def __init__(self, around: Surroundings, config: SwitchConfig) -> None:
        self.around: Final = around
        self.config: Final = config
        self.wiring: Final = Wiring()
        self.hearing: Final = Hearing()
        self.agent: UserAgent | None = None
        self.pool: MediaPool | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def user_agent(self) -> UserAgent:
        """The user agent; raises Refused while there is none."""
        if self.agent is None:
            raise Refused("the switch is not attached to a user agent")
        return self.agent

    @property
    def now_ms(self) -> int:
        """Milliseconds of the epoch."""
        return round(self.around.clock.now() * 1000)

    @property
    def tasks(self) -> int:
        """How many pieces of work are under way."""
        return len(self._tasks)

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Do work that ends with the switch at the latest."""
        task = asyncio.create_task(self._guard(work), name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _guard(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception:  # the edge of a piece of work: the switch goes on without it
            log.exception("switch.work_failed")

    async def close(self, within_s: float) -> None:
        """Let what runs come to its end, then cut it off."""
        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=within_s)
        left = list(self._tasks)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
