"""`<Wait>`: let time pass, or wait for silence or a beep."""

import contextlib

from trunkline.voice.events import Beeped, Voice
from trunkline.voice.session.session import Session
from trunkline.voice.telephony import LegGone
from trunkline.voice.xml.document import Element


async def run(element: Element, session: Session) -> None:
    """Wait `length` seconds; with `silence` only until the far end was silent for `minSilence` ms.

    With `beep` only until a beep is heard, as of an answering machine. It does not answer the call.
    """
    if element.flag("beep") and session.answered:
        await _for_beep(session, element.number("length"))
    elif element.flag("silence") and session.answered:
        await _for_silence(session, element.number("length"), element.number("minSilence") / 1000)
    else:
        await session.pause(element.number("length"))


async def _for_beep(session: Session, length_s: float) -> None:
    clock = session.ports.clock
    ends = clock.now() + length_s
    await session.leg.await_beep(on=True)
    try:
        while (left := ends - clock.now()) > 0:
            event = await session.next(left)
            if isinstance(event, Beeped) and event.leg == session.leg.uuid:
                return
    finally:
        with contextlib.suppress(LegGone):
            await session.leg.await_beep(on=False)


async def _for_silence(session: Session, length_s: float, silence_s: float) -> None:
    clock = session.ports.clock
    ends = clock.now() + length_s
    quiet_since: float | None = clock.now()
    await session.leg.watch_voice(on=True)
    try:
        while (now := clock.now()) < ends:
            enough = ends if quiet_since is None else quiet_since + silence_s
            if now >= enough:
                return
            event = await session.next(min(ends, enough) - now)
            if isinstance(event, Voice) and event.leg == session.leg.uuid:
                quiet_since = None if event.active else clock.now()
    finally:
        with contextlib.suppress(LegGone):
            await session.leg.watch_voice(on=False)
