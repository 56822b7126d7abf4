"""The side that serves: each request is carried out once, however often it comes."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any, Final

import structlog

from trunkline.engines.nats.envelope import (
    Answer,
    OtherVersion,
    Rubbish,
    cut,
    encode,
    read_ask,
)
from trunkline.engines.nats.link import Message
from trunkline.runtime.bus import BusFull, InProcessBus, NobodyServes, RequestFailed, RequestTimeout

log = structlog.get_logger(__name__)

LONGEST_S: Final = 60.0  # what a request may take; its asker has given up long before
KEEP_S: Final = 60.0  # how long a result is kept for a request that comes again
KEEP_MOST: Final = 2_000
KEEP_BYTES: Final = 32 * 1024 * 1024
TELL_S: Final = 5.0  # how long an answer waits for a new connection

Send = Callable[[str, bytes], Awaitable[None]]


class Answering:
    """Carries out requests by what is served in this process; `send` waits for a connection."""

    def __init__(self, inside: InProcessBus, send: Send, most: Callable[[], int]) -> None:
        """`most` tells how many octets a message may have."""
        self._inside = inside
        self._send = send
        self._most = most
        self._results: OrderedDict[str, tuple[float, asyncio.Task[list[Answer]]]] = OrderedDict()
        self._kept_bytes = 0
        self._telling: set[asyncio.Task[None]] = set()
        self.rubbish = 0
        self.repeated = 0

    def hear(self, subject: str, message: Message) -> None:
        """Take a request for `subject`; what is none is counted and dropped."""
        if not message.reply:
            self._drop(subject, "it names no subject for the answer")
            return
        try:
            ask = read_ask(message.data)
        except Rubbish as error:
            self._drop(subject, str(error))
            return
        except OtherVersion as error:
            self._start(self._tell_one(message.reply, Answer(end="unread", text=str(error))))
            return
        self._forget()
        known = self._results.get(ask.id)
        if known is not None:
            self.repeated += 1
            task = known[1]
        else:
            loop = asyncio.get_running_loop()
            task = loop.create_task(self._carry_out(subject, ask.payload), name=subject)
            self._results[ask.id] = (loop.time() + KEEP_S, task)
            task.add_done_callback(partial(self._keep, ask.id))
        self._start(self._tell(message.reply, task))

    async def close(self, within_s: float) -> None:
        """Let what is under way be answered, but not longer than this; then give it up."""
        running = [task for _, task in self._results.values() if not task.done()]
        waiting: list[asyncio.Task[Any]] = [*running, *self._telling]
        if waiting:
            await asyncio.wait(waiting, timeout=within_s)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        self._results.clear()

    async def _carry_out(self, subject: str, payload: bytes) -> list[Answer]:
        try:
            result = await self._inside.request(subject, payload, timeout_s=LONGEST_S)
        except NobodyServes:
            return [Answer(end="nobody")]
        except BusFull as error:
            return [Answer(end="full", text=str(error))]
        except RequestFailed as error:
            return [Answer(end="failed", text=str(error)[:1_000])]
        except RequestTimeout as error:
            return [Answer(end="failed", text=str(error))]
        return list(cut(result, self._most()))

    async def _tell(self, reply: str, task: asyncio.Task[list[Answer]]) -> None:
        for answer in await asyncio.shield(task):
            await self._tell_one(reply, answer)

    async def _tell_one(self, reply: str, answer: Answer) -> None:
        await self._send(reply, encode(answer))

    def _start(self, telling: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(telling)
        self._telling.add(task)
        task.add_done_callback(self._told)

    def _told(self, task: asyncio.Task[None]) -> None:
        self._telling.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("bus.answer_lost", error=str(error))

    def _forget(self) -> None:
        """Forget what is old, and the oldest of too many; what runs still runs to its end."""
        now = asyncio.get_running_loop().time()
        while self._results:
            expires, task = next(iter(self._results.values()))
            is_much = len(self._results) >= KEEP_MOST or self._kept_bytes > KEEP_BYTES
            if expires > now and not is_much:
                return
            self._results.popitem(last=False)
            self._kept_bytes -= _size(task)

    def _keep(self, ask_id: str, task: asyncio.Task[list[Answer]]) -> None:
        """Count what is kept, unless it was forgotten while it ran."""
        if ask_id in self._results:
            self._kept_bytes += _size(task)

    def _drop(self, subject: str, why: str) -> None:
        self.rubbish += 1
        if self.rubbish == 1:  # one line: who sends rubbish sends much
            log.warning("bus.rubbish", subject=subject, error=why[:200])


def _size(task: asyncio.Task[list[Answer]]) -> int:
    if not task.done() or task.cancelled() or task.exception() is not None:
        return 0
    return sum(len(one.payload) for one in task.result())
