"""Voices and languages of `<Speak>` (PLIVO XML: voices and languages)."""

from trunkline.voice.xml.grammar import shown

# Of the voices MAN and WOMAN.
LANGUAGES = (
    "da-DK", "nl-NL", "en-AU", "en-GB", "en-US", "fr-FR", "fr-CA", "de-DE", "it-IT", "pl-PL",
    "pt-PT", "pt-BR", "ru-RU", "es-ES", "es-US", "sv-SE",
)  # fmt: skip
# Of the voices named Polly.…
POLLY_LANGUAGES = (
    *LANGUAGES, "arb", "cmn-CN", "en-IN", "en-GB-WLS", "hi-IN", "is-IS", "ja-JP", "ko-KR", "nb-NO",
    "ro-RO", "es-MX", "tr-TR", "cy-GB",
)  # fmt: skip
_NO_MAN = frozenset({"da-DK", "fr-CA", "ru-RU", "sv-SE"})
_NO_WOMAN = frozenset({"pt-PT"})
_WITHOUT_REGION = {"en": "en-US", "es": "es-ES", "pt": "pt-PT", "fr": "fr-FR"}


class NoSuchVoice(Exception):
    """A voice or language that cannot be spoken: (attribute, what is wrong with it)."""

    def __init__(self, attribute: str, problem: str) -> None:
        super().__init__(problem)
        self.attribute = attribute


def choose(voice: str, language: str) -> tuple[str, str, str]:
    """Return voice and language as they are spoken, and a doubt; raises NoSuchVoice."""
    polly = voice.lower().startswith("polly.")
    named = _found(language, POLLY_LANGUAGES if polly else LANGUAGES)
    if named is None:
        raise NoSuchVoice("language", f"must be a language that is spoken, not {shown(language)}")
    if polly:
        if not voice.partition(".")[2].isalpha():
            raise NoSuchVoice("voice", f"must be MAN, WOMAN or Polly.Name, not {shown(voice)}")
        return f"Polly.{voice.partition('.')[2]}", named, ""
    asked, voice = voice, voice.upper()
    if voice not in ("MAN", "WOMAN"):
        raise NoSuchVoice("voice", f"must be MAN, WOMAN or Polly.Name, not {shown(asked)}")
    if voice == "MAN" and named in _NO_MAN:
        return "WOMAN", named, f"has no MAN in {named}: WOMAN speaks"
    if voice == "WOMAN" and named in _NO_WOMAN:
        return "MAN", named, f"has no WOMAN in {named}: MAN speaks"
    return voice, named, ""


def _found(language: str, known: tuple[str, ...]) -> str | None:
    wanted = language.strip().replace("_", "-").lower()
    for one in known:
        if one.lower() == wanted:
            return one
    if wanted in _WITHOUT_REGION:
        return _WITHOUT_REGION[wanted]
    # A language without its region is the first that has it.
    return next((one for one in known if one.lower().split("-")[0] == wanted), None)
