"""`<PreAnswer>`: be heard before the call is answered, and before it is billed."""

from trunkline.voice.session.session import Session
from trunkline.voice.verbs import dtmf, getdigits, message, play, redirect, speak, wait
from trunkline.voice.xml.document import Element

_VERBS = {
    "Speak": speak.run,
    "Play": play.run,
    "Wait": wait.run,
    "GetDigits": getdigits.run,
    "Redirect": redirect.run,
    "Message": message.run,
    "DTMF": dtmf.run,
}


async def run(element: Element, session: Session) -> None:
    """Do its elements without answering; in a call that is answered they are done as ever."""
    session.early = not session.answered
    try:
        for child in element.children:
            await _VERBS[child.name](child, session)
    finally:
        session.early = False
