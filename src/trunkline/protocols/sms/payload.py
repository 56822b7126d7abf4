"""Parts as the fields of submit_sm or deliver_sm, in the three dialects carriers speak."""

from enum import Enum
from typing import Final, NamedTuple

from trunkline.protocols.sms.segment import Encoding

ESM_UDHI: Final = 0x40  # SMPP34 5.2.12: user data header indicator
SHORT_MESSAGE_MAX: Final = 254  # SMPP34 5.2.22


class Dialect(Enum):
    """Where a long message's structure is written."""

    UDH = "udh"  # a header in each short_message, 8-bit reference
    UDH16 = "udh16"  # the same with a 16-bit reference; parts are cut with `wide`
    SAR = "sar"  # sar_* TLVs beside each short_message
    PAYLOAD = "payload"  # one PDU, the text in message_payload; the carrier cuts it


class PartPayload(NamedTuple):
    """Fields of one PDU; `sar` is (sar_msg_ref_num, sar_total_segments, sar_segment_seqnum)."""

    short_message: bytes
    esm_class: int
    data_coding: int
    sar: tuple[int, int, int] | None = None
    message_payload: bytes | None = None


def payloads(
    encoding: Encoding, parts: tuple[bytes, ...], dialect: Dialect, reference: int
) -> tuple[PartPayload, ...]:
    """Lay parts out for a carrier; `reference` (any int ≥ 0) is cut to the dialect's width.

    A single part is a plain short_message in every dialect: every carrier takes that.
    """
    coding = encoding.value
    if len(parts) == 1 and len(parts[0]) <= SHORT_MESSAGE_MAX:
        return (PartPayload(parts[0], 0, coding),)
    if dialect is Dialect.PAYLOAD:
        # SMPP34 5.3.2.32: short_message is empty when message_payload is used.
        return (PartPayload(b"", 0, coding, None, b"".join(parts)),)
    total = len(parts)
    if dialect is Dialect.SAR:
        number = reference & 0xFFFF  # SMPP34 5.3.2.22
        return tuple(
            PartPayload(part, 0, coding, (number, total, at)) for at, part in enumerate(parts, 1)
        )
    if dialect is Dialect.UDH16:
        head = bytes((6, 8, 4, reference >> 8 & 0xFF, reference & 0xFF, total))  # 9.2.3.24.8
    else:
        head = bytes((5, 0, 3, reference & 0xFF, total))  # 3GPP 23.040 9.2.3.24.1
    return tuple(
        PartPayload(head + bytes((at,)) + part, ESM_UDHI, coding)
        for at, part in enumerate(parts, 1)
    )
