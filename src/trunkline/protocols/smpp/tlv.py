r"""Optional parameters: tag, length, value (SMPP34 3.2.4, 5.3.2).

A PDU keeps its TLVs raw, in order, known or not: `pdu.tlvs` is a tuple of `Tlv`. The named
parameters below make and read them with their type:

    SubmitSm(..., tlvs=(tlv.MESSAGE_PAYLOAD.of(b"..."), Tlv(0x1400, b"1101...\0")))
    tlv.RECEIPTED_MESSAGE_ID.find(pdu.tlvs)  ->  "4F2A" or None
"""

from abc import ABC, abstractmethod
from struct import Struct
from typing import Any, Final, Generic, NamedTuple, TypeVar

from trunkline.protocols.smpp import status
from trunkline.protocols.smpp.errors import BodyError, EncodeError

T = TypeVar("T")

_HEADER = Struct(">HH")
_MAX_VALUE: Final = 0xFFFF  # the length is two octets


class Tlv(NamedTuple):
    """One optional parameter as it stands on the wire."""

    tag: int
    value: bytes


class Parameter(ABC, Generic[T]):
    """A named optional parameter whose value has the type T."""

    __slots__ = ("longest", "name", "shortest", "tag")

    def __init__(self, tag: int, name: str, shortest: int, longest: int) -> None:
        self.tag = tag
        self.name = name
        self.shortest = shortest
        self.longest = longest
        NAMED[tag] = self

    def of(self, value: T) -> Tlv:
        """Make the TLV; EncodeError when the value does not fit."""
        raw = self._pack(value)
        if not self.shortest <= len(raw) <= self.longest:
            raise EncodeError("tlv", self.name, f"{len(raw)} octets, not {self._range()}")
        return Tlv(self.tag, raw)

    def find(self, tlvs: tuple[Tlv, ...]) -> T | None:
        """Read the first such TLV, None when absent; BodyError when its length is wrong."""
        for tag, raw in tlvs:
            if tag == self.tag:
                return self.read(raw)
        return None

    def read(self, raw: bytes) -> T:
        """Read the value; BodyError with ESME_RINVPARLEN when its length is wrong."""
        if not self.shortest <= len(raw) <= self.longest:
            reason = f"{len(raw)} octets, not {self._range()}"
            raise BodyError(status.ESME_RINVPARLEN, self.name, reason)
        return self._unpack(raw)

    def _range(self) -> str:
        if self.shortest == self.longest:
            return str(self.shortest)
        return f"{self.shortest}..{self.longest}"

    @abstractmethod
    def _pack(self, value: T) -> bytes: ...

    @abstractmethod
    def _unpack(self, raw: bytes) -> T: ...


NAMED: dict[int, Parameter[Any]] = {}
"""Every parameter SMPP 3.4 names, by tag."""


class IntParameter(Parameter[int]):
    """An unsigned integer of 1, 2 or 4 octets."""

    __slots__ = ()

    def __init__(self, tag: int, name: str, size: int) -> None:
        super().__init__(tag, name, size, size)

    def _pack(self, value: int) -> bytes:
        try:
            return value.to_bytes(self.shortest, "big")
        except OverflowError:
            raise EncodeError(
                "tlv", self.name, f"{value} needs more than {self._range()} octets"
            ) from None

    def _unpack(self, raw: bytes) -> int:
        return int.from_bytes(raw, "big")


class TextParameter(Parameter[str]):
    """A C-octet string; `longest` counts the closing NUL."""

    __slots__ = ()

    def _pack(self, value: str) -> bytes:
        if "\0" in value:
            raise EncodeError("tlv", self.name, "holds a NUL")
        try:
            return value.encode("latin-1") + b"\0"
        except UnicodeEncodeError:
            raise EncodeError("tlv", self.name, "holds a character above U+00FF") from None

    def _unpack(self, raw: bytes) -> str:
        # Some SMSCs leave the NUL out: the length already says where the value ends.
        return raw.partition(b"\0")[0].decode("latin-1")


class BytesParameter(Parameter[bytes]):
    """Octets without further form."""

    __slots__ = ()

    def _pack(self, value: bytes) -> bytes:
        return value

    def _unpack(self, raw: bytes) -> bytes:
        return raw


class FlagParameter(Parameter[bool]):
    """A parameter that says all by being there."""

    __slots__ = ()

    def _pack(self, value: bool) -> bytes:
        if not value:
            raise EncodeError("tlv", self.name, "leave it out to say no")
        return b""

    def _unpack(self, raw: bytes) -> bool:  # noqa: ARG002  the presence is the value
        return True


