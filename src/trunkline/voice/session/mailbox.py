"""Where everything that concerns a call arrives, in order: events of its legs, and orders."""

import asyncio
from collections import deque
from typing import Protocol

from trunkline.runtime.clock import Clock
from trunkline.voice.events import Digit, Heard, LegEvent, Voice
from trunkline.voice.session.orders import Order

Item = LegEvent | Order

MOST_ITEMS = 1_000
_DISPENSABLE = (Digit, Heard, Voice)


class Full(Exception):
    """The call does not keep up with its orders."""


class _Finishing(Protocol):
    def done(self) -> bool: ...


class Mailbox:
    """A queue with one reader.

    When it is full, digits, sounds and orders are turned away; what tells of beginnings and ends
    is always kept, for it is bounded by the number of legs.
    """

    __slots__ = ("_clock", "_items", "_woken", "closed", "dropped")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._items: deque[Item] = deque()
        self._woken = asyncio.Event()
        self.closed = False
        self.dropped = 0

    def tell(self, event: LegEvent) -> None:
        """Put an event in: a `Sink`."""
        if self.closed or (len(self._items) >= MOST_ITEMS and isinstance(event, _DISPENSABLE)):
            self.dropped += 1
            return
        self._items.append(event)
        self._woken.set()

    def order(self, order: Order) -> None:
        """Put an order in; raises Full."""
        if self.closed or len(self._items) >= MOST_ITEMS:
            raise Full
        self._items.append(order)
        self._woken.set()

    @property
    def waiting(self) -> bool:
        """Whether something is in it."""
        return bool(self._items)

    def wake(self) -> None:
        """Let the reader look up."""
        self._woken.set()

    async def take(self, timeout_s: float | None, until: _Finishing | None = None) -> Item | None:
        """Return the next item; None once the time has passed, or `until` is done."""
        give_up = None if timeout_s is None else self._clock.now() + timeout_s
        while not self._items:
            if until is not None and until.done():
                return None
            self._woken.clear()
            if give_up is None:
                await self._woken.wait()
            elif not await self._clock.wait(self._woken, give_up - self._clock.now()):
                return None
        return self._items.popleft()

    def close(self) -> list[Order]:
        """Take nothing more in; return the orders that were not carried out."""
        self.closed = True
        left = [item for item in self._items if not isinstance(item, LegEvent)]
        self._items.clear()
        return left
