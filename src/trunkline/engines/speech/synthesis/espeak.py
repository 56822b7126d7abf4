"""eSpeak NG by its C interface (speak_lib.h); GPL-3.0: in a process of its own alone."""

import ctypes
import re
from typing import Any, Final

import espeakng_loader  # pyright: ignore[reportMissingTypeStubs]

from trunkline.engines.speech.synthesis.dialect import in_its_words
from trunkline.engines.speech.synthesis.messages import Gender

# speak_lib.h
_RETRIEVAL: Final = 1  # AUDIO_OUTPUT_RETRIEVAL: audio goes to the callback
_DONT_EXIT: Final = 0x8000
_UTF8: Final = 1
_SSML: Final = 0x10
_OK: Final = 0
_GO_ON, _ABORT = 0, 1

# Where eSpeak's name of a language is not the tag in lower case, nor its first part.
_NAMES: Final = {
    "arb": "ar",
    "en-au": "en-gb",
    "en-gb-wls": "en-gb",
    "en-in": "en-gb",
    "es-us": "es-419",
    "es-mx": "es-419",
    "fr-fr": "fr",
    "fr-ca": "fr",
    "en": "en-us",
}
_VARIANTS: Final[dict[Gender, str]] = {"female": "f2", "male": "m3"}
_TAG: Final = re.compile(r"[a-z0-9]{2,8}(-[a-z0-9]{1,8}){0,4}")  # BCP 47
_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


class EspeakFailed(Exception):
    """It cannot speak this."""


class Espeak:
    """The library, which has one state for the whole process."""

    def __init__(self) -> None:
        """Load it.

        Raises:
            OSError: the library cannot be loaded, or lacks its data.
        """
        self._library: Any = ctypes.CDLL(espeakng_loader.get_library_path())
        path = str(espeakng_loader.get_data_path()).encode()
        self.rate: Final[int] = self._library.espeak_Initialize(_RETRIEVAL, 0, path, _DONT_EXIT)
        if self.rate <= 0:
            raise OSError("eSpeak NG does not find its data.")
        self._callback = _Callback(self._hear)
        self._library.espeak_SetSynthCallback(self._callback)
        self._audio = bytearray()
        self._most = 0

    def speak(
        self, text: str, *, ssml: bool, language: str, gender: Gender, most_seconds: float
    ) -> bytes:
        """Return 16 bit samples at `rate`, cut off after `most_seconds`.

        With `ssml` the text is the content of a `<speak>`, well-formed.

        Raises:
            EspeakFailed: it has no voice for the language.
        """
        if ssml:
            text = in_its_words(text, gender, lambda other: self._voice_of(other, gender))
        if not self._voice_of(language, gender):
            raise EspeakFailed(f"There is no voice for the language {language}.")
        self._audio = bytearray()
        self._most = int(most_seconds * self.rate) * 2
        octets = text.replace("\x00", " ").encode(errors="replace") + b"\x00"
        flags = _UTF8 | _SSML if ssml else _UTF8
        size = ctypes.c_size_t(len(octets))
        self._library.espeak_Synth(octets, size, 0, 0, 0, flags, None, None)
        self._library.espeak_Synchronize()
        return bytes(self._audio[: self._most])

    def _voice_of(self, language: str, gender: Gender) -> str:
        """Choose the voice of a language; return its name, "" when there is none."""
        tag = language.lower().replace("_", "-")
        if not _TAG.fullmatch(tag):  # eSpeak takes paths of files for names too
            return ""
        for name in dict.fromkeys((_NAMES.get(tag, tag), tag.partition("-")[0])):
            voice = f"{name}+{_VARIANTS[gender]}".encode(errors="replace")
            if self._library.espeak_SetVoiceByName(voice) == _OK:
                return name
        return ""

    def _hear(self, samples: Any, count: int, _events: object) -> int:
        if samples and count > 0:
            self._audio += ctypes.string_at(samples, count * 2)
        return _ABORT if len(self._audio) >= self._most else _GO_ON
