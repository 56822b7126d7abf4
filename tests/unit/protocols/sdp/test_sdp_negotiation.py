"""Offer and answer, from both sides."""

import pytest

from trunkline.protocols import sdp
from trunkline.protocols.sdp import Direction, LocalAudio

OURS = (sdp.PCMU, sdp.PCMA, sdp.TELEPHONE_EVENT)
ALL = (sdp.OPUS, sdp.G722, sdp.PCMU, sdp.TELEPHONE_EVENT, sdp.TELEPHONE_EVENT_48)
LOCAL = LocalAudio("192.0.2.1", 4000, OURS)


def offered(*lines: str, c: str = "c=IN IP4 198.51.100.7") -> sdp.SessionDescription:
    head = ("v=0", "o=- 1 1 IN IP4 198.51.100.7", "s=-", c, "t=0 0")
    return sdp.parse("\r\n".join((*head, *lines)))


def test_both_sides_agree() -> None:
    theirs = LocalAudio("198.51.100.7", 5000, (sdp.PCMA, sdp.PCMU, sdp.TELEPHONE_EVENT))
    wire = sdp.serialize(sdp.offer(theirs))
    answered, ours = sdp.answer(sdp.parse(wire), LOCAL)
    peer = sdp.accept(theirs, sdp.parse(sdp.serialize(answered)))
    assert ours.codec == peer.codec == sdp.PCMA  # the offer's order
    assert (ours.address, ours.port) == ("198.51.100.7", 5000)
    assert (peer.address, peer.port) == ("192.0.2.1", 4000)
    assert ours.event == peer.event
    assert ours.event_receive_types == (101,)
    assert ours.rtcp_mux
    assert peer.rtcp_mux
    assert peer.rtcp_port == 4000


def test_the_answer_on_the_wire() -> None:
    answered, _ = sdp.answer(
        offered("m=audio 5000 RTP/AVP 8 96 0", "a=rtpmap:96 telephone-event/8000"), LOCAL
    )
    assert sdp.serialize(answered).decode().splitlines() == [
        "v=0", "o=- 1 1 IN IP4 192.0.2.1", "s=-", "c=IN IP4 192.0.2.1", "t=0 0",
        "m=audio 4000 RTP/AVP 8 96", "a=rtpmap:8 PCMA/8000", "a=rtpmap:96 telephone-event/8000",
        "a=fmtp:96 0-15", "a=ptime:20", "a=sendrecv",
    ]  # fmt: skip


def test_an_answer_says_no_more_than_what_is_understood() -> None:
    """The peer may send whatever is in it, at any time (RFC 3264 6.1)."""
    local = LocalAudio("192.0.2.1", 4000, (*ALL, sdp.PCMA, sdp.CN))
    description = offered(
        "m=audio 5000 RTP/AVP 9 0 111 110 126 13", "a=rtpmap:111 opus/48000/2",
        "a=rtpmap:110 telephone-event/48000", "a=rtpmap:126 telephone-event/8000",
    )  # fmt: skip
    answered, agreed = sdp.answer(description, local)
    assert answered.media[0].formats == ("9", "126", "13")
    assert agreed.receive_types == (9,)
    assert [(c.payload_type, c.name) for c in agreed.others] == [(0, "PCMU"), (111, "opus")]


def test_all_that_both_speak_is_understood() -> None:
    """Whoever has made the offer: ours is sent in one, theirs may come in others."""
    lines = ("m=audio 5000 RTP/AVP 8 120", "a=rtpmap:120 pcmu/8000")
    answered, agreed = sdp.answer(offered(*lines), LOCAL)
    assert answered.media[0].formats == ("8",)
    assert agreed.receive_types == (8,)
    assert [(c.payload_type, c.name) for c in agreed.others] == [(120, "pcmu")]
    agreed = sdp.accept(LOCAL, offered("m=audio 5000 RTP/AVP 0 8"))
    assert (agreed.codec, agreed.others) == (sdp.PCMU, (sdp.PCMA,))
    agreed = sdp.accept(LOCAL, offered("m=audio 5000 RTP/AVP 0"))
    assert agreed.others == ()
    agreed = sdp.accept(LOCAL, offered("m=audio 5000 RTP/AVP 0 9"))
    assert agreed.others == ()  # G.722 was not offered


def test_dynamic_numbers_are_the_offers() -> None:
    description = offered(
        "m=audio 5000 RTP/AVP 111 110 126", "a=rtpmap:111 OPUS/48000/2",
        "a=rtpmap:110 telephone-event/48000", "a=rtpmap:126 telephone-event/8000",
    )  # fmt: skip
    _, agreed = sdp.answer(description, LocalAudio("192.0.2.1", 4000, ALL))
    assert agreed.codec.payload_type == 111
    assert agreed.event is not None
    assert (agreed.event.payload_type, agreed.event.clock_rate) == (110, 48000)
    assert set(agreed.event_receive_types) == {110}


