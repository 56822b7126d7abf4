"""Pieces of RFC 3261 section 25 that every header shares: tokens, quotes, lists, parameters."""

import re
from typing import Final

from trunkline.protocols.sip.errors import Malformed

Params = dict[str, str | None]
"""Parameters by lower-case name, in the order received; None for one without a value."""

_TOKEN: Final = frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.!%*_+`'~"
)
_NO_UTF8: Final = re.compile("[\ud800-\udfff]")
_CONTROL: Final = re.compile("[\0-\x1f\x7f-\x9f]")
QUOTED: Final = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
"""A quoted string as a pattern, which takes no more time than the string is long."""
_QUOTED: Final = re.compile(QUOTED, re.DOTALL)
_STOPS: Final = {separator: re.compile(f'["<{separator}]') for separator in ",;"}
NO_PARAMS: Final[Params] = {}
"""What has none; shared, so never to be changed."""
MAX_PARTS: Final = 256
"""More elements in one header value than this is rubbish, not a message."""


def readable(text: str) -> str:
    """Return what a peer wrote as people and records have it.

    Octets that are no UTF-8 are read as Windows-1252, which older phones send; control characters
    become spaces. For what goes back to peers the text itself is right, for it keeps every octet.
    """
    if not text.isascii() and _NO_UTF8.search(text):
        text = text.encode("utf-8", "surrogateescape").decode("windows-1252", "replace")
    return _CONTROL.sub(" ", text).strip()


def is_token(text: str) -> bool:
    """Tell whether this is a token (RFC 3261 25.1), so not empty."""
    return bool(text) and _TOKEN.issuperset(text)


def split_outside(text: str, separator: str) -> list[str]:
    """Split at a separator that is in neither quotes nor angle brackets; pieces are stripped.

    Malformed when a quote or bracket is never closed, or there are more than MAX_PARTS pieces.
    """
    if '"' not in text and "<" not in text:
        pieces = text.split(separator)
        _check_count(len(pieces))
        return [piece.strip() for piece in pieces]
    pieces: list[str] = []
    start = at = seen = 0
    stops = _STOPS[separator]
    while (found := stops.search(text, at)) is not None:
        seen += 1
        _check_count(seen // 4)  # quotes and brackets cost as much
        at, char = found.start(), found[0]
        if char == '"':
            at = closing_quote(text, at)
        elif char == "<":
            at = text.find(">", at)
            if at < 0:
                raise Malformed("an angle bracket is not closed")
        else:
            pieces.append(text[start:at].strip())
            start = at + 1
        at += 1
    pieces.append(text[start:].strip())
    _check_count(len(pieces))
    return pieces


def closing_quote(text: str, opening: int) -> int:
    """Find the quote that closes the one at `opening`; Malformed when there is none."""
    found = _QUOTED.match(text, opening)
    if found is None:
        raise Malformed("a quoted string is not closed")
    return found.end() - 1


def parse_params(text: str) -> Params:
    """Read `;a=b;c="d e";f`, with or without the first semicolon; empty ones are passed over.

    Values keep their quotes; see `unquote`.
    """
    if not text:
        return NO_PARAMS
    params: Params = {}
    for piece in split_outside(text, ";"):
        if not piece:
            continue
        name, equals, value = piece.partition("=")
        name = name.rstrip().lower()
        if name not in params:
            params[name] = value.lstrip() if equals else None
    return params


def write_params(params: Params) -> str:
    """Write `;a=b;f`; nothing for none."""
    if not params:
        return ""
    return "".join(f";{k}" if v is None else f";{k}={v}" for k, v in params.items())


def unquote(text: str) -> str:
    """Take quotes and escapes off; text without quotes stays as it is."""
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        return text
    inner = text[1:-1]
    if "\\" not in inner:
        return inner
    out: list[str] = []
    chars = iter(inner)
    for char in chars:
        out.append(next(chars, "") if char == "\\" else char)
    return "".join(out)


def quote(text: str) -> str:
    """Write a quoted-string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def parse_number(text: str | None, largest: int) -> int | None:
    """Read plain decimal digits; None for anything else, or for more than `largest`."""
    # isdecimal alone takes other scripts' digits; 40 digits bound the work of int().
    if text is None or not text.isascii() or not text.isdecimal() or len(text) > 40:
        return None
    number = int(text)
    return number if number <= largest else None


def parse_host_port(text: str) -> tuple[str, int | None]:
    """Read `host`, `host:port` or `[v6]:port`; an IPv6 host keeps its brackets."""
    text = text.strip()
    if text.startswith("["):
        end = text.find("]")
        if end < 0:
            raise Malformed("an IPv6 address is not closed")
        host, rest = text[: end + 1], text[end + 1 :].strip()
        if rest and rest[0] != ":":
            raise Malformed("rubbish after an IPv6 address")
        port_text = rest[1:].strip()
    else:
        host, _, port_text = text.partition(":")
        host, port_text = host.rstrip(), port_text.strip()
        if host and not is_token(host):
            raise Malformed("rubbish in a host name")
    if not host:
        raise Malformed("a host is missing")
    if not port_text:
        return host, None
    port = parse_number(port_text, 65535)
    if port is None:
        raise Malformed("a port is not between 0 and 65535")
    return host, port


def _check_count(count: int) -> None:
    if count > MAX_PARTS:
        raise Malformed("too many elements in one header")
