"""Text to speech in a real child process."""

import asyncio
import os
import signal
import subprocess
import sys
import wave
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import numpy as np
import pytest

from trunkline.engines.speech import (
    CannotSpeak,
    ChildDied,
    SpeechBusy,
    Synthesiser,
    SynthesiserConfig,
    Utterance,
)
from trunkline.engines.speech.serving import LENGTH

Make = Callable[..., Synthesiser]

FAKE_PIPER = """
import os, time, types
class PiperVoice:
    @classmethod
    def load(cls, path):
        return cls()
    def synthesize(self, text):
        if text == "hang":
            time.sleep(60)
        if text == "crash":
            os._exit(3)
        yield types.SimpleNamespace(sample_rate=16000, audio_int16_bytes=b"\\x10\\x20" * 16000)
"""


@pytest.fixture
async def make(tmp_path: Path) -> AsyncIterator[Make]:
    made: list[Synthesiser] = []

    def build(**options: object) -> Synthesiser:
        config = SynthesiserConfig(folder=tmp_path / "speech", timeout_s=60, **options)  # type: ignore[arg-type]
        made.append(Synthesiser(config))
        return made[-1]

    yield build
    for one in made:
        await one.close()


def samples(path: Path) -> np.ndarray:
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 8000)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float)


def loudness(audio: np.ndarray) -> float:
    return float(np.sqrt(np.mean(audio**2)))


async def test_words_become_audible_telephone_audio(make: Make) -> None:
    audio = samples(await make().speak(Utterance(text="Your call is important to us.")))
    assert 1.0 < len(audio) / 8000 < 4.0
    assert loudness(audio) > 800


async def test_voices_and_languages_differ(make: Make) -> None:
    synthesiser = make()
    said = [
        samples(await synthesiser.speak(Utterance(text="123", language=language, gender=gender)))
        for language in ("en-US", "de-DE", "fr-CA", "arb", "cmn-CN", "cy-GB")
        for gender in ("female", "male")
    ]
    assert len({audio.tobytes() for audio in said}) == len(said)


async def test_what_was_said_is_remembered(make: Make) -> None:
    synthesiser = make()
    first, second = await asyncio.gather(
        *(synthesiser.speak(Utterance(text="Once")) for _ in range(2))
    )
    assert first == second
    await synthesiser.close()
    assert await synthesiser.speak(Utterance(text="Once")) == first
    assert await make().speak(Utterance(text="Once")) == first  # of the next process too
    with pytest.raises(ChildDied):
        await synthesiser.speak(Utterance(text="Twice"))


async def test_the_cache_stays_within_its_bounds(make: Make, tmp_path: Path) -> None:
    folder = tmp_path / "speech"
    folder.mkdir()
    (folder / "left.new").write_bytes(b"half")
    synthesiser = make(cache_bytes=100_000)
    for number in range(12):
        await synthesiser.speak(Utterance(text=f"This is the number {number}."))
    files = list(folder.iterdir())
    assert 1 < len(files) < 12
    assert sum(file.stat().st_size for file in files) <= 100_000
    assert not (folder / "left.new").exists()


async def test_markup_is_obeyed(make: Make) -> None:
    synthesiser = make()
    plain = samples(await synthesiser.speak(Utterance(text="Hello you")))
    paused = samples(
        await synthesiser.speak(Utterance(text="Hello you", ssml='Hello <break time="3s"/> you'))
    )
    slow = samples(
        await synthesiser.speak(
            Utterance(text="Hello you", ssml='<prosody rate="x-slow">Hello you</prosody>')
        )
    )
    assert len(paused) > len(plain) + 2 * 8000
    assert len(slow) > len(plain) * 1.2


