"""An MMSC behind the `Carrier` port."""

import asyncio
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path

import structlog

from trunkline.engines.http.client import HttpClient
from trunkline.engines.http.errors import (
    Blocked,
    ConnectFailed,
    HttpError,
    InvalidUrl,
    ResolveFailed,
    TlsFailed,
    TooManyConnections,
)
from trunkline.engines.http.guard import AddressPolicy
from trunkline.engines.http.message import HttpLimits, HttpResponse, Timeouts
from trunkline.messaging.carriers.mm7_status import refused, submit_status
from trunkline.messaging.carriers.port import (
    Accepted,
    OnOutcome,
    Outcome,
    Refused,
    Uncertain,
    Unsent,
)
from trunkline.messaging.carriers.status import Outcome as Verdict
from trunkline.messaging.media.gather import Gatherer
from trunkline.messaging.media.model import MediaUnavailable, MediaUnsendable
from trunkline.messaging.model import Dispatch, ErrorCode, Part
from trunkline.protocols.mm7 import status
from trunkline.protocols.mm7.decode import decode
from trunkline.protocols.mm7.encode import encode
from trunkline.protocols.mm7.messages import ContentPart, Mm7Error, Response, SubmitReq
from trunkline.runtime.clock import Clock
from trunkline.values.ids import new_uuid

log = structlog.get_logger(__name__)

_ALL = (ip_network("0.0.0.0/0"), ip_network("::/0"))
DOWN_S = 2.0  # after a failure to connect, until one message tries again
BUSY_S = 5.0  # after 429 or 503
_SENT_NOTHING = (ResolveFailed, TlsFailed, Blocked, InvalidUrl, TooManyConnections)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mm7Rules:
    """How an MMSC is reached and what it wants."""

    url: str
    vasp_id: str = ""
    vas_id: str = ""
    service_code: str = ""
    username: str = ""
    password: str = field(default="", repr=False)
    window: int = 10
    tps: float = 0.0
    response_timeout_s: float = 30.0
    ca_file: Path | None = None


