"""Who a call was forwarded by: Diversion (RFC 5806), or History-Info (RFC 7044)."""

from urllib.parse import unquote

from trunkline.protocols.sip.address import Address, parse_address
from trunkline.protocols.sip.errors import Malformed
from trunkline.protocols.sip.grammar import parse_number
from trunkline.protocols.sip.headers import Headers
from trunkline.protocols.sip.uri import Uri

_MOST_HOPS = 1_000_000
_HIDDEN = frozenset({"full", "uri"})  # RFC 5806 4: privacy
_UNTOLD = frozenset({"history", "header", "session"})  # RFC 7044 10.1.2


def forwarded_from(headers: Headers) -> Uri | None:
    """Return who forwarded it last, None when nobody did, or wants not to be known."""
    diversions = _addresses(headers, "diversion")
    if diversions:
        last = diversions[0]  # RFC 5806 5.2: a further one is put on top
        hidden = (last.params.get("privacy") or "").strip('"').lower() in _HIDDEN
        return None if hidden else _uri(last)
    if _UNTOLD & privacy_of(headers):
        return None
    history = sorted(_addresses(headers, "history-info"), key=_index)
    found = _uri(history[-2]) if len(history) > 1 else None  # the last one is who is called now
    return None if found is None or _UNTOLD & _privacy_of_entry(found) else found


def _addresses(headers: Headers, name: str) -> list[Address]:
    try:
        return [parse_address(value) for value in headers.values(name)]
    except Malformed:
        return []


def _index(entry: Address) -> tuple[int, ...]:
    parts = (entry.params.get("index") or "").split(".")
    numbers = [parse_number(part, _MOST_HOPS) for part in parts]
    return tuple(number for number in numbers if number is not None)


def privacy_of(headers: Headers) -> frozenset[str]:
    """Give what is to be kept private in lower case (RFC 3323 4.2): id, history, user."""
    return _privacy(";".join(headers.lines("privacy")))


def _privacy(text: str) -> frozenset[str]:
    parts = text.replace(",", ";").split(";")  # some write commas
    return frozenset(part.strip().lower() for part in parts)


def _privacy_of_entry(uri: Uri) -> frozenset[str]:
    """What an entry asks for itself, as a header in its URI (RFC 7044 10.1.2)."""
    named = (header.partition("=") for header in uri.headers.split("&"))
    return _privacy(";".join(unquote(text) for name, _, text in named if name.lower() == "privacy"))


def _uri(address: Address) -> Uri | None:
    try:
        found = address.parsed
    except Malformed:
        return None
    known = found.scheme == "tel" or (found.is_sip and not found.host.endswith(".invalid"))
    return found if known and found.user else None
