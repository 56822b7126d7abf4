"""Sends the simulated Cloud API's webhooks: signed, in order, and again when they were refused."""

import asyncio
from dataclasses import dataclass, field

import structlog

from trunkline.engines.http.client import HttpClient
from trunkline.engines.http.errors import HttpError
from trunkline.engines.http.guard import AddressPolicy
from trunkline.protocols.whatsapp.signature import HEADER, sign
from trunkline.simulator.agenda import Agenda

log = structlog.get_logger(__name__)

RETRIES_S = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)
MAX_WAITING = 100_000


@dataclass(slots=True)
class Letter:
    """One webhook on its way; `done` is told whether it was taken."""

    body: bytes
    tries: int = 0
    done: "asyncio.Future[bool] | None" = None


@dataclass(slots=True)
class Post:
    """One queue to one address; a letter that was refused comes again later."""

    app_secret: str
    agenda: Agenda
    url: str = ""
    sent: int = 0
    taken: int = 0
    _queue: "asyncio.Queue[Letter]" = field(init=False)
    _client: HttpClient = field(init=False)
    _task: "asyncio.Task[None] | None" = field(init=False, default=None)

    def start(self) -> None:
        """Begin to send; call it inside the loop."""
        self._queue = asyncio.Queue(MAX_WAITING)
        self._client = HttpClient(AddressPolicy(allow_loopback=True))
        self._task = asyncio.create_task(self._run(), name="simulator-whatsapp-post")

    async def stop(self) -> None:
        """Forget what waits."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
            await self._client.close()

    def put(self, letter: Letter) -> None:
        """Send a letter when its turn comes; above the bound it is dropped."""
        try:
            self._queue.put_nowait(letter)
        except asyncio.QueueFull:
            log.warning("simulator.webhook_dropped")

    async def _run(self) -> None:
        while True:
            letter = await self._queue.get()
            self.sent += 1
            if await self._send(letter):
                self.taken += 1
                if letter.done is not None and not letter.done.done():
                    letter.done.set_result(True)
            elif letter.tries < len(RETRIES_S):
                letter.tries += 1
                self.agenda.after(RETRIES_S[letter.tries - 1], lambda again=letter: self.put(again))
            elif letter.done is not None and not letter.done.done():
                letter.done.set_result(False)

    async def _send(self, letter: Letter) -> bool:
        headers = [
            (b"Content-Type", b"application/json"),
            (HEADER.encode(), sign(letter.body, self.app_secret).encode()),
        ]
        try:
            answer = await self._client.request("POST", self.url, headers, letter.body)
        except HttpError as error:
            log.info("simulator.webhook_failed", error=str(error))
            return False
        return 200 <= answer.status < 300
