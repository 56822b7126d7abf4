"""Plivo's voices and languages as the engine's."""

import pytest

from trunkline.voice.speech.voices import utterance_of
from trunkline.voice.switch.ports import Unheard
from trunkline.voice.telephony import Speech
from trunkline.voice.xml.languages import LANGUAGES, POLLY_LANGUAGES


@pytest.mark.parametrize(
    ("voice", "language", "gender", "spoken"),
    [
        ("WOMAN", "en-US", "female", "en-US"),
        ("MAN", "en-GB", "male", "en-GB"),
        ("man", "de", "male", "de-DE"),
        ("MAN", "sv-SE", "female", "sv-SE"),  # PLIVO XML Speak: no MAN there
        ("WOMAN", "pt-PT", "male", "pt-PT"),  # nor WOMAN there
        ("Polly.Joey", "en-US", "male", "en-US"),
        ("Polly.Joanna", "en-US", "female", "en-US"),
        ("Polly.Nobody", "tr-TR", "female", "tr-TR"),
    ],
)
def test_voices(voice: str, language: str, gender: str, spoken: str) -> None:
    found = utterance_of(Speech("Hello", voice, language))
    assert (found.gender, found.language) == (gender, spoken)


@pytest.mark.parametrize(
    ("voice", "language"), [("Darth", "en-US"), ("WOMAN", "tlh"), ("Polly.", "en-US"), ("MAN", "")]
)
def test_unknown_voices_say_what_is_wrong(voice: str, language: str) -> None:
    with pytest.raises(Unheard, match="must be"):
        utterance_of(Speech("Hello", voice, language))


def test_every_language_is_taken() -> None:
    for language in LANGUAGES:
        assert utterance_of(Speech("a", "WOMAN", language)).language == language
    for language in POLLY_LANGUAGES:
        assert utterance_of(Speech("a", "Polly.Joanna", language)).language == language


def test_markup_is_for_polly_alone() -> None:
    ssml = '<break time="1s"/>'
    assert utterance_of(Speech("a", "Polly.Amy", "en-GB", ssml=ssml)).ssml == ssml
    assert utterance_of(Speech("a", "WOMAN", "en-GB", ssml=ssml)).ssml == ""