# SMPP34 5.3.2, in its order
DEST_ADDR_SUBUNIT: Final = IntParameter(0x0005, "dest_addr_subunit", 1)
DEST_NETWORK_TYPE: Final = IntParameter(0x0006, "dest_network_type", 1)
DEST_BEARER_TYPE: Final = IntParameter(0x0007, "dest_bearer_type", 1)
DEST_TELEMATICS_ID: Final = IntParameter(0x0008, "dest_telematics_id", 2)
SOURCE_ADDR_SUBUNIT: Final = IntParameter(0x000D, "source_addr_subunit", 1)
SOURCE_NETWORK_TYPE: Final = IntParameter(0x000E, "source_network_type", 1)
SOURCE_BEARER_TYPE: Final = IntParameter(0x000F, "source_bearer_type", 1)
SOURCE_TELEMATICS_ID: Final = IntParameter(0x0010, "source_telematics_id", 1)
QOS_TIME_TO_LIVE: Final = IntParameter(0x0017, "qos_time_to_live", 4)
PAYLOAD_TYPE: Final = IntParameter(0x0019, "payload_type", 1)
ADDITIONAL_STATUS_INFO_TEXT: Final = TextParameter(0x001D, "additional_status_info_text", 1, 256)
RECEIPTED_MESSAGE_ID: Final = TextParameter(0x001E, "receipted_message_id", 1, 65)
MS_MSG_WAIT_FACILITIES: Final = IntParameter(0x0030, "ms_msg_wait_facilities", 1)
PRIVACY_INDICATOR: Final = IntParameter(0x0201, "privacy_indicator", 1)
SOURCE_SUBADDRESS: Final = BytesParameter(0x0202, "source_subaddress", 2, 23)
DEST_SUBADDRESS: Final = BytesParameter(0x0203, "dest_subaddress", 2, 23)
USER_MESSAGE_REFERENCE: Final = IntParameter(0x0204, "user_message_reference", 2)
USER_RESPONSE_CODE: Final = IntParameter(0x0205, "user_response_code", 1)
SOURCE_PORT: Final = IntParameter(0x020A, "source_port", 2)
DESTINATION_PORT: Final = IntParameter(0x020B, "destination_port", 2)
SAR_MSG_REF_NUM: Final = IntParameter(0x020C, "sar_msg_ref_num", 2)
LANGUAGE_INDICATOR: Final = IntParameter(0x020D, "language_indicator", 1)
SAR_TOTAL_SEGMENTS: Final = IntParameter(0x020E, "sar_total_segments", 1)
SAR_SEGMENT_SEQNUM: Final = IntParameter(0x020F, "sar_segment_seqnum", 1)
SC_INTERFACE_VERSION: Final = IntParameter(0x0210, "sc_interface_version", 1)
CALLBACK_NUM_PRES_IND: Final = IntParameter(0x0302, "callback_num_pres_ind", 1)
CALLBACK_NUM_ATAG: Final = BytesParameter(0x0303, "callback_num_atag", 0, 65)
NUMBER_OF_MESSAGES: Final = IntParameter(0x0304, "number_of_messages", 1)
CALLBACK_NUM: Final = BytesParameter(0x0381, "callback_num", 4, 19)
DPF_RESULT: Final = IntParameter(0x0420, "dpf_result", 1)
SET_DPF: Final = IntParameter(0x0421, "set_dpf", 1)
MS_AVAILABILITY_STATUS: Final = IntParameter(0x0422, "ms_availability_status", 1)
NETWORK_ERROR_CODE: Final = BytesParameter(0x0423, "network_error_code", 3, 3)
MESSAGE_PAYLOAD: Final = BytesParameter(0x0424, "message_payload", 0, _MAX_VALUE)
DELIVERY_FAILURE_REASON: Final = IntParameter(0x0425, "delivery_failure_reason", 1)
MORE_MESSAGES_TO_SEND: Final = IntParameter(0x0426, "more_messages_to_send", 1)
MESSAGE_STATE: Final = IntParameter(0x0427, "message_state", 1)
USSD_SERVICE_OP: Final = BytesParameter(0x0501, "ussd_service_op", 1, 1)
DISPLAY_TIME: Final = IntParameter(0x1201, "display_time", 1)
SMS_SIGNAL: Final = IntParameter(0x1203, "sms_signal", 2)
MS_VALIDITY: Final = IntParameter(0x1204, "ms_validity", 1)
ALERT_ON_MESSAGE_DELIVERY: Final = FlagParameter(0x130C, "alert_on_message_delivery", 0, 0)
ITS_REPLY_TYPE: Final = IntParameter(0x1380, "its_reply_type", 1)
ITS_SESSION_INFO: Final = BytesParameter(0x1383, "its_session_info", 2, 2)


def pack_tlvs(pdu: str, tlvs: tuple[Tlv, ...]) -> bytes:
    """Write TLVs in their order; EncodeError when a tag or a length needs more than two octets."""
    out = bytearray()
    for tag, value in tlvs:
        if not 0 <= tag <= 0xFFFF:
            raise EncodeError(pdu, "tlvs", f"tag {tag} needs more than 2 octets")
        if len(value) > _MAX_VALUE:
            raise EncodeError(pdu, "tlvs", f"tag 0x{tag:04X}: {len(value)} octets, at most 65535")
        out += _HEADER.pack(tag, len(value))
        out += value
    return bytes(out)


def unpack_tlvs(data: bytes, pos: int, end: int) -> tuple[Tlv, ...]:
    """Read the TLVs in data[pos:end]; BodyError (ESME_RINVOPTPARSTREAM) when they do not add up."""
    found: list[Tlv] = []
    while pos < end:
        if end - pos < _HEADER.size:
            raise BodyError(status.ESME_RINVOPTPARSTREAM, "tlvs", f"{end - pos} octets left over")
        tag, size = _HEADER.unpack_from(data, pos)
        pos += _HEADER.size
        if size > end - pos:
            reason = f"tag 0x{tag:04X} says {size} octets, {end - pos} are there"
            raise BodyError(status.ESME_RINVOPTPARSTREAM, "tlvs", reason)
        found.append(Tlv(tag, data[pos : pos + size]))
        pos += size
    return tuple(found)


def check_tlvs(tlvs: tuple[Tlv, ...]) -> None:
    """Raise BodyError when a named parameter has a wrong length; unknown tags pass (SMPP34 3.3)."""
    for tag, raw in tlvs:
        named = NAMED.get(tag)
        if named is not None:
            named.read(raw)
