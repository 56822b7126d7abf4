"""RTCP: sender and receiver reports, source descriptions, BYE (RFC 3550 6)."""

import struct
from dataclasses import dataclass
from typing import Final

from trunkline.protocols.rtp.packet import VERSION, Malformed

SR, RR, SDES, BYE = 200, 201, 202, 203
CNAME: Final = 1
_HEADER: Final = struct.Struct("!BBH")
_BLOCK: Final = struct.Struct("!IIIIII")
_SENDER: Final = struct.Struct("!IIIII")
_MAX_COUNT: Final = 31
_MAX_LOST: Final = (1 << 23) - 1
_NTP_EPOCH: Final = 2_208_988_800  # seconds from 1900 to 1970


@dataclass(frozen=True, slots=True)
class ReportBlock:
    """What a receiver says of one source (RFC 3550 6.4.1).

    `fraction_lost` in 1/256, `lost` signed 24 bits, `jitter` in timestamp units, `lsr` the middle
    32 bits of the last SR's NTP time (0: none), `dlsr` since then in 1/65536 s.
    """

    ssrc: int
    fraction_lost: int
    lost: int
    highest_sequence: int
    jitter: int
    lsr: int = 0
    dlsr: int = 0


@dataclass(frozen=True, slots=True)
class SenderReport:
    """`ntp` is 64 bits, seconds since 1900 in the upper half."""

    ssrc: int
    ntp: int
    timestamp: int
    packets: int
    octets: int
    blocks: tuple[ReportBlock, ...] = ()


