"""Speech to text in a real child process, and other engines by doubles of their libraries."""

import asyncio
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile

from trunkline.engines.media.dsp.g711 import ulaw_encode
from trunkline.engines.speech import (
    CannotUnderstand,
    Recogniser,
    RecogniserConfig,
    SpeechBusy,
    Synthesiser,
    SynthesiserConfig,
    Utterance,
)

FAKE_VOSK = """
import json
def SetLogLevel(level): pass
class Model:
    def __init__(self, folder):
        if "broken" in folder: raise Exception("Failed to create a model")
class KaldiRecognizer:
    def __init__(self, model, rate, grammar=None): self.grammar, self.rate = grammar, rate
    def SetWords(self, on): pass
    def AcceptWaveform(self, audio): self.size = len(audio)
    def FinalResult(self):
        words = json.loads(self.grammar)[0].split() if self.grammar else ["guten", "tag"]
        return json.dumps({"result": [{"word": w, "conf": 0.5} for w in [*words, "[unk]"]],
                           "text": ""})
"""
FAKE_WHISPER = """
import types
class WhisperModel:
    def __init__(self, folder, **options): assert options["local_files_only"]
    def transcribe(self, audio, language, initial_prompt, **options):
        said = f" {initial_prompt or 'bonjour'}! ({language})" if not initial_prompt else " OUI."
        return iter([types.SimpleNamespace(text=said, avg_logprob=-0.5)]), None
"""


@pytest.fixture
async def synthesiser(tmp_path: Path) -> "Synthesiser":
    return Synthesiser(SynthesiserConfig(folder=tmp_path / "spoken", timeout_s=60))


async def test_phrases_are_recognised_through_g711(synthesiser: Synthesiser) -> None:
    recogniser = Recogniser(RecogniserConfig())
    phrases = (
        "Yes", "No", "Operator", "Good morning", "Book a table", "Cancel my order", "Blue whale",
    )  # fmt: skip
    understood = 0
    for phrase in phrases:
        for gender in ("female", "male"):
            said = Utterance(text=phrase, gender=gender)
            with wave.open(str(await synthesiser.speak(said))) as file:
                audio = np.frombuffer(file.readframes(file.getnframes()), "<i2")
            octets = b"\xff" * 1600 + ulaw_encode(audio).tobytes() + b"\xff" * 3200
            found = await recogniser.understand(octets, hints=phrases)
            understood += found.text == phrase
            assert found.text in ("", *phrases)
    assert understood >= 12, f"{understood} of 14"
    await recogniser.close()
    await synthesiser.close()


async def test_hints_that_no_dictionary_has_are_left_out() -> None:
    recogniser = Recogniser(RecogniserConfig())
    hints = ("xyzzyplugh", "", "!!", "; public <x> = evil", "ünïcödé", "\x00", "</s>")
    found = await recogniser.understand(b"\xff" * 8000, hints=hints)
    assert found.text in ("", "; public <x> = evil")
    assert recogniser.child.starts == 1
    await recogniser.close()


async def test_silence_and_nothing_are_no_words() -> None:
    recogniser = Recogniser(RecogniserConfig())
    for audio in (b"", b"\xff", b"\xff" * 100, b"\xff" * 16_000):
        assert (await recogniser.understand(audio, hints=("yes", "no"))).text == ""
    await recogniser.close()


async def test_a_recording_becomes_text_with_times(
    synthesiser: Synthesiser, tmp_path: Path
) -> None:
    with wave.open(str(await synthesiser.speak(Utterance(text="hello")))) as file:
        audio = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    gap = np.zeros(16_000, np.int16)
    stereo = np.stack([np.concatenate([gap, audio, gap, audio])] * 2, axis=1)
    path = tmp_path / "recording.wav"
    soundfile.write(path, stereo, 8000)
    recogniser = Recogniser(RecogniserConfig())
    found = await recogniser.transcribe(path)
    assert found.text
    assert 1 <= len(found.parts) <= 2
    for part in found.parts:
        assert 1_500 <= part.start_ms < part.end_ms <= len(stereo) // 8 + 1
    await recogniser.close()
    await synthesiser.close()


async def test_files_that_are_none_and_languages_without_model(tmp_path: Path) -> None:
    recogniser = Recogniser(RecogniserConfig())
    rubbish = tmp_path / "rubbish.mp3"
    rubbish.write_bytes(b"not a sound" * 100)
    for path in (rubbish, tmp_path / "none.wav", tmp_path):
        with pytest.raises(CannotUnderstand):
            await recogniser.transcribe(path)
    with pytest.raises(CannotUnderstand, match="fr-FR"):
        await recogniser.understand(b"\xff" * 800, language="fr-FR")
    await recogniser.close()


async def test_a_full_queue_refuses() -> None:
    recogniser = Recogniser(RecogniserConfig(most_waiting=1))
    asked = [
        asyncio.create_task(recogniser.understand(b"\xff" * 800, hints=("yes",))) for _ in range(6)
    ]
    done = await asyncio.gather(*asked, return_exceptions=True)
    assert any(isinstance(one, SpeechBusy) for one in done)
    assert not all(isinstance(one, SpeechBusy) for one in done)
    await recogniser.close()


async def test_configured_models_are_used_for_their_languages(tmp_path: Path) -> None:
    (tmp_path / "vosk.py").write_text(FAKE_VOSK)
    (tmp_path / "faster_whisper.py").write_text(FAKE_WHISPER)
    recogniser = Recogniser(
        RecogniserConfig(
            vosk_models={"de": tmp_path, "it": tmp_path / "broken"},
            whisper_model=tmp_path,
            environment={"PYTHONPATH": str(tmp_path)},
        )
    )
    audio = b"\xff" * 800
    german = await recogniser.understand(audio, language="de-DE")
    assert (german.text, german.confidence) == ("guten tag", 0.5)
    hinted = await recogniser.understand(audio, language="de-AT", hints=("Auf Wiedersehen",))
    assert hinted.text == "Auf Wiedersehen"
    french = await recogniser.understand(audio, language="fr-FR")
    assert french.text == "bonjour! (fr)"
    assert 0.6 < french.confidence < 0.61
    assert (await recogniser.understand(audio, language="fr-FR", hints=("Oui",))).text == "Oui"
    with pytest.raises(CannotUnderstand, match="Failed to create"):
        await recogniser.understand(audio, language="it-IT")
    await recogniser.close()


async def test_a_model_without_its_package_is_told(tmp_path: Path) -> None:
    recogniser = Recogniser(RecogniserConfig(vosk_models={"de": tmp_path}))
    with pytest.raises(CannotUnderstand, match="package vosk"):
        await recogniser.understand(b"\xff" * 800, language="de")
    await recogniser.close()
