"""Whisper, if the package `faster-whisper` is installed and a model's folder is configured."""

import importlib
import math
from typing import Any

import numpy as np

from trunkline.engines.speech.recognition.engine import Guess, NoModel, Samples, Wanted


class Whisper:
    """One model, of many languages."""

    def __init__(self, folder: str) -> None:
        """Load a model; nothing is downloaded.

        Raises:
            NoModel: the package is missing, or the folder holds no model.
        """
        try:
            library: Any = importlib.import_module("faster_whisper")
        except ImportError:
            text = "For speech.whisper_model the package faster-whisper is needed."
            raise NoModel(text) from None
        try:
            self._model: Any = library.WhisperModel(
                folder, device="cpu", compute_type="int8", local_files_only=True
            )
        except Exception as error:
            raise NoModel(f"The Whisper model {folder} cannot be loaded: {error}") from error

    def understand(self, audio: Samples, wanted: Wanted) -> Guess:
        """Return the words; hints make it expect them."""
        segments, _ = self._model.transcribe(
            audio.astype(np.float32) / np.float32(32_768),
            language=wanted.language.partition("-")[0].lower(),
            initial_prompt=", ".join(wanted.hints) or None,
            beam_size=1,
            condition_on_previous_text=False,
        )
        found = list(segments)
        text = " ".join(str(one.text).strip() for one in found).strip()
        if not text:
            return Guess("", 0.0)
        sure = sum(math.exp(min(0.0, float(one.avg_logprob))) for one in found) / len(found)
        return Guess(_as_hint(text, wanted.hints), sure)


def _as_hint(text: str, hints: tuple[str, ...]) -> str:
    """Return the hint that a text is but for its case and punctuation."""
    bare = _bare(text)
    return next((hint for hint in hints if _bare(hint) == bare), text)


def _bare(text: str) -> str:
    return "".join(one for one in text.lower() if one.isalnum())
