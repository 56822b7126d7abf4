"""MP3 files that say less than they have, as the decoder reads them."""

import io

import lameenc
import numpy as np
import pytest
import soundfile

from trunkline.voice.switch.audio.mpeg import mended
from trunkline.voice.switch.audio.source import suffix_of

RATES = [8000, 11_025, 16_000, 24_000, 32_000, 44_100, 48_000]


def sine(rate: int, seconds: float = 2.0) -> np.ndarray:
    at = np.arange(round(seconds * rate)) / rate
    return np.round(8000 * np.sin(2 * np.pi * 700 * at)).astype(np.int16)


def lame(rate: int, channels: int = 1, **how: int) -> bytes:
    """Encode two seconds; LAME writes no Xing tag here."""
    encoder = lameenc.Encoder()
    encoder.set_in_sample_rate(rate)
    encoder.set_channels(channels)
    encoder.silence()
    for name, value in how.items():
        getattr(encoder, f"set_{name}")(value)
    return bytes(encoder.encode(np.repeat(sine(rate), channels).tobytes()) + encoder.flush())


def tagged(rate: int, channels: int = 1) -> bytes:
    """Encode two seconds, with a tag that tells their length."""
    made = io.BytesIO()
    soundfile.write(made, np.stack([sine(rate)] * channels, axis=1), rate, format="MP3")
    assert b"Xing" in made.getvalue() or b"Info" in made.getvalue()
    return made.getvalue()


def id3(size: int) -> bytes:
    sizes = [size >> shift & 0x7F for shift in (21, 14, 7, 0)]
    return b"ID3\x03\0\0" + bytes(sizes) + b"\xff" * size


def heard(body: bytes) -> float:
    """Return seconds of sound, which must be the sine."""
    audio, rate = soundfile.read(io.BytesIO(body), always_2d=True)
    spectrum = np.abs(np.fft.rfft(audio[:, 0]))
    assert abs(np.fft.rfftfreq(len(audio), 1 / rate)[spectrum.argmax()] - 700) < 2
    return len(audio) / rate


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate", RATES)
def test_a_varying_bit_rate_without_a_tag_is_heard_whole(rate: int, channels: int) -> None:
    body = lame(rate, channels, vbr=4)
    assert soundfile.info(io.BytesIO(body)).duration < 1.9  # what the decoder guesses
    assert 2.0 <= heard(mended(body)) < 2.2


@pytest.mark.parametrize(
    ("rate", "channels"), [*((rate, 1) for rate in RATES), (24_000, 2), (44_100, 2)]
)
def test_files_put_together_are_heard_to_the_end(rate: int, channels: int) -> None:
    body = tagged(rate, channels)
    assert soundfile.info(io.BytesIO(body * 3)).duration < 2.1
    assert 6.0 <= heard(mended(body * 3)) < 6.5


@pytest.mark.parametrize("between", [id3(5000), b"TAG" + bytes(125), b"\xff\xfb" * 300])
def test_what_lies_between_is_passed_over(between: bytes) -> None:
    body = id3(200_000) + tagged(44_100) + between + tagged(44_100)
    assert 4.0 <= heard(mended(body)) < 4.2


@pytest.mark.parametrize("rate", RATES)
def test_what_is_told_rightly_stays_as_it_is(rate: int) -> None:
    for body in (tagged(rate), lame(rate, bit_rate=32), id3(100) + tagged(rate)):
        assert mended(body) is body


@pytest.mark.parametrize("stray", [bytes(1), bytes(3000), id3(100) + bytes(100_000)], ids=len)
def test_what_lies_before_is_passed_over(stray: bytes) -> None:
    body = stray + tagged(44_100)
    assert suffix_of(body) == ".mp3"
    assert 2.0 <= heard(mended(body)) < 2.1


@pytest.mark.parametrize("stray", [bytes(3000), b"LYRICSBEGIN" + b"la" * 2000], ids=["0", "words"])
def test_what_lies_behind_costs_no_sound(stray: bytes) -> None:
    whole = lame(44_100, bit_rate=64)
    with pytest.raises(soundfile.LibsndfileError):
        heard(whole + stray)
    assert 2.0 <= heard(mended(whole + stray)) < 2.1
    assert 4.0 <= heard(mended(whole + stray + whole)) < 4.2


def test_rubbish_stays_as_it_is() -> None:
    whole = tagged(44_100)
    for body in (
        b"", b"ID3", b"\xff\xfb", b"\xff" * 1_000_000, b"\xff\xfb\x90\0" * 250_000, b"\0" * 1000,
        id3(2000)[:30], whole[:100], np.random.default_rng(0).bytes(100_000),
    ):  # fmt: skip
        assert mended(body) is body


def test_a_last_frame_that_was_cut_off_is_left_out() -> None:
    body = (tagged(44_100) * 2)[:-50]
    assert 3.9 <= heard(mended(body)) < 4.2
