"""What bodies hold: the SDP of a message, alone or in a multipart, and the digits of an INFO."""

from typing import Final, NamedTuple

from trunkline.protocols.sip.errors import Malformed
from trunkline.protocols.sip.grammar import parse_number, parse_params, unquote
from trunkline.protocols.sip.message import Message

RELAY: Final = "application/dtmf-relay"
PLAIN: Final = "application/dtmf"
_DIGITS: Final = frozenset("0123456789*#ABCD")
_EVENTS: Final = {10: "*", 11: "#", 12: "A", 13: "B", 14: "C", 15: "D"}  # RFC 4733 3.2
DEFAULT_MS: Final = 160
MAX_MS: Final = 5000


SDP: Final = "application/sdp"
_MAX_PARTS: Final = 20


def sdp_of(message: Message) -> bytes | None:
    """Give the session description; empty when there is no body, None when the body is no SDP.

    In a multipart (RFC 5621; trunks put ISUP beside it) it is the first part of that type.
    """
    if not message.body:
        return b""
    kind = message.content_type
    if kind in (SDP, ""):
        return message.body
    if not kind.startswith("multipart/"):
        return None
    try:
        params = parse_params((message.headers.get("content-type") or "").partition(";")[2])
    except Malformed:
        return None
    boundary = unquote(params.get("boundary") or "").encode("utf-8", "surrogateescape")
    if not boundary:
        return None
    for part in message.body.split(b"--" + boundary, _MAX_PARTS)[1:]:
        head, blank, content = part.partition(b"\r\n\r\n")
        if blank and _is_sdp(head):
            return content.removesuffix(b"\r\n")  # that belongs to the boundary
    return None


def _is_sdp(head: bytes) -> bool:
    for line in head.lower().split(b"\n"):
        name, _, value = line.partition(b":")
        if name.strip() in (b"content-type", b"c"):
            return value.partition(b";")[0].strip() == SDP.encode()
    return False


class Digit(NamedTuple):
    digit: str
    duration_ms: int


def parse_digit(content_type: str, body: bytes) -> Digit | None:
    """Read the digit of an INFO; None when it is of another type or no digit.

    Digits are 0-9 * # A-D, or the numbers of RFC 4733 events; the length is 160 ms unless said, at
    most 5 s.
    """
    text = body.decode("latin-1")
    if content_type == PLAIN:
        digit = _digit(text.strip())
        return Digit(digit, DEFAULT_MS) if digit else None
    if content_type != RELAY:
        return None
    fields: dict[str, str] = {}
    for line in text.splitlines():
        name, _, value = line.partition("=")
        fields[name.strip().lower()] = value.strip()
    digit = _digit(fields.get("signal", ""))
    duration = parse_number(fields.get("duration"), 2**31)
    return Digit(digit, min(duration or DEFAULT_MS, MAX_MS)) if digit else None


def write_digit(digit: str, duration_ms: int = DEFAULT_MS) -> bytes:
    """Write an application/dtmf-relay body."""
    return f"Signal={digit}\r\nDuration={duration_ms}\r\n".encode("ascii")


def _digit(text: str) -> str:
    text = text.upper()
    if text in _DIGITS:
        return text
    number = parse_number(text, 15)
    return _EVENTS.get(number, "") if number is not None else ""
