"""Vosk, if the package `vosk` is installed and a model's folder is configured for a language."""

import importlib
import json
from typing import Any

from trunkline.engines.speech.recognition.engine import RATE, Guess, NoModel, Samples, Wanted

_UNKNOWN = "[unk]"


class Vosk:
    """One model, of one language."""

    def __init__(self, folder: str) -> None:
        """Load a model.

        Raises:
            NoModel: the package is missing, or the folder holds no model.
        """
        try:
            self._library: Any = importlib.import_module("vosk")
        except ImportError:
            raise NoModel("For speech.vosk_models the package vosk is needed.") from None
        try:
            self._library.SetLogLevel(-1)
            self._model: Any = self._library.Model(folder)
        except Exception as error:
            raise NoModel(f"The Vosk model {folder} cannot be loaded: {error}") from error

    def understand(self, audio: Samples, wanted: Wanted) -> Guess:
        """Return the words; with hints, those of them."""
        hints = wanted.hints
        grammar = [json.dumps([*(hint.lower() for hint in hints), _UNKNOWN])] if hints else []
        recogniser: Any = self._library.KaldiRecognizer(self._model, float(RATE), *grammar)
        recogniser.SetWords(True)
        recogniser.AcceptWaveform(audio.tobytes())
        found: dict[str, Any] = json.loads(recogniser.FinalResult())
        words = [one for one in found.get("result", []) if one.get("word") != _UNKNOWN]
        text = " ".join(str(one["word"]) for one in words)
        if not text:
            return Guess("", 0.0)
        original = {hint.lower(): hint for hint in hints}
        return Guess(
            original.get(text, text), sum(float(one.get("conf", 0.0)) for one in words) / len(words)
        )
