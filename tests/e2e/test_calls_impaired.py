"""A call over a bad network in real time: 2 % lost, 40 ms of jitter, disorder and copies."""

import io
import random
import statistics
import wave
from collections.abc import Callable, Iterator

import numpy as np
import pytest
import requests
from e2e_loop import BackgroundLoop
from e2e_phone import Phone, far_phone
from e2e_program import Program
from e2e_sink import Answer, Sink
from e2e_waiting import until
from impaired import BadNetwork, Impairment, bad_network
from talker import Report, Script, Talker, audio_of, marks_ms

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

HOW = Impairment(loss=0.02, copies=0.005, delay_s=0.04, jitter_s=0.04, seed=7)
KEYS, AT_FIRST = 66, 34
PRESSED = "0123456789*#1199"  # by the program
FIRST, EACH = 40, 10  # ticks of 20 ms: a key each 200 ms
# Once the jitter buffer knows the network (it deepens by 20 ms a second), and when all is typed.
MARKS = (FIRST + EACH * AT_FIRST, FIRST + EACH * (KEYS + 2) + 5)


@pytest.fixture
def network(record_property: Callable[[str, object], None]) -> Iterator[BadNetwork]:
    made = bad_network(HOW)
    record_property("bad network", made.kind)
    yield made
    made.close()


def test_a_call_over_a_bad_network(
    network: BadNetwork, launch: Callable[..., Program], sink: Sink, loop: BackgroundLoop
) -> None:
    program = launch(voice_media_address=network.platform)
    pick = random.Random(11)
    keys = "11**00" + "".join(pick.choice("0123456789*") for _ in range(KEYS - 6))
    line = network.line()
    pressed = f"{keys[:AT_FIRST]}  {keys[AT_FIRST:]}"
    talker = Talker(line, Script(pressed, FIRST, EACH, marks=frozenset(MARKS)))
    phone = _phone(program, sink, loop, (line.host, line.port))
    try:
        call = phone.dial("14155550123")
        until(lambda: call.answered, "the answer")
        line.aim(*audio_of(call.sdp))
        talker.start()
        until(lambda: call.over, "the end of the call", 30.0)
        until(lambda: sink.at("/recorded"), "the recording")
    finally:
        talker.stop()
        phone.stop()
        line.close()
    # every key once, both ways
    (typed,) = sink.at("/digits")
    assert typed.params["Digits"] == keys
    assert talker.heard_keys == PRESSED
    _judge_reports(talker.reports, talker)
    # what was said lasted as long as it took to say it
    (kept,) = sink.at("/recorded")
    began, ended = marks_ms(_said(kept.params["RecordUrl"]))
    # (130 ms are lost on the way; a buffer that a busy machine makes deeper is no drift)
    assert abs(ended - began - (MARKS[1] - MARKS[0]) * 20) <= 100
    # and the operator can see it
    figures = program.metrics()
    assert figures["call_audio_packets"] >= talker.packets * 0.9
    if line.tallies is None:
        assert figures["call_audio_lost"] > 0
    else:
        out, _ = line.tallies
        assert abs(figures["call_audio_lost"] - (out.lost - out.copied)) <= 6
        assert figures["call_audio_duplicates"] <= out.copied


def _phone(program: Program, sink: Sink, loop: BackgroundLoop, audio: tuple[str, int]) -> Phone:
    """A registered phone whose application takes keys, presses some, and records it all."""
    record = f'callbackUrl="{sink.url("/recorded")}" recordSession="true" fileFormat="wav"'
    take = f'action="{sink.url("/digits")}" numDigits="{KEYS}" timeout="15" finishOnKey="none"'
    for path, body in (
        ("/answer", f"<Record {record} redirect='false'/><GetDigits {take}/>"),
        ("/digits", f'<DTMF async="false">{PRESSED}</DTMF><Wait length="1"/><Hangup/>'),
    ):
        sink.answers[path] = Answer(body=f"<Response>{body}</Response>", content_type="text/xml")
    return far_phone(loop, program, sink.url("/answer"), audio)


def _judge_reports(reports: list[Report], talker: Talker) -> None:
    """RTCP tells the loss (RFC 3550 6.4.1: copies count as received) and the jitter (A.8)."""
    last = reports[-1]  # with BYE, unless that was lost itself
    tallies = talker.line.tallies
    if tallies is None:  # the kernel's does not tell what it did
        assert 0 < last.lost < 0.05 * last.taken
    else:
        out, _ = tallies
        assert out.overtaken > out.taken / 10  # the network was as bad as it was meant to be
        assert 0.01 < out.lost / out.taken < 0.03
        assert abs(last.lost - last.dropped) <= 6, (last, out)  # some are under way
    # The mean difference of two delays that are uniform over 80 ms is a third of that.
    expected = 2 * HOW.jitter_s / 3 * 8_000
    jitter = statistics.median(one.jitter for one in reports)
    assert 0.5 * expected < jitter < 1.8 * expected, reports


def _said(url: str) -> np.ndarray:
    """The caller's channel of a stereo recording."""
    answer = requests.get(url, timeout=20)
    assert answer.status_code == 200
    with wave.open(io.BytesIO(answer.content)) as file:
        assert (file.getframerate(), file.getnchannels()) == (8_000, 2)
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
    return samples.reshape(-1, 2)[:, 0]
