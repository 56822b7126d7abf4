"""The side that asks: requests under way, and the answers that come for them."""

import asyncio
import contextlib
from collections.abc import Callable, Generator
from dataclasses import dataclass, field

import structlog

from trunkline.engines.nats.envelope import Answer, OtherVersion, Rubbish, read_answer
from trunkline.engines.nats.link import Message
from trunkline.runtime.bus import BusError, BusFull, NobodyServes, OtherRelease, RequestFailed

log = structlog.get_logger(__name__)


def _nothing() -> None:
    pass


@dataclass(slots=True, eq=False)
class Waiting:
    """A request; `sent` is how often it was."""

    id: str
    subject: str
    reply: str
    data: bytes
    result: asyncio.Future[bytes]
    sent: int = 0
    ask_again: Callable[[], None] = _nothing
    parts: dict[int, bytes] = field(default_factory=dict[int, bytes])


class Asking:
    """All requests under way; their answers come to subjects below `inbox`."""

    def __init__(self, inbox: str) -> None:
        self._inbox = inbox
        self._waiting: dict[str, Waiting] = {}
        self.rubbish = 0

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def subjects(self) -> str:
        """What is to be subscribed to."""
        return f"{self._inbox}.*"

    @contextlib.contextmanager
    def begin(self, request_id: str, subject: str, data: bytes) -> Generator[Waiting]:
        """Wait for the answer of a request as long as this is entered."""
        future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        reply = f"{self._inbox}.{request_id}"
        waiting = self._waiting[request_id] = Waiting(request_id, subject, reply, data, future)
        try:
            yield waiting
        finally:
            del self._waiting[request_id]
            if not future.cancel() and not future.cancelled():
                future.exception()  # it came too late to be seen: so it is read here

    def lost(self) -> list[Waiting]:
        """Return the requests that a connection which is gone has left without an answer."""
        return [one for one in self._waiting.values() if one.sent]

    def hear(self, message: Message) -> None:
        """Take an answer. Late ones are dropped, and what is none is counted too."""
        waiting = self._waiting.get(message.subject.rpartition(".")[2])
        if waiting is None or waiting.result.done():
            return
        if message.nobody:
            self._nobody(waiting)
            return
        try:
            answer = read_answer(message.data)
        except OtherVersion as error:
            waiting.result.set_exception(RequestFailed(f"the answer has {error}"))
        except Rubbish as error:
            self.rubbish += 1
            if self.rubbish == 1:  # one line: who sends rubbish sends much
                log.warning("bus.rubbish", subject=message.subject, error=str(error)[:200])
        else:
            self._take(waiting, answer)

    def _nobody(self, waiting: Waiting) -> None:
        """The server knows nobody who serves it: nothing was done, unless it was sent before."""
        if waiting.sent > 1:
            waiting.ask_again()
        else:
            error = NobodyServes(f"nobody serves {waiting.subject}")
            waiting.result.set_exception(error)

    def _take(self, waiting: Waiting, answer: Answer) -> None:
        if answer.end != "done":
            waiting.result.set_exception(_error(waiting, answer))
            return
        if answer.part >= answer.parts:
            self.rubbish += 1
            return
        waiting.parts[answer.part] = answer.payload
        if len(waiting.parts) == answer.parts:
            waiting.result.set_result(b"".join(waiting.parts[n] for n in range(answer.parts)))


def _error(waiting: Waiting, answer: Answer) -> BusError:
    match answer.end:
        case "nobody":
            return NobodyServes(f"nobody serves {waiting.subject}")
        case "full":
            return BusFull(answer.text)
        case "unread":
            return OtherRelease(f"{waiting.subject} is served by another release: {answer.text}")
        case _:
            return RequestFailed(answer.text)
