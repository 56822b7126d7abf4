"""Commands and events between parts that do not know each other: the port, and it in-process.

An event (`publish`) goes to every subscription and may be dropped by a slow one; a command
(`request`) goes to the one who serves its subject and always has an answer or an error.
Between processes `engines/nats` carries both.

BusError
├── NobodyServes     nothing was done
├── BusAway          nothing was done
├── BusFull          nothing was done
├── TooLarge         nothing was done
├── OtherRelease     nothing was done
├── RequestTimeout   it may still be done
└── RequestFailed    it was tried
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import NamedTuple, Protocol

from trunkline.values.errors import TrunklineError

Handler = Callable[[bytes], Awaitable[bytes]]

QUEUE_LIMIT = 1_000  # events one subscription may lag behind
REQUEST_LIMIT = 10_000  # requests under way


class BusError(TrunklineError):
    """A request had no result."""


class NobodyServes(BusError):
    """No one serves the subject now; nothing was done."""


class RequestTimeout(BusError):
    """The answer did not come in time; the command may still be carried out."""


class RequestFailed(BusError):
    """The one who serves the subject raised; the text says what."""


class BusFull(BusError):
    """Too many requests are under way; nothing was done."""


class BusAway(BusError):
    """The way to other processes is not there now; nothing was done. The text says why."""


class TooLarge(BusError):
    """The request is larger than the bus carries; nothing was done."""


class OtherRelease(BusError):
    """Who serves the subject is of a release that cannot read the request; nothing was done."""


class Event(NamedTuple):
    subject: str
    payload: bytes


class Subscription(Protocol):
    """Events in order of arrival; ends when closed. Past its limit the oldest are dropped."""

    dropped: int

    def __aiter__(self) -> AsyncIterator[Event]: ...

    def close(self) -> None: ...


class Bus(Protocol):
    """What carries events and commands; subjects are words joined by dots."""

    async def publish(self, subject: str, payload: bytes) -> None:
        """Hand an event to whoever subscribed; no one need have."""
        ...

    def subscribe(self, subject: str, *, limit: int = QUEUE_LIMIT) -> Subscription:
        """Receive events of a subject, or of all below it when it ends in `.>`."""
        ...

    def serve(self, subject: str, handler: Handler) -> Callable[[], None]:
        """Answer requests for `subject`; the function returned ends that.

        Raises:
            ValueError: someone in this process serves it already.
        """
        ...

    async def request(self, subject: str, payload: bytes, *, timeout_s: float) -> bytes:
        """Ask whoever serves `subject` and return the answer.

        Raises:
            NobodyServes, BusAway, BusFull, TooLarge, OtherRelease: nothing was done.
            RequestTimeout, RequestFailed: it may have been.
        """
        ...

    async def close(self) -> None:
        """End all subscriptions and cancel what is under way."""
        ...


class InProcessBus:
    """The bus of a program that is one process."""

    def __init__(self) -> None:
        self._exact: dict[str, list[_Queue]] = {}
        self._below: dict[str, list[_Queue]] = {}
        self._handlers: dict[str, Handler] = {}
        self._running: set[asyncio.Task[bytes]] = set()

    async def publish(self, subject: str, payload: bytes) -> None:
        event = Event(subject, payload)
        for queue in self._exact.get(subject, ()):
            queue.put(event)
        for prefix, queues in self._below.items():
            if subject.startswith(prefix):
                for queue in queues:
                    queue.put(event)

    def subscribe(self, subject: str, *, limit: int = QUEUE_LIMIT) -> Subscription:
        table, key = (
            (self._below, subject[:-1]) if subject.endswith(".>") else (self._exact, subject)
        )
        queues = table.setdefault(key, [])
        queue = _Queue(limit, lambda: queues.remove(queue))
        queues.append(queue)
        return queue

    def serve(self, subject: str, handler: Handler) -> Callable[[], None]:
        if subject in self._handlers:
            raise ValueError(f"{subject} is served already")
        self._handlers[subject] = handler

        def end() -> None:
            if self._handlers.get(subject) is handler:
                del self._handlers[subject]

        return end

    async def request(self, subject: str, payload: bytes, *, timeout_s: float) -> bytes:
        handler = self._handlers.get(subject)
        if handler is None:
            raise NobodyServes(f"nobody serves {subject}")
        if len(self._running) >= REQUEST_LIMIT:
            raise BusFull(f"{REQUEST_LIMIT} requests are under way")
        task = asyncio.get_running_loop().create_task(_answer(handler, payload), name=subject)
        self._running.add(task)
        task.add_done_callback(self._finished)
        done, _ = await asyncio.wait({task}, timeout=timeout_s)
        if not done:
            raise RequestTimeout(f"{subject} gave no answer in {timeout_s:g} s")
        if task.cancelled():
            raise RequestFailed(f"{subject} was cancelled")
        return task.result()

    async def close(self) -> None:
        for table in (self._exact, self._below):
            for queues in table.values():
                for queue in list(queues):
                    queue.close()
        self._handlers.clear()
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _finished(self, task: asyncio.Task[bytes]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # the asker may be gone: its error is read here, so never "lost"


async def _answer(handler: Handler, payload: bytes) -> bytes:
    try:
        return await handler(payload)
    except Exception as error:
        raise RequestFailed(f"{type(error).__name__}: {error}") from error


class _Queue:
    """One subscription's events."""

    def __init__(self, limit: int, on_close: Callable[[], None]) -> None:
        self._events: deque[Event] = deque()
        self._limit = limit
        self._on_close = on_close
        self._changed = asyncio.Event()
        self._closed = False
        self.dropped = 0

    def put(self, event: Event) -> None:
        if len(self._events) >= self._limit:
            self._events.popleft()
            self.dropped += 1
        self._events.append(event)
        self._changed.set()

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._on_close()
            self._changed.set()

    def __aiter__(self) -> AsyncIterator[Event]:
        return self

    async def __anext__(self) -> Event:
        while not self._events:
            if self._closed:
                raise StopAsyncIteration
            self._changed.clear()
            await self._changed.wait()
        return self._events.popleft()
