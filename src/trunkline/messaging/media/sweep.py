"""Forgets media whose time is over."""

import structlog

from trunkline.messaging.media.library import Library
from trunkline.runtime.clock import Clock
from trunkline.runtime.db import DatabaseError

log = structlog.get_logger(__name__)

SWEEP_S = 60.0


async def sweep_for_ever(library: Library, clock: Clock) -> None:
    """Sweep each minute of the clock; cancel to stop. Harmless when several do."""
    while True:
        await clock.sleep(SWEEP_S)
        try:
            while await library.sweep():
                pass
        except DatabaseError as error:
            log.warning("media.sweep", error=str(error))
