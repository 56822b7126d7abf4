"""The model of answering machines, on made-up audio."""

from functools import lru_cache

import numpy as np
import pytest

from trunkline.engines.media.dsp.g711 import FROM_ULAW, ulaw_encode
from trunkline.voice.senses.levels import LINEAR, Loudness, level_db, tone_hz
from trunkline.voice.senses.machine import MachineJudge
from trunkline.voice.senses.profanity import masked
from trunkline.voice.telephony import MachineSpec


@lru_cache
def audio(kind: str, ms: int) -> bytes:
    """Silence, hum, a voice (syllables of noise, 5 a second), or a beep."""
    count = ms * 8
    at = np.arange(count) / 8000
    noise = np.random.default_rng(7).normal(0, 1, count)
    made = {
        "silence": noise * 5,
        "hum": noise * 150,
        "voice": noise * 3000 * (0.6 + 0.4 * np.sin(2 * np.pi * 5 * at)),
        "beep": 8000 * np.sin(2 * np.pi * 1000 * at) + noise * 5,
        "ring": 4000 * (np.sin(2 * np.pi * 440 * at) + np.sin(2 * np.pi * 480 * at)),
    }[kind]
    return ulaw_encode(made.astype(np.int16)).tobytes()


def judged(*parts: tuple[str, int], **spec: int) -> tuple[bool, int]:
    """Return the verdict and when it was reached in ms."""
    judge = MachineJudge(MachineSpec(**spec))
    octets = b"".join(audio(kind, ms) for kind, ms in parts)
    for number in range(len(octets) // 160):
        verdict = judge.hear(octets[number * 160 : number * 160 + 160])
        if verdict is not None:
            return verdict, (number + 1) * 20
    return judge.end(), len(octets) // 8


def test_a_hello_and_then_silence_is_a_human_being() -> None:
    verdict, at = judged(("silence", 700), ("voice", 500), ("silence", 4000))
    assert verdict is False
    assert 1900 <= at <= 2200  # 0.8 s after the word


def test_the_hum_of_a_line_is_silence_too() -> None:
    assert judged(("hum", 700), ("voice", 500), ("hum", 4000))[0] is False


def test_a_greeting_without_end_is_a_machine() -> None:
    assert judged(("silence", 300), ("voice", 6000)) == (True, 5000)
    verdict, at = judged(("silence", 300), ("voice", 6000), maximum_speech_ms=2500)
    assert verdict is True
    assert 2750 <= at <= 2850


def test_short_pauses_do_not_end_a_greeting() -> None:
    parts = [("voice", 900), ("silence", 400)] * 5
    assert judged(("silence", 300), *parts)[0] is True


def test_silence_is_a_machine_after_its_time() -> None:
    assert judged(("silence", 6000)) == (True, 4500)
    assert judged(("silence", 6000), initial_silence_ms=2000) == (True, 2000)
    assert judged(("silence", 6000), time_ms=2000, initial_silence_ms=3000) == (False, 2000)


@pytest.mark.parametrize("before", [("silence", 300), ("voice", 600)])
def test_a_beep_is_a_machine_at_once(before: tuple[str, int]) -> None:
    verdict, at = judged(before, ("silence", 300), ("beep", 1000))
    assert verdict is True
    assert at <= before[1] + 300 + 300


def test_two_tones_are_no_beep_and_clicks_are_no_words() -> None:
    assert judged(("ring", 900), ("silence", 4000))[0] is False
    assert judged(("silence", 500), ("voice", 40), ("silence", 6000)) == (True, 4500)


def test_the_time_is_over_while_somebody_speaks() -> None:
    assert judged(("silence", 1500), ("voice", 3000), time_ms=2000) == (False, 2000)
    assert judged(("voice", 3000), time_ms=2000) == (True, 2000)


def test_levels_and_tones() -> None:
    assert tuple(FROM_ULAW.tolist()) == LINEAR
    assert level_db(b"") == level_db(b"\xff" * 160) == -90.0
    assert -15.5 < level_db(audio("beep", 20)) < -15  # 8000 of 32768 and 3 dB
    assert tone_hz(audio("beep", 20)) == pytest.approx(1000, rel=0.01)
    assert tone_hz(audio("voice", 20)) is None
    assert tone_hz(b"\xff" * 160) is None
    assert not Loudness().sounds(b"")


def test_rude_words_keep_their_first_letter() -> None:
    assert masked("What the Fuck, class?") == "What the F***, class?"
