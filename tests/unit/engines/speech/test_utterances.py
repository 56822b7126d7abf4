"""Where audio is cut: nobody speaks there."""

import numpy as np

from trunkline.engines.speech.recognition.engine import RATE
from trunkline.engines.speech.recognition.utterances import spoken, utterances

AROUND = RATE * 15 // 50


def said(seconds: float) -> np.ndarray:
    at = np.arange(int(seconds * RATE))
    return (8000 * np.sin(2 * np.pi * 440 * at / RATE)).astype(np.int16)


def silence(seconds: float) -> np.ndarray:
    return np.zeros(int(seconds * RATE), np.int16)


def test_silence_around_what_is_said_is_cut() -> None:
    found = spoken(np.concatenate([silence(1), said(0.5), silence(2)]))
    assert len(found) == AROUND + RATE // 2 + AROUND
    assert not found[:AROUND].any()
    assert not found[-AROUND:].any()


def test_pauses_inside_stay() -> None:
    audio = np.concatenate([silence(1), said(0.5), silence(1), said(0.5), silence(1)])
    assert len(list(utterances(audio))) == 2
    assert len(spoken(audio)) == AROUND + 2 * RATE + AROUND


def test_little_silence_is_all_kept() -> None:
    audio = np.concatenate([silence(0.1), said(0.5), silence(0.1)])
    assert np.array_equal(spoken(audio), audio)


def test_audio_in_which_nobody_speaks_stays_whole() -> None:
    for audio in (silence(1), silence(0), said(0.02)):
        assert np.array_equal(spoken(audio), audio)
