"""`<Redirect>`: go on with another document."""

from trunkline.voice.causes import Errand
from trunkline.voice.session.session import Session
from trunkline.voice.session.signals import GoTo
from trunkline.voice.xml.document import Element


async def run(element: Element, session: Session) -> None:
    """Leave this document for the one at the URL."""
    del session
    raise GoTo(element.text, element.string("method"), Errand.REDIRECT)
