"""The simulated MMSC: its HTTP on loopback, its manners by destination, its handsets."""

import asyncio
from base64 import b64encode
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from itertools import count
from typing import Final

import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response as HttpResponse
from starlette.routing import Route

from trunkline.engines.http.client import HttpClient
from trunkline.engines.http.errors import HttpError
from trunkline.engines.http.guard import AddressPolicy
from trunkline.engines.http.server import LoopbackServer
from trunkline.protocols.mm7 import status
from trunkline.protocols.mm7.decode import decode
from trunkline.protocols.mm7.encode import encode
from trunkline.protocols.mm7.messages import (
    ContentPart,
    DeliverReq,
    DeliveryReportReq,
    Message,
    Mm7Error,
    Response,
    SubmitReq,
)
from trunkline.runtime.clock import Clock
from trunkline.simulator.agenda import Agenda
from trunkline.simulator.mms.inbox import HandsetMedium, HandsetMms, Inboxes, is_text
from trunkline.simulator.outcomes import ALWAYS, Answer, Outcome, Step, outcome_of
from trunkline.simulator.rules import Rules

log = structlog.get_logger(__name__)

USERNAME: Final = "sim"
PASSWORD: Final = "simulate"  # noqa: S105 - loopback only, documented
RETRIES_S: Final = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)
MAX_BODY: Final = 12 * 1024 * 1024

_THROTTLES: Final = frozenset({0x58, 0x14})
_MM_STATUS: Final = {
    "DELIVRD": "Retrieved",
    "UNDELIV": "Rejected",
    "REJECTD": "Rejected",
    "DELETED": "Rejected",
    "EXPIRED": "Expired",
    "ENROUTE": "Deferred",
    "ACCEPTD": "Forwarded",
}


@dataclass(slots=True)
class _Letter:
    """A request to the platform, sent again until it is taken."""

    message: Message
    tries: int = 0


