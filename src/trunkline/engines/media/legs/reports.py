"""RTCP of a leg: a report every few seconds, and what the peer's reports say (RFC 3550 6)."""

import random
import socket
from collections.abc import Callable
from typing import Final

from trunkline.engines.media.messages import Stream
from trunkline.protocols.rtp import (
    CNAME,
    Bye,
    Malformed,
    ReceiverReport,
    Reception,
    ReportBlock,
    SenderReport,
    SourceDescription,
    ntp_time,
    parse_rtcp,
    round_trip_s,
    serialize_rtcp,
)

_MOST: Final = 8  # packets read at once
Send = Callable[[bytes], bool]


class Reports:
    """`wall` gives seconds since 1970. `send_muxed` is for peers that want RTCP on RTP's port."""

    __slots__ = (
        *("_cname", "_due", "_interval_s", "_sent_before", "_sock", "_ssrc", "_stream", "_wall"),
        *("remote", "round_trip_ms", "send_muxed"),
    )

    def __init__(
        self, sock: socket.socket, ssrc: int, cname: str, interval_s: float,
        wall: Callable[[], float], send_muxed: Send,
    ) -> None:  # fmt: skip
        self._sock = sock
        self._ssrc = ssrc
        self._cname = cname
        self._interval_s = interval_s
        self._wall = wall
        self._stream: Stream | None = None
        self._due = 0.0
        self._sent_before = 0
        self.send_muxed = send_muxed
        self.remote: ReportBlock | None = None
        """What the peer said last of what we send."""
        self.round_trip_ms = -1.0

    def apply(self, stream: Stream, now: float) -> None:
        """Report on this stream, first after half an interval (6.2)."""
        if self._stream is None:
            self._due = now + self._interval_s * random.uniform(0.3, 0.7)  # noqa: S311 - no secret
        self._stream = stream

    def read(self, reception: Reception | None, now: float) -> None:
        """Take what came to the RTCP port. Anybody may send there: it changes figures only."""
        for _ in range(_MOST):
            try:
                data = self._sock.recv(2048)
            except BlockingIOError:
                return
            except OSError:
                continue
            self.receive(data, reception, now)

    def receive(self, data: bytes, reception: Reception | None, now: float) -> None:
        """Take a compound packet; rubbish is dropped."""
        try:
            packets = parse_rtcp(data)
        except Malformed:
            return
        for packet in packets:
            if isinstance(packet, SenderReport | ReceiverReport):
                self._blocks(packet.blocks)
            if isinstance(packet, SenderReport) and reception and packet.ssrc == reception.ssrc:
                reception.sender_report(packet.ntp, now)

    def _blocks(self, blocks: tuple[ReportBlock, ...]) -> None:
        for block in blocks:
            if block.ssrc != self._ssrc:
                continue
            self.remote = block
            seconds = round_trip_s(block, ntp_time(self._wall()))
            if seconds is not None:
                self.round_trip_ms = seconds * 1000

    def send_if_due(
        self, reception: Reception | None, sent: tuple[int, int, int], now: float
    ) -> None:
        """Send a report when it is time; `sent` are packets, octets and the RTP timestamp now."""
        if self._stream is None or now < self._due:
            return
        self._due = now + self._interval_s * random.uniform(0.5, 1.5)  # noqa: S311 - RFC 3550 6.3.1
        self._send(self._report(reception, sent, now))

    def say_bye(self, reception: Reception | None, sent: tuple[int, int, int], now: float) -> None:
        """The leg ends (6.3.7)."""
        if self._stream is not None:
            self._send(self._report(reception, sent, now) + serialize_rtcp(Bye((self._ssrc,))))

    def _report(self, reception: Reception | None, sent: tuple[int, int, int], now: float) -> bytes:
        blocks = (reception.report(now),) if reception is not None else ()
        packets, octets, timestamp = sent
        description = SourceDescription(((self._ssrc, ((CNAME, self._cname),)),))
        if packets == self._sent_before:
            return serialize_rtcp(ReceiverReport(self._ssrc, blocks), description)
        self._sent_before = packets
        ntp = ntp_time(self._wall())
        report = SenderReport(self._ssrc, ntp, timestamp, packets, octets, blocks)
        return serialize_rtcp(report, description)

    def _send(self, data: bytes) -> None:
        stream = self._stream
        if stream is None:
            return
        if stream.rtcp_mux:
            self.send_muxed(data)
            return
        if not stream.rtcp_address or not stream.rtcp_port:
            return
        try:
            self._sock.sendto(data, (stream.rtcp_address, stream.rtcp_port))
        except OSError:  # nobody listens there: many peers speak no RTCP
            return
