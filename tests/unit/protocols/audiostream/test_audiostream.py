"""The JSON of audio streams: golden octets, and rubbish that names its field."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.protocols.audiostream import incoming
from trunkline.protocols.audiostream.formats import Format, UnknownFormat, format_of
from trunkline.protocols.audiostream.outgoing import Writer, headers_of, unreadable_header

MULAW = Format("mulaw", 8000)


def writer(headers: str = "") -> Writer:
    return Writer("stream-1", "call-1", "MA1", headers)


def test_start() -> None:
    assert writer("a=1").start(("inbound",), MULAW) == (
        b'{"event":"start","sequenceNumber":0,"start":{"callId":"call-1","streamId":"stream-1",'
        b'"accountId":"MA1","tracks":["inbound"],'
        b'"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000}},'
        b'"extra_headers":"{\\"a\\":\\"1\\"}"}'
    )


def test_media() -> None:
    one = writer()
    assert one.media("inbound", 1700000000020, b"\xff\x7f\x00") == (
        b'{"event":"media","sequenceNumber":0,"streamId":"stream-1",'
        b'"media":{"track":"inbound","timestamp":"1700000000020","chunk":1,"payload":"/38A"},'
        b'"extra_headers":"{}"}'
    )
    assert b'"sequenceNumber":1' in one.media("outbound", 1, b"")
    assert json.loads(one.media("inbound", 1, b""))["media"]["chunk"] == 2


def test_the_rest() -> None:
    one = writer()
    assert json.loads(one.digit("#", 5)) == {
        "event": "dtmf",
        "sequenceNumber": 0,
        "streamId": "stream-1",
        "dtmf": {"digit": "#", "track": "inbound", "timestamp": "5"},
        "extra_headers": "{}",
    }
    for message, event in (
        (one.played("n"), "playedStream"),
        (one.cleared(), "clearedAudio"),
        (one.play_failed("full"), "playFailed"),
        (one.error("bad"), "error"),
        (one.stop("Call hangup"), "stop"),
    ):
        read = json.loads(message)
        assert (read["event"], read["streamId"]) == (event, "stream-1")


@given(st.text(max_size=600))
def test_headers_never_break_the_json(text: str) -> None:
    media = json.loads(Writer("s", "c", "a", text).media("inbound", 1, b"x"))
    assert json.loads(media["extra_headers"]) == headers_of(text)


def test_headers_by_comma_or_semicolon() -> None:
    assert headers_of("a=1,b=x=y; c = 3;=4,,d") == {"a": "1", "b": "x=y", "c": "3", "d": ""}


def test_headers_as_a_json_object() -> None:
    text = ' {"a": "1, 2", "b": 3, "c": {"d": null}}'
    assert headers_of(text) == {"a": "1, 2", "b": "3", "c": '{"d":null}'}
    assert unreadable_header(text) == ""
    assert headers_of("{}") == {}
    assert unreadable_header('{"a": "1"') == '{"a": "1"'
    assert unreadable_header('{"a":' * 20_000)


@pytest.mark.parametrize(
    ("text", "bad"),
    [("", ""), ("a=1, b=x=y;c=,", ""), ("a=1,=2,b", "=2"), ("a=1; b ", "b"), (" = ", "=")],
)
def test_headers_that_are_none(text: str, bad: str) -> None:
    assert unreadable_header(text) == bad


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("audio/x-l16;rate=8000", Format("l16", 8000)),
        (" Audio/X-L16 ; rate = 16000", Format("l16", 16000)),
        ("audio/x-l16;rate=24000", Format("l16", 24000)),
        ("audio/x-mulaw", Format("mulaw", 8000)),
    ],
)
def test_formats(written: str, found: Format) -> None:
    assert format_of(written) == found


@pytest.mark.parametrize(
    "written", ["", "audio/mpeg", "audio/x-l16;rate=44100", "audio/x-l16;rate=x", "x" * 1000]
)
def test_formats_that_are_not_streamed(written: str) -> None:
    with pytest.raises(UnknownFormat):
        format_of(written)


def test_wishes() -> None:
    play = b'{"event":"playAudio","streamId":"x","media":{"contentType":"audio/x-l16",'
    play += b'"sampleRate":16000.0,"payload":"AAEC/w=="},"later":{}}'
    assert incoming.read(play) == incoming.PlayAudio(Format("l16", 16000), b"\x00\x01\x02\xff")
    assert incoming.read(b'{"event":"checkpoint","name":7}') == incoming.Checkpoint("7")
    assert incoming.read(b'{"event":"clearAudio"}') == incoming.ClearAudio()
    assert incoming.read(b'{"event":"sendDTMF","dtmf":12}') == incoming.SendDigits("12")


@pytest.mark.parametrize(
    ("octets", "field"),
    [
        (b'{"event":"playAudio","media":{"payload":"A"}}', "media.payload"),
        (b'{"event":"playAudio","media":{"contentType":"audio/x-l16","payload":"AA=="}}', "half"),
        (b'{"event":"playAudio","media":{"sampleRate":1,"payload":""}}', "rate"),
        (b'{"event":"playAudio","media":{"payload":1}}', "media.payload"),
        (b'{"event":"checkpoint","name":""}', "name"),
        (b'{"event":"checkpoint","name":"' + b"x" * 257 + b'"}', "name"),
        (b'{"event":"sendDTMF","dtmf":"1e"}', "dtmf"),
        (b'{"event":"sendDTMF","dtmf":true}', "dtmf"),
        (b'{"event":"sendDTMF","dtmf":-1}', "dtmf"),
        (b'{"event":"hangup"}', "hangup"),
        (b" " * 65_537, "octets"),
    ],
)
def test_bad_messages_name_the_field(octets: bytes, field: str) -> None:
    with pytest.raises(incoming.BadMessage, match=field):
        incoming.read(octets)


@given(st.binary(max_size=300))
def test_any_octets_are_read_or_refused(octets: bytes) -> None:
    with pytest.raises(incoming.BadMessage):
        incoming.read(octets)
