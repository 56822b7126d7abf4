"""`<Message>`: send a text message in the midst of a call."""

from trunkline.voice.session.ports import Text
from trunkline.voice.session.session import Session
from trunkline.voice.xml.document import Element


async def run(element: Element, session: Session) -> None:
    """Send it; without ends it goes from the number called to the caller. The call goes on."""
    if not session.early:
        await session.answer()
    facts = session.facts
    ours, theirs = facts.recipient, facts.sender
    if not facts.inbound:
        ours, theirs = theirs, ours
    session.ports.send_text(
        Text(
            facts.account_id,
            element.string("src") or ours,
            element.string("dst") or theirs,
            element.text,
            element.string("callbackUrl"),
            element.string("callbackMethod"),
        )
    )
