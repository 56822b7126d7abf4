"""Signals: G.711, digits in the audio, concealment, speech."""

import numpy as np
import pytest
from numpy.typing import NDArray

from trunkline.engines.media.dsp import conceal, g711, rates
from trunkline.engines.media.dsp.dtmf import TAIL, DigitDetector, DigitState
from trunkline.engines.media.dsp.frames import FRAME, RATE
from trunkline.engines.media.dsp.speech import SpeechState, levels
from trunkline.engines.media.dsp.tones import digit_frequencies, tone

Audio = NDArray[np.int16]
KEYS = "123A456B789C*0#D"


def test_g711_golden() -> None:
    """ITU-T G.711: ends of the scales, zero, and known codes."""
    codes = np.array([0x00, 0x80, 0xFF, 0x7F, 0x8F], np.uint8)
    assert g711.FROM_ULAW[codes].tolist() == [-32124, 32124, 0, 0, 16764]
    assert g711.FROM_ALAW[np.array([0x2A, 0xAA, 0xD5, 0x55], np.uint8)].tolist() == [
        -32256, 32256, 8, -8,
    ]  # fmt: skip
    samples = np.array([0, -1, 32767, -32768, 1000], np.int16)
    assert g711.ulaw_encode(samples).tolist() == [0xFF, 0x7F, 0x80, 0x00, 0xCE]
    assert g711.alaw_encode(samples).tolist() == [0xD5, 0x55, 0xAA, 0x2A, 0xFA]


def test_g711_codes_survive_and_errors_are_small() -> None:
    codes = np.arange(256, dtype=np.uint8)
    assert (g711.alaw_encode(g711.FROM_ALAW[codes]) == codes).all()
    again = g711.ulaw_encode(g711.FROM_ULAW[codes])
    assert np.nonzero(again != codes)[0].tolist() == [0x7F]  # minus zero
    every = np.arange(65536, dtype=np.uint16).view(np.int16)
    for encode, table in (
        (g711.ulaw_encode, g711.FROM_ULAW),
        (g711.alaw_encode, g711.FROM_ALAW),
    ):
        error = np.abs(table[encode(every)].astype(int) - every)
        assert (error <= np.maximum(np.abs(every.astype(int)) / 16, 16) + 132).all()


def dialled(
    digits: str, on: float, off: float, *, level: float = -10, twist: float = 0, offset: float = 0,
    snr: float | None = None, seed: int = 1,
) -> Audio:  # fmt: skip
    pick = np.random.default_rng(seed)
    parts = [np.zeros(800 + int(pick.integers(0, 160)))]
    high = 32767 * 10 ** (level / 20)
    for digit in digits:
        row, column = digit_frequencies(digit)
        at = np.arange(int(on * 8)) / RATE
        wave = np.sin(2 * np.pi * row * (1 + offset) * at + 1)
        wave += 10 ** (twist / 20) * np.sin(2 * np.pi * column * (1 + offset) * at + 2)
        parts += [high * wave, np.zeros(int(off * 8))]
    audio = np.concatenate([*parts, np.zeros(1600)])
    if snr is not None:
        audio += pick.normal(0, high * 10 ** (-snr / 20), len(audio))
    return g711.FROM_ULAW[g711.ulaw_encode(np.clip(audio, -32768, 32767).astype(np.int16))]


def detected(audio: Audio) -> list[tuple[str, int]]:
    padded = np.concatenate([np.zeros(TAIL, np.int16), audio])
    state, detector = DigitState(), DigitDetector()
    for at in range(TAIL, len(padded) - FRAME, FRAME):
        detector.detect(padded[None, at - TAIL : at + FRAME], [state])
    return state.found


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    "line",
    [
        {"on": 100, "off": 100}, {"on": 60, "off": 60}, {"on": 40, "off": 40},
        {"on": 60, "off": 60, "offset": 0.015}, {"on": 60, "off": 60, "offset": -0.015},
        {"on": 60, "off": 60, "twist": 6}, {"on": 60, "off": 60, "twist": -6},
        {"on": 60, "off": 60, "snr": 15}, {"on": 60, "off": 60, "level": -36},
    ],
    ids=str,
)  # fmt: skip
def test_digits_are_exact(line: dict[str, float], seed: int) -> None:
    """ITU-T Q.24: 40 ms, ±1.5 %, twist, noise, low level; through G.711, at any phase."""
    typed = KEYS + "1122"
    found = detected(dialled(typed, seed=seed, **line))
    assert "".join(digit for digit, _ in found) == typed
    assert all(abs(ms - line["on"]) <= 30 for _, ms in found)


@pytest.mark.parametrize(
    "line", [{"on": 20, "off": 60}, {"on": 60, "off": 60, "offset": 0.04}], ids=str
)
def test_what_is_no_digit(line: dict[str, float]) -> None:
    """Q.24: below 23 ms or 3.5 % off it must not be one."""
    found = detected(dialled("5" * 20, **line))
    assert len(found) <= 1


def test_a_short_break_does_not_split_a_digit() -> None:
    """Q.24: a break below 10 ms is none."""
    audio = dialled("5", 200, 50).copy()
    audio[1600:1664] = 0
    assert [digit for digit, _ in detected(audio)] == ["5"]


def test_sounds_that_are_no_digits() -> None:
    pick = np.random.default_rng(5)
    at = np.arange(RATE * 20)
    noise = pick.normal(0, 5000, len(at))
    vowel = sum(np.sin(2 * np.pi * 110 * k * at / RATE) / k for k in range(1, 30)) * 5000
    glide = 9000 * np.sin(2 * np.pi * (300 + at / 80) * at / RATE)
    dial = tone((350.0, 440.0), 0, len(at), -10)
    busy = tone((480.0, 620.0), 0, len(at), -10)
    for sound in (noise, vowel, glide, dial, busy):
        clipped = np.clip(sound, -32768, 32767).astype(np.int16)
        assert detected(clipped) == []


