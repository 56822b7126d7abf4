"""`<DTMF>`: send keys."""

from trunkline.voice.session.session import Session
from trunkline.voice.xml.document import Element

_KEY_S = 0.2  # a tone and the silence after it
_PAUSES_S = {"w": 0.5, "W": 1.0}  # PLIVO XML DTMF


async def run(element: Element, session: Session) -> None:
    """Send the keys; with `async` false wait until they are sent."""
    await session.be_heard()
    await session.leg.send_digits(element.text)
    if not element.flag("async"):
        await session.pause(sum(_PAUSES_S.get(key, _KEY_S) for key in element.text))
