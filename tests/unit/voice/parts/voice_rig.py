"""The rig: calls on scripted legs, documents from a table, everything that is told kept."""

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

from voice_leg import ScriptedLeg, ScriptedRoom

from trunkline.runtime.clock import ControlledClock
from trunkline.voice import rating
from trunkline.voice.call import Call, Plan
from trunkline.voice.causes import Cause, Errand
from trunkline.voice.events import Sink
from trunkline.voice.interpreter.walk import Start
from trunkline.voice.live import LiveCalls
from trunkline.voice.rooms.register import Register
from trunkline.voice.session.facts import Bill, Facts, Params
from trunkline.voice.session.ports import Callback, FetchFailed, Ports, Recorded, Text
from trunkline.voice.telephony import Destination, Refused
from trunkline.voice.xml.check import read
from trunkline.voice.xml.document import Document
from trunkline.voice.xml.errors import InvalidDocument

START = 1_767_225_600.0
ANSWER = "https://app.test/answer"
ACCOUNT = "MATESTTESTTESTTESTTE"
Page = str | int | Callable[[Params], str]


@dataclass
class Asked:
    url: str
    method: str
    params: Params
    errand: Errand


@dataclass
class Pages:
    """Documents by URL: XML, a status that fails, or a function of the parameters."""

    clock: ControlledClock
    pages: dict[str, Page] = field(default_factory=dict)
    slow: dict[str, float] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    async def fetch(
        self, account_id: str, url: str, method: str, params: Params, errand: Errand
    ) -> Document:
        self.asked.append(Asked(url, method, params, errand))
        if url in self.slow:
            await self.clock.sleep(self.slow[url])
        if not url.startswith("http"):
            raise FetchFailed(errand.invalid_url, "no URL")
        page = self.pages.get(url, 404)
        if isinstance(page, int):
            raise FetchFailed(errand.unreachable, f"HTTP status {page}")
        text = page(params) if callable(page) else page
        try:
            return read(text.encode())
        except InvalidDocument as error:
            raise FetchFailed(errand.invalid_xml, str(error)) from None

    def signature_headers(self, account_id: str, url: str) -> tuple[tuple[str, str], ...]:
        return (("X-Plivo-Signature-V3", "signed"),)


@dataclass
class Book:
    """The record: what happened to which call."""

    lines: list[tuple[str, str]] = field(default_factory=list)
    causes: dict[str, Cause] = field(default_factory=dict)
    recordings: list[Recorded] = field(default_factory=list)
    callbacks: list[Callback] = field(default_factory=list)

    def wanted(self, facts: Facts, hangup_url: str, hangup_method: str) -> asyncio.Future[None]:
        self.lines.append(("wanted", facts.call_uuid))
        return _written()

    def started(self, facts: Facts) -> None:
        self.lines.append(("started", facts.call_uuid))

    def ringing(self, facts: Facts) -> None:
        self.lines.append(("ringing", facts.call_uuid))

    def answered(self, facts: Facts) -> asyncio.Future[None]:
        self.lines.append(("answered", facts.call_uuid))
        return _written()

    async def ended(
        self, facts: Facts, cause: Cause, at: float, tell: Callable[[Bill], Callback] | None = None
    ) -> Bill:
        assert facts.call_uuid not in self.causes, "a call ends once"
        begun = {(what, facts.call_uuid) for what in ("started", "wanted")}
        assert begun & set(self.lines), "a call begins before it ends"
        self.lines.append(("ended", facts.call_uuid))
        self.causes[facts.call_uuid] = cause
        talked = rating.cost(500, facts.answered_at, at)
        bill = Bill(talked.billed, "0.00500", "0.01000", talked.duration)
        if tell is not None:
            self.callbacks.append(tell(bill))
        return bill

    def recorded(self, recorded: Recorded) -> None:
        self.recordings.append(recorded)


