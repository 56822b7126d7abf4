"""Forgets media whose time is over."""

from trunkline.messaging.media.library import Library
from trunkline.runtime.clock import Clock
from trunkline.runtime.sweep import keep_sweeping

SWEEP_S = 60.0


async def sweep_for_ever(library: Library, clock: Clock) -> None:
    """Sweep each minute of the clock; cancel to stop. Harmless when several do."""

    async def sweep() -> None:
        while await library.sweep():
            pass

    await keep_sweeping(clock, SWEEP_S, sweep)
