"""The simulated Cloud API without its HTTP: takes messages, plans statuses, plays handsets."""

import asyncio
import base64
import hashlib
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final, NamedTuple, cast

from trunkline.protocols.whatsapp import events
from trunkline.runtime.clock import Clock
from trunkline.simulator.agenda import Agenda
from trunkline.simulator.counters import Attempts
from trunkline.simulator.whatsapp.inbox import Inboxes, WhatsappMessage, text_of
from trunkline.simulator.whatsapp.outcomes import Outcome, Stage, category_of, outcome_of
from trunkline.simulator.whatsapp.post import Letter, Post

Json = dict[str, Any]

ACCOUNT_ID: Final = "100000000000001"
PROFILE: Final = "Simulated handset"
MOST_FILES: Final = 1_000
_KINDS: Final = (
    *("text", "image", "video", "audio", "document", "sticker"),
    *("location", "template", "interactive", "contacts", "reaction"),
)


class Answer(NamedTuple):
    """An HTTP answer; status 0 is an empty body."""

    status: int
    body: Json


class StoredFile(NamedTuple):
    """A file that a handset sent."""

    content: bytes
    mime_type: str


def phone_number_id(number: str) -> str:
    """Return the id under which the simulator knows a business number."""
    return f"1{number}"


@dataclass(slots=True)
class Cloud:
    """What one simulated business account has; `receipt_delay_s` is until "delivered"."""

    clock: Clock
    agenda: Agenda
    post: Post
    receipt_delay_s: float = 0.2
    inboxes: Inboxes = field(default_factory=Inboxes)
    accepted: int = 0
    refused: int = 0
    reads: list[str] = field(default_factory=list[str])
    files: "OrderedDict[str, StoredFile]" = field(default_factory=OrderedDict[str, StoredFile])
    _attempts: Attempts = field(default_factory=Attempts)
    _numbers: Iterator[int] = field(init=False)

    def __post_init__(self) -> None:
        # The second of the start leads every id, so that a restart repeats none of them.
        self._numbers = count(int(self.clock.now()) << 24)

    async def take(self, number_id: str, request: Json, raw: bytes) -> Answer:
        """Answer POST …/messages."""
        if request.get("messaging_product") != "whatsapp":
            return _error(400, 100, "messaging_product must be whatsapp")
        if request.get("status") == "read":
            self.reads.append(str(request.get("message_id")))
            return Answer(200, {"success": True})
        recipient = str(request.get("to", "")).removeprefix("+")
        kind = request.get("type")
        if not recipient.isdigit() or kind not in _KINDS:
            return _error(400, 100, "to and type are needed")
        if not isinstance(request.get(str(kind)), dict):
            return _error(400, 131008, f"{kind} is missing")
        outcome = outcome_of(recipient)
        attempt = self._attempts.bump(number_id, recipient, raw)
        if outcome.lost:
            return Answer(0, {})
        refusal = outcome.refusal
        if refusal is not None and (refusal.times < 0 or attempt <= refusal.times):
            self.refused += 1
            return _error(refusal.status, refusal.error, "refused by the simulator")
        return await self._accept(number_id, recipient, request, outcome)

    async def _accept(
        self, number_id: str, recipient: str, request: Json, outcome: Outcome
    ) -> Answer:
        self.accepted += 1
        message_id = self._new_id()
        kind = str(request["type"])
        content = cast("Json", request[kind])
        shown = WhatsappMessage(
            number_id[1:],
            recipient,
            kind,
            text_of(kind, content),
            self.clock.now(),
            message_id,
            content,
        )
        category = category_of(str(content.get("name", ""))) if kind == "template" else "service"
        if outcome.early:
            await self._early(shown, category, outcome)
        else:
            for stage in outcome.stages:
                self._plan(shown, category, stage)
        return Answer(
            200,
            {
                "messaging_product": "whatsapp",
                "contacts": [{"input": request["to"], "wa_id": recipient}],
                "messages": [{"id": message_id}],
            },
        )

    async def _early(self, shown: WhatsappMessage, category: str, outcome: Outcome) -> None:
        """Send the statuses and wait until they were taken, before the answer leaves."""
        waits: list[asyncio.Future[bool]] = []
        for stage in outcome.stages:
            done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
            waits.append(done)
            self._due(shown, category, stage, done)
        await asyncio.wait(waits, timeout=5.0)

    def _plan(self, shown: WhatsappMessage, category: str, stage: Stage) -> None:
        after_s = 0.0 if stage.after_s is None else self.receipt_delay_s + stage.after_s
        if after_s > 0:
            self.agenda.after(after_s, lambda: self._due(shown, category, stage))
        else:
            # After the answer: the loop sends it first.
            asyncio.get_running_loop().call_later(0.01, self._due, shown, category, stage)

    def _due(
        self,
        shown: WhatsappMessage,
        category: str,
        stage: Stage,
        done: "asyncio.Future[bool] | None" = None,
    ) -> None:
        if stage.status in ("delivered", "read"):
            if not any(known is shown for known in self.inboxes.of(shown.recipient)):
                self.inboxes.arrive(shown)
            shown.read = shown.read or stage.status == "read"
        status: Json = {
            "id": shown.message_id,
            "status": stage.status,
            "timestamp": str(int(self.clock.now())),
            "recipient_id": shown.recipient,
        }
        if stage.error:
            status["errors"] = [{"code": stage.error, "title": "refused by the simulator"}]
        else:
            status["pricing"] = {"billable": True, "pricing_model": "PMP", "category": category}
        body = events.status_body(ACCOUNT_ID, _metadata(shown.sender), [status])
        self.post.put(Letter(body, done=done))

    # -- handsets --------------------------------------------------------------------------------

    async def send(
        self, sender: str, business: str, message: Mapping[str, Any], timeout_s: float
    ) -> str:
        """Send from a handset (`message` has `type` and what it names) and wait until it was taken.

        Raises:
            TimeoutError: nobody took it in time; it is tried again.
            ConnectionError: it was refused for good.
        """
        message_id = self._new_id()
        head = {"from": sender, "id": message_id, "timestamp": str(int(self.clock.now()))}
        body = events.message_body(
            ACCOUNT_ID, _metadata(business), (sender, PROFILE), {**head, **message}
        )
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.post.put(Letter(body, done=done))
        async with asyncio.timeout(timeout_s):
            if not await done:
                raise ConnectionError("the message was refused")
        return message_id

    def keep_file(self, content: bytes, mime_type: str) -> str:
        """Keep a file that a handset sends; returns its media id."""
        media_id = str(next(self._numbers))
        self.files[media_id] = StoredFile(content, mime_type)
        if len(self.files) > MOST_FILES:
            self.files.popitem(last=False)
        return media_id

    def describe_file(self, media_id: str, base_url: str) -> Answer:
        """Answer GET /{version}/{media-id}."""
        stored = self.files.get(media_id)
        if stored is None:
            return _error(404, 131052, "no such media")
        return Answer(
            200,
            {
                "messaging_product": "whatsapp",
                "id": media_id,
                "url": f"{base_url}/files/{media_id}",
                "mime_type": stored.mime_type,
                "file_size": len(stored.content),
                "sha256": hashlib.sha256(stored.content).hexdigest(),
            },
        )

    def _new_id(self) -> str:
        number = next(self._numbers).to_bytes(8, "big")
        return "wamid." + base64.b64encode(b"SIM" + number).decode()


def _metadata(number: str) -> dict[str, str]:
    return {"display_phone_number": number, "phone_number_id": phone_number_id(number)}


def _error(status: int, code: int, words: str) -> Answer:
    return Answer(
        status,
        {
            "error": {
                "message": f"(#{code}) {words}",
                "type": "OAuthException",
                "code": code,
                "error_data": {"messaging_product": "whatsapp", "details": words},
            }
        },
    )