@dataclass(slots=True, kw_only=True)
class Mm7Carrier:
    """Submits MMS over HTTP, as many at once as the window has."""

    name: str
    rules: Mm7Rules
    clock: Clock
    gatherer: Callable[[], Gatherer]
    on_outcome: OnOutcome
    on_room: Callable[[], None]
    _http: HttpClient | None = field(init=False, default=None)
    _media: Gatherer | None = field(init=False, default=None)
    _flights: dict[asyncio.Task[None], Dispatch] = field(
        init=False, default_factory=dict["asyncio.Task[None]", Dispatch]
    )
    _loop: asyncio.AbstractEventLoop = field(init=False)
    _down_until: float = field(init=False, default=0.0)
    _next_at: float = field(init=False, default=0.0)
    _closed: bool = field(init=False, default=False)

    async def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        # The operator named this address: it may be in a private network.
        everywhere = AddressPolicy(allow_loopback=True, allow_networks=_ALL)
        limits = HttpLimits(connections_per_origin=self.rules.window, redirects=0)
        self._http = HttpClient(everywhere, limits, extra_ca_file=self.rules.ca_file)
        self._media = self.gatherer()
        self.on_room()

    @property
    def is_up(self) -> bool:
        return self._http is not None and not self._closed and self._time() >= self._down_until

    def _time(self) -> float:
        # Of the loop of the beginning: replies are routed in the thread that stores them.
        return self._loop.time()

    def capacity(self) -> int:
        if not self.is_up:
            return 0
        room = self.rules.window - len(self._flights)
        if self._down_until:  # it was down: one message finds out
            room = min(room, 1 - len(self._flights))
        if not self.rules.tps:
            return max(0, room)
        if (wait_s := self._next_at - self._time()) > 0:
            self._loop.call_later(wait_s, self.on_room)
            return 0
        return max(0, min(room, 1))

    def submit(self, dispatch: Dispatch) -> None:
        if self._closed or self._http is None:
            self.on_outcome(dispatch, Unsent())
            return
        if self.rules.tps:
            self._next_at = self._time() + 1 / self.rules.tps
        task = asyncio.create_task(self._fly(dispatch), name=f"mm7 {dispatch.message_uuid}")
        self._flights[task] = dispatch
        task.add_done_callback(self._landed)

    async def close(self, drain_s: float) -> None:
        self._closed = True
        if self._flights:
            await asyncio.wait(set(self._flights), timeout=drain_s)
        for task in tuple(self._flights):
            task.cancel()
        await asyncio.gather(*self._flights, return_exceptions=True)
        if self._http is not None:
            await self._http.close()
        if self._media is not None:
            await self._media.close()

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._flights.pop(task, None)
        self.on_room()

    async def _fly(self, dispatch: Dispatch) -> None:
        outcome: Outcome = Uncertain("closing")
        try:
            outcome = await self._sent(dispatch)
        except MediaUnsendable as error:
            log.info("mms.unsendable", message_uuid=dispatch.message_uuid, why=str(error))
            outcome = Refused(refused(Verdict.FAILED, error.error_code, str(error)))
        except MediaUnavailable as error:
            log.info("mms.unavailable", message_uuid=dispatch.message_uuid, why=str(error))
            code = ErrorCode.INVALID_MESSAGE
            outcome = Refused(refused(Verdict.TEMPORARY, code, str(error)))
        except Exception as error:
            log.exception("mms.failed", message_uuid=dispatch.message_uuid)
            outcome = Refused(refused(Verdict.FAILED, ErrorCode.INTERNAL, str(error)))
        finally:
            self.on_outcome(dispatch, outcome)

    async def _sent(self, dispatch: Dispatch) -> Outcome:
        assert self._media is not None  # noqa: S101 - made by `start`
        assert self._http is not None  # noqa: S101
        found = await self._media.of_message(dispatch.message_uuid)
        parts = [ContentPart(one.medium.content_type, _name(one.medium), one.body) for one in found]
        if dispatch.body:
            parts.insert(0, ContentPart("text/plain", "text.txt", dispatch.body.encode()))
        rules = self.rules
        kind, body = encode(
            SubmitReq(
                new_uuid(),
                dispatch.sender,
                dispatch.recipient,
                tuple(parts),
                rules.vasp_id,
                rules.vas_id,
                rules.service_code,
                max(1, int(dispatch.expires_at - self.clock.now())),
            )
        )
        headers = [(b"Content-Type", kind.encode()), (b"SOAPAction", b'""')]
        if rules.username:
            login = b64encode(f"{rules.username}:{rules.password}".encode())
            headers.append((b"Authorization", b"Basic " + login))
        timeouts = Timeouts(connect_s=5.0, total_s=rules.response_timeout_s)
        try:
            answer = await self._http.request("POST", rules.url, headers, body, timeouts=timeouts)
        except HttpError as error:
            return self._unanswered(error)
        self._down_until = 0.0
        return self._judged(answer)

    def _unanswered(self, error: HttpError) -> Outcome:
        if isinstance(error, _SENT_NOTHING) or (
            isinstance(error, ConnectFailed) and str(error).startswith("No connection")
        ):
            log.warning("mm7.down", carrier=self.name, why=str(error))
            self._down_until = self._time() + DOWN_S
            return Unsent(DOWN_S)
        return Uncertain(str(error))

    def _judged(self, answer: HttpResponse) -> Outcome:
        kind = (answer.header(b"content-type") or b"").decode("latin-1")
        try:
            said = decode(kind, answer.body)
        except Mm7Error as error:
            return self._without_words(answer.status, str(error))
        if not isinstance(said, Response):
            return Uncertain("the MMSC answered with a request")
        if said.status_code in (status.SUCCESS, status.PARTIAL_SUCCESS):
            return Accepted((Part(said.message_id, 1, 1),))
        if said.status_code == status.SERVICE_UNAVAILABLE:
            return Unsent(BUSY_S)
        return Refused(submit_status(said.status_code))

    def _without_words(self, code: int, why: str) -> Outcome:
        if code in (429, 503):
            return Unsent(BUSY_S)
        if code in (401, 403, 404):
            return Refused(refused(Verdict.LINK, ErrorCode.NO_ROUTE, f"HTTP {code}"))
        if code >= 400:
            verdict = Verdict.TEMPORARY if code >= 500 else Verdict.FAILED
            return Refused(refused(verdict, ErrorCode.NETWORK, f"HTTP {code}"))
        return Uncertain(f"HTTP {code} without MM7: {why}")


def _name(medium: object) -> str:
    return str(getattr(medium, "file_name", "")) or "file"
