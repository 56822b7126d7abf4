"""The length of audio that nobody finished."""

import wave
from pathlib import Path

import pytest

from trunkline.voice.recordings.audio import duration_ms


@pytest.fixture
def cut_wav(tmp_path: Path) -> Path:
    path = tmp_path / "a.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(4 * 8000 * 3))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) - 4 * 8000])  # its head still says 3 s
    return path


def test_a_wav_that_was_cut_off(cut_wav: Path) -> None:
    assert duration_ms(cut_wav) == 2000


def mp3(seconds: float, head: bytes = b"", *, version_2: bool = False) -> bytes:
    # MPEG 1 layer III, 64 kbit/s, 32 kHz: frames of 288 octets, 36 ms; MPEG 2, 16 kbit/s likewise
    frame = b"\xff\xf3\x28\xc4" if version_2 else b"\xff\xfb\x58\xc4"
    size = int(seconds * (2_000 if version_2 else 8_000))
    return head + frame + bytes(size - 4)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (mp3(5), 5000),
        (mp3(5, version_2=True), 5000),
        (mp3(5, b"ID3\x04\x00\x00\x00\x00\x01\x00" + bytes(128)), 5000),
        (b"", 0),
        (b"RIFF", 0),
        (b"RIFF\0\0\0\0WAVEdata\0\0\0\0" + bytes(100), 0),
        (b"RIFF\0\0\0\0WAVEfmt \xff\xff\xff\xff", 0),
        (b"nothing of the kind", 0),
        (b"\xff" * 10, 0),
        (b"ID3\xff\xff\xff", 0),
    ],
)
def test_an_mp3_and_rubbish(body: bytes, expected: int, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(body)
    found = duration_ms(path)
    # With a tag before it the tag's octets count too: 138 of them are 17 ms.
    assert expected <= found <= expected + 20
