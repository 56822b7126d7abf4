"""PDUs to bytes."""

from collections.abc import Callable
from struct import Struct, error
from typing import Any, Final

from trunkline.protocols.smpp import commands
from trunkline.protocols.smpp.errors import EncodeError
from trunkline.protocols.smpp.layout import LAYOUTS
from trunkline.protocols.smpp.messages import (
    DeliverSm,
    DeliverSmResp,
    MessageIdResp,
    ShortMessagePdu,
    SubmitSm,
    SubmitSmResp,
)
from trunkline.protocols.smpp.pdu import Request, Response
from trunkline.protocols.smpp.tlv import Tlv, pack_tlvs

HEADER: Final = Struct(">IIII")
MAX_SEQUENCE: Final = 0x7FFFFFFF  # SMPP34 3.2
_HEADER_SIZE: Final = 16

# submit_sm and deliver_sm up to sm_length as one string of characters U+0000..U+00FF: formatting
# and encoding it once is the cheapest way to put 17 fields together that CPython has.
_SHORT_MESSAGE_BODY: Final = "%s\0%c%c%s\0%c%c%s\0%c%c%c%s\0%s\0%c%c%c%c%c"


def encode(pdu: Request | Response, sequence_number: int | None = None) -> bytes:
    """Write one PDU; EncodeError names the PDU and the field that does not fit.

    `sequence_number` stands in for the one in the PDU, so that a prepared PDU can be sent as it is.
    """
    sequence = pdu.sequence_number if sequence_number is None else sequence_number
    fast = _FAST.get(type(pdu))
    body = fast(pdu) if fast is not None else None
    return _frame(pdu, sequence, _body(pdu) if body is None else body)


def generic_nack(command_status: int, sequence_number: int) -> bytes:
    """Write a generic_nack; sequence_number 0 when that of the offender is not known."""
    return HEADER.pack(_HEADER_SIZE, commands.GENERIC_NACK, command_status, sequence_number)


def bare_response(command_id: int, command_status: int, sequence_number: int) -> bytes:
    """Write the response to a request as a header alone: enough for an error (SMPP34 4.4.2)."""
    command_id |= commands.RESPONSE
    return HEADER.pack(_HEADER_SIZE, command_id, command_status, sequence_number)


def _frame(pdu: Request | Response, sequence: int, body: bytes) -> bytes:
    size = _HEADER_SIZE + len(body)
    if isinstance(pdu, Response):
        command_status, longest = pdu.command_status, 0xFFFFFFFF  # it repeats whatever was asked
    else:
        command_status, longest = 0, MAX_SEQUENCE
    if not 0 <= sequence <= longest:
        raise EncodeError(pdu.command_name, "sequence_number", f"{sequence} is out of range")
    try:
        return HEADER.pack(size, pdu.command_id, command_status, sequence) + body
    except error:
        reason = f"{command_status} is not a 4-octet integer"
        raise EncodeError(pdu.command_name, "command_status", reason) from None


def _short_message_body(pdu: ShortMessagePdu) -> bytes | None:
    """The fast way; None when anything is out of its limits, for `_body` to say what."""
    service_type, source, destination = pdu.service_type, pdu.source_addr, pdu.destination_addr
    schedule, validity = pdu.schedule_delivery_time, pdu.validity_period
    message = pdu.short_message
    if (
        len(service_type) > 5
        or len(source) > 20
        or len(destination) > 20
        or len(message) > 254
        or "\0" in f"{service_type}{source}{destination}{schedule}{validity}"
        or len(schedule) not in _TIME_LENGTHS
        or len(validity) not in _TIME_LENGTHS
    ):
        return None
    try:
        head = _SHORT_MESSAGE_BODY % (
            service_type,
            pdu.source_addr_ton,
            pdu.source_addr_npi,
            source,
            pdu.dest_addr_ton,
            pdu.dest_addr_npi,
            destination,
            pdu.esm_class,
            pdu.protocol_id,
            pdu.priority_flag,
            schedule,
            validity,
            pdu.registered_delivery,
            pdu.replace_if_present_flag,
            pdu.data_coding,
            pdu.sm_default_msg_id,
            len(message),
        )
        body = head.encode("latin-1") + message
    except (UnicodeEncodeError, OverflowError):
        return None
    return body + pack_tlvs(pdu.command_name, pdu.tlvs) if pdu.tlvs else body


_TIME_LENGTHS: Final = (0, 16)


def _message_id_body(pdu: MessageIdResp) -> bytes | None:
    message_id = pdu.message_id
    if pdu.tlvs or len(message_id) > 64 or "\0" in message_id:
        return None
    if not message_id:
        # SMPP34 4.4.2: the body is left out when command_status is not 0
        return b"" if pdu.command_status else b"\0"
    try:
        return message_id.encode("latin-1") + b"\0"
    except UnicodeEncodeError:
        return None


def _body(pdu: Request | Response) -> bytes:
    layout = LAYOUTS[type(pdu)]
    tlvs: tuple[Tlv, ...] = getattr(pdu, "tlvs", ())
    values = [getattr(pdu, field.name) for field in layout]
    if isinstance(pdu, Response) and pdu.command_status and not tlvs and not any(values):
        return b""  # SMPP34 4.1.2, 4.4.2: no body with an error
    out = bytearray()
    for field, value in zip(layout, values, strict=True):
        field.put(out, value, pdu.command_name)
    if tlvs:
        out += pack_tlvs(pdu.command_name, tlvs)
    return bytes(out)


_FAST: Final[dict[type, Callable[[Any], bytes | None]]] = {
    SubmitSm: _short_message_body,
    DeliverSm: _short_message_body,
    SubmitSmResp: _message_id_body,
    DeliverSmResp: _message_id_body,
}
