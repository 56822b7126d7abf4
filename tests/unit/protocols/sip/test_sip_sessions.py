"""Session timers (RFC 4028) and reliable provisional responses (RFC 3262)."""

import pytest

from trunkline.protocols.sip import Headers, Request, Response
from trunkline.protocols.sip.reliable import (
    Numbering,
    Ordering,
    can_reliable,
    is_reliable,
    parse_rack,
    wants_reliable,
)
from trunkline.protocols.sip.session_timer import (
    Accepted,
    Agreed,
    TimerPolicy,
    TooSmall,
    accept,
    agreed,
    parse_min_se,
    parse_session_expires,
)

OURS = TimerPolicy(1800, 90)


def invite(*headers: tuple[str, str]) -> Request:
    return Request("INVITE", "sip:a@b", Headers(headers))


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ((), Accepted(None)),
        ((("k", "timer"),), Accepted(Agreed(1800, False), "1800;refresher=uac", True)),
        (
            (("x", "600"), ("k", "timer")),
            Accepted(Agreed(600, False), "600;refresher=uac", True),
        ),
        (
            (("x", "600;refresher=uas"), ("k", "timer")),
            Accepted(Agreed(600, True), "600;refresher=uas", False),
        ),
        ((("x", "600"),), Accepted(Agreed(600, True), "600;refresher=uas", False)),
        (
            (("x", "7200"), ("k", "timer")),
            Accepted(Agreed(1800, False), "1800;refresher=uac", True),
        ),
        (
            (("x", "7200"), ("k", "timer"), ("Min-SE", "3600")),
            Accepted(Agreed(3600, False), "3600;refresher=uac", True),
        ),
        ((("x", "60"), ("k", "timer")), TooSmall(90)),
        ((("x", "60"),), Accepted(Agreed(90, True), "90;refresher=uas", False)),
        ((("x", "rubbish"),), Accepted(None)),
    ],
)
def test_the_called_side_decides(headers, expected):
    assert accept(invite(*headers), OURS) == expected


def test_without_a_wish_of_our_own_the_peers_counts():
    made = accept(invite(("x", "5000"), ("k", "timer")), TimerPolicy(0, 90))
    assert isinstance(made, Accepted)
    assert made.agreed == Agreed(5000, False)
    assert accept(invite(("k", "timer")), TimerPolicy(0, 90)) == Accepted(None)


def test_the_calling_side_reads():
    assert agreed(Headers([("x", "600;refresher=uas")])) == Agreed(600, False)
    assert agreed(Headers([("x", "600;refresher=uac")])) == Agreed(600, True)
    assert agreed(Headers([("x", "600")])) == Agreed(600, True)
    assert agreed(Headers()) is None
    assert Agreed(1800, True).refresh_after_s() == 900
    assert Agreed(1800, True).expires_after_s() == 1768
    assert Agreed(90, False).expires_after_s() == 60


def test_their_headers():
    assert parse_session_expires("0") is None
    assert parse_session_expires("9" * 50) is None
    assert parse_session_expires("90;refresher=weird") == (90, None)
    assert parse_min_se("120;x") == 120
    assert parse_min_se("5") == parse_min_se("x") == parse_min_se(None) == 90


def provisional(rseq: str | None, require: str = "100rel", status: int = 183) -> Response:
    headers = Headers([("CSeq", "4 INVITE"), ("Require", require)])
    if rseq is not None:
        headers.add("RSeq", rseq)
    return Response(status, "", headers)


def test_reliable_responses_are_taken_in_order():
    ordering = Ordering()
    assert ordering.take(provisional("5")) == (5, 4, "INVITE")
    assert ordering.take(provisional("5")) is None
    assert ordering.take(provisional("7")) is None
    assert ordering.take(provisional("6")) == (6, 4, "INVITE")
    assert Ordering().take(provisional("x")) is None
    assert is_reliable(provisional("1"))
    assert not is_reliable(provisional("1", require=""))
    assert not is_reliable(provisional(None))
    assert not is_reliable(provisional("1", status=100))


def test_a_prack_matches_what_waits_for_it():
    numbering = Numbering(10, 4)
    assert numbering.take() == 10

    def prack(text: str) -> Request:
        return Request("PRACK", "sip:a@b", Headers([("RAck", text)]))

    for wrong in ("11 4 INVITE", "10 5 INVITE", "10 4 UPDATE", "10 4", "", "x y z"):
        assert not numbering.acknowledge(prack(wrong))
    assert numbering.acknowledge(prack("10 4 INVITE"))
    assert not numbering.acknowledge(prack("10 4 INVITE"))
    assert numbering.take() == 11
    assert parse_rack(None) is None


def test_who_wants_them():
    assert wants_reliable(invite(("Require", "timer, 100REL")))
    assert not wants_reliable(invite(("Supported", "100rel")))
    assert can_reliable(invite(("Supported", "100rel")))
    assert can_reliable(invite(("Require", "100rel")))
