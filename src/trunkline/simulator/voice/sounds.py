"""What handsets say: spoken where there is a synthesiser, else a figure of tones like speech."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from trunkline.engines.media.messages import FileItem, Item, SilenceItem, ToneItem
from trunkline.simulator.voice.outcomes import Behaviour, Does

HELLO: Final = "Hello?"
SENTENCE: Final = "Hello, this is a simulated phone. The weather is fine today. Goodbye."
GREETING: Final = "You have reached a simulated answering machine. Please leave a message."

Speak = Callable[[str], Awaitable[Path | None]]
"""Speak a text into a WAV file that stays; None when that cannot be done."""

_HELLO_MS: Final = 600
_PAUSE_MS: Final = 300
BEEP: Final = ToneItem((1000.0,), 500, level=-10.0)
RINGBACK: Final = ToneItem((440.0, 480.0), 0, 2000, 4000, -19.0)


async def sounds_of(behaviour: Behaviour, speak: Speak | None) -> tuple[Item, ...]:
    """Give what is played after the answer; () for nothing."""
    match behaviour.does:
        case Does.GREET:
            return (SilenceItem(_PAUSE_MS), await _said(HELLO, _HELLO_MS, speak))
        case Does.SPEAK:
            return (SilenceItem(_PAUSE_MS), await _said(SENTENCE, 3_000, speak))
        case Does.TALK if behaviour.sound_s:
            return (SilenceItem(_PAUSE_MS), babble(round(behaviour.sound_s * 1000)))
        case Does.MACHINE:
            # A greeting of a given length is a figure of tones; the usual one may be spoken.
            usual = behaviour.sound_s == Behaviour().sound_s
            length_ms = round(behaviour.sound_s * 1000)
            greeting = await _said(GREETING, length_ms, speak if usual else None)
            said = (greeting,) if length_ms else ()
            return (SilenceItem(_PAUSE_MS), *said, SilenceItem(_PAUSE_MS), BEEP)
        case _:
            return ()


async def _said(text: str, length_ms: int, speak: Speak | None) -> Item:
    path = await speak(text) if speak is not None else None
    return babble(length_ms) if path is None else FileItem(str(path))


def babble(length_ms: int) -> Item:
    """Give tones in the rhythm of syllables, as loud as speech."""
    return ToneItem((180.0, 360.0, 540.0, 1260.0), length_ms, 240, 80, -26.0)
