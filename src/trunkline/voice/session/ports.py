"""What sessions need from others: documents, callbacks, the record of calls, texts, new calls."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from trunkline.runtime.clock import Clock
from trunkline.voice.causes import Cause, Errand
from trunkline.voice.events import RecordingEnded, StreamTold
from trunkline.voice.rooms.register import Register
from trunkline.voice.session.facts import Bill, Facts, Params
from trunkline.voice.session.streams import CallStream
from trunkline.voice.telephony import Leg, RecordingSpec, Telephony, Tracks
from trunkline.voice.xml.document import Document


@dataclass(frozen=True, slots=True)
class Callback:
    """A request that tells of something; nobody waits for what is answered."""

    kind: str  # voice.ring, voice.hangup, voice.dial, …
    account_id: str
    call_uuid: str
    url: str
    method: str
    params: Params


class Callbacks(Protocol):
    """Sends callbacks: signed, in order for one call, with retries."""

    def tell(self, callback: Callback) -> None:
        """Queue a callback; returns at once."""
        ...


class FetchFailed(Exception):
    """No document; the cause is the one the call would end with, the text says more."""

    def __init__(self, cause: Cause, text: str) -> None:
        super().__init__(text)
        self.cause = cause


class Documents(Protocol):
    """Fetches documents by signed requests."""

    async def fetch(
        self, account_id: str, url: str, method: str, params: Params, errand: Errand
    ) -> Document:
        """Ask for a document; raises FetchFailed."""
        ...

    def signature_headers(self, account_id: str, url: str) -> tuple[tuple[str, str], ...]:
        """Return the headers that sign a GET of `url`: of a WebSocket's upgrade."""
        ...


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recording, and what is to be done with it.

    Of a conference, or with `multiparty` of a multiparty call, `conference` is its name and
    `conference_uuid` its id.
    """

    facts: Facts
    spec: RecordingSpec
    event: RecordingEnded
    conference: str = ""
    transcription: str = ""  # auto, hybrid; "" for none
    transcription_url: str = ""
    transcription_method: str = "POST"
    conference_uuid: str = ""
    multiparty: bool = False


class Journal(Protocol):
    """The record of calls and legs; what is told must not be lost, and must not hold up a call."""

    def wanted(self, facts: Facts, hangup_url: str, hangup_method: str) -> "asyncio.Future[Any]":
        """A call will be placed, now or later: it is queued, and not `started` yet.

        Should this process die, its end is told to the URL, "" for nobody. Who awaits the answer
        finds it recorded.
        """
        ...

    def started(self, facts: Facts) -> None:
        """A call or leg has begun: it is dialled, or it rings here."""
        ...

    def ringing(self, facts: Facts) -> None:
        """The far end rings."""
        ...

    def answered(self, facts: Facts) -> "asyncio.Future[Any]":
        """It is answered: from now on it is billed. Who awaits the answer finds it recorded."""
        ...

    async def ended(
        self, facts: Facts, cause: Cause, at: float, tell: Callable[[Bill], Callback] | None = None
    ) -> Bill:
        """It is over; return what it came to.

        `tell` makes the callback about it, which is queued in the transaction that notes the end:
        neither is ever without the other.
        """
        ...

    def recorded(self, recorded: "Recorded") -> None:
        """A recording of it is there."""
        ...


@dataclass(frozen=True, slots=True)
class Text:
    """A text message that a document sends."""

    account_id: str
    src: str
    dst: str
    body: str
    callback_url: str
    callback_method: str


@dataclass(slots=True)
class Taped:
    """A recording that an order has started."""

    url: str
    tracks: Tracks
    leg: Leg
    stopped: bool = False  # its file is finished; nothing is added to it any more


@dataclass(frozen=True, slots=True)
class Carried:
    """What goes on in a leg by orders, as sessions keep it, when it becomes another session's."""

    recordings: dict[str, Callable[[RecordingEnded], None]]
    taped: dict[str, Taped]
    overlays: dict[str, list[tuple[Leg, str]]]
    streams: dict[str, CallStream]
    on_stream: dict[str, Callable[[StreamTold], None]]


class Adopter(Protocol):
    """Makes a call of its own of a leg that was another's."""

    def adopt(
        self,
        leg: Leg,
        facts: Facts,
        url: str,
        method: str,
        carried: Carried,
        document: Document | None = None,
    ) -> None:
        """Let the leg go on with a document, asked for or given, and with what goes on in it."""
        ...


@dataclass(frozen=True, slots=True)
class Ports:
    """All of them together; one for the whole process."""

    clock: Clock
    telephony: Telephony
    documents: Documents
    callbacks: Callbacks
    journal: Journal
    calls: Adopter
    rooms: Register
    send_text: Callable[[Text], None]
    new_uuid: Callable[[], str]
