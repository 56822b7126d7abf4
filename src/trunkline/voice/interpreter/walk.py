"""The interpreter: does a document's elements in turn, and follows where they lead.

It ends by CallOver alone. PLIVO XML: strictly from top to bottom; the end of a document ends the
call with 4010.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import structlog

from trunkline.voice.causes import END_OF_XML, NETWORK_ERROR, Errand
from trunkline.voice.session.session import Session
from trunkline.voice.session.signals import CallOver, GoOnWith, GoTo
from trunkline.voice.telephony import LegGone, Refused
from trunkline.voice.verbs import (
    conference,
    dial,
    dtmf,
    getdigits,
    getinput,
    hangup,
    message,
    multipartycall,
    play,
    preanswer,
    record,
    redirect,
    speak,
    stream,
    wait,
)
from trunkline.voice.xml.document import Document, Element

log = structlog.get_logger(__name__)

Verb = Callable[[Element, Session], Awaitable[None]]

VERBS: Mapping[str, Verb] = MappingProxyType(
    {
        "Conference": conference.run,
        "DTMF": dtmf.run,
        "Dial": dial.run,
        "GetDigits": getdigits.run,
        "GetInput": getinput.run,
        "Hangup": hangup.run,
        "Message": message.run,
        "MultiPartyCall": multipartycall.run,
        "Play": play.run,
        "PreAnswer": preanswer.run,
        "Record": record.run,
        "Redirect": redirect.run,
        "Speak": speak.run,
        "Stream": stream.run,
        "Wait": wait.run,
    }
)

MOST_DOCUMENTS = 9_999  # of one call, as the platform's ancestor had it
MOST_AT_ONCE = 50  # in a row while no time passes: a loop of redirects
_GONE_S = 5.0  # how long a leg that is gone may take to say why


@dataclass(frozen=True, slots=True)
class Start:
    """Where a call begins: its answer URL, and where to go when that one fails.

    With a document it begins with that, and asks for none.
    """

    url: str
    method: str = "POST"
    fallback_url: str = ""
    fallback_method: str = "POST"
    errand: Errand = Errand.ANSWER
    document: Document | None = None


class Interpreter:
    """Follows the documents of one call."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._documents = 0
        self._at_once = 0
        self._last_at = 0.0

    async def run(self, start: Start) -> None:
        """Go from the first document to the end of the call; raises CallOver."""
        document = await self._followed(self._first(start))
        while True:
            document = await self._followed(self._done(document))

    async def _first(self, start: Start) -> Document:
        session = self._session
        if start.document is not None:
            self._count(start.errand)
            return start.document
        try:
            document = await session.fetch(start.url, start.method, start.errand)
        except CallOver as over:
            # PLIVO voice: the fallback is asked when the answer URL fails or its XML is wrong.
            if over.gone or over.cause.code not in _REPLACEABLE or not start.fallback_url:
                raise
            log.info("call.fallback", call=session.facts.call_uuid, cause=over.cause.code)
            document = await session.fetch(start.fallback_url, start.fallback_method, Errand.ANSWER)
        self._count(start.errand)
        return document

    async def _followed(self, work: Awaitable[Document]) -> Document:
        """Go where it leads: orders may lead elsewhere while a document is asked for, too."""
        while True:
            try:
                return await work
            except GoOnWith as go:
                self._count(go.errand)
                return go.document
            except GoTo as goto:
                self._count(goto.errand)
                work = self._session.fetch(goto.url, goto.method, goto.errand)

    async def _done(self, document: Document) -> Document:
        """Do a document; it ends by a signal, which says what follows it."""
        self._report(document)
        for element in document.elements:
            await self._do(element)
        raise CallOver(END_OF_XML)

    async def _do(self, element: Element) -> None:
        session = self._session
        try:
            await VERBS[element.name](element, session)
        except Refused as refusal:
            log.warning(
                "call.refused",
                call=session.facts.call_uuid,
                element=element.name,
                reason=str(refusal),
            )
        except LegGone:
            await session.pause(_GONE_S)  # raises CallOver with the leg's own cause
            raise CallOver(NETWORK_ERROR, gone=True) from None

    def _count(self, errand: Errand) -> None:
        """PLIVO voice: the number of redirects is limited; the limit itself is not documented."""
        now = self._session.ports.clock.now()
        self._documents += 1
        self._at_once = self._at_once + 1 if now - self._last_at < 1.0 else 1
        self._last_at = now
        if self._documents > MOST_DOCUMENTS or self._at_once > MOST_AT_ONCE:
            log.warning("call.loop", call=self._session.facts.call_uuid, documents=self._documents)
            raise CallOver(errand.unreachable)

    def _report(self, document: Document) -> None:
        for doubt in document.doubts:
            log.warning("call.doubt", call=self._session.facts.call_uuid, doubt=doubt)


_REPLACEABLE = frozenset({Errand.ANSWER.unreachable.code, Errand.ANSWER.invalid_xml.code})
