"""Whoever is called into a multiparty call may have to confirm it by a key first."""

import contextlib
from dataclasses import dataclass

from trunkline.voice.causes import CONFIRM_FAILED
from trunkline.voice.events import Digit, PlaybackEnded
from trunkline.voice.gatherings.sounds import fetched_sounds
from trunkline.voice.session.session import Session
from trunkline.voice.session.signals import CallOver
from trunkline.voice.telephony import LegGone

_CONFIRM_S = 60.0  # so that nobody is held by a voice mail for ever


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The key, and the address of a document of sounds that asks for it ("": nothing is heard)."""

    key: str
    sound_url: str = ""
    sound_method: str = "POST"


async def confirmed(session: Session, wanted: Confirmation) -> None:
    """Wait for the key, until a minute after the sounds; raises CallOver when it is not pressed."""
    clock = session.ports.clock
    sounds = await fetched_sounds(session, wanted.sound_url, wanted.sound_method)
    playback = await session.leg.play(sounds) if sounds else ""
    until = clock.now() + _CONFIRM_S
    while clock.now() < until:
        match await session.next(until - clock.now()):
            case Digit(digit=digit) if digit == wanted.key:
                if playback:
                    with contextlib.suppress(LegGone):
                        await session.leg.stop_playing(playback)
                return
            case PlaybackEnded(playback=ended) if ended == playback:
                playback, until = "", clock.now() + _CONFIRM_S
            case _:
                pass
    raise CallOver(CONFIRM_FAILED)
