import time

import pytest

from trunkline.protocols.sip import (
    EncodeError,
    Headers,
    Malformed,
    Request,
    Response,
    ack_for,
    again,
    cancel_for,
    make_address,
    parse,
    parse_address,
    parse_uri,
    parse_via,
    respond,
)
from trunkline.protocols.sip.bodies import parse_digit, sdp_of, write_digit
from trunkline.protocols.sip.grammar import parse_params, readable, split_outside, unquote

INVITE = (
    b"INVITE sip:bob@biloxi.example.com SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP pc33.example.com;branch=z9hG4bK776asdhds\r\n"
    b"Max-Forwards: 70\r\n"
    b"To: Bob <sip:bob@biloxi.example.com>\r\n"
    b"From: Alice <sip:alice@atlanta.example.com>;tag=1928301774\r\n"
    b"Call-ID: a84b4c76e66710@pc33.example.com\r\n"
    b"CSeq: 314159 INVITE\r\n"
    b"Contact: <sip:alice@pc33.example.com>\r\n"
    b"Content-Type: application/sdp\r\n"
    b"Content-Length: 4\r\n"
    b"\r\n"
    b"v=0\n"
)


def invite(**changes: str) -> Request:
    message = parse(INVITE)
    assert isinstance(message, Request)
    for name, value in changes.items():
        message.headers.set(name.replace("_", "-"), value)
    fresh = parse(message.serialise())
    assert isinstance(fresh, Request)
    return fresh


def test_golden_octets_come_back():
    assert parse(INVITE).serialise() == INVITE


def test_a_response_takes_what_it_has_to_from_its_request():
    response = respond(invite(record_route="<sip:p1;lr>, <sip:p2;lr>"), 180, tag="8321234356")
    assert response.serialise() == (
        b"SIP/2.0 180 Ringing\r\n"
        b"Via: SIP/2.0/UDP pc33.example.com;branch=z9hG4bK776asdhds\r\n"
        b"To: Bob <sip:bob@biloxi.example.com>;tag=8321234356\r\n"
        b"From: Alice <sip:alice@atlanta.example.com>;tag=1928301774\r\n"
        b"Call-ID: a84b4c76e66710@pc33.example.com\r\n"
        b"CSeq: 314159 INVITE\r\n"
        b"Record-Route: <sip:p1;lr>, <sip:p2;lr>\r\n"
        b"Content-Length: 0\r\n\r\n"
    )


def test_record_route_is_not_repeated_in_refusals():
    assert "record-route" not in respond(invite(record_route="<sip:p1;lr>"), 486, tag="t").headers


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"Alice", "Alice"),
        ("Zo\u00eb \u260e \U0001f600".encode(), "Zo\u00eb \u260e \U0001f600"),
        (b"M\xfcller \x80", "M\u00fcller \u20ac"),
        (b"a\0b\x01\tc\x7f", "a b  c"),
        (b"\x81", "\ufffd"),
    ],
)
def test_what_a_peer_wrote_can_be_read_and_kept(octets, text):
    head = b"OPTIONS sip:a@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nMax-Forwards: 7\r\n"
    rest = b"To: <sip:a@h>\r\nFrom: <sip:b@h>;tag=1\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\nSubject: "
    said = readable(parse(head + rest + octets + b"\r\n\r\n").headers.get("subject"))
    assert said == text
    assert said.encode().decode() == said


@pytest.mark.parametrize(
    ("to", "tagged"),
    [
        ("<sip:bob@b.example>", "<sip:bob@b.example>;tag=new"),
        ("<sip:bob@b.example;tag=no>", "<sip:bob@b.example;tag=no>;tag=new"),
        ("<sip:bob@b.example>;tag=old", "<sip:bob@b.example>;tag=old"),
        ("sip:bob@b.example;TAG=old", "sip:bob@b.example;TAG=old"),
        ("sip:bob@b.example", "sip:bob@b.example;tag=new"),
        ('"a;tag=x" <sip:b@c>;x="y;tag=z"', '"a;tag=x" <sip:b@c>;x="y;tag=z";tag=new'),
    ],
)
def test_a_tag_is_put_in_once(to, tagged):
    assert respond(invite(to=to), 200, tag="new").headers.get("to") == tagged


def test_100_has_no_tag():
    assert "tag" not in (respond(invite(), 100, tag="x").headers.get("to") or "")


