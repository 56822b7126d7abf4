"""Keys that a network mixes up are told once, in the order they were pressed in."""

import random

import pytest

from trunkline.protocols.rtp import (
    OrderedEvents,
    Pressed,
    Reception,
    TelephoneEvent,
)

A = [(TelephoneEvent(1, min(n + 1, 5) * 160, n >= 4), 8_000) for n in range(7)]
B = [(TelephoneEvent(2, min(n + 1, 5) * 160, n >= 4), 9_600) for n in range(7)]


class Wire:
    """Numbers packets as they are sent; `arrive` in any order."""

    def __init__(self, first: int = 65_530) -> None:
        self.reception = Reception(1)
        self.events = OrderedEvents(self.reception)
        self.sent: list[tuple[int, TelephoneEvent | None, int]] = []
        self._next = first

    def audio(self, count: int) -> None:
        self.send([(None, 0)] * count)

    def send(self, packets: list[tuple[TelephoneEvent, int]] | list[tuple[None, int]]) -> None:
        for event, timestamp in packets:
            self.sent.append((self._next & 0xFFFF, event, timestamp))
            self._next += 1

    def arrive(self, order: list[int], now: float = 1.0) -> str:
        told: list[Pressed] = []
        for index in order:
            sequence, event, timestamp = self.sent[index]
            if not self.reception.event_packet(sequence):
                continue
            if event is None:
                told += self.events.pass_on(now) if self.events.holding else []
            else:
                told += self.events.receive(sequence, timestamp, event, now)
        return "".join(one.digit for one in told)

    def expire(self, now: float) -> str:
        return "".join(one.digit for one in self.events.expire(now))


def two_keys() -> Wire:
    """Packets 0-4 audio, 5-11 the first key, 12-14 audio, 15-21 the second."""
    wire = Wire()
    wire.audio(5)
    wire.send(A)
    wire.audio(3)
    wire.send(B)
    return wire


def test_a_key_that_the_next_one_overtook() -> None:
    wire = two_keys()
    assert wire.arrive([0, 1, 2, 3, 4, *range(15, 22)]) == ""
    assert wire.events.holding
    assert wire.arrive(list(range(5, 15)), 1.2) == "12"
    assert not wire.events.holding


@pytest.mark.parametrize("seed", range(100))
def test_any_order(seed: int) -> None:
    pick, wire = random.Random(seed), two_keys()
    order = [index for index in range(1, 22) for _ in range(1 + (pick.random() < 0.2))]
    pick.shuffle(order)
    assert wire.arrive([0, *order]) + wire.expire(2.5) == "12"


def test_what_is_lost_is_waited_for_no_longer_than_it_may_be_late() -> None:
    wire = two_keys()
    wire.audio(14)
    assert wire.arrive([0, 1, 2, 3, 4, *range(15, 22)], 1.0) == ""
    assert "".join(wire.arrive([22 + n], 1.02 + n * 0.02) for n in range(11)) == ""
    assert "".join(wire.arrive([33 + n], 1.24 + n * 0.02) for n in range(2)) == "2"
    assert wire.arrive(list(range(5, 12)), 1.3) == ""  # too late: not out of order
    assert wire.expire(3.0) == ""


def test_as_long_as_nothing_comes_it_is_waited_for_a_second() -> None:
    """A stall may end with the next key's packets: they are no reason to give up."""
    wire = two_keys()
    assert wire.arrive([0, 1, 2, 3, 4, *range(15, 20)], 1.0) == ""
    assert wire.expire(1.9) == ""
    assert wire.arrive([20, 21, *range(5, 15)], 1.95) == "12"
    wire = two_keys()
    assert wire.arrive([0, 1, 2, 3, 4, *range(15, 20)], 1.0) == ""
    assert wire.expire(1.99) == ""
    assert wire.expire(2.01) == "2"


def test_one_packet_that_is_lost_delays_nothing() -> None:
    wire = two_keys()
    assert wire.arrive([0, 1, 3, 4, *range(5, 12), 12, 14, *range(15, 22)]) == "12"


def test_a_key_is_not_held_back_by_what_was_lost_before_the_last_one() -> None:
    wire = two_keys()
    assert wire.arrive([0, 4, 7, 11], 1.0) == ""
    assert wire.expire(2.0) == "1"
    wire.audio(20)
    wire.send([(event, 14_000) for event, _ in B])
    assert wire.arrive([12, 13, 14, 15, *range(22, 49)], 2.1) == "22"


def test_numbers_that_begin_anew_while_a_key_waits() -> None:
    wire = two_keys()
    assert wire.arrive([0, 15, 16]) == ""
    wire._next = 30_000
    wire.audio(2)
    wire.send([(event, 500) for event, _ in A])
    assert wire.arrive([22, 23], 1.1) == "2"
    assert wire.arrive(list(range(24, 31)), 1.2) == "1"


def test_a_clock_that_is_set_back_far_does_not_make_all_keys_old_ones() -> None:
    wire = Wire()
    wire.audio(2)
    wire.send([(event, 4_000_000) for event, _ in A])
    wire.send(B)
    assert wire.arrive(list(range(16))) == "12"


def test_a_flood_of_beginnings_is_bounded() -> None:
    wire, told = Wire(0), ""
    wire.audio(1)
    for n in range(500):
        wire.send([(TelephoneEvent(n % 10, 160), n * 2_000)])
        wire._next += 2
        told += wire.arrive([0, n + 1] if not n else [n + 1], 1.0)
    assert len(told) >= 500 - 70
    assert told == "".join(str(n % 10) for n in range(len(told)))


def test_a_source_that_ends() -> None:
    wire = two_keys()
    assert wire.arrive([0, 5, 6, 15, 16]) == ""
    assert "".join(one.digit for one in wire.events.flush()) == "12"
