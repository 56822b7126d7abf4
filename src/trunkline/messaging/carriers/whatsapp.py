"""The WhatsApp Cloud API behind the `Carrier` port; all that messaging asks of its HTTP."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import quote

import msgspec
import structlog

from trunkline.engines.http.client import HttpClient
from trunkline.engines.http.errors import (
    ConnectFailed,
    HttpError,
    TooManyConnections,
    Unanswered,
)
from trunkline.engines.http.message import HttpResponse, Timeouts
from trunkline.engines.smpp import RateController
from trunkline.messaging.carriers.cloud_errors import (
    BAD_MEDIA,
    NO_NUMBER,
    PAIR_RATE,
    UNREADABLE,
    submit_status,
)
from trunkline.messaging.carriers.port import (
    Accepted,
    OnOutcome,
    Outcome,
    Refused,
    Uncertain,
    Unsent,
)
from trunkline.messaging.carriers.status import Outcome as Verdict
from trunkline.messaging.model import Dispatch, Part
from trunkline.protocols.whatsapp import answers, media, outgoing
from trunkline.runtime.clock import Clock

log = structlog.get_logger(__name__)

PAUSE_S = 1.0  # after the API said that the whole number sends too fast
PAIR_PAUSE_S = 6.0  # CLOUD messages: one message to a user every 6 seconds
DOWN_FIRST_S = 0.5
DOWN_MOST_S = 30.0
MEDIA_LOOK_S = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudConfig:
    """Where the API is and what it lets in; `phone_number_id` names it for each sender."""

    name: str
    url: str
    version: str
    token: str = field(repr=False)
    phone_number_id: Callable[[str], str | None]
    window: int = 20
    tps: float | None = None
    timeout_s: float = 30.0

    def headers(self) -> list[tuple[bytes, bytes]]:
        """Return what every request carries."""
        return [
            (b"Authorization", f"Bearer {self.token}".encode()),
            (b"Content-Type", b"application/json"),
            (b"Accept", b"application/json"),
        ]

    def endpoint(self, owner: str, what: str = "") -> str:
        """Return the address of a number's or a file's endpoint."""
        tail = f"/{what}" if what else ""
        return f"{self.url.rstrip('/')}/{self.version}/{quote(owner, safe='')}{tail}"


@dataclass(slots=True, kw_only=True)
class WhatsappCarrier:
    """Posts messages, up to `window` at once; statuses and messages come in by webhooks.

    `client` goes to the API, `looker` to customers' files, of which only the head is looked at.
    """

    config: CloudConfig
    clock: Clock
    client: HttpClient
    looker: HttpClient
    on_outcome: OnOutcome
    on_room: Callable[[], None]
    _flights: "set[asyncio.Task[None]]" = field(init=False)
    _rate: RateController = field(init=False)
    _paused_until: float = field(init=False, default=0.0)
    _down_until: float = field(init=False, default=0.0)
    _loop: asyncio.AbstractEventLoop = field(init=False)
    _down_s: float = field(init=False, default=0.0)
    _closed: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self._flights = set()
        self._loop = asyncio.get_running_loop()
        self._rate = RateController(self.config.tps, None, self._loop.time())

    @property
    def name(self) -> str:
        return self.config.name

    @property
    def is_up(self) -> bool:
        return not self._closed and self._time() >= self._down_until

    async def start(self) -> None:
        """Nothing is bound: connections are made when there is something to send."""

    def capacity(self) -> int:
        if not self.is_up or self.clock.now() < self._paused_until:
            return 0
        room = self.config.window - len(self._flights)
        return max(0, min(room, self._rate.available(self._time())))

    def submit(self, dispatch: Dispatch) -> None:
        if self._closed:
            self.on_outcome(dispatch, Unsent())
            return
        self._rate.take(self._time())
        task = asyncio.create_task(self._run(dispatch), name=f"whatsapp {dispatch.message_uuid}")
        self._flights.add(task)

    async def close(self, drain_s: float) -> None:
        """Wait for outstanding answers up to `drain_s`; every message gets its outcome."""
        self._closed = True
        if self._flights:
            _, late = await asyncio.wait(set(self._flights), timeout=drain_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self.client.close()
        await self.looker.close()

    async def _run(self, dispatch: Dispatch) -> None:
        outcome: Outcome = Uncertain("closing")
        try:
            outcome = await self._send(dispatch)
        except Exception as error:  # noqa: BLE001 - edge: each message gets its outcome
            log.error("whatsapp.crashed", carrier=self.name, error=repr(error))
            outcome = Uncertain("internal error")
        finally:
            task = asyncio.current_task()
            if task is not None:
                self._flights.discard(task)
            self.on_outcome(dispatch, outcome)
            self.on_room()

    async def _send(self, dispatch: Dispatch) -> Outcome:
        number_id = self.config.phone_number_id(dispatch.sender)
        if number_id is None:
            return Refused(NO_NUMBER)
        try:
            message = cast("dict[str, Any]", msgspec.json.decode(dispatch.body))
        except msgspec.DecodeError:
            return Refused(UNREADABLE)
        kinds = await self._kinds(outgoing.unknown_links(message))
        if kinds is None:
            return Refused(BAD_MEDIA)
        body = outgoing.envelope(dispatch.recipient, outgoing.settle(message, kinds))
        try:
            response = await self.client.request(
                "POST",
                self.config.endpoint(number_id, "messages"),
                self.config.headers(),
                msgspec.json.encode(body),
                timeouts=Timeouts(total_s=self.config.timeout_s),
            )
        except HttpError as error:
            return self._no_answer(error)
        return self._answered(response)

    def _no_answer(self, error: HttpError) -> Outcome:
        if isinstance(error, ConnectFailed) and not isinstance(error, Unanswered):
            self._down_s = min(max(DOWN_FIRST_S, self._down_s * 2), DOWN_MOST_S)
            self._down_until = self._time() + self._down_s
            log.warning("whatsapp.down", carrier=self.name, error=str(error), wait_s=self._down_s)
            return Unsent()
        if isinstance(error, TooManyConnections):
            return Unsent(PAUSE_S)
        return Uncertain(str(error))

    def _answered(self, response: HttpResponse) -> Outcome:
        self._down_s = 0.0
        answer = answers.read(response.status, response.body)
        if isinstance(answer, answers.Taken):
            return Accepted((Part(answer.message_id, 1, 1),))
        if isinstance(answer, answers.Garbled):
            return Uncertain("the answer names no message")
        if answer.status >= 500 and not answer.code:
            return Uncertain(f"HTTP {answer.status}")
        status = submit_status(answer.status, answer.code)
        log.info("whatsapp.refused", carrier=self.name, code=answer.code, reason=answer.text[:200])
        if status.outcome is not Verdict.THROTTLED:
            return Refused(status)
        if answer.code == PAIR_RATE:
            return Unsent(PAIR_PAUSE_S)
        self._paused_until = self.clock.now() + PAUSE_S
        return Unsent(PAUSE_S)

    async def _kinds(self, links: set[str]) -> Mapping[str, str] | None:
        """Find out what files are, by asking for them; None if one is nothing WhatsApp takes."""
        found: dict[str, str] = {}
        for link in links:
            try:
                response = await self.looker.request(
                    "GET", link, [(b"Accept", b"*/*")], timeouts=Timeouts(total_s=MEDIA_LOOK_S)
                )
            except (HttpError, ValueError) as error:
                log.info("whatsapp.media", carrier=self.name, error=str(error))
                return None
            type_ = response.header(b"content-type") or b""
            kind = media.kind_of_type(type_.decode("latin-1"))
            if kind is None or not 200 <= response.status < 300:
                return None
            found[link] = kind
        return found

    def _time(self) -> float:
        # The network's own time: it does not follow a controlled clock. The loop of the beginning:
        # replies are routed in the thread that stores them, which has none.
        return self._loop.time()
