"""From the fields of requests to what is heard."""

import re
from collections.abc import Sequence

from trunkline.contract.errors import InvalidParameter
from trunkline.voice.commands.wire import Audio
from trunkline.voice.session.prompts import sounds_of
from trunkline.voice.telephony import Speech
from trunkline.voice.xml.check import check
from trunkline.voice.xml.errors import InvalidDocument
from trunkline.voice.xml.languages import NoSuchVoice, choose
from trunkline.voice.xml.scan import scan

_SPEAK = re.compile(r"\s*(?:<\?xml[^>]*\?>\s*)?<speak\b[^>]*>(.*)</speak>\s*", re.DOTALL)


def files(urls: Sequence[str], *, loop: bool = False) -> tuple[Audio, ...]:
    """Return files to play in turn; in a loop the last one goes on without end.

    Raises:
        InvalidParameter: there is none.
    """
    if not urls:
        raise InvalidParameter("urls", "names no file")
    times = [1] * (len(urls) - 1) + [0 if loop else 1]
    return tuple(Audio(url=url, times=many) for url, many in zip(urls, times, strict=True))


def speech(
    text: str, voice: str, language: str, *, ssml: bool = False, loop: bool = False
) -> tuple[Audio, ...]:
    """Return a text to speak.

    Raises:
        InvalidParameter: the voice or language cannot be spoken, the markup is wrong, or there is
            nothing to say.
    """
    try:
        voice, language, _ = choose(voice, language)
    except NoSuchVoice as problem:
        raise InvalidParameter(problem.attribute, str(problem)) from None
    spoken = _marked_up(text) if ssml else Speech(text.strip())
    if not spoken.text and not spoken.ssml:
        raise InvalidParameter("text", "says nothing")
    times = 0 if loop else 1
    return (Audio(text=spoken.text, ssml=spoken.ssml, voice=voice, language=language, times=times),)


def _marked_up(text: str) -> Speech:
    """Read the content of a `<speak>`, as `<Speak>` of a document has it."""
    whole = _SPEAK.fullmatch(text)
    try:
        root = scan(f"<Response><Speak>{whole.group(1) if whole else text}</Speak></Response>")
        elements = check(root).elements
    except InvalidDocument as error:
        raise InvalidParameter("text", _without_place(error)) from None
    found = sounds_of(elements)
    if len(elements) != 1 or any(not isinstance(one, Speech) for one in found):
        raise InvalidParameter("text", "is not the content of a <speak>")
    return found[0] if found and isinstance(found[0], Speech) else Speech("")


def _without_place(error: InvalidDocument) -> str:
    """Return what is wrong with the markup: its line is not one that the caller wrote."""
    said = re.sub(r"^Line \d+: ", "", str(error)).removesuffix(".")
    return f"is no SSML: {said}"