def test_many_legs_at_once() -> None:
    calls = [dialled(key, 60, 60, seed=3) for key in KEYS]
    size = min(map(len, calls))
    stack = np.stack([np.concatenate([np.zeros(TAIL, np.int16), c[:size]]) for c in calls])
    states, detector = [DigitState() for _ in KEYS], DigitDetector()
    for at in range(TAIL, size - FRAME, FRAME):
        detector.detect(stack[:, at - TAIL : at + FRAME], states)
    assert ["".join(d for d, _ in s.found) for s in states] == list(KEYS)


def test_concealment_goes_on_with_the_pitch_and_fades() -> None:
    at = np.arange(conceal.HISTORY + 5 * FRAME)
    voice = (8000 * np.sin(2 * np.pi * 100 * at / RATE)).astype(np.int16)
    history = voice[: conceal.HISTORY]
    lag = conceal.pitch_lag(history)
    assert lag == 80
    first = conceal.conceal(history, lag, 1)
    wanted = voice[conceal.HISTORY : conceal.HISTORY + FRAME]
    assert np.abs(first.astype(int) - wanted)[:40].max() < 600
    heard, energies = history, []
    for run in range(1, 7):
        frame = conceal.conceal(heard, lag, run)
        energies.append(float((frame.astype(float) ** 2).mean()))
        heard = np.concatenate([heard[FRAME:], frame])
    assert energies == sorted(energies, reverse=True)
    assert energies[4:] == [0.0, 0.0]


def test_recovery_and_merging_make_no_clicks() -> None:
    at = np.arange(conceal.HISTORY + 2 * FRAME)
    voice = (8000 * np.sin(2 * np.pi * 100 * at / RATE)).astype(np.int16)
    history, after = voice[: conceal.HISTORY], -voice[conceal.HISTORY : conceal.HISTORY + FRAME]
    mended = conceal.recover(history, 80, 1, after)
    joined = np.concatenate([history, mended]).astype(int)
    assert np.abs(np.diff(joined)).max() < 2000
    assert (mended[40:] == after[40:]).all()
    merged = conceal.merge(voice[:FRAME], voice[FRAME : 2 * FRAME])
    assert merged[0] == voice[0]
    assert abs(int(merged[-1]) - int(voice[2 * FRAME - 1])) < 50


def test_levels() -> None:
    full = tone((1000.0,), 0, FRAME, 0.0)
    quiet = tone((1000.0,), 0, FRAME, -40.0)
    found = levels(np.stack([full, quiet, np.zeros(FRAME, np.int16)]))
    assert found.tolist() == pytest.approx([0.0, -40.0, -90.0], abs=0.2)


def changes(loudness: list[float]) -> list[tuple[str, int]]:
    state, found = SpeechState(-45.0, 300), []
    for index, level in enumerate(loudness):
        change = state.follow(level, index * 20)
        if change:
            found.append((change, index * 20))
    return found


def test_speech_begins_after_60_ms_and_ends_after_the_hangover() -> None:
    assert changes([-70.0] * 50 + [-20.0] * 50 + [-70.0] * 50) == [
        ("started", 1040),
        ("stopped", 2280),
    ]


def test_clicks_pauses_and_steady_noise_are_no_speech() -> None:
    assert changes([-70.0] * 50 + [-10.0] * 2 + [-70.0] * 50) == []
    spoken = [-20.0] * 30 + [-60.0] * 10
    assert [c for c, _ in changes([-70.0] * 20 + spoken * 5)] == ["started"]
    noisy = changes([-40.0] * 3000)  # the floor rises to where the noise is
    assert [c for c, _ in noisy] == ["started", "stopped"]
    assert noisy[-1][1] < 5000


@pytest.mark.parametrize("factor", [2, 3])
@pytest.mark.parametrize("frequency", [300, 1000, 3000])
def test_rates_change_without_loss_and_chunk_by_chunk(factor: int, frequency: int) -> None:
    at = np.arange(RATE)
    wave = (8000 * np.sin(2 * np.pi * frequency * at / RATE)).astype(np.int16)
    up, down = rates.Upsampler(factor), rates.Downsampler(factor)
    frames = [up.convert(frame) for frame in wave.reshape(-1, FRAME)]
    assert {len(frame) for frame in frames} == {FRAME * factor}
    higher = np.concatenate(frames)
    back = np.concatenate([down.convert(chunk) for chunk in np.array_split(higher, 37)])
    assert len(back) == len(wave)
    delay = 32  # of both filters
    error = back[delay:].astype(int) - wave[: len(wave) - delay]
    assert np.abs(error[100:]).max() < 8000 * 0.05
    assert len(down.convert(np.zeros(0, np.int16))) == 0


@pytest.mark.parametrize("factor", [2, 3])
def test_what_8_khz_cannot_hold_is_filtered_out(factor: int) -> None:
    at = np.arange(RATE * factor)
    high = (8000 * np.sin(2 * np.pi * 5500 * at / (RATE * factor))).astype(np.int16)
    assert np.abs(rates.Downsampler(factor).convert(high)[100:]).max() < 8
    low = (8000 * np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE)).astype(np.int16)
    spectrum = np.abs(np.fft.rfft(rates.Upsampler(factor).convert(low)[800:]))
    hz = np.fft.rfftfreq((RATE * factor) - 800, 1 / (RATE * factor))
    assert spectrum[hz > 4500].max() < spectrum.max() / 1000