class Rig:
    """Everything a call needs, with a script instead of a network."""

    def __init__(self) -> None:
        self.clock = ControlledClock(START)
        self.pages = Pages(self.clock)
        self.callbacks: list[Callback] = []
        self.book = Book(callbacks=self.callbacks)
        self.texts: list[Text] = []
        self.placed: list[ScriptedLeg] = []
        self.rooms: list[ScriptedRoom] = []
        self.unplaceable: set[str] = set()
        self.broken_files: set[str] = set()  # of all that arrive
        self.refusal = Refused("not registered")
        self._numbers = itertools.count(1)
        self.calls = LiveCalls(self._ports)
        self.ports = self.calls._ports

    def _ports(self, calls: LiveCalls) -> Ports:
        return Ports(
            self.clock,
            self,  # type: ignore[arg-type]
            self.pages,
            self,
            self.book,
            calls,
            Register(clock=self.clock, telephony=self, new_uuid=self.uuid),  # type: ignore[arg-type]
            self.texts.append,
            self.uuid,
        )

    # --- telephony and callbacks -----------------------------------------------------------------

    async def place(self, uuid: str, destination: Destination, sink: Sink) -> ScriptedLeg:
        if destination.address in self.unplaceable:
            raise self.refusal
        leg = ScriptedLeg(uuid, self.clock, inbound=False)
        leg.destination = destination
        leg.deliver_to(sink)
        self.placed.append(leg)
        return leg

    async def open_room(self, uuid: str, sink: Sink) -> ScriptedRoom:
        room = ScriptedRoom(uuid, self.clock, sink)
        self.rooms.append(room)
        return room

    def tell(self, callback: Callback) -> None:
        self.callbacks.append(callback)

    def uuid(self) -> str:
        return f"uuid-{next(self._numbers)}"

    # --- the script ------------------------------------------------------------------------------

    async def arrives(
        self,
        xml: Page | None = None,
        *,
        sender: str = "14155550111",
        hangup_url: str = "https://app.test/hangup",
        account_id: str = ACCOUNT,
        main_id: str = "",
        **plan: object,
    ) -> ScriptedLeg:
        """Let a call come in, of a main account unless `main_id` says whose; `xml` answers it."""
        if xml is not None:
            self.pages.pages[ANSWER] = xml
        leg = ScriptedLeg(self.uuid(), self.clock)
        leg.broken_files = self.broken_files
        facts = self.facts(leg.uuid, "inbound", sender, "14155550100")
        facts.account_id, facts.main_auth_id = account_id, main_id or account_id
        start = plan.pop("start", Start(ANSWER))
        self.calls.arrived(leg, facts, Plan(start, hangup_url, **plan))  # type: ignore[arg-type]
        await self.settle()
        return leg

    async def calls_out(
        self, xml: Page | None = None, *, start: Start | None = None, **plan: object
    ) -> tuple[Call, ScriptedLeg]:
        """Make a call, as the API does."""
        if xml is not None:
            self.pages.pages[ANSWER] = xml
        facts = self.facts(self.uuid(), "outbound", "14155550100", "14155550122")
        facts.request_uuid = facts.call_uuid
        plan = {"hangup_url": "https://app.test/hangup"} | plan
        call = self.calls.place(
            facts,
            Destination("14155550122", "14155550100"),
            Plan(start or Start(ANSWER), **plan),  # type: ignore[arg-type]
        )
        await self.settle()
        return call, self.placed[-1] if self.placed else None  # type: ignore[return-value]

    def facts(self, uuid: str, direction: str, sender: str, recipient: str) -> Facts:
        return Facts(
            uuid, ACCOUNT, ACCOUNT, direction, sender, recipient, self.clock.now(),  # type: ignore[arg-type]
            bill_rate="0.00500",
        )  # fmt: skip

    async def settle(self) -> None:
        """Let everything happen that happens without time passing."""
        for _ in range(60):
            await asyncio.sleep(0)

    async def passes(self, seconds: float) -> None:
        """Let time pass, from one due time to the next."""
        await self.settle()
        ends = self.clock.now() + seconds
        while self.clock.now() < ends:
            dues = [due for due, _, future in self.clock._sleepers if not future.done()]
            due = min([ends, *(one for one in dues if one > self.clock.now())])
            self.clock.advance(due - self.clock.now())
            await self.settle()

    async def close(self) -> None:
        await self.calls.close()

    # --- what came of it -------------------------------------------------------------------------

    def told(self, kind: str) -> list[Params]:
        """Return the parameters of all callbacks of a kind."""
        return [one.params for one in self.callbacks if one.kind == f"voice.{kind}"]

    def cause(self, leg: ScriptedLeg) -> int:
        """Return the code with which a call ended."""
        return self.book.causes[leg.uuid].code

    def asked(self, url: str) -> Asked:
        """Return the last request of a document's URL."""
        return [one for one in self.pages.asked if one.url == url][-1]


def _written() -> asyncio.Future[None]:
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    done.set_result(None)
    return done
