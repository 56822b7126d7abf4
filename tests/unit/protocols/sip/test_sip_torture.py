"""RFC 4475: what is valid is taken, what is not is refused or dropped as that says."""

import pytest

from trunkline.protocols.sip import Malformed, Request, Response, parse
from trunkline.protocols.sip.address import parse_address
from trunkline.protocols.sip.transactions import server_key

VALID = [
    "wsinv",
    "intmeth",
    "esc01",
    "escnull",
    "esc02",
    "lwsdisp",
    "longreq",
    "dblreq",
    "semiuri",
    "transports",
    "mpart01",
    "unreason",
    "noreason",
    "baddate",
    "badaspec",
    "baddn",
    "badbranch",
    "unkscm",
    "novelsc",
    "unksm2",
    "bext01",
    "invut",
    "regaut01",
    "bcast",
    "zeromf",
    "cparam01",
    "cparam02",
    "regbadct",
    "regescrt",
    "sdp01",
    "inv2543",
]
"""Taken by the parser; what some ask for is refused further up."""
REFUSED = {
    "badinv01": 400,
    "clerr": 400,
    "ncl": 400,
    "scalar02": 400,
    "quotbal": 400,
    "ltgtruri": 400,
    "lwsruri": 400,
    "lwsstart": 400,
    "trws": 400,
    "escruri": 400,
    "badvers": 505,
    "mismatch01": 400,
    "mismatch02": 400,
    "insuf": 400,
    "multi01": 400,
    "mcl01": 400,
}
DROPPED = ["scalarlg", "bigcode"]


def test_every_message_is_judged(torture):
    assert sorted(torture) == sorted([*VALID, *REFUSED, *DROPPED])


@pytest.mark.parametrize("name", VALID)
def test_valid(torture, name):
    message = parse(torture[name])
    assert message.call_id
    again = parse(message.serialise())
    assert again.headers == message.headers
    assert again.body == message.body


@pytest.mark.parametrize("name", REFUSED)
def test_refused(torture, name):
    with pytest.raises(Malformed) as caught:
        parse(torture[name])
    assert caught.value.status == REFUSED[name]
    assert caught.value.request is not None
    assert caught.value.request.via.host


@pytest.mark.parametrize("name", DROPPED)
def test_dropped(torture, name):
    with pytest.raises(Malformed) as caught:
        parse(torture[name])
    assert caught.value.request is None


def test_a_short_tortuous_invite(torture):
    message = parse(torture["wsinv"])
    assert isinstance(message, Request)
    assert message.to.tag == "1918181833n"
    assert message.from_.name == 'J Rosenberg \\"'
    assert message.from_.tag == "98asjd8"
    assert message.cseq == (9, "INVITE")
    assert message.via.transport == "UDP"
    assert message.via.host == "192.0.2.2"
    assert message.via.branch == "390skdjuw"
    assert not message.via.has_magic
    assert message.headers.values("via")[2].startswith("SIP  /    2.0   / UDP")
    assert message.headers.get("subject") == ""
    assert message.headers.get("newfangledheader") == "newfangled value continued newfangled value"
    assert message.headers.get("UnknownHeaderWithUnusualValue") == ";;,,;;,;"
    contact = message.contact
    assert contact is not None
    assert contact.name == 'Quoted string ""'
    assert contact.params == {"newparam": "newvalue", "secondparam": None, "q": "0.33"}


def test_a_wide_range_of_valid_characters(torture):
    message = parse(torture["intmeth"])
    assert isinstance(message, Request)
    assert message.method == "!interesting-Method0123456789_*+`.%indeed'~"
    assert message.target.user == "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*"
    assert message.target.password == "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)"
    assert message.target.host == "example.com"
    assert message.to.name == "BEL:\x07 NUL:\x00 DEL:\x7f"
    assert message.from_.tag == "_token~1'+`*%!-."
    assert message.headers.get("extensionHeader-!.%*+_`'~") == "﻿大停電"


def test_escapes_are_kept_and_compared_without(torture):
    message = parse(torture["esc01"])
    assert isinstance(message, Request)
    assert message.target.username == "sips:user@example.com"
    assert message.target.host == "example.net"
    assert message.to.parsed.username == "user"
    # A method with escapes is another method, a header name another header.
    other = parse(torture["esc02"])
    assert isinstance(other, Request)
    assert other.method == "RE%47IST%45R"
    assert len(other.headers.values("contact")) == 2
    assert parse(torture["escnull"]).to.parsed.username == "null-\0-null"


def test_what_follows_the_first_message_is_passed_over(torture):
    message = parse(torture["dblreq"])
    assert isinstance(message, Request)
    assert message.method == "REGISTER"
    assert message.body == b""


def test_a_semicolon_belongs_to_the_user(torture):
    message = parse(torture["semiuri"])
    assert isinstance(message, Request)
    assert message.target.username == "user;par=u@example.net"
    assert not message.target.params


def test_reasons(torture):
    assert parse(torture["noreason"]).reason == ""
    message = parse(torture["unreason"])
    assert isinstance(message, Response)
    assert message.reason.startswith("= 2**3 * 5**2 ")


def test_parameters_of_header_and_uri(torture):
    bare = parse(torture["cparam01"]).contact
    bracketed = parse(torture["cparam02"]).contact
    assert bare is not None
    assert bracketed is not None
    assert bare.params == {"unknownparam": None}
    assert not bare.parsed.params
    assert not bracketed.params
    assert bracketed.parsed.params == {"unknownparam": None}


def test_headers_need_brackets(torture):
    with pytest.raises(Malformed):
        parse_address(parse(torture["regbadct"]).headers.values("contact")[0])
    contact = parse(torture["regescrt"]).contact
    assert contact is not None
    assert contact.parsed.headers == "Route=%3Csip:sip.example.com%3E"


def test_a_peer_of_rfc_2543(torture):
    message = parse(torture["inv2543"])
    assert isinstance(message, Request)
    assert message.from_.tag == ""
    assert message.body.startswith(b"v=0")
    assert len(server_key(message)) == 6
    # A cookie with nothing behind it names no transaction (3.2.1).
    other = parse(torture["badbranch"])
    assert isinstance(other, Request)
    assert len(server_key(other)) == 6


def test_spaces_are_forgiven_where_they_cannot_mislead(torture):
    assert parse(torture["badaspec"]).to.uri == "sip:t.watson@example.org"
    assert parse(torture["baddn"]).from_.display == "Bell, Alexander"
    assert parse(torture["lwsdisp"]).from_.display == "caller"
