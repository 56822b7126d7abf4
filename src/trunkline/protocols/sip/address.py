"""Values of From, To, Contact, Route and Record-Route.

Name-addr with parameters (RFC 3261 20.10).
"""

from typing import NamedTuple

from trunkline.protocols.sip.errors import Malformed
from trunkline.protocols.sip.grammar import (
    NO_PARAMS,
    Params,
    closing_quote,
    parse_params,
    quote,
    unquote,
    write_params,
)
from trunkline.protocols.sip.uri import Uri, parse_uri


class Address(NamedTuple):
    """`"display" <uri>;params`, the URI as text (see `parsed`)."""

    uri: str
    display: str = ""
    params: Params = NO_PARAMS

    @property
    def tag(self) -> str:
        """The tag; empty if there is none (RFC 2543 peers send none, RFC 3261 12.1.1)."""
        return self.params.get("tag") or ""

    @property
    def parsed(self) -> Uri:
        """The URI in its parts; Malformed when it is none."""
        return parse_uri(self.uri)

    @property
    def name(self) -> str:
        """The display name without quotes."""
        return unquote(self.display)

    def with_tag(self, tag: str) -> "Address":
        return Address(self.uri, self.display, {**self.params, "tag": tag})

    def __str__(self) -> str:
        display = f"{self.display} " if self.display else ""
        return f"{display}<{self.uri}>{write_params(self.params)}"


def make_address(uri: str, name: str = "", tag: str = "") -> Address:
    """Make one of ours; the name is quoted, line ends in it become spaces."""
    shown = quote(" ".join(name.split())) if name.strip() else ""
    return Address(uri, shown, {"tag": tag} if tag else {})


def parse_address(text: str) -> Address:
    """Read one value.

    Lenient: an unquoted display name may hold any character (RFC 4475 3.1.2.15), spaces may
    surround the URI (3.1.2.14). Malformed: quotes or brackets not closed, or a bare URI with
    headers (3.1.2.13).
    """
    text = text.strip()
    search_from = closing_quote(text, 0) + 1 if text.startswith('"') else 0
    opening = text.find("<", search_from)
    if opening >= 0:
        closing = text.find(">", opening)
        if closing < 0:
            raise Malformed("an angle bracket is not closed")
        uri = text[opening + 1 : closing].strip()
        display, rest = text[:opening].rstrip(), text[closing + 1 :].strip()
        if rest and rest[0] != ";":
            raise Malformed("rubbish after an address")
    else:
        if search_from:
            raise Malformed("a display name without an address in brackets")
        # Without brackets parameters belong to the header, and the URI can have neither (RFC 3261
        # 20.10).
        uri, _, rest = text.partition(";")
        uri, display = uri.rstrip(), ""
        if "?" in uri or "," in uri or " " in uri:
            raise Malformed("an address has to stand in brackets")
    if ":" not in uri:
        raise Malformed("an address has no URI")
    return Address(uri, display, parse_params(rest))
