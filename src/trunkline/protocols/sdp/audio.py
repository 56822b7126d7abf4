"""What an audio section says: codecs, packet time, direction, where RTP and RTCP go."""

import re
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from trunkline.protocols.sdp.model import Attribute, Connection, Media, SessionDescription

_RTPMAP: Final = re.compile(r"(\d{1,3})\s+([^/\s]+)/(\d{1,9})(?:/(\d{1,3}))?\s*")
_FMTP: Final = re.compile(r"(\d{1,3})\s+(.*)")
_RTCP: Final = re.compile(r"(\d{1,5})(?:\s+IN\s+IP[46]\s+(\S+))?")
_MAX_PAYLOAD_TYPE: Final = 127
RTP_PROFILES: Final = frozenset({"RTP/AVP", "RTP/AVPF"})
HELD_ADDRESSES: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104 - RFC 3264 8.4, the old hold


class Direction(Enum):
    """Who sends, seen from the side that wrote it (RFC 8866 6.7)."""

    SENDRECV = "sendrecv"
    SENDONLY = "sendonly"
    RECVONLY = "recvonly"
    INACTIVE = "inactive"

    @property
    def sends(self) -> bool:
        return self in (Direction.SENDRECV, Direction.SENDONLY)

    @property
    def receives(self) -> bool:
        return self in (Direction.SENDRECV, Direction.RECVONLY)

    @property
    def mirrored(self) -> "Direction":
        """The same, seen from the other side."""
        return direction(sends=self.receives, receives=self.sends)


def direction(*, sends: bool, receives: bool) -> Direction:
    """Name the pair."""
    if sends:
        return Direction.SENDRECV if receives else Direction.SENDONLY
    return Direction.RECVONLY if receives else Direction.INACTIVE


@dataclass(frozen=True, slots=True)
class Codec:
    """One format of an audio section; `clock_rate` in Hz is that of its RTP timestamps.

    Names are compared without regard to case (RFC 4855 3).
    """

    payload_type: int
    name: str
    clock_rate: int
    channels: int = 1
    fmtp: str = ""

    def same_format(self, other: "Codec") -> bool:
        """Whether both name the same encoding, whatever number it has."""
        return (
            self.name.upper() == other.name.upper()
            and self.clock_rate == other.clock_rate
            and self.channels == other.channels
        )

    @property
    def is_event(self) -> bool:
        return self.name.lower() == "telephone-event"

    @property
    def is_noise(self) -> bool:
        return self.name.upper() == "CN"


PCMU: Final = Codec(0, "PCMU", 8000)
PCMA: Final = Codec(8, "PCMA", 8000)
G722: Final = Codec(9, "G722", 8000)  # RFC 3551 4.5.2: the clock is 8000 by a historical mistake
OPUS: Final = Codec(96, "opus", 48000, 2)  # RFC 7587 7: always opus/48000/2
CN: Final = Codec(13, "CN", 8000)  # RFC 3389
TELEPHONE_EVENT: Final = Codec(101, "telephone-event", 8000, fmtp="0-15")
TELEPHONE_EVENT_48: Final = Codec(100, "telephone-event", 48000, fmtp="0-15")
STATIC: Final = {c.payload_type: c for c in (PCMU, PCMA, G722, CN)}  # RFC 3551 table 4


@dataclass(frozen=True, slots=True)
class AudioStream:
    """An audio section read; times in ms, None where nothing is said.

    `address` is "" when there is neither c= line; `rtcp` is where RTCP goes if not to port + 1.
    """

    port: int
    address: str
    protocol: str
    codecs: tuple[Codec, ...]
    direction: Direction = Direction.SENDRECV
    ptime_ms: int | None = None
    maxptime_ms: int | None = None
    rtcp_mux: bool = False
    rtcp: tuple[str, int] | None = None
    others: tuple[str, ...] = field(default=())
    """Formats that have neither an rtpmap nor a static meaning we know."""

    @property
    def refused(self) -> bool:
        return self.port == 0

    @property
    def held_by_address(self) -> bool:
        return self.address in HELD_ADDRESSES


