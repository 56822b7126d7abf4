"""Digits as events and as tones, both ways, with loss and disorder on the way."""

import itertools
import random

import numpy as np
import pytest
from media_rig import Peer, Rig, sine

from trunkline.engines.media import messages as m
from trunkline.engines.media.dsp.dtmf import TAIL, DigitDetector, DigitState
from trunkline.engines.media.dsp.tones import digit_frame
from trunkline.protocols.rtp import TelephoneEvent, parse_event

ALL = "0123456789*#ABCD"


def press(rig: Rig, peer: Peer, digit: str, keep: object = None) -> None:
    """Six ticks of an event and two more copies of its end; `keep(n)` says which packets pass."""
    event, timestamp = ALL.index(digit), peer.timestamp

    def each(index: int) -> None:
        end = index >= 5
        body = TelephoneEvent(event, min(index + 1, 6) * 160, end)
        if keep is None or keep(index):  # type: ignore[operator]
            peer.press(body, timestamp)
        else:
            peer.sequence = (peer.sequence + 1) & 0xFFFF
        if index < 6:
            peer.timestamp = (peer.timestamp + 160) & 0xFFFFFFFF

    rig.tick(8, each)
    rig.tick(4, lambda _: peer.send_audio(sine(300.0, 160)))


def digits(rig: Rig) -> str:
    return "".join(event.digit for event in rig.of(m.Digit))


def test_all_events_are_told_once(rig: Rig) -> None:
    peer = rig.open("leg")
    rig.tick(5, lambda _: peer.send_audio(sine(300.0, 160)))
    for digit in ALL:
        press(rig, peer, digit)
    assert digits(rig) == ALL
    assert {e.duration_ms for e in rig.of(m.Digit)} == {120}
    assert {e.method for e in rig.of(m.Digit)} == {"rfc4733"}


def test_events_at_the_clock_of_another_codec(rig: Rig) -> None:
    """A peer that changes to Opus in mid-call sends its keys at 48,000 Hz (RFC 4733 2.1)."""
    peer = rig.open("leg", other_types=((96, "opus"),), other_event_types=((100, 48000),))
    rig.tick(5, lambda _: peer.send_audio(sine(300.0, 160)))

    def key(kind: int, event: int, step: int) -> None:
        timestamp = peer.timestamp

        def each(index: int) -> None:
            body = TelephoneEvent(event, min(index + 1, 6) * step, index >= 5)
            peer.press(body, timestamp, kind)

        rig.tick(8, each)
        peer.timestamp = (peer.timestamp + 8 * step) & 0xFFFFFFFF

    for kind, event, step in ((101, 1, 160), (100, 2, 960), (100, 3, 960), (101, 4, 160)):
        key(kind, event, step)
    rig.tick(30)
    assert digits(rig) == "1234"
    assert {e.duration_ms for e in rig.of(m.Digit)} == {120}


def test_lost_ends_lost_beginnings_and_only_one_packet(rig: Rig) -> None:
    peer = rig.open("leg")
    rig.tick(5, lambda _: peer.send_audio(sine(300.0, 160)))
    press(rig, peer, "1", keep=lambda n: n < 4)  # all ends lost, another digit follows
    press(rig, peer, "1", keep=lambda n: n >= 5)  # only ends
    press(rig, peer, "2", keep=lambda n: n == 2)  # one packet in the middle
    rig.tick(30, lambda _: peer.send_audio(sine(300.0, 160)))
    assert digits(rig) == "112"


@pytest.mark.parametrize("seed", range(5))
def test_a_bad_network_loses_no_digit(seed: int) -> None:
    """2 % loss, duplicates and disorder: every digit arrives once (three ends are sent)."""
    rig = Rig()
    try:
        peer, pick = rig.open("leg"), random.Random(seed)
        typed = "".join(pick.choice(ALL) for _ in range(40))
        late: list[tuple[bytes, tuple[str, int]]] = []
        real = peer.sock.sendto

        class Lossy:
            """The socket of the peer, with a bad network behind it."""

            def __init__(self, sock: object) -> None:
                self.sock = sock

            def sendto(self, data: bytes, target: tuple[str, int]) -> None:
                chance = pick.random()
                if chance < 0.02:
                    return
                if chance < 0.06:
                    late.append((data, target))
                    return
                real(data, target)
                if chance < 0.10:
                    real(data, target)
                while late and pick.random() < 0.5:
                    real(*late.pop())

            def __getattr__(self, name: str) -> object:
                return getattr(self.sock, name)

        peer.sock = Lossy(peer.sock)  # type: ignore[assignment]
        rig.tick(5, lambda _: peer.send_audio(sine(300.0, 160)))
        for digit in typed:
            press(rig, peer, digit)
        rig.tick(30, lambda _: peer.send_audio(sine(300.0, 160)))
        assert digits(rig) == typed
    finally:
        rig.close()


