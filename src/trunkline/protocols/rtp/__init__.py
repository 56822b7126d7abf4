"""RTP and RTCP (RFC 3550, 3551), telephone events (RFC 4733) and a jitter buffer as pure code.

    parse(bytes) -> Packet, serialize(Packet, padding=0) -> bytes, is_rtcp(bytes)     Malformed
    parse_rtcp(bytes) -> [SenderReport | ReceiverReport | SourceDescription | Bye | Other]
    serialize_rtcp(*packets) -> bytes, ntp_time(seconds), round_trip_s(block, ntp_now)
    Reception(ssrc).packet(sequence, timestamp, arrival) -> bool, .report(now) -> ReportBlock
    EventReceiver().receive(timestamp, parse_event(payload), now) -> [Pressed]; wake_at, expire
    OrderedEvents(reception).receive(sequence, timestamp, event, now) -> [Pressed]; pass_on, expire
    EventSender(digit, length, step).tick() -> EventFrame
    JitterBuffer(SampleGrid(160, silence) | PacketGrid(960)).put(timestamp, payload, arrival)
        .get() -> cell | Gap(LOST or HOLD, run) | Merge(first, second), once a tick

Malformed is a ValueError. Times are what the caller says: seconds, or timestamp units.
"""

from trunkline.protocols.rtp.event_order import OrderedEvents
from trunkline.protocols.rtp.events import (
    DIGITS,
    EventFrame,
    EventReceiver,
    EventSender,
    Pressed,
    TelephoneEvent,
    parse_event,
    serialize_event,
)
from trunkline.protocols.rtp.grid import Grid, PacketGrid, SampleGrid, opus_duration
from trunkline.protocols.rtp.jitter import Gap, GapKind, JitterBuffer, JitterStats, Merge
from trunkline.protocols.rtp.packet import Malformed, Packet, is_rtcp, parse, serialize
from trunkline.protocols.rtp.reception import Reception, round_trip_s
from trunkline.protocols.rtp.rtcp import (
    CNAME,
    Bye,
    Other,
    ReceiverReport,
    ReportBlock,
    Rtcp,
    SenderReport,
    SourceDescription,
    ntp_time,
    parse_rtcp,
    serialize_rtcp,
)
from trunkline.protocols.rtp.sequence import Unwrapped, difference

__all__ = [
    "CNAME",
    "DIGITS",
    "Bye",
    "EventFrame",
    "EventReceiver",
    "EventSender",
    "Gap",
    "GapKind",
    "Grid",
    "JitterBuffer",
    "JitterStats",
    "Malformed",
    "Merge",
    "OrderedEvents",
    "Other",
    "Packet",
    "PacketGrid",
    "Pressed",
    "ReceiverReport",
    "Reception",
    "ReportBlock",
    "Rtcp",
    "SampleGrid",
    "SenderReport",
    "SourceDescription",
    "TelephoneEvent",
    "Unwrapped",
    "difference",
    "is_rtcp",
    "ntp_time",
    "opus_duration",
    "parse",
    "parse_event",
    "parse_rtcp",
    "round_trip_s",
    "serialize",
    "serialize_event",
    "serialize_rtcp",
]
