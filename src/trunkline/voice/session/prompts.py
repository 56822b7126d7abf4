"""From elements that are heard to sounds."""

from collections.abc import Iterable

from trunkline.voice.telephony import File, Silence, Sound, Speech
from trunkline.voice.xml.document import Element


def sound_of(element: Element) -> Sound | None:
    """Return what a Speak, Play or Wait sounds like; None when it has nothing to say."""
    match element.name:
        case "Speak" if element.text or element.markup:
            return Speech(
                element.text,
                element.string("voice"),
                element.string("language"),
                element.number("loop"),
                element.markup,
            )
        case "Play":
            return File(element.text, element.number("loop"))
        case "Wait":
            return Silence(float(element.number("length")))
        case _:
            return None


def sounds_of(elements: Iterable[Element]) -> tuple[Sound, ...]:
    """Return what elements sound like, one after the other."""
    return tuple(sound for one in elements if (sound := sound_of(one)) is not None)
