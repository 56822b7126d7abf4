"""What is due later, on one clock: a heap and one task, however much waits."""

import asyncio
import heapq
from collections.abc import Callable
from itertools import count
from typing import Final

from trunkline.runtime.clock import Clock

_IDLE_S: Final = 3600.0
_BATCH: Final = 500  # due entries run in one go before others may have the loop


class Agenda:
    """Runs callbacks at their time, in order of their time; they must not fail or block.

    Unbounded by itself: whoever plans (the receipts of bounded queues) keeps the bound.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self._earlier = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._heap)

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="simulator-agenda")

    async def stop(self) -> None:
        """Forget what is planned."""
        self._heap.clear()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def after(self, delay_s: float, callback: Callable[[], None]) -> None:
        """Plan `callback` in `delay_s` seconds of the clock."""
        due = self._clock.now() + delay_s
        if not self._heap or due < self._heap[0][0]:
            self._earlier.set()
        heapq.heappush(self._heap, (due, next(self._order), callback))

    async def _run(self) -> None:
        while True:
            self._earlier.clear()
            wait_s = self._heap[0][0] - self._clock.now() if self._heap else _IDLE_S
            if wait_s > 0:
                await self._clock.wait(self._earlier, wait_s)
            self._run_due()
            await asyncio.sleep(0)

    def _run_due(self) -> None:
        now = self._clock.now()
        for _ in range(_BATCH):
            if not self._heap or self._heap[0][0] > now:
                return
            heapq.heappop(self._heap)[2]()
