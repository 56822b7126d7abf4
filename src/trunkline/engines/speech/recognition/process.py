"""The child that understands: `python -m … CONFIG`; see `serving`."""

import sys
from collections.abc import Callable
from typing import Any, Final

import msgspec
import numpy as np
import soundfile  # pyright: ignore[reportMissingTypeStubs]
import soxr  # pyright: ignore[reportMissingTypeStubs]

from trunkline.engines.media.dsp.g711 import FROM_ULAW
from trunkline.engines.speech.recognition.engine import (
    RATE,
    Guess,
    NoModel,
    Recognition,
    Samples,
    Wanted,
)
from trunkline.engines.speech.recognition.messages import (
    Part,
    Understand,
    UnderstandConfig,
    Understood,
)
from trunkline.engines.speech.recognition.sphinx import Sphinx
from trunkline.engines.speech.recognition.utterances import spoken, utterances
from trunkline.engines.speech.recognition.vosk import Vosk
from trunkline.engines.speech.recognition.whisper import Whisper
from trunkline.engines.speech.serving import serve

_TELEPHONE: Final = 8_000
_LEAST: Final = RATE // 10  # samples; less is no word, and some engines cannot take it
_NOTHING: Final = Guess("", 0.0)
_MOST_SECONDS: Final = 4 * 3600


class Listener:
    """Understands with the best engine it has for a language; engines load when needed."""

    def __init__(self, config: UnderstandConfig) -> None:
        self._config = config
        self._loaded: dict[str, Recognition] = {}

    def answer(self, octets: bytes) -> bytes:
        """Do what is asked."""
        wanted = msgspec.msgpack.decode(octets, type=Understand)
        try:
            return msgspec.msgpack.encode(self._understand(wanted))
        except (NoModel, OSError, RuntimeError) as problem:
            return msgspec.msgpack.encode(Understood(error=str(problem)))

    def _understand(self, wanted: Understand) -> Understood:
        engine = self._engine(wanted.language)
        if wanted.path:
            return self._transcribe(engine, wanted)
        audio = spoken(_wider(FROM_ULAW[np.frombuffer(wanted.audio, np.uint8)], _TELEPHONE))
        expected = Wanted(wanted.language, wanted.hints, wanted.partial)
        found = engine.understand(audio, expected) if len(audio) >= _LEAST else _NOTHING
        return Understood(text=found.text, confidence=found.confidence)

    def _transcribe(self, engine: Recognition, wanted: Understand) -> Understood:
        audio = _read(wanted.path)
        parts: list[Part] = []
        for first, end in utterances(audio):
            found = engine.understand(audio[first:end], Wanted(wanted.language))
            if found.text:
                parts.append(
                    Part(
                        start_ms=first * 1000 // RATE,
                        end_ms=end * 1000 // RATE,
                        text=found.text,
                        confidence=found.confidence,
                    )
                )
        if not parts:
            return Understood()
        return Understood(
            text=" ".join(part.text for part in parts),
            confidence=sum(part.confidence for part in parts) / len(parts),
            parts=tuple(parts),
        )

    def _engine(self, language: str) -> Recognition:
        tag = language.lower()
        models = {key.lower(): folder for key, folder in self._config.vosk_models.items()}
        folder = models.get(tag) or models.get(tag.partition("-")[0])
        if folder:
            return self._load(f"vosk {folder}", lambda: Vosk(folder))
        if self._config.whisper_model:
            return self._load("whisper", lambda: Whisper(self._config.whisper_model))
        return self._load("sphinx", Sphinx)

    def _load(self, name: str, make: Callable[[], Recognition]) -> Recognition:
        found = self._loaded.get(name)
        if found is None:
            found = self._loaded[name] = make()
        return found


def _read(path: str) -> Samples:
    """Return a file's channels mixed, at `RATE`. Raises RuntimeError of soundfile, OSError."""
    library: Any = soundfile
    with library.SoundFile(path) as file:
        rate = int(file.samplerate)
        audio = file.read(_MOST_SECONDS * rate, dtype="float32", always_2d=True)
    mixed = (audio.mean(axis=1) * 32_767).astype(np.int16)
    return _wider(mixed, rate)


def _wider(samples: Samples, rate: int) -> Samples:
    if rate == RATE:
        return samples
    library: Any = soxr
    heard = library.resample(samples.astype(np.float32), rate, RATE, quality="HQ")
    return np.clip(np.rint(heard), -32_768, 32_767).astype(np.int16)


def main() -> None:
    """Serve until the parent ends."""

    def make() -> Callable[[bytes], bytes]:
        return Listener(msgspec.json.decode(sys.argv[1], type=UnderstandConfig)).answer

    serve(make)


if __name__ == "__main__":
    main()
