"""Messages out of a stream: cut by Content-Length, with keep-alives between.

RFC 3261 18.3, RFC 5626 4.4.1.
"""

import re
from typing import Final, NamedTuple

from trunkline.protocols.sip.errors import Malformed
from trunkline.protocols.sip.grammar import parse_number
from trunkline.protocols.sip.parse import MAX_HEAD

MAX_BODY: Final = 256 * 1024
PING: Final = b"\r\n\r\n"
PONG: Final = b"\r\n"
_FOLD: Final = re.compile(rb"\r?\n[ \t]+")


class Cut(NamedTuple):
    """One whole message, to be given to `parse`."""

    octets: bytes


class Ping(NamedTuple):
    """The peer asks whether the connection lives; send PONG."""


class Pong(NamedTuple):
    """The peer answered our PING."""


class Broken(NamedTuple):
    """The stream cannot be followed any more.

    `octets` is a head whose length nobody can tell: answer what can be answered, then close.
    """

    reason: str
    octets: bytes


class Framer:
    """Takes octets as they come and gives what is whole. After Broken it takes nothing more."""

    __slots__ = ("_broken", "_buffer", "_need", "_seen")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._need = 0  # octets of head and body, once the head is known
        self._seen = 0  # how far the end of the head was looked for
        self._broken = False

    @property
    def buffered(self) -> int:
        """Octets of a message that is not complete yet."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[Cut | Ping | Pong | Broken]:
        events: list[Cut | Ping | Pong | Broken] = []
        if self._broken:
            return events
        self._buffer += data
        while self._buffer:
            if not self._need and self._buffer[0] in b"\r\n":
                if not self._take_blank(events):
                    break
                continue
            if not self._need and not self._find_head(events):
                break
            if len(self._buffer) < self._need:
                break
            events.append(Cut(bytes(self._buffer[: self._need])))
            del self._buffer[: self._need]
            self._need = self._seen = 0
        return events

    def _take_blank(self, events: list[Cut | Ping | Pong | Broken]) -> bool:
        """Take line ends between messages.

        False when more octets must come to know what they are.
        """
        buffer = self._buffer
        if buffer.startswith(PING):
            events.append(Ping())
            del buffer[:4]
        elif PING.startswith(bytes(buffer[:4])):
            # A lone CRLF is a pong; what else may follow it tells the next octets.
            if len(buffer) == 2:
                events.append(Pong())
                del buffer[:2]
            return False
        else:
            if buffer.startswith(PONG):
                events.append(Pong())
            del buffer[: 2 if buffer.startswith(PONG) else 1]
        return True

    def _find_head(self, events: list[Cut | Ping | Pong | Broken]) -> bool:
        end = self._buffer.find(b"\r\n\r\n", max(0, self._seen - 3))
        if end < 0:
            self._seen = len(self._buffer)
            if self._seen > MAX_HEAD:
                self._break("the head is too long", events)
            return False
        head = bytes(self._buffer[: end + 4])
        try:
            length = content_length(head)
        except Malformed as malformed:
            self._break(malformed.reason, events, head)
            return False
        if length > MAX_BODY:
            self._break("the body is too long", events, head)
            return False
        self._need = len(head) + length
        return True

    def _break(
        self, reason: str, events: list[Cut | Ping | Pong | Broken], octets: bytes = b""
    ) -> None:
        self._broken = True
        self._buffer.clear()
        events.append(Broken(reason, octets))


def content_length(head: bytes) -> int:
    """Give the length of the body that a head announces; 0 when it says nothing.

    Malformed when it is no number or said twice with different numbers: where the next message
    begins is then unknown.
    """
    found: set[int] = set()
    if b"\n " in head or b"\n\t" in head:
        head = _FOLD.sub(b" ", head)  # RFC 3261 7.3.1
    for line in head.split(b"\n")[1:]:
        name, colon, value = line.partition(b":")
        if colon and name.strip().lower() in (b"content-length", b"l"):
            length = parse_number(value.strip().decode("latin-1"), 2**31)
            if length is None:
                raise Malformed("Content-Length is no number")
            found.add(length)
    if len(found) > 1:
        raise Malformed("Content-Length is there twice")
    return found.pop() if found else 0
