"""Checks of speech: that a word can be spoken, and that configured voices are there."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from trunkline.cli.doctor.findings import Finding
from trunkline.engines.speech import SpeechError, Synthesiser, SynthesiserConfig, Utterance
from trunkline.runtime.settings import Settings


def check_speech(settings: Settings) -> Iterator[Finding]:
    """Say a word, as calls would."""
    for voice in settings.piper_voices:
        if not voice.exists() or not Path(f"{voice}.json").exists():
            mend = "Mend speech.piper_voices: NAME.onnx and NAME.onnx.json are needed."
            yield Finding.failure(f"voice {voice}", "is not there", mend)
    try:
        asyncio.run(_say_a_word(settings))
    except (SpeechError, OSError) as error:
        yield Finding.failure("speech", str(error), "Install the program anew: `make setup`.")
    else:
        yield Finding.fine("speech", "spoken")


async def _say_a_word(settings: Settings) -> None:
    with TemporaryDirectory() as folder:
        config = SynthesiserConfig(folder=Path(folder), piper_voices=settings.piper_voices)
        synthesiser = Synthesiser(config)
        try:
            await synthesiser.speak(Utterance(text="Hello"))
        finally:
            await synthesiser.close()
