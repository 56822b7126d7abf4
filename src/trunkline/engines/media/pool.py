"""Several media processes, one a core: where a new leg goes, and whether there is room for it."""

import asyncio
from collections.abc import Callable
from typing import Final

import msgspec

from trunkline.engines.media.client import MediaProcess
from trunkline.engines.media.config import MediaConfig
from trunkline.engines.media.messages import Event


class MediaPool:
    """`config`'s ports are shared out. Legs that are to hear each other need the same process."""

    def __init__(self, config: MediaConfig, count: int, on_event: Callable[[Event], None]) -> None:
        """`count` processes (at least 1).

        Raises:
            ValueError: too few ports for so many.
        """
        pairs = (config.last_port + 1 - config.first_port) // 2 // count
        if pairs < 1:
            raise ValueError(f"{count} media processes need more ports")
        first = config.first_port + config.first_port % 2
        self.processes: Final = [
            MediaProcess(
                msgspec.structs.replace(
                    config,
                    first_port=first + n * pairs * 2,
                    last_port=min(config.last_port, first + (n + 1) * pairs * 2 - 1),
                    most_legs=min(config.most_legs, pairs),
                ),
                on_event,
            )
            for n in range(count)
        ]

    async def start(self) -> None:
        """Return once all serve.

        Raises:
            MediaGone: one does not come up; the others are ended.
        """
        try:
            await asyncio.gather(*(process.start() for process in self.processes))
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """End all."""
        await asyncio.gather(*(process.close() for process in self.processes))

    @property
    def room(self) -> int:
        """For how many further legs there is room now: none in a process that is started again."""
        return sum(
            max(0, process.config.most_legs - len(process.legs))
            for process in self.processes
            if process.ready
        )

    @property
    def skipped_ms(self) -> int:
        """What the calls of processes have missed while these had no CPU, added up."""
        return sum(process.skipped_ms for process in self.processes)

    def pick(self) -> MediaProcess | None:
        """The process with the fewest legs; None: no room, answer 503 before it rings."""
        able = [
            process
            for process in self.processes
            if process.ready and len(process.legs) < process.config.most_legs
        ]
        return min(able, key=lambda process: len(process.legs), default=None)
