"""Header fields in order, found by name without regard to case or compact form."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final, Self

from trunkline.protocols.sip.errors import Malformed
from trunkline.protocols.sip.grammar import is_token, split_outside

_COMPACT: Final = {
    "a": "accept-contact",
    "b": "referred-by",
    "c": "content-type",
    "d": "request-disposition",
    "e": "content-encoding",
    "f": "from",
    "i": "call-id",
    "j": "reject-contact",
    "k": "supported",
    "l": "content-length",
    "m": "contact",
    "n": "identity-info",
    "o": "event",
    "r": "refer-to",
    "s": "subject",
    "t": "to",
    "u": "allow-events",
    "v": "via",
    "x": "session-expires",
    "y": "identity",
}
"""Compact forms as registered with IANA."""

_SPELLED: Final = {
    "call-id": "Call-ID",
    "cseq": "CSeq",
    "www-authenticate": "WWW-Authenticate",
    "rseq": "RSeq",
    "rack": "RAck",
    "min-se": "Min-SE",
    "mime-version": "MIME-Version",
    "sip-etag": "SIP-ETag",
    "sip-if-match": "SIP-If-Match",
}
_USUAL: Final = (
    "accept accept-encoding accept-language alert-info allow authentication-info authorization "
    "call-info content-disposition content-language date diversion error-info expires flow-timer "
    "history-info in-reply-to max-forwards min-expires organization p-asserted-identity path "
    "p-preferred-identity priority privacy proxy-authenticate proxy-authorization proxy-require "
    "reason record-route remote-party-id reply-to require retry-after route server service-route "
    "timestamp unsupported user-agent warning"
)
_KNOWN: Final = {
    key: _SPELLED.get(key, "-".join(part.capitalize() for part in key.split("-")))
    for key in (*_COMPACT.values(), *_SPELLED, *_USUAL.split())
}

Field = tuple[str, str, str]
"""Key (lower case, long form), name as written, value."""


def header_key(name: str) -> str:
    """Give the key a header is found by: lower case, long form."""
    key = name.lower()
    return _COMPACT.get(key, key)


def spell(name: str) -> tuple[str, str]:
    """Give the key of a header, and its name as we write it; Malformed when it is no token."""
    return _spell_kept(name) if len(name) <= _KEPT_LENGTH else _spell(name)


def _spell(name: str) -> tuple[str, str]:
    if not is_token(name):
        raise Malformed("a header line has no name")
    key = header_key(name)
    return key, _KNOWN.get(key, name)


_spell_kept = lru_cache(maxsize=2048)(_spell)
_KEPT_LENGTH: Final = 64


class Headers:
    """The header fields of one message.

    Values are text without line folding. One line may hold several values: `values` splits them,
    `lines` does not. Content-Length is not kept here: it follows from the body.
    """

    __slots__ = ("fields",)

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self.fields: list[Field] = []
        for name, value in pairs:
            self.add(name, value)

    def add(self, name: str, value: str) -> None:
        """Put a field after all others; known headers get their usual spelling."""
        key, spelled = spell(name)
        self.fields.append((key, spelled, value))

    def put_first(self, name: str, value: str) -> None:
        """Put a field before all others, as Via wants it."""
        key, spelled = spell(name)
        self.fields.insert(0, (key, spelled, value))

    def set(self, name: str, value: str) -> None:
        """Put one field in the place of all of that name."""
        key, spelled = spell(name)
        for at, present in enumerate(self.fields):
            if present[0] == key:
                self.fields[at] = (key, spelled, value)
                tail = self.fields[at + 1 :]
                self.fields[at + 1 :] = [each for each in tail if each[0] != key]
                return
        self.fields.append((key, spelled, value))

    def remove(self, name: str) -> None:
        key = header_key(name)
        self.fields = [each for each in self.fields if each[0] != key]

    def get(self, name: str) -> str | None:
        """Give the first line of that name."""
        key = header_key(name)
        for each in self.fields:
            if each[0] == key:
                return each[2]
        return None

    def lines(self, name: str) -> list[str]:
        key = header_key(name)
        return [each[2] for each in self.fields if each[0] == key]

    def values(self, name: str) -> list[str]:
        """Give all values of that name, lines with commas taken apart, empty ones left out.

        Malformed when quotes or brackets are not closed.
        """
        values: list[str] = []
        for line in self.lines(name):
            if "," in line:
                values += [value for value in split_outside(line, ",") if value]
            elif line:
                values.append(line)
        return values

    def tokens(self, name: str) -> frozenset[str]:
        """Give the values as a set in lower case, for option tags and methods of Allow."""
        found = self.lines(name)
        if not found:
            return frozenset()
        return frozenset(value.strip().lower() for line in found for value in line.split(","))

    def copy(self) -> Self:
        made = type(self)()
        made.fields = self.fields.copy()
        return made

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.get(name) is not None

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Go through (name, value), names in their usual spelling."""
        return ((name, value) for _, name, value in self.fields)

    def __len__(self) -> int:
        return len(self.fields)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Headers):
            return NotImplemented
        return [(k, v) for k, _, v in self.fields] == [(k, v) for k, _, v in other.fields]

    __hash__ = None  # type: ignore[assignment]
