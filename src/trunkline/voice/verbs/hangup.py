"""`<Hangup>`: end the call, refuse it, or limit it."""

from trunkline.voice.causes import BUSY, NORMAL, REJECTED, SCHEDULED, Source
from trunkline.voice.session.session import Session
from trunkline.voice.session.signals import CallOver
from trunkline.voice.xml.document import Element

_REASONS = {"rejected": REJECTED, "busy": BUSY, "": NORMAL}


async def run(element: Element, session: Session) -> None:
    """End the call; with `schedule` in so many seconds, while the next elements are done."""
    cause = _REASONS[element.string("reason")].by(Source.XML)
    seconds = element.maybe("schedule")
    if not seconds:
        raise CallOver(cause)
    scheduled = SCHEDULED.by(Source.XML) if not element.string("reason") else cause
    session.end_at(session.ports.clock.now() + seconds, scheduled)
