"""Work that comes round, whatever the database does."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from trunkline.runtime.clock import Clock
from trunkline.runtime.db import DatabaseError

log = structlog.get_logger(__name__)

BREATH_S = 0.05  # of real time between two sweeps, however far a controlled clock is moved
DOWN_S = 1.0  # of real time until a database that refused is asked again


async def keep_sweeping(
    clock: Clock,
    every_s: float,
    sweep: Callable[[], Awaitable[object]],
    *,
    on_outage: Callable[[], None] | None = None,
) -> None:
    """Call `sweep` every `every_s` of `clock` for ever; cancel to stop.

    `on_outage` is told when the database refused.
    """
    while True:
        began = clock.now()
        try:
            await sweep()
        except DatabaseError as error:
            log.warning("sweep.database", sweep=sweep.__qualname__, error=str(error))
            if on_outage is not None:
                on_outage()
            await asyncio.sleep(DOWN_S)
            began -= every_s  # what was not done is due
        await asyncio.sleep(BREATH_S)
        # From the beginning on: a clock that was moved during the sweep asks for another.
        await clock.sleep(began + every_s - clock.now())