def test_events_come_at_the_clock_of_any_audio_that_may_come() -> None:
    """RFC 4733 2.1: amid Opus they have its clock, whatever stands first in the answer."""
    local = LocalAudio("192.0.2.1", 4000, (sdp.PCMU, sdp.OPUS, *ALL[3:]))
    answered = offered(
        "m=audio 5000 RTP/AVP 0 107 101 97", "a=rtpmap:107 opus/48000/2",
        "a=rtpmap:101 telephone-event/8000", "a=rtpmap:97 telephone-event/48000",
    )  # fmt: skip
    agreed = sdp.accept(local, answered)
    assert agreed.event_receive_types == (101,)
    found = {(other.payload_type, other.clock_rate) for other in agreed.event_others}
    assert found == {(100, 48000), (97, 48000)}
    assert sdp.accept(local, offered("m=audio 5000 RTP/AVP 0")).event_others == ()


def test_opus_with_events_of_8000_only() -> None:
    description = offered(
        "m=audio 5000 RTP/AVP 111 101", "a=rtpmap:111 opus/48000/2",
        "a=rtpmap:101 telephone-event/8000",
    )  # fmt: skip
    _, agreed = sdp.answer(description, LocalAudio("192.0.2.1", 4000, ALL))
    assert agreed.event is not None
    assert agreed.event.clock_rate == 8000


def test_an_answer_with_other_numbers_than_the_offer() -> None:
    """RFC 3264 5.1: we send with theirs and take both."""
    local = LocalAudio("192.0.2.1", 4000, ALL)
    answered = offered(
        "m=audio 5000 RTP/AVP 107 97", "a=rtpmap:107 opus/48000/2",
        "a=rtpmap:97 telephone-event/48000",
    )  # fmt: skip
    agreed = sdp.accept(local, answered)
    assert agreed.codec.payload_type == 107
    assert set(agreed.receive_types) == {96, 107}
    assert set(agreed.event_receive_types) == {100, 97}


@pytest.mark.parametrize(
    ("theirs", "ours", "answered", "sends"),
    [
        ("sendrecv", Direction.SENDRECV, "sendrecv", True),
        ("sendonly", Direction.SENDRECV, "recvonly", False),
        ("recvonly", Direction.SENDRECV, "sendonly", True),
        ("inactive", Direction.SENDRECV, "inactive", False),
        ("sendrecv", Direction.SENDONLY, "sendonly", True),
        ("sendonly", Direction.SENDONLY, "inactive", False),
        ("sendrecv", Direction.INACTIVE, "inactive", False),
        ("recvonly", Direction.RECVONLY, "inactive", False),
    ],
)
def test_directions(theirs: str, ours: Direction, answered: str, sends: bool) -> None:
    local = LocalAudio("192.0.2.1", 4000, OURS, direction=ours)
    description, agreed = sdp.answer(offered("m=audio 5000 RTP/AVP 0", f"a={theirs}"), local)
    assert description.media[0].attribute(answered) == ""
    assert agreed.direction.sends == sends
    assert agreed.on_hold == (not sends)


def test_a_session_wide_direction_and_the_medias_own() -> None:
    base = ("a=inactive", "m=audio 5000 RTP/AVP 0")
    assert not sdp.answer(offered(*base), LOCAL)[1].direction.receives
    assert sdp.answer(offered(*base, "a=sendrecv"), LOCAL)[1].direction.receives


def test_the_old_hold_by_address() -> None:
    _, agreed = sdp.answer(offered("m=audio 5000 RTP/AVP 0", c="c=IN IP4 0.0.0.0"), LOCAL)
    assert agreed.on_hold
    assert (agreed.address, agreed.rtcp_address) == ("", "")
    assert agreed.direction.receives


def test_hold_and_resume_are_offers_of_the_next_version() -> None:
    held = sdp.offer(sdp.hold(LOCAL, version=2))
    assert held.origin.version == "2"
    assert held.media[0].attribute("sendonly") == ""
    agreed = sdp.accept(sdp.hold(LOCAL, version=2), offered("m=audio 5000 RTP/AVP 0", "a=recvonly"))
    assert agreed.direction is Direction.SENDONLY


