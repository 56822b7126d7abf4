"""The machines against RFC 3261 17 and RFC 6026, on a clock that the test moves."""

import pytest

from trunkline.protocols.sip.transactions import (
    InviteClient,
    InviteServer,
    PlainClient,
    PlainServer,
    Resender,
    Timing,
)

T = Timing()


def resends(machine, until: float) -> list[float]:
    """Run a client or server machine, and give the times of its retransmissions."""
    times, now = [], 0.0
    while machine.wake_at is not None and machine.wake_at <= until:
        now = machine.wake_at
        action = machine.wake(now)
        if getattr(action, "resend", None) is not None or getattr(action, "send", None) is not None:
            times.append(now)
        if getattr(action, "timed_out", False) or getattr(action, "no_ack", False):
            times.append(-now)
    return times


def test_invite_client_doubles_until_timer_b():
    machine = InviteClient(b"x", T, reliable=False)
    machine.start(0.0)
    assert resends(machine, 100) == [0.5, 1.5, 3.5, 7.5, 15.5, 31.5, -32.0]
    assert machine.over


def test_plain_client_stops_doubling_at_t2():
    machine = PlainClient(b"x", T, reliable=False)
    machine.start(0.0)
    times = resends(machine, 100)
    assert times == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5, -32.0]


@pytest.mark.parametrize("kind", [InviteClient, PlainClient])
def test_reliable_transports_need_no_retransmission(kind):
    machine = kind(b"x", T, reliable=True)
    machine.start(0.0)
    assert resends(machine, 100) == [-32.0]


def test_a_provisional_response_ends_the_timers_of_an_invite():
    machine = InviteClient(b"x", T, reliable=False)
    machine.start(0.0)
    assert machine.receive(100, 0.1).deliver
    assert machine.wake_at is None
    assert machine.receive(180, 1).deliver
    machine.cancelled(2.0)
    assert machine.wake_at == 34.0
    assert machine.wake(34.0).timed_out


def test_plain_client_goes_on_after_a_provisional_response_at_t2():
    machine = PlainClient(b"x", T, reliable=False)
    machine.start(0.0)
    machine.receive(100, 0.1)
    assert resends(machine, 9) == [0.5, 4.5, 8.5]


def test_a_refusal_is_acknowledged_each_time_and_delivered_once():
    machine = InviteClient(b"x", T, reliable=False)
    machine.start(0.0)
    assert machine.receive(486, 1.0) == (None, True, True, False)
    assert machine.receive(486, 2.0) == (None, True, False, False)
    assert not machine.receive(200, 2.0).deliver
    assert machine.wake_at == 33.0
    assert not machine.wake(33.0).timed_out
    assert machine.over


def test_every_2xx_is_delivered_for_64_t1():
    machine = InviteClient(b"x", T, reliable=True)
    machine.start(0.0)
    for now in (1.0, 2.0, 3.0):  # RFC 6026 7.2: also of other forks
        assert machine.receive(200, now) == (None, False, True, False)
    assert machine.receive(486, 4.0) == (None, False, False, False)
    assert machine.wake_at == 33.0


def test_plain_client_absorbs_repeated_answers():
    machine = PlainClient(b"x", T, reliable=False)
    machine.start(0.0)
    assert machine.receive(200, 1.0).deliver
    assert not machine.receive(200, 2.0).deliver
    assert machine.wake_at == 6.0
    reliable = PlainClient(b"x", T, reliable=True)
    reliable.start(0.0)
    reliable.receive(200, 1.0)
    assert reliable.over


def test_invite_server_sends_refusals_until_the_ack():
    machine = InviteServer(T, reliable=False)
    assert machine.respond(100, b"trying", 0.0)
    assert machine.again() == b"trying"
    assert machine.respond(486, b"busy", 0.0)
    assert not machine.respond(200, b"ok", 0.0)
    assert machine.again() == b"busy"
    assert resends(machine, 8) == [0.5, 1.5, 3.5, 7.5]
    assert not machine.acked(8.0).deliver
    assert machine.again() is None
    assert resends(machine, 100) == []
    assert machine.over


def test_invite_server_reports_a_missing_ack():
    machine = InviteServer(T, reliable=True)
    machine.respond(486, b"busy", 0.0)
    assert resends(machine, 100) == [-32.0]


def test_invite_server_absorbs_invites_after_2xx_and_hands_the_ack_up():
    machine = InviteServer(T, reliable=False)
    assert machine.respond(200, b"ok", 0.0)
    assert machine.again() is None  # RFC 6026 7.1
    assert machine.respond(200, b"ok", 1.0)
    assert not machine.respond(486, b"no", 1.0)
    assert machine.acked(2.0).deliver
    assert machine.acked(3.0).deliver
    assert machine.wake_at == 32.0


def test_plain_server_repeats_its_answer_for_timer_j():
    machine = PlainServer(T, reliable=False)
    assert machine.again() is None
    machine.respond(200, b"ok", 0.0)
    assert machine.again() == b"ok"
    assert not machine.respond(500, b"no", 1.0)
    assert machine.wake_at == 32.0
    reliable = PlainServer(T, reliable=True)
    reliable.respond(200, b"ok", 0.0)
    assert reliable.over


@pytest.mark.parametrize(
    ("ceiling", "expected"),
    [
        (True, [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]),
        (False, [0.5, 1.5, 3.5, 7.5, 15.5, 31.5]),
    ],
)
def test_what_is_sent_until_acknowledged(ceiling, expected):
    resender = Resender(b"x", T, 0.0, ceiling=ceiling)
    times = []
    assert resender.wake(0.1) is None
    while not resender.expired:
        now = resender.wake_at
        if resender.wake(now) is not None:
            times.append(now)
    assert times == expected
    assert now == 32.0
