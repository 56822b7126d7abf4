"""The settings of speech: what it is spoken and understood with."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from trunkline.runtime.settings import parse
from trunkline.runtime.settings.declare import setting
from trunkline.runtime.settings.voice import VoiceSettings

SPEECH_FOLDER = "speech"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechSettings(VoiceSettings):
    """What speech needs besides."""

    speech_cache_mb: int = setting(
        "speech.cache_mb",
        parse.integer(1, 1_000_000),
        256,
        "MiB of spoken texts that are kept in the folder speech of the data folder, not to be made"
        " again.",
        env="TRUNKLINE_SPEECH_CACHE_MB",
    )
    piper_voices: tuple[Path, ...] = setting(
        "speech.piper_voices",
        parse.paths,
        (),
        "Voices of Piper: .onnx files with their .onnx.json beside them. They speak their languages"
        " instead of eSpeak NG; the package piper-tts must be installed.",
        env="TRUNKLINE_SPEECH_PIPER_VOICES",
    )
    vosk_models: Mapping[str, Path] = setting(
        "speech.vosk_models",
        parse.folders_by_language,
        {},
        "Models of Vosk that recognise speech: their folders by language (de, or en-IN). They are"
        " tried first; the package vosk must be installed. Without any model only US English is"
        " understood.",
    )
    whisper_model: Path | None = setting(
        "speech.whisper_model",
        parse.optional_path,
        "",
        "Folder of a Whisper model that recognises all other languages; the package faster-whisper"
        " must be installed.",
        env="TRUNKLINE_SPEECH_WHISPER_MODEL",
    )

    @property
    def speech_folder(self) -> Path:
        """Where spoken texts are kept."""
        return self.data / SPEECH_FOLDER
