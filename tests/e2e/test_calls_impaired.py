"""A call over a bad network in real time: 2 % lost, 40 ms of jitter, disorder and copies.

By the relay, which knows each packet's fate, and by Linux' netem in a network namespace.
"""

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
from impaired import KINDS, BadNetwork, Impairment
from impaired_probe import Probe
from talker import FIRST_SEQUENCE, TICK_S, Script, Talker, audio_of, marks_ms

HOW = Impairment(loss=0.02, copies=0.005, delay_s=0.04, jitter_s=0.04, seed=7)
PROBES = 5_000
LATER_MS = 25
KEYS, AT_FIRST = 66, 34
PRESSED = "0123456789*#1199"  # by the program
FIRST, EACH = 40, 10  # ticks of 20 ms: a key each 200 ms
# Once the jitter buffer knows the network (it deepens by 20 ms a second), and when all is typed.
MARKS = (FIRST + EACH * AT_FIRST, FIRST + EACH * (KEYS + 2) + 5)


@pytest.fixture(
    scope="module",  # one machine, if it takes one, for both tests of it
    params=[
        pytest.param(kind, marks=pytest.mark.xdist_group(f"impaired-{kind}")) for kind in KINDS
    ],
)
def network(request: pytest.FixtureRequest) -> Iterator[BadNetwork]:
    made = BadNetwork(HOW, request.param)
    yield made
    made.close()


def test_the_network_is_as_bad_as_was_asked(
    network: BadNetwork, record_property: Callable[[str, object], None]
) -> None:
    record_property("bad network", network.name)
    # Who reads has to be awake when packets come: a machine that stood still is asked again.
    for _ in range(3):
        line = network.line()
        probe = Probe(line, network.platform)
        delays_ms = probe.send(PROBES)
        out, _ = line.tallies
        line.close()
        # it has counted right
        assert out.taken == PROBES
        assert sum(map(len, delays_ms)) == out.passed, out
        quarters = statistics.quantiles([one for times in delays_ms for one in times], n=4)
        if quarters[-1] < 60 + LATER_MS:
            break
    # bounds are four standard deviations away, or more
    lost = sum(not times for times in delays_ms)
    assert 0.01 < lost / PROBES < 0.03
    assert 0.01 < out.lost / PROBES < 0.03
    assert 0.001 < out.copied / PROBES < 0.011
    # uniform over 80 ms, on a machine that may be busy
    for found, meant in zip(quarters, (20, 40, 60), strict=True):
        assert meant - 5 < found < meant + LATER_MS, quarters
    assert probe.overtaken > PROBES / 10


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
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
        over = talker.ticks
        until(lambda: talker.ticks > over + 10, "what is under way")  # the last report
        talker.stop()
        until(lambda: sink.at("/recorded"), "the recording")
    finally:
        talker.stop()
        phone.stop()
        line.close()
    # every key once, both ways
    (typed,) = sink.at("/digits")
    assert typed.params["Digits"] == keys
    assert talker.heard_keys == PRESSED
    _judge_network(network, talker)
    _judge_reports(talker)
    # what was said lasted as long as it took to say it
    (kept,) = sink.at("/recorded")
    began, ended = marks_ms(_said(kept.params["RecordUrl"]))
    # (130 ms are lost on the way; a buffer is as deep as what came late, to a phone or network that
    # stood still: 80 ms of jitter, and a tick until the phone listens, are as they should be)
    stood_still_s = max(talker.latest_s, talker.slowest_s - 2 * HOW.jitter_s - TICK_S)
    off_ms = abs(ended - began - (MARKS[1] - MARKS[0]) * 20)
    assert off_ms <= 100 + stood_still_s * 1000
    # and the operator can see it
    figures = program.metrics()
    out, _ = line.tallies
    assert talker.packets * 0.9 <= figures["call_audio_packets"] <= out.passed
    assert abs(figures["call_audio_lost"] - (out.taken - out.passed)) <= 6
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


def _judge_network(network: BadNetwork, talker: Talker) -> None:
    """It was as bad as it was meant to be, and what it says of that fits what both ends saw."""
    out, back = talker.line.tallies
    assert out.taken == talker.packets
    # of 900 packets, by chance: five standard deviations to either side
    assert 0 < out.lost < 0.045 * out.taken
    assert 0 < back.lost < 0.045 * back.taken
    assert talker.overtaken > len(talker.came) / 10
    came, late = len(talker.came), 0
    if network.kind == "relay":
        assert 0.01 < out.lost / out.taken < 0.03  # its seed makes it so
        assert out.overtaken > out.taken / 10
    else:  # it counts RTCP too, and ICMP of what came after the last report: too late
        came += len(talker.reports)
        late = out.taken - (talker.reports[-1].highest - FIRST_SEQUENCE + 1)
    assert -6 <= back.passed - came <= 6 + late


def _judge_reports(talker: Talker) -> None:
    """RTCP tells the loss (RFC 3550 6.4.1: copies count as received) and the jitter (A.8)."""
    reports, (out, _) = talker.reports, talker.line.tallies
    last = reports[-1]  # with BYE, unless that was lost itself
    if last.dropped is not None:
        assert abs(last.lost - last.dropped) <= 6, (last, out)  # some are under way
    untold = out.taken - (last.highest - FIRST_SEQUENCE + 1)  # its highest has its cycles
    assert abs(last.lost - (out.taken - out.passed)) <= 6 + 0.05 * untold, (last, out)
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
