"""WAV files whose writer could not tell their length, as the decoder reads them."""

import io
import struct

import numpy as np
import pytest
import soundfile

from trunkline.voice.switch.audio.riff import mended

LIST = b"LIST\x1a\0\0\0INFOISFT\x0e\0\0\0Lavf58.29.100\0"


def wav(length: int | None, *, form: int = 0, before: bytes = b"", after: bytes = b"") -> bytes:
    """Write a second of a sine; `length` is said to be that of the audio, None: what it is."""
    audio = np.round(8000 * np.sin(2 * np.pi * 700 * np.arange(8000) / 8000)).astype("<i2")
    octets = audio.tobytes()
    told = len(octets) if length is None else length
    return b"".join((
        b"RIFF", struct.pack("<I", form), b"WAVE",
        b"fmt ", struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16_000, 2, 16), before,
        b"data", struct.pack("<I", told), octets, after,
    ))  # fmt: skip


def seconds(body: bytes) -> float:
    audio, rate = soundfile.read(io.BytesIO(body))
    return len(audio) / rate


@pytest.mark.parametrize("before", [b"", LIST, b"odd \3\0\0\0abc\0"])
@pytest.mark.parametrize("form", [0, 36, 0xFFFFFFFF])
def test_audio_without_a_length_goes_to_the_end(form: int, before: bytes) -> None:
    body = wav(0, form=form, before=before)
    assert seconds(body) == 0
    assert seconds(mended(body)) == 1.0


@pytest.mark.parametrize(
    "body",
    [
        wav(None), wav(None, form=16_036, after=LIST), wav(0xFFFFFFFF, form=0xFFFFFFFF),
        wav(0x7FFFFFFF), wav(100_000), wav(1000),
    ],
)  # fmt: skip
def test_what_tells_a_length_stays_as_it_is(body: bytes) -> None:
    assert mended(body) is body
    assert seconds(body) > 0


def test_no_audio_stays_none() -> None:
    head = wav(0)[:44]
    for body in (head, head + LIST, head[:40], head[:12], b"RIFF", b""):
        assert mended(body) is body
