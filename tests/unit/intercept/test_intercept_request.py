import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as some

from trunkline.intercept.errors import BadRequest
from trunkline.intercept.hosts import is_plivo, is_served
from trunkline.intercept.request import parse_head

REST = b"Host: x\r\nProxy-Connection: keep-alive\r\nX-A: b\r\nConnection: keep-alive\r\n\r\n"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"CONNECT api.plivo.com:443 HTTP/1.1", ("CONNECT", "connect", "api.plivo.com", 443)),
        (b"CONNECT API.Plivo.com.:443 HTTP/1.1", ("CONNECT", "connect", "api.plivo.com", 443)),
        (b"CONNECT [::1]:8443 HTTP/1.1", ("CONNECT", "connect", "::1", 8443)),
        (b"GET http://a.test/x HTTP/1.1", ("GET", "http", "a.test", 80)),
        (b"GET https://u:p@a.test HTTP/1.0", ("GET", "https", "a.test", 443)),
        (b"GET /x HTTP/1.1", ("GET", "", "x", 0)),
    ],
)
def test_what_is_asked_for(line: bytes, expected: tuple[str, str, str, int]) -> None:
    head = parse_head(line + b"\r\n" + REST)
    assert (head.method, head.scheme, head.host, head.port) == expected


def test_the_origin_gets_a_bare_path_and_one_request() -> None:
    head = parse_head(b"GET http://a.test/x?y=1 HTTP/1.1\r\n" + REST)
    assert head.rewritten() == (
        b"GET /x?y=1 HTTP/1.1\r\nHost: x\r\nX-A: b\r\nConnection: close\r\n\r\n"
    )


def test_an_upgrade_stays_one() -> None:
    lines = b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    head = parse_head(b"GET http://a.test HTTP/1.1\r\n" + lines)
    assert head.rewritten() == b"GET / HTTP/1.1\r\n" + lines


@pytest.mark.parametrize(
    "line",
    [
        b"", b"GET", b"GET /x", b"GET /x HTTP/2", b"GET  /x HTTP/1.1", b"CONNECT a HTTP/1.1",
        b"CONNECT a:b HTTP/1.1", b"CONNECT :443 HTTP/1.1", b"CONNECT a:99999 HTTP/1.1",
        b"GET http://[x/ HTTP/1.1", b"GET http:///x HTTP/1.1", b"\xff\xfe \x00 HTTP/1.1x",
    ],
)  # fmt: skip
def test_rubbish_is_refused(line: bytes) -> None:
    with pytest.raises(BadRequest):
        parse_head(line + b"\r\nHost: [\r\n\r\n")


@given(some.binary())
def test_no_octets_break_it(octets: bytes) -> None:
    with contextlib.suppress(BadRequest):
        parse_head(octets + b"\r\n\r\n").rewritten()


@pytest.mark.parametrize(
    ("host", "plivo", "served"),
    [
        ("api.plivo.com", True, True), ("API.PLIVO.COM.", True, True),
        ("zt.plivo.com", True, False),
        ("plivo.com", True, False), ("notplivo.com", False, False), ("", False, False),
        ("plivo.com.test", False, False), ("api.plivo.com.test", False, False),
    ],
)  # fmt: skip
def test_whose_host_it_is(host: str, plivo: bool, served: bool) -> None:
    assert (is_plivo(host), is_served(host)) == (plivo, served)
