"""Descriptions as text: golden ones, lenient ones, rubbish."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.protocols import sdp

GOLDEN = b"""v=0\r
o=alice 2890844526 2890844526 IN IP4 host.example\r
s=Call\r
i=A call\r
c=IN IP4 192.0.2.10\r
b=AS:64\r
t=0 0\r
a=tool:phone\r
m=audio 49170 RTP/AVP 0 8 101\r
i=voice\r
c=IN IP6 2001:db8::1\r
b=TIAS:64000\r
a=rtpmap:0 PCMU/8000\r
a=rtpmap:8 PCMA/8000\r
a=rtpmap:101 telephone-event/8000\r
a=fmtp:101 0-15\r
a=ptime:20\r
a=sendrecv\r
m=video 51372/2 RTP/AVP 99\r
a=rtpmap:99 h263-1998/90000\r
"""


def test_a_description_comes_back_as_it_was() -> None:
    found = sdp.parse(GOLDEN)
    assert found.origin == sdp.Origin("host.example", "2890844526", "2890844526", "alice")
    assert found.connection == sdp.Connection("192.0.2.10")
    assert found.bandwidths == (sdp.Bandwidth("AS", 64),)
    audio, video = found.media
    assert (audio.kind, audio.port, audio.formats, audio.title) == (
        "audio", 49170, ("0", "8", "101"), "voice",
    )  # fmt: skip
    assert audio.connection == sdp.Connection("2001:db8::1", "IP6")
    assert (video.port, video.port_count) == (51372, 2)
    assert sdp.serialize(found) == GOLDEN


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\n\r\n"])
def test_any_line_end(end: str) -> None:
    assert sdp.parse(GOLDEN.decode().replace("\r\n", end)) == sdp.parse(GOLDEN)


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.rstrip(),
        lambda t: t.replace("s=Call\r\n", ""),
        lambda t: t.replace("t=0 0\r\n", ""),
        lambda t: t.replace("a=tool:phone", "y=unknown type\r\na=tool:phone"),
        lambda t: t.replace("a=ptime:20", "  a=ptime:20  "),
        lambda t: t.replace("o=alice ", "o=alice from accounting "),
        lambda t: t + "\0",
    ],
)
def test_what_phones_really_send_is_taken(change: object) -> None:
    found = sdp.parse(change(GOLDEN.decode()))  # type: ignore[operator]
    audio = sdp.read_audio(found, found.media[0])
    assert [c.name for c in audio.codecs] == ["PCMU", "PCMA", "telephone-event"]
    assert audio.ptime_ms == 20


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 0),
        ("hello", 1),
        ("s=first\r\nv=0", 1),
        ("v=1\r\no=- 0 0 IN IP4 h", 1),
        ("v=0\r\no=- 0 0 IN IP4", 2),
        ("v=0\r\ns=-", 0),
        ("v=0\r\no=- 0 0 IN IP4 h\r\nc=IN IP4", 3),
        ("v=0\r\no=- 0 0 IN IP4 h\r\nc=ATM NSAP 1", 3),
        ("v=0\r\no=- 0 0 IN IP4 h\r\nm=audio x RTP/AVP 0", 3),
        ("v=0\r\no=- 0 0 IN IP4 h\r\nm=audio 99999 RTP/AVP 0", 3),
        ("v=0\r\no=- 0 0 IN IP4 h\r\nm=audio 5004 RTP/AVP", 3),
        ("v=0\r\no=- 0 0 IN IP4 h\r\nm=audio", 3),
        ("v=0\r\no=- 0 0 IN IP4 h\r\nb=64", 3),
        ("v=0\r\no=- 0 0 IN IP4 h\r\na=:x", 3),
        ("v=0\r\no=- 0 0 IN IP4 h\r\nv=0", 3),
        ("v=0\r\no=- 0 0 IN IP4 h\r\n\r\nnonsense here", 4),
        ("v=0\r\no=- 0 0 IN IP4 h\r\n" + "m=audio 1 RTP/AVP 0\r\n" * 33, 35),
        ("v=0\r\n" * 2000, 0),
        ("v=0\r\n" + "a" * 70000, 0),
    ],
)
def test_rubbish_is_named_by_its_line(text: str, line: int) -> None:
    with pytest.raises(sdp.SdpError) as raised:
        sdp.parse(text)
    assert raised.value.line == line
    assert f"line {line}" in str(raised.value) or line == 0


@given(st.binary(max_size=400))
def test_any_octets_give_a_description_or_an_error(data: bytes) -> None:
    for octets in (data, b"v=0\r\no=- 0 0 IN IP4 h\r\n" + data):
        try:
            found = sdp.parse(octets)
        except sdp.SdpError:
            continue
        for media in found.media:
            sdp.read_audio(found, media)
        assert sdp.parse(sdp.serialize(found)) == found


@given(st.lists(st.integers(0, len(GOLDEN) - 1), max_size=8), st.binary(min_size=1, max_size=8))
def test_mutated_descriptions(places: list[int], octets: bytes) -> None:
    data = bytearray(GOLDEN)
    for index, place in enumerate(places):
        data[place] = octets[index % len(octets)]
    try:
        found = sdp.parse(bytes(data))
    except sdp.SdpError:
        return
    local = sdp.LocalAudio("192.0.2.1", 4000, (sdp.PCMU, sdp.PCMA, sdp.TELEPHONE_EVENT))
    try:
        answered, agreed = sdp.answer(found, local)
    except sdp.NotAcceptable:
        return
    assert len(answered.media) == len(found.media)
    assert agreed.codec.name.upper() in ("PCMU", "PCMA")


def test_a_line_end_within_a_value_is_not_written() -> None:
    found = sdp.parse(GOLDEN)
    bad = sdp.SessionDescription(found.origin, name="x\r\na=evil")
    with pytest.raises(ValueError, match="line end"):
        sdp.serialize(bad)


def test_no_description_takes_long_to_read() -> None:
    head = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\nc=IN IP4 192.0.2.1\r\n"
    many = head + "m=audio 4000 RTP/AVP 0\r\n" + "a=x:y\r\n" * 900
    began = time.process_time()
    for _ in range(10):
        assert len(sdp.parse(many).media[0].attributes) == 900
    assert time.process_time() - began < 0.1  # it is 0.015
    with pytest.raises(sdp.SdpError, match="more than 256 formats"):
        sdp.parse(head + "m=audio 4000 RTP/AVP" + " 0" * 257)
