"""Time for the whole program: the system's, or one that tests and the admin API move."""

import asyncio
import heapq
import itertools
import time
from typing import Protocol


class Clock(Protocol):
    """Where the program reads the time and waits for it."""

    def now(self) -> float:
        """Seconds since 1970-01-01 UTC, with microseconds."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return once `seconds` of this clock have passed."""
        ...

    async def wait(self, event: asyncio.Event, timeout_s: float) -> bool:
        """Return True as soon as `event` is set, False once `timeout_s` of this clock passed."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        return time.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))

    async def wait(self, event: asyncio.Event, timeout_s: float) -> bool:
        if event.is_set():
            return True
        try:
            async with asyncio.timeout(max(0.0, timeout_s)):
                await event.wait()
        except TimeoutError:
            return event.is_set()
        return True


class ControlledClock:
    """A clock that is moved by hand: frozen, or flowing with real time from where it was put.

    Sleepers whose time has come are woken in order of their due time when `advance` is called.
    """

    def __init__(self, start: float | None = None, *, flowing: bool = False) -> None:
        self._flowing = flowing
        self._origin = time.time()
        self._base = self._origin if start is None else start
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._timer: asyncio.TimerHandle | None = None

    def now(self) -> float:
        return self._base + (time.time() - self._origin if self._flowing else 0.0)

    def advance(self, seconds: float) -> float:
        """Move time forward by `seconds` (≥ 0) and wake whoever was waiting; return the new time.

        Raises:
            ValueError: when asked to go back.
        """
        if seconds < 0:
            raise ValueError("time moves forward only")
        self._base += seconds
        self._wake()
        return self.now()

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        await self._sleeper(seconds)

    async def wait(self, event: asyncio.Event, timeout_s: float) -> bool:
        if event.is_set():
            return True
        if timeout_s <= 0:
            await asyncio.sleep(0)
            return event.is_set()
        sleeper = self._sleeper(timeout_s)
        waiter = asyncio.ensure_future(event.wait())
        try:
            await asyncio.wait({sleeper, waiter}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeper.cancel()
            if not waiter.done():
                waiter.cancel()
        return event.is_set()

    def _sleeper(self, seconds: float) -> asyncio.Future[None]:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now() + seconds, next(self._order), future))
        self._arm()
        return future

    def _wake(self) -> None:
        now = self.now()
        while self._sleepers and (self._sleepers[0][0] <= now or self._sleepers[0][2].done()):
            future = heapq.heappop(self._sleepers)[2]
            if not future.done():
                future.set_result(None)
        self._arm()

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._flowing and self._sleepers:
            delay = max(0.0, self._sleepers[0][0] - self.now())
            self._timer = asyncio.get_running_loop().call_later(delay, self._wake)
