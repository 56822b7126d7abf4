"""The sounds of gatherings: beeps by name, or what a document at an address holds."""

from trunkline.voice.causes import Errand
from trunkline.voice.session.prompts import sounds_of
from trunkline.voice.session.session import Session
from trunkline.voice.session.signals import CallOver
from trunkline.voice.telephony import Sound, Tone

_BEEPS: dict[str, tuple[Sound, ...]] = {
    "": (),
    "none": (),
    "beep:1": (Tone(),),
    "beep:2": (Tone("beep2"),),
}


async def entrance_sounds(
    session: Session, written: str, method: str = "POST"
) -> tuple[Sound, ...]:
    """Return what is heard when somebody comes or goes."""
    if written in _BEEPS:
        return _BEEPS[written]
    return await fetched_sounds(session, written, method)


async def fetched_sounds(session: Session, url: str, method: str = "POST") -> tuple[Sound, ...]:
    """Fetch a document of sounds (Play, Speak, Wait); none when it cannot be had."""
    if url in ("", "none", "real"):
        return ()
    try:
        document = await session.fetch(url, method, Errand.ACTION)
    except CallOver as over:
        if over.gone or not 7_000 <= over.cause.code < 9_000:
            raise
        return ()  # a failure of sounds does not end a call
    return sounds_of(document.elements)