def test_every_section_is_answered_and_only_one_is_taken() -> None:
    description = offered(
        "m=video 6000 RTP/AVP 99", "m=audio 5000 RTP/SAVP 0", "m=audio 5002 RTP/AVP 18",
        "m=audio 5004 RTP/AVP 18 0", "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    )  # fmt: skip
    answered, agreed = sdp.answer(description, LOCAL)
    assert [m.port for m in answered.media] == [0, 0, 0, 4000, 0]
    assert [m.kind for m in answered.media] == [m.kind for m in description.media]
    assert agreed.port == 5004


@pytest.mark.parametrize(
    "lines",
    [
        ("m=audio 5000 RTP/AVP 18",),
        ("m=audio 5000 RTP/SAVP 0",),
        ("m=audio 0 RTP/AVP 0",),
        ("m=video 5000 RTP/AVP 0",),
        ("m=audio 5000 RTP/AVP 101", "a=rtpmap:101 telephone-event/8000"),
        ("m=audio 5000 RTP/AVP 96", "a=rtpmap:96 PCMU/16000"),
        (),
    ],
)
def test_nothing_in_common(lines: tuple[str, ...]) -> None:
    with pytest.raises(sdp.NotAcceptable):
        sdp.answer(offered(*lines), LOCAL)
    with pytest.raises(sdp.NotAcceptable):
        sdp.accept(LOCAL, offered(*lines))


def test_no_address_at_all() -> None:
    with pytest.raises(sdp.NotAcceptable, match="c="):
        sdp.answer(offered("m=audio 5000 RTP/AVP 0", c="a=x"), LOCAL)


@pytest.mark.parametrize(
    ("lines", "address", "port"),
    [
        ((), "198.51.100.7", 5001),
        (("a=rtcp:6001",), "198.51.100.7", 6001),
        (("a=rtcp:6001 IN IP4 203.0.113.9",), "203.0.113.9", 6001),
        (("a=rtcp:0",), "198.51.100.7", 5001),
        (("a=rtcp:zero",), "198.51.100.7", 5001),
    ],
)
def test_where_rtcp_goes(lines: tuple[str, ...], address: str, port: int) -> None:
    _, agreed = sdp.answer(offered("m=audio 5000 RTP/AVP 0", *lines), LOCAL)
    assert (agreed.rtcp_address, agreed.rtcp_port, agreed.rtcp_mux) == (address, port, False)


def test_mux_needs_both() -> None:
    lines = ("m=audio 5000 RTP/AVP 0", "a=rtcp-mux")
    assert sdp.answer(offered(*lines), LOCAL)[1].rtcp_port == 5000
    plain = LocalAudio("192.0.2.1", 4000, OURS, rtcp_mux=False)
    answered, agreed = sdp.answer(offered(*lines), plain)
    assert agreed.rtcp_port == 5001
    assert answered.media[0].attribute("rtcp-mux") is None


@pytest.mark.parametrize(
    ("lines", "ptime"),
    [
        ((), 20), (("a=ptime:20",), 20), (("a=ptime:10",), 20), (("a=ptime:30",), 20),
        (("a=ptime:40",), 40), (("a=ptime:60",), 60), (("a=ptime:200",), 60),
        (("a=ptime:60", "a=maxptime:40"), 40), (("a=ptime:x",), 20), (("a=ptime:20.0",), 20),
        (("a=ptime:99999999",), 20), (("a=maxptime:150",), 20),
    ],
)  # fmt: skip
def test_packet_times(lines: tuple[str, ...], ptime: int) -> None:
    _, agreed = sdp.answer(offered("m=audio 5000 RTP/AVP 0", *lines), LOCAL)
    assert agreed.ptime_ms == ptime


def test_attributes_that_make_no_sense_are_passed_over() -> None:
    description = offered(
        "m=audio 5000 RTP/AVP 0 300 -1 x 96 96", "a=rtpmap:nonsense", "a=rtpmap:96 G722/8000/0",
        "a=fmtp:", "a=fmtp:96", "a=rtpmap:97 not/listed",
    )  # fmt: skip
    audio = sdp.read_audio(description, description.media[0])
    assert [c.name for c in audio.codecs] == ["PCMU", "G722"]
    assert audio.others == ("300", "-1", "x", "96")
    assert sdp.answer(description, LOCAL)[1].codec == sdp.PCMU


def test_ipv6() -> None:
    local = LocalAudio("2001:db8::1", 4000, OURS)
    answered, agreed = sdp.answer(
        offered("m=audio 5000 RTP/AVP 0", c="c=IN IP6 2001:db8::7"), local
    )
    assert agreed.address == "2001:db8::7"
    assert answered.connection == sdp.Connection("2001:db8::1", "IP6")


@pytest.mark.parametrize(
    ("c", "reason"),
    [
        ("c=IN IP4 phone.example", "no IP address"),
        ("c=IN IP4 999.1.1.1", "no IP address"),
        ("c=IN IP6 2001:db8::7", "IPv6"),
        ("c=IN IP4 224.2.1.1/127", "not the address of one"),
        ("c=IN IP4 255.255.255.255", "not the address of one"),
    ],
)
def test_where_no_audio_can_be_sent(c: str, reason: str) -> None:
    """Agreed on, it would be a call that nobody hears."""
    with pytest.raises(sdp.NotAcceptable, match=reason):
        sdp.answer(offered("m=audio 5000 RTP/AVP 0", c=c), LOCAL)
    with pytest.raises(sdp.NotAcceptable, match=reason):
        sdp.accept(LOCAL, offered("m=audio 5000 RTP/AVP 0", c=c))


@pytest.mark.parametrize("place", ["IN IP4 reports.example", "IN IP6 2001:db8::7"])
def test_reports_that_cannot_be_sent_are_not_sent(place: str) -> None:
    description = offered("m=audio 5000 RTP/AVP 0", f"a=rtcp:5009 {place}")
    _, agreed = sdp.answer(description, LOCAL)
    assert (agreed.address, agreed.rtcp_address) == ("198.51.100.7", "")
