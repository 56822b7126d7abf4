"""SIP headers as documents and requests write them: `key=value,key2=value2`, sent as X-PH-key."""

import re

from trunkline.protocols.audiostream.outgoing import unreadable_header as untold_header
from trunkline.voice.xml.grammar import Attribute, Reading, shown

PREFIX = "X-PH-"
_KEY = re.compile(r"[A-Za-z0-9-]{1,24}")
_VALUE = re.compile(r"[A-Za-z0-9%._~+*!:@/?=&; -]{1,120}")
# PLIVO XML Dial: prefixes of SIP headers that are dropped.
_RESERVED = ("ph-", "plivo", "fs-", "sipauth", "zt-", "twilio", "clientregion")


def headers(name: str) -> Attribute:
    """Headers; what is none is left out with a doubt."""

    def read(written: str) -> Reading:
        bad = unreadable_header(written)
        doubt = f"has {shown(bad)}, which is no key=value that can be sent: it is left out"
        return Reading(written, doubt if bad else "")

    return Attribute(name, "", read, unset="")


def stream_headers(name: str) -> Attribute:
    """What a WebSocket is told at the start; what has no name is left out with a doubt."""

    def read(written: str) -> Reading:
        bad = untold_header(written)
        return Reading(written, f"has {shown(bad)}, which is no key=value" if bad else "")

    return Attribute(name, "", read, unset="")


def is_key(name: str) -> bool:
    """Whether a header may have this name behind X-PH-."""
    return _KEY.fullmatch(name) is not None


def read_headers(written: str) -> dict[str, str]:
    """Return the headers by their names with X-PH-; what is not allowed is left out."""
    return dict(found for pair in _pairs(written) if (found := _header(pair)) and _sent(found[0]))


def unreadable_header(written: str) -> str:
    """Return the first pair that is left out for its form, "" if there is none."""
    return next((pair for pair in _pairs(written) if _header(pair) is None), "")


def _pairs(written: str) -> list[str]:
    return [bare for pair in written.split(",") if (bare := pair.strip()).rstrip("=")]


def _header(pair: str) -> tuple[str, str] | None:
    """Read a pair (PLIVO make call: sip_headers); None when it is none."""
    key, equals, value = pair.partition("=")
    key, value = key.strip(), value.strip()
    if key[: len(PREFIX)].lower() == PREFIX.lower():
        key = key[len(PREFIX) :]
    if not equals or not is_key(key) or not _VALUE.fullmatch(value):
        return None
    return PREFIX + key, value


def _sent(name: str) -> bool:
    return not name[len(PREFIX) :].lower().startswith(_RESERVED)
