"""What the child that understands is asked and answers (msgpack)."""

import msgspec


class UnderstandConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What the child is started with: Vosk's models by language, a model of Whisper, or none."""

    vosk_models: dict[str, str] = {}
    whisper_model: str = ""


class Understand(msgspec.Struct, frozen=True, kw_only=True):
    """Understand `audio` (μ-law, 8 kHz, one utterance), or if `path` is given a sound file.

    `language` is a BCP 47 tag; `hints` are phrases one of which is said, if there are any;
    of a `partial` utterance the end is still to come.
    """

    audio: bytes = b""
    path: str = ""
    language: str = "en-US"
    hints: tuple[str, ...] = ()
    partial: bool = False


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One utterance of a file; `confidence` from 0 to 1."""

    start_ms: int
    end_ms: int
    text: str
    confidence: float


class Understood(msgspec.Struct, frozen=True, kw_only=True):
    """What was understood, "" if nothing; `error` is not empty when nothing can be."""

    text: str = ""
    confidence: float = 0.0
    parts: tuple[Part, ...] = ()
    error: str = ""
