"""`<Speak>`: say a text."""

from trunkline.voice.session.prompts import sounds_of
from trunkline.voice.session.session import Session
from trunkline.voice.xml.document import Element


async def run(element: Element, session: Session) -> None:
    """Say the text as often as it asks for; without a text nothing happens."""
    await session.play(sounds_of([element]))
