"""What the child that speaks is asked and answers (msgpack)."""

from typing import Literal

import msgspec

Gender = Literal["female", "male"]


class SpeakConfig(msgspec.Struct, frozen=True):
    """What the child is started with: voice files of Piper."""

    piper_voices: tuple[str, ...] = ()


class Speak(msgspec.Struct, frozen=True, kw_only=True):
    """Speak into a new WAV file (8 kHz, 16 bit, mono) at `path`.

    `language` is a BCP 47 tag; `ssml` the content of a `<speak>`, "" if there is only the text.
    """

    path: str
    text: str
    ssml: str
    language: str
    gender: Gender
    most_seconds: float


class Spoken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of it; `error` is not empty when there is no file."""

    seconds: float = 0.0
    error: str = ""