def test_cancel_and_ack_are_of_the_same_transaction():
    request = invite(route="<sip:p1;lr>")
    refusal = respond(request, 486, tag="9")
    cancel, ack = cancel_for(request), ack_for(request, refusal)
    for made, method in ((cancel, "CANCEL"), (ack, "ACK")):
        assert made.via == request.via
        assert made.uri == request.uri
        assert made.cseq == (314159, method)
        assert made.headers.lines("route") == ["<sip:p1;lr>"]
    assert ack.to.tag == "9"
    assert cancel.to.tag == ""


def test_again_is_another_transaction():
    request = invite()
    via = parse_via("SIP/2.0/UDP h;branch=z9hG4bKother")
    made = again(request, via, [("Authorization", "Digest x")])
    assert made.cseq.number == 314160
    assert made.via.branch == "z9hG4bKother"
    assert made.headers.get("authorization") == "Digest x"
    assert request.cseq.number == 314159


def test_compact_names_are_long_inside():
    message = parse(INVITE.replace(b"Via:", b"v:").replace(b"Contact:", b"m :"))
    assert message.headers.get("Via")
    assert message.contact is not None
    assert b"\r\nContact: " in message.serialise()


def test_bare_line_feeds_are_taken():
    assert parse(INVITE.replace(b"\r\n", b"\n")).serialise() == INVITE


def test_a_carriage_return_cannot_smuggle_a_header():
    message = parse(INVITE.replace(b"Max-Forwards: 70", b"X-A: 1\rX-B: 2"))
    assert message.headers.get("x-a") == "1 X-B: 2"
    assert "x-b" not in message.headers


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\rb"])
def test_a_line_end_in_a_value_is_not_written(value):
    request = invite()
    request.headers.add("X-PH-Note", value)
    with pytest.raises(EncodeError):
        request.serialise()


def test_octets_that_are_no_utf8_survive():
    message = parse(INVITE.replace(b"To: Bob", b'To: "\xff\xfe\xe9"'))
    assert b'"\xff\xfe\xe9"' in message.serialise()


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00",
        b"INVITE\r\n\r\n",
        b"SIP/2.0 99 Low\r\n\r\n",
        b"SIP/2.0 abc\r\n\r\n",
        b"SIP/3.0 200 OK\r\n\r\n",
    ],
)
def test_what_is_no_sip_is_dropped(octets):
    with pytest.raises(Malformed) as caught:
        parse(octets)
    assert caught.value.request is None


@pytest.mark.parametrize(
    "line", [b"Via: x", b"Via: SIP/2.0/UDP", b"Via: SIP/2.0/UDP h:99999", b"X: 1"]
)
def test_without_a_via_there_is_no_answer(line):
    octets = INVITE.replace(b"Via: SIP/2.0/UDP pc33.example.com;branch=z9hG4bK776asdhds", line)
    with pytest.raises(Malformed) as caught:
        parse(octets)
    assert caught.value.request is None


def test_a_malformed_ack_is_never_answered():
    octets = INVITE.replace(b"INVITE", b"ACK").replace(b"CSeq: 314159 ACK", b"CSeq: x ACK")
    with pytest.raises(Malformed) as caught:
        parse(octets)
    assert caught.value.request is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"CSeq: 314159 INVITE", b"CSeq: 2147483648 INVITE"),
        (b"CSeq: 314159 INVITE", b"CSeq: INVITE"),
        (b"CSeq: 314159 INVITE", b"CSeq: \xd9\xa1 INVITE"),
        (b"Call-ID: a84b4c76e66710@pc33.example.com\r\n", b""),
        (b"Max-Forwards: 70", b"no colon here"),
        (b"Max-Forwards: 70", b": 70"),
        (b"To: Bob <sip:bob@biloxi.example.com>", b"To: Bob <sip:bob@biloxi.example.com"),
        (b"To: Bob <sip:bob@biloxi.example.com>", b'To: "Bob'),
        (b"Content-Length: 4", b"Content-Length: 4x"),
        (b"Max-Forwards: 70", b"Max-Forwards: 70\r\nMax-Forwards: 70"),
    ],
)
def test_what_cannot_be_read_is_answered_with_400(old, new):
    with pytest.raises(Malformed) as caught:
        parse(INVITE.replace(old, new))
    assert caught.value.status == 400
    assert caught.value.request is not None


