"""`<GetDigits>`: prompts, and the keys that are pressed."""

from trunkline.voice.session.collect import Limits, collect
from trunkline.voice.session.prompts import sounds_of
from trunkline.voice.session.session import Session
from trunkline.voice.telephony import File, Sound, Tone
from trunkline.voice.xml.document import Element


async def run(element: Element, session: Session) -> None:
    """Ask `retries` times; keys go to the action, without any the next element follows."""
    await session.be_heard()
    sounds: tuple[Sound, ...] = sounds_of(element.children)
    if element.flag("playBeep"):
        sounds = (*sounds, Tone())
    limits = Limits(
        element.number("timeout"),
        element.number("digitTimeout"),
        element.number("numDigits"),
        element.string("finishOnKey"),
    )
    valid, wrong = element.string("validDigits"), element.string("invalidDigitsSound")
    for _ in range(element.number("retries")):
        digits = await collect(session, sounds, limits)
        if digits and all(digit in valid for digit in digits):
            await session.act(element, {"Digits": digits}, logged=element.flag("log"))
            return
        if digits and wrong:
            await session.play([File(wrong)])
