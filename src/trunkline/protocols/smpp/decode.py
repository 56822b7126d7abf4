"""Bytes to PDUs, whatever way they were cut on the road."""

from struct import Struct
from typing import Any, Final

from trunkline.protocols.smpp import commands, status
from trunkline.protocols.smpp.errors import BadBody, BadLength, BodyError, Malformed, UnknownCommand
from trunkline.protocols.smpp.fields import Cursor
from trunkline.protocols.smpp.layout import LAYOUTS, TYPES
from trunkline.protocols.smpp.messages import (
    DeliverSm,
    DeliverSmResp,
    ShortMessagePdu,
    SubmitSm,
    SubmitSmResp,
)
from trunkline.protocols.smpp.pdu import Request, Response
from trunkline.protocols.smpp.tlv import Tlv, check_tlvs, unpack_tlvs

_HEADER: Final = Struct(">IIII")
MIN_PDU: Final = 16
MAX_PDU: Final = 0x11000
"""Default limit of command_length in octets: a 64 KiB message_payload and all that goes with it."""

Pdu = Request | Response

_SHORT_MESSAGE_TYPES: Final[dict[int, type[SubmitSm] | type[DeliverSm]]] = {
    commands.SUBMIT_SM: SubmitSm,
    commands.DELIVER_SM: DeliverSm,
}
_MESSAGE_ID_TYPES: Final[dict[int, type[SubmitSmResp] | type[DeliverSmResp]]] = {
    commands.SUBMIT_SM_RESP: SubmitSmResp,
    commands.DELIVER_SM_RESP: DeliverSmResp,
}


class Decoder:
    """Takes the octets of one connection and gives the PDUs in them.

    max_pdu: largest command_length accepted, octets. strict_tlvs: a parameter named by SMPP 3.4
    whose value has a wrong length makes the PDU a BadBody instead of being left to the reader.
    """

    __slots__ = ("_broken", "_max_pdu", "_rest", "_strict_tlvs")

    def __init__(self, *, max_pdu: int = MAX_PDU, strict_tlvs: bool = False) -> None:
        self._max_pdu = max_pdu
        self._strict_tlvs = strict_tlvs
        self._rest = b""
        self._broken = False

    @property
    def buffered(self) -> int:
        """Octets of a PDU that is not complete yet."""
        return len(self._rest)

    def feed(self, data: bytes) -> list[Pdu | Malformed]:
        """Take octets, give what they complete. After a BadLength nothing more comes."""
        if self._broken:
            return []
        if self._rest:
            data = self._rest + data
        found: list[Pdu | Malformed] = []
        pos, have = 0, len(data)
        while have - pos >= MIN_PDU:
            size, command_id, command_status, sequence = _HEADER.unpack_from(data, pos)
            if not MIN_PDU <= size <= self._max_pdu:
                self._broken = True
                self._rest = b""
                found.append(BadLength(size, sequence))
                return found
            if have - pos < size:
                break
            end = pos + size
            found.append(self._one(command_id, command_status, sequence, data, pos + 16, end))
            pos = end
        self._rest = data[pos:] if pos < have else b""
        return found

    def _one(
        self, command_id: int, command_status: int, sequence: int, data: bytes, pos: int, end: int
    ) -> Pdu | Malformed:
        pdu: Pdu | None = None
        if command_id in _MESSAGE_ID_TYPES:
            pdu = _message_id_resp(command_id, command_status, sequence, data, pos, end)
        elif command_id in _SHORT_MESSAGE_TYPES:
            pdu = _short_message(command_id, sequence, data, pos, end)
            if pdu is not None and pdu.tlvs and self._strict_tlvs:
                pdu = None
        if pdu is not None:
            return pdu
        try:
            return self._by_layout(command_id, command_status, sequence, data, pos, end)
        except BodyError as error:
            return BadBody(
                command_id, sequence, command_status, error.status, error.field, str(error)
            )

    def _by_layout(
        self, command_id: int, command_status: int, sequence: int, data: bytes, pos: int, end: int
    ) -> Pdu | Malformed:
        pdu_type = TYPES.get(command_id)
        if pdu_type is None:
            return UnknownCommand(command_id, sequence, command_status)
        if issubclass(pdu_type, Response):
            values = _response_values(pdu_type, data, pos, end)
            return pdu_type(sequence_number=sequence, command_status=command_status, **values)
        cursor = Cursor(data, pos, end, lenient=False)
        values = {field.name: field.take(cursor) for field in LAYOUTS[pdu_type]}
        if values:
            tlvs = unpack_tlvs(data, cursor.pos, end)
            if self._strict_tlvs:
                check_tlvs(tlvs)
            values["tlvs"] = tlvs
        elif pos < end:
            raise BodyError(status.ESME_RINVCMDLEN, "body", "there should be none")
        return pdu_type(sequence_number=sequence, **values)