class MmsSimulator:
    """Listens on a free port of 127.0.0.1; what it has for the platform goes to `platform_url`."""

    def __init__(
        self, clock: Clock, *, receipt_delay_s: float = 0.2, rules: Rules | None = None
    ) -> None:
        self.inboxes = Inboxes()
        self.platform_url = ""
        self.submits = 0
        self.rules = rules or Rules()
        self._clock = clock
        self._receipt_delay_s = receipt_delay_s
        self._agenda = Agenda(clock)
        self._numbers = count(1)
        self._attempts: dict[tuple[str, str, str], int] = {}
        app = Starlette(routes=[Route("/mm7", self._take, methods=["POST"])])
        self._server = LoopbackServer(app, "simulator-mmsc-http")
        self._posts: set[asyncio.Task[None]] = set()
        self._client: HttpClient | None = None

    @property
    def url(self) -> str:
        """Where MM7 requests are taken."""
        return f"{self._server.url}/mm7"

    async def start(self) -> None:
        """Listen; OSError when there is no port."""
        self._client = HttpClient(AddressPolicy(allow_loopback=True))
        self._agenda.start()
        await self._server.start()

    async def stop(self) -> None:
        """Stop listening and forget what was planned; inboxes stay readable."""
        await self._agenda.stop()
        for task in tuple(self._posts):
            task.cancel()
        await asyncio.gather(*self._posts, return_exceptions=True)
        if self._client is not None:
            await self._client.close()
        await self._server.stop()

    async def send(
        self, sender: str, recipient: str, text: str, media: tuple[ContentPart, ...]
    ) -> Response:
        """Send an MMS from a handset; return the platform's answer.

        Raises:
            HttpError, Mm7Error: the platform did not answer as it should.
        """
        parts = (ContentPart("text/plain", "", text.encode()), *media) if text else media
        message = DeliverReq(self._id("T"), sender, recipient, parts, self._id("L"))
        answer = await self._post(message)
        if not isinstance(answer, Response):
            raise Mm7Error("the platform answered with a request")
        return answer

    async def _take(self, request: Request) -> HttpResponse:
        body = await request.body()
        try:
            message = decode(request.headers.get("content-type", ""), body[:MAX_BODY])
        except Mm7Error as error:
            return _answer(Response("RSErrorRsp", "", status.FORMAT_CORRUPT, str(error)))
        if not isinstance(message, SubmitReq):
            return _answer(
                Response("RSErrorRsp", message.transaction_id, status.UNSUPPORTED_OPERATION)
            )
        self.submits += 1
        return await self._submitted(message)

    async def _submitted(self, message: SubmitReq) -> HttpResponse:
        wanted = self.rules.stand_in("message", message.sender, message.recipient)
        outcome = outcome_of(wanted)
        code = self._refusal(message, outcome)
        if outcome.answer is Answer.NEVER:
            await self._clock.sleep(3_600.0)
        if code:
            text = status.NAMES.get(code, "refused by the simulator")
            return _answer(Response("SubmitRsp", message.transaction_id, code, text))
        first = self._count(message, "answer") == 1
        if outcome.answer is Answer.CUT_LOST and first:
            return HttpResponse(b"", 200)  # an answer that says nothing
        message_id = self._id("M")
        for step in outcome.steps:
            delay_s = self._receipt_delay_s if step.after_s is None else step.after_s
            self._agenda.after(delay_s, partial(self._due, message, message_id, step))
        if not outcome.steps:
            self._land(message, message_id)
        if outcome.answer is Answer.CUT_KEPT and first:
            return HttpResponse(b"", 200)
        if outcome.response_s:
            await self._clock.sleep(outcome.response_s)
        said = Response("SubmitRsp", message.transaction_id, status.SUCCESS, "Success", message_id)
        return _answer(said)

    def _refusal(self, message: SubmitReq, outcome: Outcome) -> int:
        if not outcome.status:
            return 0
        attempt = self._count(message, "refusal")
        if outcome.refusals != ALWAYS and attempt > outcome.refusals:
            return 0
        if outcome.status in _THROTTLES:
            return status.SERVICE_UNAVAILABLE
        return status.SERVER_ERROR if outcome.status == 0x08 else status.MESSAGE_REJECTED

    def _count(self, message: SubmitReq, what: str) -> int:
        digest = sha256(b"".join(part.body for part in message.parts)).hexdigest()
        key = (what, message.recipient, digest)
        if len(self._attempts) > 10_000:
            self._attempts.clear()
        self._attempts[key] = self._attempts.get(key, 0) + 1
        return self._attempts[key]

    def _due(self, message: SubmitReq, message_id: str, step: Step) -> None:
        if step.stat == "DELIVRD":
            self._land(message, message_id)
        self._letter(
            _Letter(
                DeliveryReportReq(
                    self._id("T"),
                    message_id,
                    message.sender,
                    message.recipient,
                    _MM_STATUS.get(step.stat, "Indeterminate"),
                    f"err:{step.err}" if step.err != "000" else "",
                )
            )
        )

    def _land(self, message: SubmitReq, message_id: str) -> None:
        has_text = bool(message.parts) and is_text(message.parts[0])
        text = message.parts[0].body.decode("utf-8", "replace") if has_text else None
        media = tuple(
            HandsetMedium(
                part.content_type, part.name, len(part.body), sha256(part.body).hexdigest()
            )
            for part in message.parts[has_text:]
        )
        shown = HandsetMms(
            message.sender, message.recipient, text, media, self._clock.now(), message_id
        )
        self.inboxes.put(shown)

    def _letter(self, letter: _Letter) -> None:
        task = asyncio.create_task(self._deliver(letter), name="simulator-mmsc-post")
        self._posts.add(task)
        task.add_done_callback(self._posts.discard)

    async def _deliver(self, letter: _Letter) -> None:
        try:
            answer = await self._post(letter.message)
            if isinstance(answer, Response) and answer.status_code == status.SUCCESS:
                return
        except (HttpError, Mm7Error) as error:
            log.info("simulator.mms_not_taken", error=str(error))
        if letter.tries < len(RETRIES_S):
            letter.tries += 1
            self._agenda.after(RETRIES_S[letter.tries - 1], partial(self._letter, letter))

    async def _post(self, message: Message) -> Message:
        assert self._client is not None  # noqa: S101 - after `start`
        kind, body = encode(message)
        login = b64encode(f"{USERNAME}:{PASSWORD}".encode())
        headers = [(b"Content-Type", kind.encode()), (b"Authorization", b"Basic " + login)]
        answer = await self._client.request("POST", self.platform_url, headers, body)
        return decode((answer.header(b"content-type") or b"").decode("latin-1"), answer.body)

    def _id(self, kind: str) -> str:
        return f"SIM{kind}{next(self._numbers):08d}"


def _answer(message: Response) -> HttpResponse:
    kind, body = encode(message)
    return HttpResponse(body, headers={"content-type": kind})