async def test_markup_of_polly_is_obeyed(make: Make) -> None:
    synthesiser = make()

    async def said(ssml: str, text: str = "x") -> np.ndarray:
        return samples(await synthesiser.speak(Utterance(text=text, ssml=ssml)))

    word = await said("<w>hello</w>")
    spelt = [await said(f'<say-as interpret-as="{how}">hello</say-as>')
             for how in ("characters", "spell-out", "Spell-Out")]  # fmt: skip
    assert all(len(one) > 1.3 * len(word) for one in spelt)
    number = await said("<w>12345</w>")  # twelve thousand three hundred forty five
    assert len(await said('<say-as interpret-as="digits">12345</say-as>')) < 0.8 * len(number)

    usual = loudness(await said('<prosody volume="medium">hello</prosody>'))
    for volume, factor in (("+6dB", 2.0), ("6dB", 2.0), ("-6dB", 0.5), ("-12.04 dB", 0.25)):
        found = loudness(await said(f'<prosody volume="{volume}">hello</prosody>'))
        assert found == pytest.approx(usual * factor, rel=0.15), volume
    assert loudness(await said('<prosody volume="-100dB">hello</prosody>')) < 10

    plain = len(await said("<w>bonjour mes amis</w>"))
    french = await said('<lang xml:lang="fr-FR">bonjour mes amis</lang>')
    assert len(french) < 0.9 * plain
    for strange in ('xml:lang="xx"', 'xml:lang="../../etc"', ""):
        words = await said(f"<lang {strange}>bonjour mes amis</lang>")
        assert len(words) == pytest.approx(plain, rel=0.02), strange
    both = await said('tom &amp; <lang xml:lang="fr-CA">amis &lt;</lang> <s>me</s>')
    assert loudness(both) > 800


RUBBISH = (
    "<broken", "</speak><speak>", "a & b", "<!DOCTYPE x [<!ENTITY y 'z'>]>&y;", "&undefined;",
    '<voice name="../../etc">a</voice>', "\x00", "\ud800",
)  # fmt: skip


async def test_rubbish_for_markup_leaves_the_words(make: Make) -> None:
    synthesiser = make()
    plain = await synthesiser.speak(Utterance(text="Good morning"))
    for ssml in RUBBISH:
        assert await synthesiser.speak(Utterance(text="Good morning", ssml=ssml)) == plain, ssml


async def test_markup_reads_no_files_and_its_pauses_end(make: Make, tmp_path: Path) -> None:
    outside = tmp_path / "outside.wav"
    with wave.open(str(outside), "wb") as file:
        file.setparams((1, 2, 22050, 0, "NONE", ""))
        file.writeframes(b"\x7f\x7f" * 22050 * 5)
    synthesiser = make(most_seconds=20.0)
    ssml = f'<audio src="{outside}"><desc>a</desc></audio>word'
    assert len(samples(await synthesiser.speak(Utterance(text="word", ssml=ssml)))) < 3 * 8000
    pauses = '<break time="100000s"/>' * 3 + "a"
    long = await synthesiser.speak(Utterance(text="a", ssml=pauses))
    assert len(samples(long)) <= 20 * 8000 + 1


async def test_a_text_of_10000_characters_is_spoken(make: Make) -> None:
    text = ("The quick brown fox jumps over the lazy dog. " * 250)[:10_000]
    assert len(samples(await make().speak(Utterance(text=text)))) > 300 * 8000


UNSPEAKABLE = (
    (Utterance(text="x" * 20_001), "longer than"),
    (Utterance(text="x", ssml="<s>" + "y" * 20_000 + "</s>"), "longer than"),
    (Utterance(text=" \n"), "nothing to say"),
    (Utterance(text="Hello", language="xx-YY"), "xx-YY"),
    (Utterance(text="Hello", language="../../etc/passwd"), "no voice"),
    (Utterance(text="Hello", language=""), "no voice"),
)


async def test_what_cannot_be_spoken_is_refused(make: Make) -> None:
    synthesiser = make()
    for utterance, reason in UNSPEAKABLE:
        with pytest.raises(CannotSpeak, match=reason):
            await synthesiser.speak(utterance)
    assert await synthesiser.speak(Utterance(text="Still here"))
    assert synthesiser.child.starts == 1


