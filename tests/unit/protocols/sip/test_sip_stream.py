import pytest

from trunkline.protocols.sip.parse import MAX_HEAD
from trunkline.protocols.sip.stream import Broken, Cut, Framer, Ping, Pong

ONE = b"OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 3\r\n\r\nabc"
TWO = b"OPTIONS sip:a@b SIP/2.0\r\nl : 0\r\n\r\n"
NONE = b"SIP/2.0 200 OK\r\nVia: x\r\n\r\n"


def test_messages_in_any_pieces():
    stream = ONE + b"\r\n" + TWO + NONE + ONE
    for size in (1, 2, 3, 7, 1000):
        framer, cut = Framer(), []
        for at in range(0, len(stream), size):
            cut += [e.octets for e in framer.feed(stream[at : at + size]) if isinstance(e, Cut)]
        assert cut == [ONE, TWO, NONE, ONE]
        assert framer.buffered == 0


def test_a_length_on_a_line_of_its_own():
    """RFC 3261 7.3.1: the head is folded as any other."""
    for folded in (b"Content-Length:\r\n 3", b"l :\n\t  3"):
        whole = ONE.replace(b"Content-Length: 3", folded)
        assert Framer().feed(whole + ONE) == [Cut(whole), Cut(ONE)]


def test_keep_alives():
    framer = Framer()
    assert framer.feed(b"\r\n\r\n") == [Ping()]
    assert framer.feed(b"\r\n") == [Pong()]
    assert framer.feed(b"\r\n\r\n" + ONE) == [Ping(), Cut(ONE)]
    assert framer.feed(b"\r\n" + ONE) == [Pong(), Cut(ONE)]


@pytest.mark.parametrize(
    "octets",
    [
        b"OPTIONS sip:a@b SIP/2.0\r\nContent-Length: -1\r\n\r\n",
        b"OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 1\r\nl: 2\r\n\r\nabc",
        b"OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 99999999\r\n\r\n",
        b"X" * (MAX_HEAD + 1),
    ],
)
def test_what_cannot_be_followed_breaks_the_stream(octets):
    framer = Framer()
    events = framer.feed(octets)
    assert isinstance(events[-1], Broken)
    assert framer.feed(ONE) == []


def test_a_long_head_in_small_pieces_costs_no_square_time():
    framer = Framer()
    for _ in range(MAX_HEAD // 8):
        assert framer.feed(b"abcdefgh") == []
    assert isinstance(framer.feed(b"x" * 9)[-1], Broken)
