"""Audio streams between a leg and an application, over real WebSockets."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from hashlib import sha1
from itertools import pairwise

import numpy as np
import pytest
from media_rig import sine
from picows import WSMsgType
from stream_rig import StreamRig, spectrum_peak

from trunkline.engines.http.guard import AddressPolicy
from trunkline.engines.media.dsp.g711 import FROM_ULAW, ulaw_encode
from trunkline.engines.websocket import Dialler
from trunkline.voice.streams.stream import Around
from trunkline.voice.streams.streamer import Streamer
from trunkline.voice.telephony import Refused

Serve = Callable[..., Awaitable[str]]
MULAW = "audio/x-mulaw;rate=8000"
UPGRADE = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: %s\r\n\r\n"
)


def played(frequency: float, seconds: float = 1.0) -> str:
    octets = ulaw_encode(sine(frequency, int(seconds * 8000))).tobytes()
    return base64.b64encode(octets).decode()


async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer the upgrade as RFC 6455 4.2.2 says."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    fields = (line.partition(": ") for line in head.splitlines())
    key = next(value for name, _, value in fields if name.lower() == "sec-websocket-key")
    digest = sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()
    writer.write(UPGRADE % base64.b64encode(digest))
    await writer.drain()


# --- what the application is told ----------------------------------------------------------------


async def test_start_says_what_is_streamed(rig: StreamRig) -> None:
    application = await rig.started(
        content_type=MULAW, track="both", account_id="MA1", extra_headers="a=1,b=two"
    )
    start = application.of("start")[0]
    assert start["sequenceNumber"] == 0
    assert start["start"] == {
        "callId": rig.leg.uuid,
        "streamId": "s-1",
        "accountId": "MA1",
        "tracks": ["inbound", "outbound"],
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000},
    }
    assert json.loads(start["extra_headers"]) == {"a": "1", "b": "two"}
    assert (await rig.hears("StartStream")).stream_id == "s-1"


async def test_the_upgrade_carries_the_headers_and_the_whole_url(rig: StreamRig) -> None:
    application, url = await rig.application()
    signed = (("X-Plivo-Signature-V3", "abc="), ("X-Plivo-Signature-V3-Nonce", "n1"))
    await rig.stream(url, headers=signed)
    await application.hears("start")
    assert application.headers["x-plivo-signature-v3"] == "abc="
    assert application.headers["x-plivo-signature-v3-nonce"] == "n1"
    assert application.path == "/audio?x=1"


@pytest.mark.parametrize(
    ("content_type", "rate"),
    [(MULAW, 8000), ("audio/x-l16;rate=8000", 8000), ("audio/x-l16;rate=16000", 16000)],
)
async def test_what_the_caller_says_arrives(rig: StreamRig, content_type: str, rate: int) -> None:
    application = await rig.started(content_type=content_type)
    rig.speak(60, 700.0)
    media = await application.hears("media", 50)
    assert [one["sequenceNumber"] for one in media] == list(range(1, len(media) + 1))
    assert [one["media"]["chunk"] for one in media] == list(range(1, len(media) + 1))
    assert {one["media"]["track"] for one in media} == {"inbound"}
    times = [int(one["media"]["timestamp"]) for one in media]
    assert times[0] >= 1_700_000_000_000
    assert {after - before for before, after in pairwise(times)} == {20}
    octets = b"".join(base64.b64decode(one["media"]["payload"]) for one in media[10:])
    if "mulaw" in content_type:
        audio = FROM_ULAW[np.frombuffer(octets, np.uint8)]
    else:
        audio = np.frombuffer(octets, "<i2")
    width = 1 if "mulaw" in content_type else 2
    assert {len(one["media"]["payload"]) for one in media} == {
        len(base64.b64encode(bytes(rate // 50 * width)))
    }
    assert abs(spectrum_peak(audio, rate) - 700) < 10


async def test_both_tracks_are_told_apart(rig: StreamRig) -> None:
    application = await rig.started(content_type=MULAW, track="both")
    rig.speak(20, 500.0)
    media = await application.hears("media", 40)
    assert {one["media"]["track"] for one in media} == {"inbound", "outbound"}
    assert [one["media"]["chunk"] for one in media if one["media"]["track"] == "outbound"][:3] == [
        1,
        2,
        3,
    ]


async def test_keys_are_told(rig: StreamRig) -> None:
    application = await rig.started()
    next(iter(rig.leg.taps.values())).pressed("5")
    digit = (await application.hears("dtmf"))[0]
    assert digit["streamId"] == "s-1"
    assert digit["dtmf"] == {"digit": "5", "track": "inbound", "timestamp": "1700000000000"}


# --- what the application wants ------------------------------------------------------------------


async def test_audio_is_played_and_its_end_is_told(rig: StreamRig) -> None:
    application = await rig.started(bidirectional=True, content_type=MULAW)
    for rate in (8000, "8000"):
        application.say(
            event="playAudio",
            media={"contentType": "audio/x-mulaw", "sampleRate": rate, "payload": played(900, 0.5)},
        )
    application.say(event="checkpoint", streamId="s-1", name="greeting")
    await rig.settle()
    rig.tick(45)
    await rig.settle()
    assert application.of("playedStream") == []  # it lasts a second
    rig.tick(15)
    done = await application.hears("playedStream")
    assert (done[0]["name"], done[0]["streamId"]) == ("greeting", "s-1")
    heard = rig.leg.peer.audio()
    assert abs(spectrum_peak(heard[800:7200]) - 900) < 10


async def test_linear_audio_of_16_khz_is_played(rig: StreamRig) -> None:
    application = await rig.started(bidirectional=True, content_type="audio/x-l16;rate=16000")
    samples = (8000 * np.sin(2 * np.pi * 600 * np.arange(16000) / 16000)).astype("<i2")
    for piece in np.split(samples, 10):
        payload = base64.b64encode(piece.tobytes()).decode()
        media = {"contentType": "audio/x-l16", "sampleRate": 16000, "payload": payload}
        application.say(event="playAudio", media=media)
    await rig.settle()
    rig.tick(40)
    assert abs(spectrum_peak(rig.leg.peer.audio()[800:6000]) - 600) < 10


async def test_what_is_cleared_is_not_heard_nor_told(rig: StreamRig) -> None:
    application = await rig.started(bidirectional=True, content_type=MULAW)
    application.say(
        event="playAudio",
        media={"contentType": "audio/x-mulaw", "sampleRate": 8000, "payload": played(900, 3)},
    )
    application.say(event="checkpoint", streamId="s-1", name="never")
    application.say(event="clearAudio", streamId="s-1")
    assert (await application.hears("clearedAudio"))[0]["streamId"] == "s-1"
    rig.tick(200)
    await rig.settle()
    assert application.of("playedStream") == []
    assert np.abs(rig.leg.peer.audio().astype(int)).max(initial=0) < 50


async def test_keys_are_sent(rig: StreamRig) -> None:
    application = await rig.started()
    application.say(event="sendDTMF", dtmf="12#w3")
    await rig.settle()
    assert rig.leg.digits == ["12#w3"]


async def test_too_much_audio_is_refused_and_told(rig: StreamRig) -> None:
    application = await rig.started(bidirectional=True, content_type=MULAW)
    for _ in range(14):
        application.say(
            event="playAudio",
            media={"contentType": "audio/x-mulaw", "sampleRate": 8000, "payload": played(900, 5)},
        )
    failed = await application.hears("playFailed")
    reason = "buffer_overflow: 60 s of audio wait to be played already"
    assert failed[0]["reason"] == reason
    assert rig.streams[0].over is False


async def test_a_one_way_stream_plays_nothing(rig: StreamRig) -> None:
    application = await rig.started(content_type=MULAW)
    application.say(
        event="playAudio",
        media={"contentType": "audio/x-mulaw", "sampleRate": 8000, "payload": played(900)},
    )
    assert "not bidirectional" in (await application.hears("error"))[0]["reason"]


RUBBISH = (
    "", "null", "[]", "{}", '{"event":1}', '{"event":"dance"}', '{"event":"playAudio"}',
    '{"event":"playAudio","media":{"payload":"%%%"}}', '{"event":"checkpoint"}',
    '{"event":"playAudio","media":{"contentType":"video/mp4","payload":""}}',
    '{"event":"playAudio","media":{"contentType":"audio/x-l16","sampleRate":8000,"payload":"AAAA"}}',
    '{"event":"playAudio","media":{"sampleRate":44100,"payload":"AA=="}}',
    '{"event":"sendDTMF","dtmf":"hello"}', '{"event":"sendDTMF"}', "\ud83d", '"' * 1000, "[" * 5000,
)  # fmt: skip


async def test_rubbish_is_answered_and_the_stream_goes_on(rig: StreamRig) -> None:
    application = await rig.started(bidirectional=True, content_type=MULAW)
    assert application.transport is not None
    for text in RUBBISH:
        octets = text.encode(errors="surrogatepass")
        application.transport.send(WSMsgType.TEXT, octets)
    errors = await application.hears("error", len(RUBBISH))
    assert all(one["reason"] for one in errors)
    application.say(event="checkpoint", name="alive")
    await rig.settle()
    rig.tick(2)
    assert await application.hears("playedStream")


async def test_who_sends_nothing_but_rubbish_is_left(rig: StreamRig) -> None:
    application = await rig.started(bidirectional=True)
    for _ in range(60):
        application.say(event="nonsense")
    assert (await rig.hears("StopStream")).reason == "Protocol error"


# --- how streams end -----------------------------------------------------------------------------


async def test_the_call_ends(rig: StreamRig) -> None:
    application = await rig.started()
    rig.leg.end()
    assert (await rig.hears("StopStream")).reason == "Call hangup"
    assert (await application.hears("stop"))[0]["reason"] == "Call hangup"
    await asyncio.wait_for(application.closed.wait(), 10)
    assert [one.what for one in rig.told] == ["StartStream", "StopStream"]


async def test_the_stream_is_ended(rig: StreamRig) -> None:
    application = await rig.started()
    await rig.streams[0].close()
    assert rig.told[-1].what == "StopStream"
    assert rig.told[-1].reason == "API request"
    assert rig.streams[0].over
    assert await application.hears("stop")


async def test_the_time_of_a_stream_is_over(rig: StreamRig) -> None:
    await rig.started(timeout_s=60.0)
    rig.clock.advance(61)
    assert (await rig.hears("StopStream")).reason == "Stream timeout"


async def test_the_application_goes(rig: StreamRig) -> None:
    application = await rig.started()
    assert application.transport is not None
    application.transport.send_close()
    application.transport.disconnect()
    assert (await rig.hears("StopStream")).reason == "Connection closed"
    assert [one.what for one in rig.told] == ["StartStream", "StopStream"]


async def test_the_connection_breaks(rig: StreamRig) -> None:
    application = await rig.started()
    assert application.transport is not None
    application.transport.underlying_transport.abort()
    assert (await rig.hears("StopStream")).reason == "Connection error"
    assert [one.what for one in rig.told] == ["StartStream", "DroppedStream", "StopStream"]


# --- servers that are dead, slow or rude ---------------------------------------------------------


async def tries(rig: StreamRig) -> None:
    """Let time pass until the stream has given up."""
    async with asyncio.timeout(20):
        while not rig.streams[0].over:
            rig.clock.advance(1)
            await asyncio.sleep(0.02)


async def test_nobody_there(rig: StreamRig, serve: Serve) -> None:
    asked = 0

    async def slam(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        writer.transport.abort()

    await rig.stream(await serve(slam))
    await tries(rig)
    assert asked == 3  # PLIVO streams: connect tried 3 times in all
    assert [one.what for one in rig.told] == ["DroppedStream", "StopStream"]
    assert "connection_failed" in rig.told[-1].reason


@pytest.mark.parametrize(
    ("status", "reason", "times"),
    [
        ("401 Unauthorized", "authentication_failed", 1),
        ("404 Not Found", "connection_failed", 1),
        ("302 Found\r\nLocation: ws://127.0.0.1:1/", "connection_failed", 3),
        ("503 Busy", "connection_failed", 3),
        ("101 Switching Protocols", "connection_failed: There is no WebSocket at ws://", 3),
    ],
)
async def test_an_upgrade_that_is_refused(
    rig: StreamRig, serve: Serve, status: str, reason: str, times: int
) -> None:
    asked = 0

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()

    await rig.stream(await serve(refuse))
    await tries(rig)
    assert asked == times
    assert rig.told[-1].reason.startswith(reason)


async def test_a_port_where_nobody_listens(rig: StreamRig) -> None:
    await rig.stream("ws://127.0.0.1:1/audio")
    await tries(rig)
    assert "No connection to ws://127.0.0.1:1: " in rig.told[-1].reason


async def test_a_server_that_never_answers_the_upgrade(rig: StreamRig, serve: Serve) -> None:
    async def stare(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    rig.streamer = Streamer(Around(rig.dialler, rig.clock, connect_s=0.2))
    await rig.stream(await serve(stare))
    await tries(rig)
    assert "in time" in rig.told[-1].reason


@pytest.mark.parametrize(
    "octets",
    [
        b"\x83\x00",  # an opcode that does not exist
        b"\x80\x01a",  # a continuation of nothing
        b"\x01\x01a\x81\x01b",  # a message within another
        b"\x81\x7f" + (1 << 40).to_bytes(8, "big"),  # a message of 1 TiB
        b"\x01\xfe\xff\xff" * 3,
        b"HTTP/1.1 200 OK\r\n\r\n",
    ],
)
async def test_frames_against_the_rules_end_the_stream(
    rig: StreamRig, serve: Serve, octets: bytes
) -> None:
    async def rude(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept(reader, writer)
        await reader.read(10)
        writer.write(octets)
        await writer.drain()
        await reader.read()

    await rig.stream(await serve(rude))
    stop = await rig.hears("StopStream")
    assert stop.reason == "Connection error"


async def test_who_breaks_the_rules_has_not_left_by_saying_goodbye_afterwards(
    rig: StreamRig, serve: Serve
) -> None:
    async def rude(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept(reader, writer)
        await reader.read(10)
        writer.write(b"\x81\x7f" + (70_000).to_bytes(8, "big") + b" " * 70_000)
        await reader.readuntil(b"\x88")  # RFC 6455 5.5.1: a close is answered by one
        writer.write(b"\x88\x02\x03\xe8")
        await reader.read()

    await rig.stream(await serve(rude))
    assert (await rig.hears("StopStream")).reason == "Connection error"
    assert [one.what for one in rig.told] == ["StartStream", "DroppedStream", "StopStream"]


async def test_a_slow_server_loses_the_oldest_audio_and_never_holds_up_the_call(
    rig: StreamRig, serve: Serve
) -> None:
    wake = asyncio.Event()
    taken: list[bytes] = []

    async def sleepy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept(reader, writer)
        await wake.wait()
        while octets := await reader.read(1 << 16):
            taken.append(octets)

    await rig.stream(await serve(sleepy), content_type="audio/x-l16;rate=24000")
    await rig.hears("StartStream")
    for _ in range(160):  # 80 s of 64 KB/s
        rig.speak(25, 440.0)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    await rig.hears("DegradedStream")
    levels = [one.reason for one in rig.told if one.what == "DegradedStream"]
    assert levels[0] == "The buffer is 30 % full"
    tap = next(iter(rig.leg.taps.values()))
    assert tap.dropped == 0  # the stream took all in time, whatever became of it
    wake.set()
    await rig.settle()
    assert taken
    await rig.streams[0].close()


async def test_a_server_that_says_no_goodbye_is_left_soon(rig: StreamRig, serve: Serve) -> None:
    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept(reader, writer)
        await asyncio.sleep(30)

    await rig.stream(await serve(deaf))
    await rig.hears("StartStream")
    began = asyncio.get_running_loop().time()
    await rig.streams[0].close()
    assert asyncio.get_running_loop().time() - began < 10


# --- what is refused at once ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "spec", "reason"),
    [
        ("http://127.0.0.1/", {}, "ws://"),
        ("ws://", {}, "host"),
        ("ws://a\r\nb/", {}, "control characters"),
        ("ws://127.0.0.1/", {"content_type": "audio/mpeg"}, "contentType"),
        ("ws://127.0.0.1/", {"content_type": "audio/x-mulaw;rate=16000"}, "8000"),
        ("ws://127.0.0.1/", {"track": "sideways"}, "audioTrack"),
        ("ws://127.0.0.1/", {"track": "both", "bidirectional": True}, "inbound"),
    ],
)
async def test_what_cannot_be_streamed_is_refused(
    rig: StreamRig, url: str, spec: dict[str, object], reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        await rig.stream(url, **spec)
    assert rig.told == []


async def test_addresses_are_guarded_as_those_of_callbacks(rig: StreamRig) -> None:
    _, url = await rig.application()
    guarded = Dialler(AddressPolicy())
    rig.streamer = Streamer(Around(guarded, rig.clock))
    await rig.stream(url)
    await tries(rig)
    assert "not a public address" in rig.told[-1].reason
    await guarded.close()