def test_headers_by_any_name():
    headers = Headers(
        [("v", "1"), ("X-Custom", "a"), ("x-custom", "b"), ("contact", "<sip:a,b>, *")]
    )
    assert headers.get("VIA") == "1"
    assert headers.lines("X-CUSTOM") == ["a", "b"]
    assert headers.values("m") == ["<sip:a,b>", "*"]
    headers.set("x-Custom", "c")
    assert headers.lines("x-custom") == ["c"]
    headers.remove("via")
    assert [name for name, _ in headers] == ["x-Custom", "Contact"]


def test_addresses():
    assert str(make_address("sip:a@b", 'The "Boss"\r\nX: 1', "t")) == (
        '"The \\"Boss\\" X: 1" <sip:a@b>;tag=t'
    )
    address = parse_address('"A, \\"B\\" <c>" <sip:a@b;transport=tcp>;tag=1;q=0.5')
    assert address.name == 'A, "B" <c>'
    assert address.parsed.transport == "tcp"
    assert address.params == {"tag": "1", "q": "0.5"}


@pytest.mark.parametrize("text", ["", "<>", "bob", '"x', '"x" sip:a@b', "<sip:a@b", "<sip:a@b> x"])
def test_no_addresses(text):
    with pytest.raises(Malformed):
        parse_address(text)


@pytest.mark.parametrize(
    ("text", "user", "host", "port"),
    [
        ("sip:a@b", "a", "b", None),
        ("sips:a:secret@b:5070;lr", "a", "b", 5070),
        ("sip:b", "", "b", None),
        (
            "sip:+1234;ext=5@[2001:db8::1]:5060;transport=tcp?X=y",
            "+1234;ext=5",
            "[2001:db8::1]",
            5060,
        ),
        ("SIP:a@B.Example", "a", "B.Example", None),
    ],
)
def test_uris(text, user, host, port):
    uri = parse_uri(text)
    assert (uri.user, uri.host, uri.port) == (user, host, port)
    assert parse_uri(str(uri)) == uri


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sip",
        "sip:",
        "sip:a@",
        "sip:a b@c",
        "sip:a@b:0x1",
        "sip:a@b:70000",
        "sip:<a>@b",
        "sip:a@[::1",
    ],
)
def test_no_uris(text):
    with pytest.raises(Malformed):
        parse_uri(text)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtlanTa.CoM;Transport=tcp", True),
        ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5", True),
        ("sip:alice@atlanta.com", "sip:ALICE@atlanta.com", False),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060", False),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp", False),
        ("sip:a@b;security=on", "sip:a@b;security=off", False),
        ("sip:a@b", "sips:a@b", False),
    ],
)
def test_uris_are_compared_by_rfc_3261_19_1_4(one, other, same):
    assert parse_uri(one).same_as(parse_uri(other)) is same
    assert parse_uri(other).same_as(parse_uri(one)) is same


def test_lists_and_quotes():
    assert split_outside('a, "b,c" <d,e>;f="g,h"', ",") == ["a", '"b,c" <d,e>;f="g,h"']
    assert parse_params(';a=1;;B="x;y";c') == {"a": "1", "b": '"x;y"', "c": None}
    assert unquote(r'"a\"b\\"') == 'a"b\\'
    with pytest.raises(Malformed):
        split_outside("," * 1000, ",")


def test_digits_of_info():
    assert parse_digit("application/dtmf-relay", b"Signal=5\r\nDuration=250\r\n") == ("5", 250)
    assert parse_digit("application/dtmf-relay", b"signal = *\nduration=999999") == ("*", 5000)
    assert parse_digit("application/dtmf-relay", b"Signal=11\r\n") == ("#", 160)
    assert parse_digit("application/dtmf", b"#") == ("#", 160)
    assert parse_digit("application/dtmf-relay", write_digit("D", 80)) == ("D", 80)
    for body in (b"", b"Signal=", b"Signal=99", b"\xff\xfe", b"Duration=5"):
        assert parse_digit("application/dtmf-relay", body) is None
    assert parse_digit("text/plain", b"5") is None


def test_sdp_within_a_multipart():
    request = invite(content_type='multipart/mixed; boundary="b 1"')
    request.body = (
        b"--b 1\r\nContent-Type: application/isup\r\n\r\n\x01\x00\r\n"
        b"--b 1\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n\r\n--b 1--\r\n"
    )
    assert sdp_of(request) == b"v=0\r\n"
    request.headers.set("Content-Type", "text/plain")
    assert sdp_of(request) is None
    request.body = b""
    assert sdp_of(request) == b""
    assert sdp_of(Response(200, "OK", Headers())) == b""


