"""RFC 4733 events: each digit once, whatever happens on the way."""

import random

import pytest

from trunkline.protocols.rtp import (
    DIGITS,
    EventReceiver,
    EventSender,
    Malformed,
    Pressed,
    TelephoneEvent,
    parse_event,
    serialize_event,
)

Sent = tuple[int, bytes]


def packets(digit: str, timestamp: int, length: int = 800) -> list[Sent]:
    sender, found = EventSender(digit, length, 160), []
    while True:
        frame = sender.tick()
        at = (timestamp + frame.timestamp_offset) & 0xFFFFFFFF
        found += [(at, frame.payload)] * frame.copies
        if frame.last:
            return found


def hear(receiver: EventReceiver, sent: list[Sent], start: float = 0.0) -> list[Pressed]:
    told: list[Pressed] = []
    for index, (timestamp, payload) in enumerate(sent):
        told += receiver.receive(timestamp, parse_event(payload), start + index * 0.02)
    return told


def test_the_payload() -> None:
    event = TelephoneEvent(11, 800, end=True, volume=10)
    assert serialize_event(event).hex() == "0b8a0320"
    assert parse_event(bytes.fromhex("0b8a0320ffff")) == event
    assert event.digit == "#"
    assert TelephoneEvent(16, 0).digit == ""


def test_rubbish() -> None:
    with pytest.raises(Malformed):
        parse_event(b"\0\0\0")
    for event in (
        TelephoneEvent(256, 0),
        TelephoneEvent(0, 70000),
        TelephoneEvent(0, 0, volume=64),
    ):
        with pytest.raises(ValueError, match=r".+"):
            serialize_event(event)
    for bad in (("x", 160, 160), ("1", 0, 160)):
        with pytest.raises(ValueError, match=r".+"):
            EventSender(*bad)
    flash = TelephoneEvent(16, 100, end=True)
    assert EventReceiver().receive(5, flash, 0.0) == []


def test_what_is_sent() -> None:
    sent = packets("5", 1000)
    bodies = [parse_event(p) for _, p in sent]
    assert [b.duration for b in bodies] == [160, 320, 480, 640, 800, 800, 800]
    assert [b.end for b in bodies] == [False] * 4 + [True] * 3
    assert {t for t, _ in sent} == {1000}


def test_every_digit_once() -> None:
    receiver, told = EventReceiver(), []
    for index, digit in enumerate(DIGITS):
        told += hear(receiver, packets(digit, 0xFFFFF000 + index * 1600 & 0xFFFFFFFF), index)
    assert "".join(p.digit for p in told) == DIGITS
    assert {p.duration for p in told} == {800}


@pytest.mark.parametrize("seed", range(50))
def test_loss_copies_and_disorder(seed: int) -> None:
    """As long as one packet of each digit comes through, all digits are told, in order, once."""
    pick, receiver = random.Random(seed), EventReceiver()
    typed = "".join(pick.choice(DIGITS) for _ in range(12))
    told: list[Pressed] = []
    for index, digit in enumerate(typed):
        sent = packets(digit, 5000 + index * 3200)
        kept = [p for p in sent if pick.random() > 0.5] or [pick.choice(sent)]
        kept += [p for p in kept if pick.random() < 0.3]
        pick.shuffle(kept)
        told += hear(receiver, kept, index * 0.4)
        if pick.random() < 0.5:
            told += receiver.expire(index * 0.4 + 0.39)
    told += receiver.expire(1000.0)
    assert "".join(p.digit for p in told) == typed


def test_a_lost_end_is_told_in_time() -> None:
    receiver = EventReceiver(lost_after=0.24)
    assert receiver.wake_at() is None
    assert hear(receiver, packets("1", 0)[:3]) == []
    assert receiver.wake_at() == pytest.approx(0.28)
    assert receiver.expire(0.27) == []
    assert receiver.expire(0.29) == [Pressed("1", 480)]
    assert receiver.wake_at() is None
    assert hear(receiver, packets("1", 0)[3:], 0.3) == []  # late copies of the same


def test_a_long_press_is_one_digit() -> None:
    """Longer than 0xFFFF units: it goes on in segments (RFC 4733 2.5.1.3)."""
    sent = packets("7", 0xFFFF0000, 160 * 900)
    assert len({t for t, _ in sent}) == 3
    assert [p.digit for p in hear(EventReceiver(), sent)] == ["7"]


def test_a_sender_whose_timestamp_runs() -> None:
    sent = [(n * 160, serialize_event(TelephoneEvent(3, (n + 1) * 160))) for n in range(6)]
    receiver = EventReceiver()
    assert hear(receiver, sent) == []
    assert [p.digit for p in receiver.expire(10.0)] == ["3"]


def test_the_same_digit_twice_with_the_first_end_lost() -> None:
    receiver = EventReceiver()
    told = hear(receiver, packets("1", 0)[:4])
    told += hear(receiver, packets("1", 1600), 0.2)
    assert [p.digit for p in told] == ["1", "1"]


def test_a_press_that_was_told_in_a_silence_goes_on() -> None:
    running = [(n * 160, serialize_event(TelephoneEvent(3, (n + 1) * 160))) for n in range(40)]
    long = packets("7", 0xFFFF0000, 160 * 900)
    for sent, digit, pause in ((running, "3", 20), (long, "7", 409)):
        receiver = EventReceiver()
        told = hear(receiver, sent[:pause]) + receiver.expire(100.0)
        told += hear(receiver, sent[pause:], 100.1) + receiver.expire(200.0)
        told += hear(receiver, packets(digit, 500_000), 200.1)
        assert "".join(p.digit for p in told) == digit * 2


def test_a_longer_press_of_the_same_digit_after_one_without_an_end() -> None:
    """It does not continue the first one, though its beginning is lost."""
    receiver = EventReceiver()
    told = hear(receiver, packets("1", 0)[:2])
    told += hear(receiver, packets("1", 1600, 3200)[12:], 0.4)
    assert [p.digit for p in told] == ["1", "1"]
