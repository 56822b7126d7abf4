"""What every PDU has, and the PDUs that open, check and close a session (SMPP34 4.1-4.3, 4.11)."""

from typing import ClassVar

from trunkline.protocols.smpp import commands
from trunkline.protocols.smpp.record import record
from trunkline.protocols.smpp.tlv import Tlv


@record
class Request:
    """A PDU that asks; the peer answers it under the same sequence_number (1..0x7FFFFFFF)."""

    command_id: ClassVar[int]
    command_name: ClassVar[str]
    sequence_number: int = 0


@record
class Response:
    """A PDU that answers; command_status 0 says the request was carried out."""

    command_id: ClassVar[int]
    command_name: ClassVar[str]
    sequence_number: int = 0
    command_status: int = 0


@record
class Bind(Request):
    """What the three bind requests share (SMPP34 4.1.1)."""

    system_id: str = ""
    password: str = ""
    system_type: str = ""
    interface_version: int = 0x34
    addr_ton: int = 0
    addr_npi: int = 0
    address_range: str = ""
    tlvs: tuple[Tlv, ...] = ()


@record
class BindResp(Response):
    """What the three bind responses share (SMPP34 4.1.2)."""

    system_id: str = ""
    tlvs: tuple[Tlv, ...] = ()


@record
class BindTransmitter(Bind):
    command_id: ClassVar[int] = commands.BIND_TRANSMITTER
    command_name: ClassVar[str] = "bind_transmitter"


@record
class BindReceiver(Bind):
    command_id: ClassVar[int] = commands.BIND_RECEIVER
    command_name: ClassVar[str] = "bind_receiver"


@record
class BindTransceiver(Bind):
    command_id: ClassVar[int] = commands.BIND_TRANSCEIVER
    command_name: ClassVar[str] = "bind_transceiver"


@record
class BindTransmitterResp(BindResp):
    command_id: ClassVar[int] = commands.BIND_TRANSMITTER_RESP
    command_name: ClassVar[str] = "bind_transmitter_resp"


@record
class BindReceiverResp(BindResp):
    command_id: ClassVar[int] = commands.BIND_RECEIVER_RESP
    command_name: ClassVar[str] = "bind_receiver_resp"


@record
class BindTransceiverResp(BindResp):
    command_id: ClassVar[int] = commands.BIND_TRANSCEIVER_RESP
    command_name: ClassVar[str] = "bind_transceiver_resp"


@record
class Outbind(Request):
    """The SMSC asks the ESME to bind as receiver; never answered (SMPP34 4.1.7)."""

    command_id: ClassVar[int] = commands.OUTBIND
    command_name: ClassVar[str] = "outbind"
    system_id: str = ""
    password: str = ""
    tlvs: tuple[Tlv, ...] = ()


@record
class Unbind(Request):
    command_id: ClassVar[int] = commands.UNBIND
    command_name: ClassVar[str] = "unbind"


@record
class UnbindResp(Response):
    command_id: ClassVar[int] = commands.UNBIND_RESP
    command_name: ClassVar[str] = "unbind_resp"


@record
class EnquireLink(Request):
    command_id: ClassVar[int] = commands.ENQUIRE_LINK
    command_name: ClassVar[str] = "enquire_link"


@record
class EnquireLinkResp(Response):
    command_id: ClassVar[int] = commands.ENQUIRE_LINK_RESP
    command_name: ClassVar[str] = "enquire_link_resp"


@record
class GenericNack(Response):
    """The answer to what cannot be understood at all (SMPP34 4.3.1)."""

    command_id: ClassVar[int] = commands.GENERIC_NACK
    command_name: ClassVar[str] = "generic_nack"