async def test_a_child_that_dies_in_mid_sentence_says_it_again(make: Make) -> None:
    synthesiser = make()
    speaking = asyncio.create_task(
        synthesiser.speak(Utterance(text="She sells sea shells. " * 900))
    )
    for _ in range(3_000):
        if synthesiser.child.pid is not None:
            break
        await asyncio.sleep(0.01)
    assert synthesiser.child.pid is not None
    os.kill(synthesiser.child.pid, signal.SIGKILL)
    assert len(samples(await speaking)) > 60 * 8000
    assert synthesiser.child.starts == 2


async def test_a_full_queue_refuses_and_goes_on(make: Make) -> None:
    synthesiser = make(most_waiting=2)
    asked = [asyncio.create_task(synthesiser.speak(Utterance(text=f"n {n}"))) for n in range(9)]
    done = await asyncio.gather(*asked, return_exceptions=True)
    assert any(isinstance(one, SpeechBusy) for one in done)
    assert all(isinstance(one, SpeechBusy | Path) for one in done)
    assert await synthesiser.speak(Utterance(text="Afterwards"))


async def test_who_stops_waiting_takes_nothing_from_others(make: Make) -> None:
    synthesiser = make()
    text = Utterance(text="Both want this. " * 50)
    first = asyncio.create_task(synthesiser.speak(text))
    second = asyncio.create_task(synthesiser.speak(text))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).exists()


async def test_a_program_that_cannot_start_fails_without_delay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    synthesiser = Synthesiser(SynthesiserConfig(folder=tmp_path))
    with pytest.raises(ChildDied, match="No such file"):
        await synthesiser.speak(Utterance(text="Hello"))
    await synthesiser.close()


@pytest.fixture
def piper(tmp_path: Path) -> dict[str, object]:
    """A voice for the library's double."""
    (tmp_path / "piper.py").write_text(FAKE_PIPER)
    voice = tmp_path / "voice.onnx"
    voice.touch()
    Path(f"{voice}.json").write_text('{"language": {"code": "de_DE"}}')
    return {"piper_voices": (voice,), "environment": {"PYTHONPATH": str(tmp_path)}}


async def test_piper_speaks_the_language_of_its_voice(make: Make, piper: dict[str, object]) -> None:
    synthesiser = make(**piper)
    german = samples(await synthesiser.speak(Utterance(text="Guten Tag", language="de-AT")))
    assert len(german) == 8000
    assert np.all(np.abs(german[100:-100] - 0x2010) < 300)
    english = samples(await synthesiser.speak(Utterance(text="Guten Tag", language="en-GB")))
    assert len(english) != 8000


async def test_a_voice_that_is_not_there_leaves_espeak(make: Make, tmp_path: Path) -> None:
    synthesiser = make(piper_voices=(tmp_path / "none.onnx",))
    assert loudness(samples(await synthesiser.speak(Utterance(text="Tag", language="de-DE")))) > 500


async def test_a_child_that_hangs_or_crashes_is_replaced(
    make: Make, piper: dict[str, object], tmp_path: Path
) -> None:
    config = SynthesiserConfig(folder=tmp_path / "cache", timeout_s=2.0, **piper)  # type: ignore[arg-type]
    synthesiser = Synthesiser(config)
    with pytest.raises(ChildDied):
        await synthesiser.speak(Utterance(text="crash", language="de"))
    assert synthesiser.child.starts == 2
    await synthesiser.close()
    patient = make(**piper)
    assert await patient.speak(Utterance(text="Guten Tag", language="de"))


def test_a_process_whose_parent_died_ends_without_a_word() -> None:
    """It was in the middle of an answer, that nobody reads any more."""
    slow = "import time; from trunkline.engines.speech.serving import serve\n"
    slow += "serve(lambda: lambda octets: time.sleep(0.1) or octets)"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", slow], **pipes) as child:
        child.stdin.write(LENGTH.pack(5) + b"hello")
        child.stdin.close()
        child.stdout.close()
        assert (child.stderr.read(), child.wait(10)) == (b"", 0)
