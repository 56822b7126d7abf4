"""SSML as it is written (W3C SSML 1.1, Amazon Polly) in the words that eSpeak NG knows."""

import re
from collections.abc import Callable, Mapping
from typing import Final
from xml.parsers.expat import ParserCreate
from xml.sax.saxutils import escape, quoteattr

from trunkline.engines.speech.synthesis.messages import Gender

_SAID_AS: Final = {"digits": "tts:digits", "spell-out": "characters"}
_DECIBELS: Final = re.compile(r"([+-]?)(\d{1,3}(?:\.\d{0,9})?|\.\d{1,9})db", re.IGNORECASE)
_MOST_PERCENT: Final = 900  # of +20 dB: speech is at its loudest long before


def in_its_words(ssml: str, gender: Gender, voice_of: Callable[[str], str]) -> str:
    """Return markup with the same meaning; it must be well-formed.

    `voice_of` gives eSpeak's name of a language, "" if it does not speak it: then the words are
    spoken as those around them.
    """
    parts: list[str] = []
    open_: list[str] = []  # what each element is called, "" if it is left out

    def begin(name: str, attributes: Mapping[str, str]) -> None:
        name, found = _element(name, dict(attributes), gender, voice_of)
        open_.append(name)
        if name:
            parts.append(f"<{name}{''.join(f' {key}={quoteattr(found[key])}' for key in found)}>")

    def end(_: str) -> None:
        name = open_.pop()
        if name:
            parts.append(f"</{name}>")

    parser = ParserCreate()  # without namespaces: amazon:… may stand undeclared
    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    parser.CharacterDataHandler = lambda text: parts.append(escape(text))
    parser.Parse(f"<speak>{ssml}</speak>", True)
    return "".join(parts)


def _element(
    name: str, attributes: dict[str, str], gender: Gender, voice_of: Callable[[str], str]
) -> tuple[str, dict[str, str]]:
    match name:
        case "lang":
            voice = voice_of(attributes.get("xml:lang", ""))
            return ("voice", {"xml:lang": voice, "gender": gender}) if voice else ("", {})
        case "say-as":
            asked = attributes.get("interpret-as", "")
            attributes["interpret-as"] = _SAID_AS.get(asked.strip().lower(), asked)
        case "prosody" if "volume" in attributes:
            attributes["volume"] = _volume(attributes["volume"])
        case _:
            pass
    return name, attributes


def _volume(written: str) -> str:
    """W3C SSML 1.1 3.2.4: +6dB is twice the amplitude, which eSpeak writes as +100%."""
    found = _DECIBELS.fullmatch("".join(written.split()))
    if found is None:
        return written
    decibels = float(found[2]) * (-1 if found[1] == "-" else 1)
    return f"{min(_MOST_PERCENT, round(100 * 10 ** (decibels / 20)) - 100):+d}%"
