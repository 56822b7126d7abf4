"""The RTP packet (RFC 3550 5.1 and 5.3.1)."""

import struct
from dataclasses import dataclass
from typing import Final

VERSION: Final = 2
HEADER: Final = 12
MAX_CSRCS: Final = 15
_FIXED: Final = struct.Struct("!BBHII")
_EXTENSION: Final = struct.Struct("!HH")
_RTCP_TYPES: Final = range(192, 224)  # RFC 5761 4


class Malformed(ValueError):
    """These octets are no RTP or RTCP packet."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet; `sequence` has 16 bits, `timestamp` and `ssrc` have 32.

    `extension` is None without a header extension, else the profile's 16 bits and its octets, whole
    32-bit words.
    """

    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes
    marker: bool = False
    csrcs: tuple[int, ...] = ()
    extension: tuple[int, bytes] | None = None


def is_rtcp(data: bytes) -> bool:
    """Whether octets from a socket that carries both are RTCP (RFC 5761 4)."""
    return len(data) > 1 and data[1] in _RTCP_TYPES


def parse(data: bytes) -> Packet:
    """Read one packet.

    Raises:
        Malformed: too short, another version, or lengths that do not fit.
    """
    if len(data) < HEADER:
        raise Malformed("shorter than the header")
    first, second, sequence, timestamp, ssrc = _FIXED.unpack_from(data)
    if first >> 6 != VERSION:
        raise Malformed(f"version {first >> 6}")
    if first & 0x3F == 0:  # neither padding, extension nor CSRCs: nearly always
        return Packet(second & 0x7F, sequence, timestamp, ssrc, data[HEADER:], second & 0x80 != 0)
    return _parse_rest(data, first, Packet(
        second & 0x7F, sequence, timestamp, ssrc, b"", second & 0x80 != 0
    ))  # fmt: skip


def _parse_rest(data: bytes, first: int, head: Packet) -> Packet:
    start, end = HEADER + 4 * (first & 0x0F), len(data)
    if start > end:
        raise Malformed("the CSRCs do not fit")
    csrcs = struct.unpack_from(f"!{first & 0x0F}I", data, HEADER)
    extension = None
    if first & 0x10:
        if start + _EXTENSION.size > end:
            raise Malformed("the extension's header does not fit")
        profile, words = _EXTENSION.unpack_from(data, start)
        body = start + _EXTENSION.size
        start = body + 4 * words
        if start > end:
            raise Malformed("the extension does not fit")
        extension = (profile, bytes(data[body:start]))
    if first & 0x20:
        padding = data[-1] if end > start else 0
        if not 0 < padding <= end - start:
            raise Malformed("the padding does not fit")
        end -= padding
    return Packet(
        head.payload_type, head.sequence, head.timestamp, head.ssrc, bytes(data[start:end]),
        head.marker, csrcs, extension,
    )  # fmt: skip


def serialize(packet: Packet, *, padding: int = 0) -> bytes:
    """Write one packet, with so many octets of padding (0-255).

    Raises:
        ValueError: a value that does not fit its field.
    """
    if len(packet.csrcs) > MAX_CSRCS or not 0 <= padding <= 255:
        raise ValueError("at most 15 CSRCs and 255 octets of padding")
    if not 0 <= packet.payload_type <= 127:
        raise ValueError("payload_type must be 0-127")
    first = VERSION << 6 | bool(padding) << 5 | (packet.extension is not None) << 4
    second = packet.marker << 7 | packet.payload_type
    try:
        head = _FIXED.pack(
            first | len(packet.csrcs), second, packet.sequence, packet.timestamp, packet.ssrc
        )
        parts = [head, struct.pack(f"!{len(packet.csrcs)}I", *packet.csrcs)]
        if packet.extension is not None:
            profile, body = packet.extension
            if len(body) % 4:
                raise ValueError("an extension has whole 32-bit words")
            parts += (_EXTENSION.pack(profile, len(body) // 4), body)
    except struct.error as error:
        raise ValueError(str(error)) from None
    parts.append(packet.payload)
    if padding:
        parts.append(bytes(padding - 1) + bytes([padding]))
    return b"".join(parts)
