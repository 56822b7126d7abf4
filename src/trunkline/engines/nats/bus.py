"""`Bus` between processes: what is served here is answered here, all else goes over NATS.

A connection is made when the program starts and made again whenever it is lost; until then
requests to other processes are refused at once.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Final

import structlog

from trunkline.engines.nats.answering import TELL_S, Answering
from trunkline.engines.nats.asking import Asking, Waiting
from trunkline.engines.nats.envelope import Ask, encode
from trunkline.engines.nats.link import Heard, Link, Message, NotConnected, Servers
from trunkline.runtime.bus import (
    QUEUE_LIMIT,
    REQUEST_LIMIT,
    Bus,
    BusAway,
    BusFull,
    Handler,
    InProcessBus,
    NobodyServes,
    RequestTimeout,
    Subscription,
    TooLarge,
)
from trunkline.values.ids import new_uuid

log = structlog.get_logger(__name__)

RETRY_S: Final = (0.1, 0.25, 0.5, 1.0, 2.0)  # the last again and again
DRAIN_S: Final = 5.0
CANCEL_S: Final = 0.5


class NatsBus(Bus):
    """The bus of a program that is several processes; `start` it before it is used."""

    def __init__(self, servers: Servers, prefix: str = "trunkline") -> None:
        """`prefix` is the first word of all subjects, so that installations can share a server."""
        self._servers = servers
        self._prefix = prefix
        self._inside = InProcessBus()
        self._link: Link | None = None
        self._linked = asyncio.Event()
        self._tried = asyncio.Event()
        self._changed = asyncio.Event()
        self._served: dict[str, Callable[[], None]] = {}
        self._followed: dict[str, int] = {}
        self._asking = Asking(f"{prefix}.answers.{new_uuid()}")
        self._answering = Answering(self._inside, self._send_answer, lambda: self._most)
        self._task: asyncio.Task[None] | None = None
        self._events: set[asyncio.Task[None]] = set()
        self._closing = False
        self._most = 0
        self._why = "it was not started"
        self.connections = 0

    # --- life ------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to connect; needs a running loop."""
        self._why = "it is connecting"
        self._task = asyncio.get_running_loop().create_task(self._run(), name="bus")

    async def tried(self, within_s: float) -> None:
        """Wait until it was tried to connect once, however that ended."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._tried.wait()

    async def ping(self) -> None:
        """Return when it is connected; raises BusAway."""
        self._up()

    @property
    def is_connected(self) -> bool:
        return self._link is not None and self._link.is_up

    @property
    def server(self) -> str:
        """Where it is connected to; "" when it is not."""
        return "" if self._link is None else self._link.server

    @property
    def rubbish(self) -> int:
        """How many messages could not be read."""
        return self._answering.rubbish + self._asking.rubbish

    @property
    def repeated(self) -> int:
        """How many requests came a second time and were not carried out again."""
        return self._answering.repeated

    async def close(self) -> None:
        """Answer what is under way, send it, and end."""
        self._served.clear()
        self._followed.clear()
        if self._link is not None:
            with contextlib.suppress(NotConnected):
                await self._link.listen(self._wanted())
        await self._answering.close(DRAIN_S)
        await asyncio.gather(*self._events, return_exceptions=True)
        if self._task is not None:
            self._closing = True
            self._changed.set()
            while not self._task.done():  # the library passes over some cancellations
                self._task.cancel()
                await asyncio.wait({self._task}, timeout=CANCEL_S)
        self._why = "it is closed"
        await self._inside.close()

    # --- the port --------------------------------------------------------------------------------

    async def publish(self, subject: str, payload: bytes) -> None:
        """Tell this process and the others; without a connection the others do not hear it."""
        await self._inside.publish(subject, payload)
        if self._link is not None and len(payload) <= self._most:
            with contextlib.suppress(NotConnected):
                await self._link.send(self._name("events", subject), payload)

    def subscribe(self, subject: str, *, limit: int = QUEUE_LIMIT) -> Subscription:
        """Hear what is published here and elsewhere."""
        inner = self._inside.subscribe(subject, limit=limit)
        self._followed[subject] = self._followed.get(subject, 0) + 1
        self._changed.set()
        return inner

    def serve(self, subject: str, handler: Handler) -> Callable[[], None]:
        """Answer requests of this and of other processes; no other may serve the same subject."""
        end_inside = self._inside.serve(subject, handler)

        def end() -> None:
            end_inside()
            if self._served.get(subject) is end:
                del self._served[subject]
                self._changed.set()

        self._served[subject] = end
        self._changed.set()
        return end

    async def request(self, subject: str, payload: bytes, *, timeout_s: float) -> bytes:
        """Ask who serves `subject`, in this process without NATS.

        A request whose connection is lost is sent again by the next one, in its time.
        """
        with contextlib.suppress(NobodyServes):
            return await self._inside.request(subject, payload, timeout_s=timeout_s)
        link = self._up()
        ask = Ask(id=new_uuid(), payload=payload)
        data = encode(ask)
        if len(data) > link.most:
            raise TooLarge(f"the request has {len(data)} octets; NATS carries {link.most}")
        if len(self._asking) >= REQUEST_LIMIT:
            raise BusFull(f"{REQUEST_LIMIT} requests are under way")
        with self._asking.begin(ask.id, self._name("requests", subject), data) as waiting:
            try:
                async with asyncio.timeout(timeout_s):
                    await self._ask(link, waiting)
                    return await waiting.result
            except TimeoutError:
                raise RequestTimeout(f"{subject} gave no answer in {timeout_s:g} s") from None

    # --- connections -----------------------------------------------------------------------------

    async def _run(self) -> None:
        failures = 0
        while not self._closing:
            link = Link(self._changed.set)
            try:
                await link.connect(self._servers)
                failures = 0
                await self._keep(link)
                self._down(link.why or "the server has closed the connection")
            except NotConnected as error:
                self._down(str(error))
            except Exception:
                log.exception("bus.failed")
                self._down("it failed; the log says how")
            finally:
                self._link = None
                self._linked.clear()
                await link.close()
            self._tried.set()
            await asyncio.sleep(RETRY_S[min(failures, len(RETRY_S) - 1)])
            failures += 1

    async def _keep(self, link: Link) -> None:
        """Use a connection until it is lost."""
        while link.is_up and not self._closing:
            self._changed.clear()
            await link.listen(self._wanted())
            if self._link is None:
                await self._begin(link)
            await self._changed.wait()

    async def _begin(self, link: Link) -> None:
        self._link, self._most, self._why = link, link.most, ""
        self.connections += 1
        self._linked.set()
        self._tried.set()
        log.info("bus.connected", server=link.server)
        for waiting in self._asking.lost():
            await self._ask(link, waiting)

    def _down(self, why: str) -> None:
        if self._link is not None or why != self._why:  # once for each reason, not for each attempt
            log.warning("bus.disconnected", error=why)
        self._why = why

    def _up(self) -> Link:
        link = self._link
        if link is None or not link.is_up:
            raise BusAway(self._why or "the connection to NATS is lost")
        return link

    def _wanted(self) -> dict[str, Heard]:
        wanted: dict[str, Heard] = {self._asking.subjects: self._asking.hear}
        for subject in self._served:
            wanted[self._name("requests", subject)] = partial(self._answering.hear, subject)
        for subject in self._followed:
            wanted[self._name("events", subject)] = self._hear_event
        return wanted

    # --- messages --------------------------------------------------------------------------------

    def _name(self, kind: str, subject: str) -> str:
        return f"{self._prefix}.{kind}.{subject}"

    async def _ask(self, link: Link, waiting: Waiting) -> None:
        try:
            await link.send(waiting.subject, waiting.data, waiting.reply)
        except NotConnected as error:
            if not waiting.sent:
                raise BusAway(str(error)) from None
        waiting.sent += 1
        waiting.ask_again = lambda: self._soon(waiting)

    def _soon(self, waiting: Waiting) -> None:
        """Ask once more in a moment: who serves it may be connecting again as we did."""

        async def again() -> None:
            await asyncio.sleep(RETRY_S[1])
            if self._link is not None and not waiting.result.done():
                await self._ask(self._link, waiting)

        self._run_beside(again())

    async def _send_answer(self, reply: str, data: bytes) -> None:
        async with asyncio.timeout(TELL_S):
            await self._linked.wait()
        link = self._link
        if link is None:
            raise NotConnected(self._why)
        await link.send(reply, data)

    def _hear_event(self, message: Message) -> None:
        subject = message.subject.removeprefix(self._name("events", ""))
        self._run_beside(self._inside.publish(subject, message.data))

    def _run_beside(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._events.add(task)
        task.add_done_callback(self._events.discard)
