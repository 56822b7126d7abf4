"""Sounds by URL: fetched once, asked for again by their validators, and what cannot be had."""

import asyncio
import io
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from trunkline.engines.http.guard import AddressPolicy
from trunkline.runtime.clock import ControlledClock
from trunkline.voice.switch import SoundSource, Unheard
from trunkline.voice.switch.audio.kept import Kept, KeptSounds
from trunkline.voice.telephony import File, Speech

WAV = b"RIFF\x24\0\0\0WAVEfmt "
MP3 = b"ID3\x03" + bytes(60)
LOCAL = AddressPolicy(allow_loopback=True)


class Web:
    """Answers each request by `answer(head)`; keeps the heads."""

    def __init__(self) -> None:
        self.heads: list[str] = []
        self.answer: Callable[[str], bytes] = lambda head: reply(200, WAV)

    async def start(self) -> None:
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self.server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/a.wav"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        self.heads.append(head)
        writer.write(self.answer(head))
        writer.close()

    async def close(self) -> None:
        self.server.close()
        await self.server.wait_closed()


def reply(status: int, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


@pytest.fixture
async def web() -> AsyncIterator[Web]:
    made = Web()
    await made.start()
    yield made
    await made.close()


@pytest.fixture
async def source(tmp_path: Path, clock: ControlledClock) -> AsyncIterator[SoundSource]:
    made = SoundSource(tmp_path / "sounds", LOCAL, clock)
    yield made
    await made.close()


async def test_a_file_is_asked_for_again_by_its_validators(web: Web, source: SoundSource) -> None:
    changed = [reply(200, WAV + b"1", 'ETag: "1"', "Last-Modified: Sun, 22 Nov 2026 09:00:00 GMT")]
    web.answer = lambda head: changed[0] if "If-None-Match" not in head else reply(304)
    first = await source.path_of(File(web.url))
    assert await source.path_of(File(web.url)) == first
    assert 'if-none-match: "1"' in web.heads[1].lower()
    assert "if-modified-since: sun, 22 nov 2026 09:00:00 gmt" in web.heads[1].lower()
    web.answer = lambda head: reply(200, WAV + b"2", 'ETag: "2"')
    second = await source.path_of(File(web.url))
    # The file that may be playing is still what it was.
    assert (first.read_bytes(), second.read_bytes()) == (WAV + b"1", WAV + b"2")
    assert (source.counters.fetched, source.counters.unchanged) == (2, 1)


async def test_what_is_fresh_is_not_asked_for(
    web: Web, source: SoundSource, clock: ControlledClock
) -> None:
    web.answer = lambda head: reply(200, MP3, "Cache-Control: public, max-age=60")
    path = await source.path_of(File(web.url))
    assert path.suffix == ".mp3"
    clock.advance(59)
    await source.path_of(File(web.url))
    assert len(web.heads) == 1
    clock.advance(2)
    await source.path_of(File(web.url))
    assert len(web.heads) == 2


async def test_what_is_kept_serves_while_its_source_is_gone(web: Web, source: SoundSource) -> None:
    path = await source.path_of(File(web.url))
    web.answer = lambda head: reply(503)
    assert await source.path_of(File(web.url)) == path
    path.unlink()
    with pytest.raises(Unheard, match="503"):
        await source.path_of(File(web.url))


async def test_what_is_kept_does_not_serve_for_what_was_taken_away(
    web: Web, source: SoundSource
) -> None:
    path = await source.path_of(File(web.url))
    for answer in (reply(404), reply(410), reply(403), reply(200, b"<html>moved</html>")):
        web.answer = lambda head, answer=answer: answer
        with pytest.raises(Unheard):  # RFC 9111 4.3.3
            await source.path_of(File(web.url))
    web.answer = lambda head: b""  # the connection breaks
    assert await source.path_of(File(web.url)) == path


async def test_an_mp3_put_together_is_kept_with_its_whole_length(
    web: Web, source: SoundSource
) -> None:
    made = io.BytesIO()
    at = np.arange(44_100) / 44_100
    soundfile.write(made, np.sin(2 * np.pi * 440 * at) / 4, 44_100, format="MP3")
    web.answer = lambda head: reply(200, made.getvalue() * 3)
    path = await source.path_of(File(web.url))
    assert 3.0 <= soundfile.info(path).duration < 3.2


async def test_who_comes_meanwhile_waits_for_the_same_answer(web: Web, source: SoundSource) -> None:
    web.answer = lambda head: reply(200, WAV, "Cache-Control: max-age=60")
    paths = await asyncio.gather(*(source.path_of(File(web.url)) for _ in range(10)))
    assert len(set(paths)) == 1
    assert len(web.heads) == 1


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (reply(404), "404"),
        (reply(200, b"<html>not here</html>"), "neither WAV nor MP3"),
        (reply(200), "neither"),
        (reply(200, WAV + bytes(10_000_000)), "larger"),
        (reply(302, b"", "Location: /a.wav"), "redirects"),
        (b"rubbish\r\n\r\n", "HTTP"),
    ],
    ids=["missing", "page", "empty", "large", "circle", "rubbish"],
)
async def test_what_is_no_sound_is_told(
    web: Web, source: SoundSource, answer: bytes, said: str
) -> None:
    web.answer = lambda head: answer
    with pytest.raises(Unheard, match=said):
        await source.path_of(File(web.url))


async def test_loopback_is_for_local_mode_alone(web: Web, tmp_path: Path) -> None:
    source = SoundSource(tmp_path, AddressPolicy(), ControlledClock())
    for url in (web.url, "file:///etc/passwd", "ftp://127.0.0.1/a.wav", "http://"):
        with pytest.raises(Unheard):
            await source.path_of(File(url))
    assert web.heads == []
    await source.close()


async def test_speech_is_the_synthesisers(tmp_path: Path, source: SoundSource) -> None:
    with pytest.raises(Unheard):
        await source.path_of(Speech("hello"))

    class Voice:
        async def speak(self, speech: Speech) -> Path:
            return tmp_path / f"{speech.text}.wav"

    speaking = SoundSource(tmp_path, LOCAL, ControlledClock(), Voice())
    assert (await speaking.path_of(Speech("hello"))).name == "hello.wav"
    await speaking.close()


def test_what_was_not_used_for_longest_goes_first(tmp_path: Path) -> None:
    kept = KeptSounds(tmp_path, 700)
    paths = []
    for number in range(70):
        path = kept.put(WAV[:9] + b"%03d" % number + bytes(88), ".wav")
        os.utime(path, (number, number))
        kept.note(f"http://x/{number}", Kept(path))
        paths.append(path)
    # 64 are spared whatever they weigh.
    assert [path.exists() for path in paths] == [False] * 6 + [True] * 64
    assert kept.find("http://x/0") is None
    assert kept.find("http://x/69") is not None


def test_a_note_that_was_cut_off_counts_as_none(tmp_path: Path) -> None:
    kept = KeptSounds(tmp_path, 1 << 20)
    kept.note("http://x/", Kept(kept.put(WAV, ".wav"), "e"))
    (note,) = tmp_path.glob("*.json")
    note.write_bytes(note.read_bytes()[:7])
    assert kept.find("http://x/") is None
