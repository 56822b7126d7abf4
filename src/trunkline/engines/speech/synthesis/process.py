"""The child that speaks: `python -m … CONFIG`; see `serving`."""

import sys
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import soxr  # pyright: ignore[reportMissingTypeStubs]

from trunkline.engines.speech.serving import serve
from trunkline.engines.speech.synthesis.espeak import Espeak, EspeakFailed
from trunkline.engines.speech.synthesis.messages import Speak, SpeakConfig, Spoken
from trunkline.engines.speech.synthesis.piper import Piper, PiperFailed, best

RATE: Final = 8_000  # of telephones


class Speaker:
    """Speaks with the best engine it has for a language."""

    def __init__(self, config: SpeakConfig) -> None:
        self._espeak = Espeak()
        self._piper: list[Piper] = []
        for file in config.piper_voices:
            try:
                self._piper.append(Piper(Path(file)))
            except PiperFailed as problem:  # the language is spoken by eSpeak then
                sys.stderr.write(f"speech: {problem}\n")

    def answer(self, octets: bytes) -> bytes:
        """Do what is asked."""
        return msgspec.msgpack.encode(self._speak(msgspec.msgpack.decode(octets, type=Speak)))

    def _speak(self, wanted: Speak) -> Spoken:
        piper = None if wanted.ssml else best(self._piper, wanted.language)
        if piper is not None:
            audio, rate = piper.speak(wanted.text, wanted.most_seconds)
        else:
            try:
                audio = self._espeak.speak(
                    wanted.ssml or wanted.text,
                    ssml=bool(wanted.ssml),
                    language=wanted.language,
                    gender=wanted.gender,
                    most_seconds=wanted.most_seconds,
                )
            except EspeakFailed as problem:
                return Spoken(error=str(problem))
            rate = self._espeak.rate
        if not audio:
            return Spoken(error="There is nothing to say.")
        return Spoken(seconds=_write(Path(wanted.path), audio, rate))


def _write(path: Path, audio: bytes, rate: int) -> float:
    samples = np.frombuffer(audio, np.dtype("<i2")).astype(np.float32) / np.float32(32_768)
    heard = soxr.resample(samples, rate, RATE, quality="HQ")
    whole = np.clip(np.rint(heard * 32_767), -32_768, 32_767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(whole.tobytes())
    return len(whole) / RATE


def main() -> None:
    """Serve until the parent ends."""

    def make() -> Callable[[bytes], bytes]:
        return Speaker(msgspec.json.decode(sys.argv[1], type=SpeakConfig)).answer

    serve(make)


if __name__ == "__main__":
    main()
