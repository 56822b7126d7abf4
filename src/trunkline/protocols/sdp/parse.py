"""Octets to a session description, as lenient as what phones send needs (RFC 8866 5 and 9)."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from trunkline.protocols.sdp.model import (
    Attribute,
    Bandwidth,
    Connection,
    Media,
    Origin,
    SdpError,
    SessionDescription,
)

MAX_OCTETS: Final = 64 * 1024
MAX_LINES: Final = 1000
MAX_MEDIA: Final = 32
MAX_FORMATS: Final = 256
_LINE_END: Final = re.compile(r"\r\n|\n|\r")  # RFC 8866 9: accept a bare LF; some send a bare CR
_PORT: Final = re.compile(r"(\d{1,5})(?:/(\d{1,5}))?")
_BANDWIDTH: Final = re.compile(r"([^:\s]+):\s*(\d{1,18})")
_O_FIELDS: Final = 6
_MAX_PORT: Final = 65535


@dataclass(slots=True)
class _Draft:
    """What was read so far; lines of a media section go to the last of `media`."""

    version_seen: bool = False
    origin: Origin | None = None
    name: str = "-"
    connection: Connection | None = None
    bandwidths: list[Bandwidth] = field(default_factory=list[Bandwidth])
    times: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    attributes: list[Attribute] = field(default_factory=list[Attribute])
    media: list[Media] = field(default_factory=list[Media])
    media_attributes: list[Attribute] = field(default_factory=list[Attribute])
    """Those of the last of `media`, until the next one begins."""
    extra: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])


def parse(data: bytes | str) -> SessionDescription:
    """Read one description.

    Any order of lines within a section, any line end, missing s= and t= lines and unknown types
    are taken; octets that are not UTF-8 become replacement characters.

    Raises:
        SdpError: naming the line that cannot be read.
    """
    if len(data) > MAX_OCTETS:
        raise SdpError(0, "", f"longer than {MAX_OCTETS} octets")
    text = data if isinstance(data, str) else data.decode("utf-8", "replace")
    lines = _LINE_END.split(text.rstrip("\0"))
    if len(lines) > MAX_LINES:
        raise SdpError(0, "", f"more than {MAX_LINES} lines")
    draft = _Draft()
    for number, raw in enumerate(lines, start=1):
        line = raw.strip()
        if line:
            _read_line(draft, number, line)
    _end_media(draft)
    if draft.origin is None:
        raise SdpError(0, "", "there is no o= line")
    return SessionDescription(
        origin=draft.origin,
        name=draft.name,
        connection=draft.connection,
        bandwidths=tuple(draft.bandwidths),
        times=tuple(draft.times) or (("t", "0 0"),),
        attributes=tuple(draft.attributes),
        media=tuple(draft.media),
        extra=tuple(draft.extra),
    )


def _read_line(draft: _Draft, number: int, line: str) -> None:
    if len(line) < 2 or line[1] != "=" or not line[0].isascii() or not line[0].isalpha():
        raise SdpError(number, line, "is not of the form x=value")
    kind, value = line[0], line[2:].strip()
    if not draft.version_seen and kind != "v":
        raise SdpError(number, line, "the first line must be v=0")  # RFC 8866 5
    reader = _READERS.get(kind)
    if reader is None:
        return  # RFC 8866 5: unknown types are ignored
    try:
        reader(draft, value)
    except ValueError as error:
        raise SdpError(number, line, str(error)) from None


def _version(draft: _Draft, value: str) -> None:
    if value != "0":
        raise ValueError("the only version is 0")
    if draft.version_seen:
        raise ValueError("a second description begins")
    draft.version_seen = True


def _origin(draft: _Draft, value: str) -> None:
    fields = value.split()
    if len(fields) < _O_FIELDS:
        raise ValueError("needs username, id, version, network, address type and address")
    session_id, version, network, address_type, address = fields[-5:]
    username = " ".join(fields[:-5])  # must not hold blanks; some phones put their name there
    draft.origin = Origin(address, session_id, version, username, address_type, network)


def _name(draft: _Draft, value: str) -> None:
    draft.name = value or "-"


def _connection(draft: _Draft, value: str) -> None:
    fields = value.split()
    if len(fields) != 3:
        raise ValueError("needs network, address type and address")
    network, address_type, address = fields
    if network.upper() != "IN" or address_type.upper() not in ("IP4", "IP6"):
        raise ValueError("the network must be IN, the address type IP4 or IP6")
    found = Connection(address, address_type.upper(), network.upper())
    if draft.media:
        draft.media[-1] = replace(draft.media[-1], connection=found)
    else:
        draft.connection = found


def _bandwidth(draft: _Draft, value: str) -> None:
    match = _BANDWIDTH.fullmatch(value)
    if match is None:
        raise ValueError("is not of the form type:number")
    found = Bandwidth(match[1], int(match[2]))
    if draft.media:
        last = draft.media[-1]
        draft.media[-1] = replace(last, bandwidths=(*last.bandwidths, found))
    else:
        draft.bandwidths.append(found)


def _attribute(draft: _Draft, value: str) -> None:
    name, colon, rest = value.partition(":")
    if not name.strip():
        raise ValueError("the attribute has no name")
    found = Attribute(name.strip(), rest.strip() if colon else None)
    (draft.media_attributes if draft.media else draft.attributes).append(found)


def _end_media(draft: _Draft) -> None:
    if draft.media_attributes:
        draft.media[-1] = replace(draft.media[-1], attributes=tuple(draft.media_attributes))
        draft.media_attributes.clear()


def _media(draft: _Draft, value: str) -> None:
    fields = value.split()
    if len(fields) < 3:
        raise ValueError("needs media, port, protocol and formats")
    match = _PORT.fullmatch(fields[1])
    if match is None or int(match[1]) > _MAX_PORT:
        raise ValueError("the port must be a number up to 65535")
    if len(draft.media) == MAX_MEDIA:
        raise ValueError(f"more than {MAX_MEDIA} media")
    if len(fields) > MAX_FORMATS + 3:
        raise ValueError(f"more than {MAX_FORMATS} formats")
    _end_media(draft)
    port, count = int(match[1]), int(match[2] or 1)
    if port and len(fields) == 3:
        raise ValueError("no format is listed")
    draft.media.append(Media(fields[0], port, fields[2], tuple(fields[3:]), port_count=count))


def _title(draft: _Draft, value: str) -> None:
    if draft.media:
        draft.media[-1] = replace(draft.media[-1], title=value)
    else:
        draft.extra.append(("i", value))


def _time(draft: _Draft, value: str) -> None:
    draft.times.append(("t", value))


def _repeat(draft: _Draft, value: str) -> None:
    draft.times.append(("r", value))


def _pass_on(kind: str) -> Callable[[_Draft, str], None]:
    def keep(draft: _Draft, value: str) -> None:
        if not draft.media:
            draft.extra.append((kind, value))

    return keep


_READERS: Final[dict[str, Callable[[_Draft, str], None]]] = {
    "v": _version, "o": _origin, "s": _name, "c": _connection, "b": _bandwidth, "a": _attribute,
    "m": _media, "i": _title, "t": _time, "r": _repeat,
    **{kind: _pass_on(kind) for kind in "uepzk"},
}  # fmt: skip