@dataclass(frozen=True, slots=True)
class ReceiverReport:
    ssrc: int
    blocks: tuple[ReportBlock, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceDescription:
    """Each chunk: the source and its items (type, text)."""

    chunks: tuple[tuple[int, tuple[tuple[int, str], ...]], ...]


@dataclass(frozen=True, slots=True)
class Bye:
    ssrcs: tuple[int, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Other:
    """A packet of a type not read here: APP, feedback, extended reports."""

    packet_type: int
    count: int
    body: bytes


Rtcp = SenderReport | ReceiverReport | SourceDescription | Bye | Other


def ntp_time(seconds: float) -> int:
    """64-bit NTP time of seconds since 1970."""
    return int((seconds + _NTP_EPOCH) * (1 << 32)) & 0xFFFFFFFFFFFFFFFF


def middle(ntp: int) -> int:
    """The 32 bits of an NTP time that a report block repeats as LSR."""
    return ntp >> 16 & 0xFFFFFFFF


def parse_rtcp(data: bytes) -> list[Rtcp]:
    """Read a compound packet, or a single one (RFC 5506).

    Raises:
        Malformed: a length or count that does not fit, another version.
    """
    found: list[Rtcp] = []
    at = 0
    while at < len(data):
        if len(data) - at < _HEADER.size:
            raise Malformed("octets after the last packet")
        first, kind, words = _HEADER.unpack_from(data, at)
        end = at + 4 * (words + 1)
        if first >> 6 != VERSION or end > len(data):
            raise Malformed("another version, or a length that does not fit")
        body = data[at + _HEADER.size : end]
        if first & 0x20:
            body = _unpadded(body)
        try:
            found.append(_read(kind, first & 0x1F, body))
        except struct.error:
            raise Malformed(f"type {kind} is shorter than its fields") from None
        at = end
    if not found:
        raise Malformed("empty")
    return found


def _unpadded(body: bytes) -> bytes:
    padding = body[-1] if body else 0
    if not 0 < padding <= len(body):
        raise Malformed("the padding does not fit")
    return body[:-padding]


def _read(kind: int, count: int, body: bytes) -> Rtcp:
    if kind == SR:
        (ssrc,) = struct.unpack_from("!I", body)
        high, low, timestamp, packets, octets = _SENDER.unpack_from(body, 4)
        blocks = _read_blocks(body, 24, count)
        return SenderReport(ssrc, high << 32 | low, timestamp, packets, octets, blocks)
    if kind == RR:
        (ssrc,) = struct.unpack_from("!I", body)
        return ReceiverReport(ssrc, _read_blocks(body, 4, count))
    if kind == SDES:
        return _read_sdes(body, count)
    if kind == BYE:
        ssrcs = struct.unpack_from(f"!{count}I", body)
        rest = body[4 * count :]
        reason = rest[1 : 1 + rest[0]] if rest else b""
        return Bye(ssrcs, reason.decode("utf-8", "replace"))
    return Other(kind, count, body)


def _read_blocks(body: bytes, at: int, count: int) -> tuple[ReportBlock, ...]:
    found: list[ReportBlock] = []
    for index in range(count):
        ssrc, loss, highest, jitter, lsr, dlsr = _BLOCK.unpack_from(body, at + index * _BLOCK.size)
        lost = loss & 0xFFFFFF
        lost -= (lost & 0x800000) << 1
        found.append(ReportBlock(ssrc, loss >> 24, lost, highest, jitter, lsr, dlsr))
    return tuple(found)


def _read_sdes(body: bytes, count: int) -> SourceDescription:
    chunks: list[tuple[int, tuple[tuple[int, str], ...]]] = []
    at = 0
    for _ in range(count):
        (ssrc,) = struct.unpack_from("!I", body, at)
        at += 4
        items: list[tuple[int, str]] = []
        while at < len(body) and body[at]:
            if at + 2 > len(body) or at + 2 + body[at + 1] > len(body):
                raise Malformed("an SDES item does not fit")
            text = body[at + 2 : at + 2 + body[at + 1]]
            items.append((body[at], text.decode("utf-8", "replace")))
            at += 2 + len(text)
        at = (at // 4 + 1) * 4  # one to four zero octets end a chunk (6.5)
        chunks.append((ssrc, tuple(items)))
    return SourceDescription(tuple(chunks))


def serialize_rtcp(*packets: Rtcp) -> bytes:
    """Write a compound packet.

    Raises:
        ValueError: a value that does not fit its field.
    """
    try:
        return b"".join(_write(packet) for packet in packets)
    except struct.error as error:
        raise ValueError(str(error)) from None


def _write(packet: Rtcp) -> bytes:
    if isinstance(packet, SenderReport):
        head = struct.pack("!I", packet.ssrc) + _SENDER.pack(
            packet.ntp >> 32, packet.ntp & 0xFFFFFFFF, packet.timestamp,
            packet.packets & 0xFFFFFFFF, packet.octets & 0xFFFFFFFF,
        )  # fmt: skip
        return _framed(SR, len(packet.blocks), head + _write_blocks(packet.blocks))
    if isinstance(packet, ReceiverReport):
        body = struct.pack("!I", packet.ssrc) + _write_blocks(packet.blocks)
        return _framed(RR, len(packet.blocks), body)
    if isinstance(packet, SourceDescription):
        return _framed(SDES, len(packet.chunks), b"".join(map(_write_chunk, packet.chunks)))
    if isinstance(packet, Bye):
        reason = packet.reason.encode()[:255]
        tail = bytes([len(reason)]) + reason if reason else b""
        ssrcs = struct.pack(f"!{len(packet.ssrcs)}I", *packet.ssrcs)
        return _framed(BYE, len(packet.ssrcs), ssrcs + tail + bytes(-len(tail) % 4))
    return _framed(packet.packet_type, packet.count, packet.body)


def _write_blocks(blocks: tuple[ReportBlock, ...]) -> bytes:
    return b"".join(
        _BLOCK.pack(
            b.ssrc,
            b.fraction_lost << 24 | max(-_MAX_LOST - 1, min(_MAX_LOST, b.lost)) & 0xFFFFFF,
            *(b.highest_sequence & 0xFFFFFFFF, b.jitter & 0xFFFFFFFF, b.lsr, b.dlsr & 0xFFFFFFFF),
        )
        for b in blocks
    )


def _write_chunk(chunk: tuple[int, tuple[tuple[int, str], ...]]) -> bytes:
    ssrc, items = chunk
    body = struct.pack("!I", ssrc)
    for kind, text in items:
        octets = text.encode()[:255]
        body += bytes([kind, len(octets)]) + octets
    return body + bytes(4 - len(body) % 4)


def _framed(kind: int, count: int, body: bytes) -> bytes:
    if count > _MAX_COUNT:
        raise ValueError("at most 31 blocks, chunks or sources a packet")
    if len(body) % 4:
        raise ValueError("RTCP has whole 32-bit words")
    return _HEADER.pack(VERSION << 6 | count, kind, len(body) // 4) + body
