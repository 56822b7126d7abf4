import pytest

from trunkline.engines.http.errors import InvalidUrl
from trunkline.engines.http.url import Origin, parse_url


@pytest.mark.parametrize(
    ("text", "base", "full", "wire"),
    [
        ("https://answer.url", "https://answer.url", "https://answer.url", b" / HTTP/1.1"),
        ("http://h", "http://h", "http://h", b" / HTTP/1.1"),
        ("http://h/", "http://h/", "http://h/", b" / HTTP/1.1"),
        ("http://h/a?b=c#frag", "http://h/a", "http://h/a?b=c", b" /a?b=c HTTP/1.1"),
        ("http://h/a#ct=2000&rt=1", "http://h/a", "http://h/a", b" /a HTTP/1.1"),
        ("http://h?b", "http://h", "http://h?b", b" /?b HTTP/1.1"),
        ("http://h/a?", "http://h/a", "http://h/a?", b" /a? HTTP/1.1"),
        ("http://h/p%20q/é x", "http://h/p%20q/%C3%A9%20x", None, b" /p%20q/%C3%A9%20x HTTP/1.1"),
        ("HTTP://Host.Example:80/A", "http://Host.Example:80/A", None, b" /A HTTP/1.1"),
        ("http://u:p@h:1/x", "http://h:1/x", "http://h:1/x", b" /x HTTP/1.1"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x", None, b" /x HTTP/1.1"),
        ("https://bücher.example/x", "https://xn--bcher-kva.example/x", None, b" /x HTTP/1.1"),
    ],
)
def test_reads_the_pieces(text: str, base: str, full: str | None, wire: bytes) -> None:
    url = parse_url(text)
    assert url.base == base
    assert str(url) == (full or base)
    assert url.wire == wire + b"\r\nHost: " + url.authority.encode() + b"\r\n"


def test_origin_is_normalised_and_host_line_is_not() -> None:
    url = parse_url("https://Hooks.Example/x")
    assert url.origin == Origin("https", "hooks.example", 443)
    assert b"Host: Hooks.Example\r\n" in url.wire
    assert parse_url("http://[::1]:8080/x").origin == Origin("http", "::1", 8080)
    assert str(parse_url("http://[::1]:8080/x").origin) == "http://[::1]:8080"


def test_credentials_become_a_header_value() -> None:
    assert parse_url("http://us%40er:pw@h/").credentials == b"Basic dXNAZXI6cHc="
    assert parse_url("http://h/").credentials is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://h/x", b" /x?k=v HTTP/1.1"),
        ("http://h", b" /?k=v HTTP/1.1"),
        ("http://h/x?a=b", b" /x?a=b&k=v HTTP/1.1"),
        ("http://h/x?", b" /x?k=v HTTP/1.1"),
    ],
)
def test_appends_a_query(text: str, expected: bytes) -> None:
    url = parse_url(text).with_query("k=v")
    assert url.wire.startswith(expected)
    assert url.base == parse_url(text).base
    assert str(url).endswith("k=v")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "h",
        "//h/x",
        "ftp://h/",
        "http://",
        "http:///x",
        "http://h:99999/",
        "http://h:x/",
        "http://[::1/",
        "http://[fe80::1%25eth0]/",
        "http://h/\r\nX: y",
        "http://h\n/",
        "http://h h/",
        "http://h/\x00",
        "http://" + "ü" * 80 + "/",
        "http://h/" + "x" * 40_000,
    ],
)
def test_refuses(text: str) -> None:
    with pytest.raises(InvalidUrl):
        parse_url(text)