def test_events_are_sent_in_place_of_audio(rig: Rig) -> None:
    peer = rig.open("leg")
    rig.tick(3)
    assert rig.do(m.SendDigits("leg", "12w#", tone_ms=100, gap_ms=60)) == m.Done()
    rig.tick(100)
    events = [p for p in peer.packets if p.payload_type == 101]
    pressed = {p.timestamp: parse_event(p.payload).digit for p in events}
    assert "".join(pressed.values()) == "12#"
    assert [p.marker for p in events if parse_event(p.payload).duration == 160] == [True] * 3
    ends = [p for p in events if parse_event(p.payload).end]
    assert len(ends) == 9
    assert {parse_event(p.payload).duration for p in ends} == {800}
    sequences = [p.sequence for p in peer.packets]
    assert [(b - a) & 0xFFFF for a, b in itertools.pairwise(sequences)] == [1] * (
        len(sequences) - 1
    )
    one, two, hash_ = pressed
    assert (two - one) & 0xFFFFFFFF == 8 * 160  # 100 ms and the gap
    assert (hash_ - two) & 0xFFFFFFFF >= 8 * 160 + 4000  # and half a second
    assert rig.of(m.DigitsSent) == [m.DigitsSent("leg")]


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
def test_tones_are_sent_to_a_peer_without_events(rig: Rig, codec: m.Codec) -> None:
    peer = rig.open("leg", codec, event_type=None, event_receive_types=())
    rig.do(m.SendDigits("leg", ALL, tone_ms=80, gap_ms=80))
    rig.tick(160)
    heard = np.concatenate([np.zeros(TAIL, np.int16), peer.audio()])
    state, detector = DigitState(), DigitDetector()
    for at in range(TAIL, len(heard) - 160, 160):
        detector.detect(heard[None, at - TAIL : at + 160], [state])
    assert "".join(digit for digit, _ in state.found) == ALL


def test_tones_are_heard_from_a_peer_without_events(rig: Rig) -> None:
    peer = rig.open("leg", event_type=None, event_receive_types=())
    silence = np.zeros(160, np.int16)
    rig.tick(5, lambda _: peer.send_audio(silence))
    for digit in ALL:
        rig.tick(4, lambda n, d=digit: peer.send_audio(digit_frame(d, n, ends=n == 3)))
        rig.tick(4, lambda _: peer.send_audio(silence))
    rig.tick(10, lambda _: peer.send_audio(silence))
    assert digits(rig) == ALL
    assert {e.method for e in rig.of(m.Digit)} == {"inband"}
    assert all(70 <= e.duration_ms <= 110 for e in rig.of(m.Digit))


def test_a_peer_that_sends_both_is_believed_once(rig: Rig) -> None:
    """Events, and their tones in the audio as well: the tones are copies."""
    peer = rig.open("leg", detect_inband=True)
    silence = np.zeros(160, np.int16)
    for digit in "159":
        event, timestamp = ALL.index(digit), peer.timestamp
        for index in range(6):
            body = TelephoneEvent(event, (index + 1) * 160, index == 5)
            rig.tick(
                1,
                lambda _, b=body, t=timestamp, d=digit, n=index: (
                    peer.press(b, t),
                    peer.send_audio(digit_frame(d, n, ends=n == 5)),
                ),
            )
        rig.tick(10, lambda _: peer.send_audio(silence))
    assert digits(rig) == "159"


def test_what_is_no_digit_is_refused(rig: Rig) -> None:
    rig.open("leg")
    for command in (
        m.SendDigits("leg", "12x"),
        m.SendDigits("leg", "1" * 600),
        m.SendDigits("leg", "1", tone_ms=0),
    ):
        refused = rig.do(command)
        assert isinstance(refused, m.Refused)
        assert refused.reason == "invalid"
    assert rig.do(m.SendDigits("nobody", "1")) == m.Refused("unknown", "nobody")


def test_waiting_digits_can_be_dropped(rig: Rig) -> None:
    peer = rig.open("leg")
    rig.do(m.SendDigits("leg", "1234567890"))
    rig.tick(3)
    rig.do(m.SendDigits("leg", ""))
    rig.tick(60)
    events = [p for p in peer.packets if p.payload_type == 101]
    assert {parse_event(p.payload).digit for p in events} == {"1"}


def test_keys_that_wait_are_told_when_asked_for(rig: Rig) -> None:
    """Before the answer, though no tick has passed."""
    peer = rig.open("leg")
    rig.tick(5, lambda _: peer.send_audio(sine(300.0, 160)))
    for n in range(150):  # more than is read at once
        peer.press(TelephoneEvent(ALL.index("7"), 160, end=True), 8_000 + n * 1_600)
    assert rig.do(m.Hear("leg")) == m.Done()
    assert digits(rig) == "7" * 150
    assert isinstance(rig.do(m.Hear("nobody")), m.Refused)
