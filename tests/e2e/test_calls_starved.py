"""A call whose media process gets no CPU for a moment, a second, and five and a half of them."""

import io
import os
import signal
import threading
import wave
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import requests
from e2e_loop import BackgroundLoop
from e2e_phone import Phone, far_phone
from e2e_program import Program
from e2e_sink import Answer, Sink
from e2e_stream import StreamServer
from e2e_waiting import until
from impaired import BadNetwork, Impairment
from talker import TICK_S, Script, Talker, audio_of, marks_ms

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

STOPS = ((2.0, 0.2), (3.5, 1.0), (5.5, 5.5))  # when, for how long; seconds of the phone
KEYS = "0123456789*#1199" * 3
FIRST, EACH = 40, 11  # ticks of 20 ms: the last key comes after all stops
MARKS = (45, 640)
PRESSED = "15#"  # by the program, while it stands still


@pytest.fixture
def streamed(loop: BackgroundLoop) -> Iterator[StreamServer]:
    server = StreamServer(loop).start()
    yield server
    server.stop()


def test_a_media_process_without_cpu(
    launch: Callable[..., Program], sink: Sink, loop: BackgroundLoop, streamed: StreamServer
) -> None:
    program = launch()
    # A relay that only delays, without disorder.
    network = BadNetwork(Impairment(loss=0.0, copies=0.0, delay_s=0.005, jitter_s=0.0))
    line = network.line()
    talker = Talker(line, Script(KEYS, FIRST, EACH, marks=frozenset(MARKS)))
    phone = _phone(program, sink, loop, streamed, (line.host, line.port))
    api, asked = program.api(), ThreadPoolExecutor(1)
    try:
        call = phone.dial("14155550123")
        until(lambda: call.answered, "the answer")
        until(lambda: streamed.of("start"), "the stream")
        line.aim(*audio_of(call.sdp))
        talker.start()
        (live,) = api.get("Call/", status="live")["calls"]
        media = _media_pid(program.pid)
        for at_s, length_s in STOPS:
            until(lambda at_s=at_s: talker.ticks * TICK_S >= at_s, "its turn")
            os.kill(media, signal.SIGSTOP)
            try:
                if length_s == 1.0:
                    pressed = asked.submit(api.post, f"Call/{live}/DTMF/", digits=PRESSED)
                threading.Event().wait(length_s)
            finally:
                os.kill(media, signal.SIGCONT)
        assert pressed.result(10).status == 202
        until(lambda: talker.ticks > MARKS[1] + 25, "all that is said")
        assert not call.over, call.cause
        until(lambda: sink.at("/digits"), "the keys")
        frames = len(streamed.of("media"))
        until(lambda: len(streamed.of("media")) > frames + 20, "the stream's audio")
        phone.hang_up(call)
        until(lambda: sink.at("/recorded"), "the recording")
    finally:
        talker.stop()
        phone.stop()
        network.close()
        asked.shutdown()
    # every key, once and in order, and those that were asked for meanwhile
    (typed,) = sink.at("/digits")
    assert typed.params["Digits"] == KEYS
    assert talker.heard_keys == PRESSED
    # one stream, whose time goes on
    assert len(streamed.of("start")) == 1
    stamps = [int(one["media"]["timestamp"]) for one in streamed.of("media")]
    assert stamps == sorted(stamps)
    assert stamps[-1] - stamps[0] >= (MARKS[1] - 20) * 20
    # a recording as long as what it is of
    (kept,) = sink.at("/recorded")
    began, ended = marks_ms(_said(kept.params["RecordUrl"]))
    off_ms = abs(ended - began - (MARKS[1] - MARKS[0]) * 20)
    assert off_ms <= 120 + talker.latest_s * 1000  # on a busy machine the phone is late itself
    # and the operator can see it
    stopped_ms = sum(length_s for _, length_s in STOPS) * 1000
    assert program.metrics()["call_audio_skipped_ms"] > stopped_ms - 400  # 100 ms each are done
    assert program.metrics()["call_audio_lost"] == 0
    (ended_call,) = api.get("Call/", call_direction="inbound")["objects"]
    assert (ended_call["hangup_cause_code"], ended_call["hangup_source"]) == (4000, "Caller")


def _phone(
    program: Program, sink: Sink, loop: BackgroundLoop, streamed: StreamServer,
    audio: tuple[str, int],
) -> Phone:  # fmt: skip
    """A registered phone whose application records, streams, and takes all keys.

    They may be 2 s apart, as usual: less than the media process stands still.
    """
    record = f'callbackUrl="{sink.url("/recorded")}" recordSession="true" fileFormat="wav"'
    take = (
        f'action="{sink.url("/digits")}" numDigits="{len(KEYS)}" timeout="5" digitTimeout="2"'
        ' finishOnKey="none"'
    )
    stream = f'<Stream contentType="audio/x-mulaw;rate=8000">{streamed.url}</Stream>'
    for path, body in (
        ("/answer", f"<Record {record} redirect='false'/>{stream}<GetDigits {take}/>"),
        ("/digits", '<Wait length="30"/>'),
    ):
        sink.answers[path] = Answer(body=f"<Response>{body}</Response>", content_type="text/xml")
    return far_phone(loop, program, sink.url("/answer"), audio)


def _media_pid(program: int) -> int:
    """The process of this program's calls, which is started with the first of them."""
    for word in Path(f"/proc/{program}/task/{program}/children").read_text().split():
        if b"trunkline.engines.media.process" in Path(f"/proc/{word}/cmdline").read_bytes():
            return int(word)
    raise AssertionError("no media process")


def _said(url: str) -> np.ndarray:
    """The caller's channel of a stereo recording."""
    answer = requests.get(url, timeout=20)
    assert answer.status_code == 200
    with wave.open(io.BytesIO(answer.content)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
    return samples.reshape(-1, 2)[:, 0]
