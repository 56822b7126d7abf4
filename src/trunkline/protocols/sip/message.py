"""Requests and responses, and how they are written (RFC 3261 7)."""

import re
from typing import Final, NamedTuple

from trunkline.protocols.sip.address import Address, parse_address
from trunkline.protocols.sip.errors import EncodeError, Malformed
from trunkline.protocols.sip.grammar import QUOTED, parse_number
from trunkline.protocols.sip.headers import Headers
from trunkline.protocols.sip.uri import Uri, parse_uri
from trunkline.protocols.sip.via import Via, parse_via

MAX_CSEQ: Final = 2**31 - 1  # RFC 3261 8.1.1.5
VERSION: Final = "SIP/2.0"
_FIRST: Final = re.compile(rf'[^",]*+(?:{QUOTED}[^",]*+)*+', re.DOTALL)


class CSeq(NamedTuple):
    number: int
    method: str


class Message:
    """What requests and responses share; the typed views are read once, and raise Malformed."""

    __slots__ = ("_cseq", "_from", "_to", "_via", "body", "headers")

    def __init__(self, headers: Headers, body: bytes) -> None:
        self.headers = headers
        self.body = body
        self._via: Via | None = None
        self._cseq: CSeq | None = None
        self._from: Address | None = None
        self._to: Address | None = None

    @property
    def via(self) -> Via:
        """The topmost Via."""
        if self._via is None:
            values = self.headers.lines("via")
            if not values:
                raise Malformed("Via is missing")
            self._via = parse_via(_first(values[0]))
        return self._via

    def put_via(self, via: Via) -> None:
        """Write another Via in the place of the topmost."""
        first = True
        for at, (key, name, value) in enumerate(self.headers.fields):
            if key == "via" and first:
                rest = value[len(_first(value)) :]
                self.headers.fields[at] = (key, name, f"{via}{rest}")
                first = False
        self._via = via

    @property
    def cseq(self) -> CSeq:
        if self._cseq is None:
            text = self.headers.get("cseq")
            if text is None:
                raise Malformed("CSeq is missing")
            number, _, method = text.replace("\t", " ").partition(" ")
            value = parse_number(number, MAX_CSEQ)
            method = method.strip()
            if value is None or not method:
                raise Malformed("CSeq is not a number below 2^31 and a method")
            self._cseq = CSeq(value, method)
        return self._cseq

    @property
    def from_(self) -> Address:
        if self._from is None:
            self._from = self._address("from")
        return self._from

    @property
    def to(self) -> Address:
        if self._to is None:
            self._to = self._address("to")
        return self._to

    @property
    def call_id(self) -> str:
        value = self.headers.get("call-id")
        if not value:
            raise Malformed("Call-ID is missing")
        return value

    @property
    def content_type(self) -> str:
        """The media type in lower case without parameters; empty when there is none."""
        return (self.headers.get("content-type") or "").partition(";")[0].strip().lower()

    @property
    def contact(self) -> Address | None:
        """The first Contact; None when there is none or it is `*`."""
        values = self.headers.values("contact")
        return parse_address(values[0]) if values and values[0] != "*" else None

    def _address(self, name: str) -> Address:
        text = self.headers.get(name)
        if text is None:
            raise Malformed(f"{name.capitalize()} is missing")
        return parse_address(text)

    def _octets(self, start_line: str) -> bytes:
        lines = [start_line]
        lines += [f"{name}: {value}" for _, name, value in self.headers.fields]
        lines.append(f"Content-Length: {len(self.body)}\r\n\r\n")
        text = "\r\n".join(lines)
        if text.count("\n") != len(lines) + 1 or text.count("\r") != len(lines) + 1:
            raise EncodeError("a line end in a header value")
        return text.encode("utf-8", "surrogateescape") + self.body


class Request(Message):
    """A request; `uri` is the Request-URI as text, `target` in its parts."""

    __slots__ = ("_target", "method", "uri")

    def __init__(self, method: str, uri: str, headers: Headers, body: bytes = b"") -> None:
        super().__init__(headers, body)
        self.method = method
        self.uri = uri
        self._target: Uri | None = None

    @property
    def target(self) -> Uri:
        if self._target is None:
            self._target = parse_uri(self.uri)
        return self._target

    def serialise(self) -> bytes:
        """Write it; EncodeError when a value holds a line end."""
        return self._octets(f"{self.method} {self.uri} {VERSION}")

    def __repr__(self) -> str:
        return f"<{self.method} {self.uri}>"


class Response(Message):
    """A response; `status` is 100 to 699."""

    __slots__ = ("reason", "status")

    def __init__(self, status: int, reason: str, headers: Headers, body: bytes = b"") -> None:
        super().__init__(headers, body)
        self.status = status
        self.reason = reason

    @property
    def is_provisional(self) -> bool:
        return self.status < 200

    @property
    def is_forwarded(self) -> bool:
        """Whether it has further Vias: then it is on its way to somebody else."""
        lines = self.headers.lines("via")
        return len(lines) > 1 or _first(lines[0]) != lines[0]

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    def serialise(self) -> bytes:
        """Write it; EncodeError when a value holds a line end."""
        return self._octets(f"{VERSION} {self.status} {self.reason}")

    def __repr__(self) -> str:
        return f"<{self.status} {self.reason}>"


def _first(line: str) -> str:
    """Give the first value of a Via line; Malformed when a quote is not closed."""
    if '"' not in line:
        return line.partition(",")[0]
    found = _FIRST.match(line)
    end = found.end() if found is not None else 0
    if line[end : end + 1] == '"':
        raise Malformed("a quoted string is not closed")
    return line[:end]
