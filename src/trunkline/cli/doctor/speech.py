"""Checks of speech: that it works, and that configured voices and models are there."""

import asyncio
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from trunkline.cli.doctor.findings import Finding
from trunkline.engines.speech import (
    Recogniser,
    RecogniserConfig,
    SpeechError,
    Synthesiser,
    SynthesiserConfig,
    Utterance,
)
from trunkline.runtime.settings import Settings

_SECOND_OF_SILENCE = b"\xff" * 8_000


def check_speech(settings: Settings) -> Iterator[Finding]:
    """Say a word and listen, as calls would."""
    for voice in settings.piper_voices:
        if not voice.exists() or not Path(f"{voice}.json").exists():
            mend = "Mend speech.piper_voices: NAME.onnx and NAME.onnx.json are needed."
            yield Finding.failure(f"voice {voice}", "is not there", mend)
    yield from _models(settings)
    try:
        asyncio.run(_say_a_word(settings))
    except (SpeechError, OSError) as error:
        yield Finding.failure("speech", str(error), "Install the program anew: `make setup`.")
    else:
        yield Finding.fine("speech", "spoken and understood")


def _models(settings: Settings) -> Iterator[Finding]:
    folders = list(settings.vosk_models.values())
    if settings.whisper_model is not None:
        folders.append(settings.whisper_model)
    for folder in folders:
        if not folder.is_dir():
            mend = "Mend speech.vosk_models or speech.whisper_model."
            yield Finding.failure(f"model {folder}", "is not there", mend)
    packages = {"vosk": bool(settings.vosk_models), "faster_whisper": bool(settings.whisper_model)}
    for package, wanted in packages.items():
        if wanted and find_spec(package) is None:
            mend = f"pip install {package.replace('_', '-')}"
            yield Finding.failure(f"package {package}", "is not installed", mend)


async def _say_a_word(settings: Settings) -> None:
    with TemporaryDirectory() as folder:
        config = SynthesiserConfig(folder=Path(folder), piper_voices=settings.piper_voices)
        synthesiser, recogniser = Synthesiser(config), Recogniser(RecogniserConfig())
        try:
            await synthesiser.speak(Utterance(text="Hello"))
            await recogniser.understand(_SECOND_OF_SILENCE, hints=("hello",))
        finally:
            await synthesiser.close()
            await recogniser.close()