def read_audio(description: SessionDescription, media: Media) -> AudioStream:
    """Read an audio section; attributes that make no sense are passed over."""
    connection = media.connection or description.connection
    address = connection.address.partition("/")[0] if connection else ""
    codecs, others = _codecs(media)
    return AudioStream(
        port=media.port,
        address=address,
        protocol=media.protocol.upper(),
        codecs=codecs,
        direction=_direction(description, media),
        ptime_ms=_milliseconds(media, "ptime"),
        maxptime_ms=_milliseconds(media, "maxptime"),
        rtcp_mux=media.attribute("rtcp-mux") is not None,
        rtcp=_rtcp(media, address),
        others=others,
    )


def _codecs(media: Media) -> tuple[tuple[Codec, ...], tuple[str, ...]]:
    maps = {m[1]: m for v in media.values("rtpmap") if (m := _RTPMAP.fullmatch(v))}
    fmtps = {m[1]: m[2].strip() for v in media.values("fmtp") if (m := _FMTP.fullmatch(v))}
    found: dict[int, Codec] = {}
    others: list[str] = []
    for text in media.formats:
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else -1
        if not 0 <= number <= _MAX_PAYLOAD_TYPE or number in found:
            others.append(text)
        elif text in maps:
            m = maps[text]
            found[number] = Codec(number, m[2], int(m[3]), int(m[4] or 1) or 1, fmtps.get(text, ""))
        elif number in STATIC:
            found[number] = STATIC[number]
        else:
            others.append(text)
    return tuple(found.values()), tuple(others)


def _direction(description: SessionDescription, media: Media) -> Direction:
    names = {d.value: d for d in Direction}
    for attributes in (media.attributes, description.attributes):
        for name, _ in attributes:
            if name in names:
                return names[name]
    return Direction.SENDRECV  # RFC 8866 6.7: the default


def _milliseconds(media: Media, name: str) -> int | None:
    value = (media.attribute(name) or "").partition(".")[0]  # some write 20.0
    if not value.isascii() or not value.isdigit() or len(value) > 4:
        return None
    return int(value) or None


def _rtcp(media: Media, address: str) -> tuple[str, int] | None:
    match = _RTCP.fullmatch(media.attribute("rtcp") or "")
    if match is None or not 0 < int(match[1]) <= 65535:
        return None
    return match[2] or address, int(match[1])


def write_audio(stream: AudioStream, *, with_connection: bool) -> Media:
    """An audio section that says this; `with_connection` gives it a c= line of its own."""
    attributes: list[Attribute] = []
    for codec in stream.codecs:
        channels = f"/{codec.channels}" if codec.channels > 1 else ""
        value = f"{codec.payload_type} {codec.name}/{codec.clock_rate}{channels}"
        attributes.append(Attribute("rtpmap", value))
        if codec.fmtp:
            attributes.append(Attribute("fmtp", f"{codec.payload_type} {codec.fmtp}"))
    if stream.ptime_ms:
        attributes.append(Attribute("ptime", str(stream.ptime_ms)))
    if stream.maxptime_ms:
        attributes.append(Attribute("maxptime", str(stream.maxptime_ms)))
    attributes.append(Attribute(stream.direction.value))
    if stream.rtcp is not None:
        attributes.append(Attribute("rtcp", str(stream.rtcp[1])))
    if stream.rtcp_mux:
        attributes.append(Attribute("rtcp-mux"))
    connection = Connection(stream.address, address_type(stream.address))
    return Media(
        "audio",
        stream.port,
        stream.protocol,
        tuple(str(codec.payload_type) for codec in stream.codecs),
        connection=connection if with_connection else None,
        attributes=tuple(attributes),
    )


def address_type(address: str) -> str:
    """IP6 for what has a colon."""
    return "IP6" if ":" in address else "IP4"