def test_only_the_type_of_a_part_says_what_it_is():
    body = "--b\r\nX-Beside: application/sdp\r\nc: text/plain\r\n\r\nhi\r\n"
    body += "--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n\r\n--b--"
    headers = Headers([("Content-Type", "multipart/mixed;boundary=b")])
    assert sdp_of(Response(200, "OK", headers, body.encode())) == b"v=0\r\n"


def test_a_comma_within_quotes_ends_no_via():
    one, other = 'SIP/2.0/UDP a.example;x="b, \\", c";branch=z9hG4bK1', "SIP/2.0/TCP b.example"
    headers = Headers([("Via", f"{one}, {other}")])
    message = Request("OPTIONS", "sip:a@b", headers)
    assert message.via.branch == "z9hG4bK1"
    message.put_via(parse_via("SIP/2.0/UDP c.example"))
    assert headers.get("via") == f"SIP/2.0/UDP c.example, {other}"
    answers = [Response(200, "OK", Headers([("Via", via)])) for via in (one, f"{one}, {other}")]
    assert [answer.is_forwarded for answer in answers] == [False, True]


def test_a_tab_is_space_too():
    assert Request("BYE", "sip:a@b", Headers([("CSeq", "7\tBYE")])).cseq == (7, "BYE")


@pytest.mark.parametrize(
    ("uri", "number"),
    [
        ("tel:+1-415-555-0100", "+14155550100"),
        ("tel:+1(415)555.0100;phone-context=x", "+14155550100"),
        ("sip:+14155550100;npdi;rn=+14155550000@a.example;user=phone", "+14155550100"),
        ("sip:14155550100;cpc=ordinary@a.example", "14155550100"),
        ("sip:%2B1-415-555-0100@a.example", "+14155550100"),
        ("sip:415-555@a.example;user=phone", "415555"),
        ("sip:415-555@a.example", "415-555"),
        ("sip:bob.o-neil;x=1@a.example", "bob.o-neil;x=1"),
        ("sip:a.example", ""),
    ],
)
def test_numbers_without_what_stands_beside_them(uri, number):
    assert parse_uri(uri).number == number


HOSTILE = {
    "lines": "x\n" * 31_000,
    "folds": "X: a\r\n" + " b\r\n" * 15_000,
    "escapes": 'Via: SIP/2.0/UDP a;b="' + '\\"' * 31_000 + '"\r\n',
    "quotes": "Via: SIP/2.0/UDP a" + ';b=""' * 12_000 + "\r\n",
    "unclosed": 'Via: SIP/2.0/UDP a;b="' + "\\\\" * 31_000 + "\r\n",
    "brackets": "From: " + "<>" * 31_000 + "\r\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_datagram_takes_long_to_read(name):
    """A stranger's is read too: a dozen a second must not hold up the calls."""
    octets = f"OPTIONS sip:a@b SIP/2.0\r\n{HOSTILE[name]}\r\n".encode()
    assert 60_000 < len(octets) < 65_536
    began = time.process_time()
    for _ in range(10):
        with pytest.raises(Malformed):
            parse(octets)
    assert time.process_time() - began < 0.25  # it is 0.002 to 0.05


def test_quoted_strings_end_where_they_end():
    for text in ('"', '"a', '"a\\"', '"\\', 'a "b" "c'):
        with pytest.raises(Malformed):
            split_outside(text, ",")
    for text, pieces in (
        ('"a,b",c', ['"a,b"', "c"]),
        ('"a\\",b",c', ['"a\\",b"', "c"]),
        ('"a\\\\",c', ['"a\\\\"', "c"]),
        ('"a\nb",<c,d>, "" ', ['"a\nb"', "<c,d>", '""']),
        ('a"b,c"d,e', ['a"b,c"d', "e"]),
    ):
        assert split_outside(text, ",") == pieces


def test_the_address_of_a_user_that_is_no_utf8():
    assert parse_uri("sip:caf\udce9@A.example;x=1").address == "sip:caf%E9@a.example"
    assert parse_uri("sip:%00%C3%A9@a.example").address == "sip:%00%C3%A9@a.example"
