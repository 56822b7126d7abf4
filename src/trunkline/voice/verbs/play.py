"""`<Play>`: play a file."""

from trunkline.voice.session.prompts import sounds_of
from trunkline.voice.session.session import Session
from trunkline.voice.xml.document import Element


async def run(element: Element, session: Session) -> None:
    """Play the file as often as it asks for; one that cannot be had is passed over."""
    await session.play(sounds_of([element]))
