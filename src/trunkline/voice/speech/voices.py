"""Plivo's voices (MAN, WOMAN, Polly.…) spoken by the engine's (PLIVO XML: voices and languages)."""

from pathlib import Path
from typing import Final

from trunkline.engines.speech import SpeechError, Synthesiser, Utterance
from trunkline.voice.switch.ports import Unheard
from trunkline.voice.telephony import Speech
from trunkline.voice.xml.languages import NoSuchVoice, choose

# Amazon Polly's voices that are men's; all others are women's.
_POLLY_MEN: Final = frozenset({
    "adriano", "andres", "arthur", "brian", "cristiano", "daniel", "enrique", "geraint", "giorgio",
    "gregory", "hans", "jacek", "jan", "joey", "justin", "karl", "kevin", "laurent", "liam",
    "mads", "mathieu", "matthew", "maxim", "miguel", "patrick", "pedro", "remi", "ricardo",
    "ruben", "russell", "sergio", "stephen", "takumi", "thiago", "zayd",
})  # fmt: skip


class Voices:
    """Speaks texts of documents and orders."""

    def __init__(self, synthesiser: Synthesiser) -> None:
        self._synthesiser = synthesiser

    async def speak(self, speech: Speech) -> Path:
        """Return a WAV file of the text, spoken once.

        Raises:
            Unheard: no such voice or language, too long, or the engine cannot speak now.
        """
        try:
            return await self._synthesiser.speak(utterance_of(speech))
        except SpeechError as error:
            raise Unheard(str(error)) from error

    async def close(self) -> None:
        """End the engine."""
        await self._synthesiser.close()


def utterance_of(speech: Speech) -> Utterance:
    """Return how the engine is to say it.

    Raises:
        Unheard: there is no such voice, or it does not speak the language.
    """
    try:
        voice, language, _ = choose(speech.voice, speech.language)
    except NoSuchVoice as error:
        raise Unheard(f"The {error.attribute} {error}.") from error
    kind, _, name = voice.partition(".")
    is_man = name.lower() in _POLLY_MEN if kind == "Polly" else voice == "MAN"
    return Utterance(
        text=speech.text,
        language=language,
        gender="male" if is_man else "female",
        # PLIVO XML Speak: SSML is for voices of Polly; others speak the words
        ssml=speech.ssml if kind == "Polly" else "",
    )
