"""Piper: neural voices, if the package `piper-tts` is installed and voice files are configured.

A voice is a file NAME.onnx with NAME.onnx.json beside it; the latter says what language it is.
"""

import importlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any


class PiperFailed(Exception):
    """A voice cannot be used; the text says why."""


class Piper:
    """One voice."""

    def __init__(self, file: Path) -> None:
        """Load a voice.

        Raises:
            PiperFailed: the package is missing, or the file cannot be read.
        """
        try:
            about = json.loads(Path(f"{file}.json").read_text(encoding="utf-8"))
            self.language: str = str(about["language"]["code"]).replace("_", "-").lower()
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise PiperFailed(f"The Piper voice {file} has no readable {file}.json.") from error
        try:
            module: Any = importlib.import_module("piper")
            self._voice: Any = module.PiperVoice.load(str(file))
        except ImportError:
            raise PiperFailed("For Piper voices the package piper-tts is needed.") from None
        except Exception as error:
            raise PiperFailed(f"The Piper voice {file} cannot be loaded: {error}") from error

    def speak(self, text: str, most_seconds: float) -> tuple[bytes, int]:
        """Return 16 bit samples and their rate; cut off after `most_seconds`."""
        audio, rate = bytearray(), 22_050
        chunks: Iterable[Any] = self._voice.synthesize(text)
        for chunk in chunks:
            rate = int(chunk.sample_rate)
            audio += chunk.audio_int16_bytes
            if len(audio) >= int(most_seconds * rate) * 2:
                break
        return bytes(audio[: int(most_seconds * rate) * 2]), rate


def best(voices: Iterable[Piper], language: str) -> Piper | None:
    """Return the voice of a language: of its region if there is one, None without any."""
    wanted = language.lower()
    near = [one for one in voices if one.language.partition("-")[0] == wanted.partition("-")[0]]
    return next((one for one in near if one.language == wanted), near[0] if near else None)