def _response_values(pdu_type: type[Response], data: bytes, pos: int, end: int) -> dict[str, Any]:
    # A response cannot be refused, so it is read generously: text of any length, no body at all
    # (SMPP34 4.4.2 with an error; some SMSCs always), a body where there should be none.
    layout = LAYOUTS[pdu_type]
    if pos == end or not layout:
        return {}
    cursor = Cursor(data, pos, end, lenient=True)
    values: dict[str, Any] = {field.name: field.take(cursor) for field in layout}
    values["tlvs"] = unpack_tlvs(data, cursor.pos, end)
    return values


def _message_id_resp(
    command_id: int, command_status: int, sequence: int, data: bytes, pos: int, end: int
) -> Response | None:
    """The two common responses the fast way; None when there is more than a message_id."""
    if pos == end:
        message_id = ""
    elif data.find(0, pos, end) == end - 1:
        message_id = data[pos : end - 1].decode("latin-1")
    else:
        return None
    return _MESSAGE_ID_TYPES[command_id](
        sequence_number=sequence, command_status=command_status, message_id=message_id
    )


def _short_message(
    command_id: int, sequence: int, data: bytes, pos: int, end: int
) -> ShortMessagePdu | None:
    """submit_sm and deliver_sm the fast way; None when anything looks odd.

    The layout then says what it is. Positions only grow, so that `after <= end` at the last
    field vouches for all before it.
    """
    service = data.find(0, pos, end)
    source = data.find(0, service + 3, end)
    destination = data.find(0, source + 3, end)
    schedule = data.find(0, destination + 4, end)
    validity = data.find(0, schedule + 1, end)
    message = validity + 6
    if (
        min(service, source, destination, schedule, validity) < 0
        or message > end
        or service - pos > 5
        or source - service > 23
        or destination - source > 23
        or schedule - destination not in _TIME_GAPS
        or validity - schedule not in (1, 17)
    ):
        return None
    after = message + data[message - 1]
    if after > end or after - message > 254:
        return None
    tlvs: tuple[Tlv, ...] = ()
    if after < end:
        try:
            tlvs = unpack_tlvs(data, after, end)
        except BodyError:
            return None
    return _SHORT_MESSAGE_TYPES[command_id](
        sequence_number=sequence,
        service_type=data[pos:service].decode("latin-1") if service > pos else "",
        source_addr_ton=data[service + 1],
        source_addr_npi=data[service + 2],
        source_addr=data[service + 3 : source].decode("latin-1"),
        dest_addr_ton=data[source + 1],
        dest_addr_npi=data[source + 2],
        destination_addr=data[source + 3 : destination].decode("latin-1"),
        esm_class=data[destination + 1],
        protocol_id=data[destination + 2],
        priority_flag=data[destination + 3],
        schedule_delivery_time=data[destination + 4 : schedule].decode("latin-1"),
        validity_period=data[schedule + 1 : validity].decode("latin-1"),
        registered_delivery=data[validity + 1],
        replace_if_present_flag=data[validity + 2],
        data_coding=data[validity + 3],
        sm_default_msg_id=data[validity + 4],
        short_message=data[message:after],
        tlvs=tlvs,
    )


_TIME_GAPS: Final = (4, 20)  # three octets and a time of 0 or 16 characters


def decode(data: bytes) -> Pdu:
    """Read exactly one whole PDU; ValueError with what is wrong otherwise."""
    found = Decoder(max_pdu=max(len(data), MIN_PDU)).feed(data)
    if len(found) != 1 or int.from_bytes(data[:4], "big") != len(data):
        raise ValueError(f"not exactly one PDU: {len(data)} octets")
    if isinstance(found[0], (BadLength, UnknownCommand, BadBody)):
        raise ValueError(repr(found[0]))
    return found[0]
