"""Octets of one message to a Request or Response (RFC 3261 7, 8.2, 18.3; RFC 4475).

Lenient where no doubt arises: compact names, folding, bare line feeds, spaces about colons, empty
parameters, overlarge Max-Forwards and Expires. What could be read in two ways is refused.
"""

from typing import Final

from trunkline.protocols.sip.errors import Malformed
from trunkline.protocols.sip.grammar import is_token, parse_number, split_outside
from trunkline.protocols.sip.headers import Headers, spell
from trunkline.protocols.sip.message import VERSION, Message, Request, Response
from trunkline.protocols.sip.via import parse_via

MAX_HEAD: Final = 64 * 1024
MAX_FIELDS: Final = 512
_MAX_LINES: Final = 1024
"""With those that go on the one before: what a stranger sends is read too, so it must be cheap."""
_ONCE: Final = frozenset(
    {
        "call-id",
        "cseq",
        "from",
        "to",
        "max-forwards",
        "content-length",
        "content-type",
        "rack",
        "rseq",
    }
)
"""Headers that can be there one time only (RFC 3261 20, RFC 4475 3.3.8)."""


def parse(data: bytes) -> Request | Response:
    """Read the one message in a datagram, or one that `stream.Framer` has cut.

    Octets after Content-Length are passed over (RFC 3261 18.3). Malformed says whether and how to
    answer.
    """
    text, body = _split(data)
    start, _, rest = text.partition("\n")
    start = start.rstrip("\r").replace("\r", " ")  # as in header lines: no line end is passed on
    message = _start(start)
    problem = _read_fields(message, rest)
    if problem is None:
        problem = _take_length(message, body)
    try:
        if problem is not None:
            raise problem
        _check(message, start)
    except Malformed as malformed:
        malformed.request = _answerable(message)
        raise
    return message


def _split(data: bytes) -> tuple[str, bytes]:
    """Cut head from body."""
    data = data.lstrip(b"\r\n")
    head, blank, body = data.partition(b"\r\n\r\n")
    if not blank:
        head, _, body = data.partition(b"\n\n")
    if len(head) > MAX_HEAD:
        raise Malformed("the head is too long")
    return head.decode("utf-8", "surrogateescape"), body


def _start(line: str) -> Request | Response:
    if line[:4].upper() == "SIP/":
        version, _, rest = line.partition(" ")
        code, _, reason = rest.partition(" ")
        status = parse_number(code, 699)
        # RFC 4475 3.1.2.19, 3.1.2.5: a response with a status that is none is discarded.
        if version.upper() != VERSION or status is None or status < 100 or len(code) != 3:
            raise Malformed("no status line")
        return Response(status, reason, Headers())
    method, _, rest = line.partition(" ")
    uri, _, version = rest.rpartition(" ")
    if "SIP/" not in rest.upper() or not is_token(method):
        raise Malformed("no SIP message")
    return Request(method, uri, Headers())


def _read_fields(message: Message, text: str) -> Malformed | None:
    """Read the header lines; gives the first problem back, so that the rest is read as well."""
    problem: Malformed | None = None
    seen: set[str] = set()
    headers = message.headers
    fields = headers.fields
    for line in _unfold(text):
        name, colon, value = line.partition(":")
        try:
            key, spelled = spell(name.rstrip() if colon else "")
        except Malformed as malformed:
            problem = problem or malformed
            continue
        fields.append((key, spelled, value.strip()))
        if key in _ONCE:
            if key in seen:
                problem = problem or Malformed(f"{spelled} is there twice")
            seen.add(key)
    if len(headers) > MAX_FIELDS:
        raise Malformed("too many headers")
    return problem


def _unfold(text: str) -> list[str]:
    lines = text.split("\n", _MAX_LINES)
    if len(lines) > _MAX_LINES:
        raise Malformed("too many headers")
    folded = "\n " in text or "\n\t" in text
    if "\r" in text:
        # A carriage return amid a line could be a line end to the next reader.
        lines = [line.rstrip("\r").replace("\r", " ") for line in lines]
    if not folded:
        return [line for line in lines if line]
    whole: list[str] = []
    for line in lines:
        if line[:1] in (" ", "\t") and whole:
            whole[-1] = f"{whole[-1].rstrip()} {line.strip()}"  # RFC 3261 7.3.1
        elif line:
            whole.append(line)
    return whole


def _take_length(message: Message, body: bytes) -> Malformed | None:
    text = message.headers.get("content-length")
    if text is None:
        message.body = body
        return None
    message.headers.remove("content-length")
    length = parse_number(text, 2**31)
    if length is None:
        return Malformed("Content-Length is no number")
    if length > len(body):
        return Malformed("Content-Length is larger than the message")  # RFC 3261 18.3
    message.body = body[:length]
    return None


def _check(message: Request | Response, start: str) -> None:
    """See that what every message must have is there and can be read (RFC 3261 8.1.1)."""
    _check_vias(message)
    if isinstance(message, Request):
        _check_request_line(message, start)
    cseq, _ = message.cseq, message.call_id
    _, _ = message.from_, message.to
    if isinstance(message, Request) and cseq.method != message.method:
        raise Malformed("the method of CSeq is another")  # RFC 4475 3.1.2.17


def _check_vias(message: Message) -> None:
    lines = message.headers.lines("via")
    if len(lines) > 1 or (lines and "," in lines[0]):
        for line in lines:
            for value in split_outside(line, ","):
                parse_via(value)
    _ = message.via


def _check_request_line(request: Request, start: str) -> None:
    version = start.rpartition(" ")[2].upper()
    if version.startswith("SIP/") and version != VERSION:
        raise Malformed("another version than 2.0", 505)  # RFC 4475 3.1.2.16
    if start.count(" ") != 2 or version != VERSION:
        raise Malformed("the request line has not three parts")  # RFC 4475 3.1.2.8 to 10
    if request.target.headers:
        raise Malformed("the Request-URI has headers")  # RFC 3261 19.1.1, RFC 4475 3.1.2.11


def _answerable(message: Message) -> Request | None:
    if not isinstance(message, Request) or message.method == "ACK":
        return None
    try:
        _ = message.via
    except Malformed:
        return None
    return message
