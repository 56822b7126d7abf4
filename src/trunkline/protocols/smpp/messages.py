"""The PDUs that carry messages (SMPP34 4.4-4.7)."""

from typing import ClassVar, NamedTuple

from trunkline.protocols.smpp import commands
from trunkline.protocols.smpp.pdu import Request, Response
from trunkline.protocols.smpp.record import record
from trunkline.protocols.smpp.tlv import Tlv


@record
class ShortMessagePdu(Request):
    """What submit_sm and deliver_sm share; addresses without `+`, short_message in data_coding."""

    service_type: str = ""
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: str = ""
    dest_addr_ton: int = 0
    dest_addr_npi: int = 0
    destination_addr: str = ""
    esm_class: int = 0
    protocol_id: int = 0
    priority_flag: int = 0
    schedule_delivery_time: str = ""
    validity_period: str = ""
    registered_delivery: int = 0
    replace_if_present_flag: int = 0
    data_coding: int = 0
    sm_default_msg_id: int = 0
    short_message: bytes = b""
    tlvs: tuple[Tlv, ...] = ()


@record
class MessageIdResp(Response):
    """A response whose body is a message_id."""

    message_id: str = ""
    tlvs: tuple[Tlv, ...] = ()


@record
class SubmitSm(ShortMessagePdu):
    command_id: ClassVar[int] = commands.SUBMIT_SM
    command_name: ClassVar[str] = "submit_sm"


@record
class SubmitSmResp(MessageIdResp):
    command_id: ClassVar[int] = commands.SUBMIT_SM_RESP
    command_name: ClassVar[str] = "submit_sm_resp"


@record
class DeliverSm(ShortMessagePdu):
    command_id: ClassVar[int] = commands.DELIVER_SM
    command_name: ClassVar[str] = "deliver_sm"


@record
class DeliverSmResp(MessageIdResp):
    command_id: ClassVar[int] = commands.DELIVER_SM_RESP
    command_name: ClassVar[str] = "deliver_sm_resp"


@record
class DataSm(Request):
    """A message in a TLV, both ways (SMPP34 4.7.1)."""

    command_id: ClassVar[int] = commands.DATA_SM
    command_name: ClassVar[str] = "data_sm"
    service_type: str = ""
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: str = ""
    dest_addr_ton: int = 0
    dest_addr_npi: int = 0
    destination_addr: str = ""
    esm_class: int = 0
    registered_delivery: int = 0
    data_coding: int = 0
    tlvs: tuple[Tlv, ...] = ()


@record
class DataSmResp(MessageIdResp):
    command_id: ClassVar[int] = commands.DATA_SM_RESP
    command_name: ClassVar[str] = "data_sm_resp"


class SmeAddress(NamedTuple):
    """One destination of submit_multi (SMPP34 4.5.1.1)."""

    dest_addr_ton: int
    dest_addr_npi: int
    destination_addr: str


class DistributionList(NamedTuple):
    """One destination of submit_multi by the name of a list at the SMSC (SMPP34 4.5.1.2)."""

    dl_name: str


class UnsuccessfulSme(NamedTuple):
    """One destination that submit_multi did not reach (SMPP34 4.5.2.1)."""

    dest_addr_ton: int
    dest_addr_npi: int
    destination_addr: str
    error_status_code: int


@record
class SubmitMulti(Request):
    """One message for 1..254 destinations (SMPP34 4.5.1)."""

    command_id: ClassVar[int] = commands.SUBMIT_MULTI
    command_name: ClassVar[str] = "submit_multi"
    service_type: str = ""
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: str = ""
    dest_addresses: tuple[SmeAddress | DistributionList, ...] = ()
    esm_class: int = 0
    protocol_id: int = 0
    priority_flag: int = 0
    schedule_delivery_time: str = ""
    validity_period: str = ""
    registered_delivery: int = 0
    replace_if_present_flag: int = 0
    data_coding: int = 0
    sm_default_msg_id: int = 0
    short_message: bytes = b""
    tlvs: tuple[Tlv, ...] = ()


@record
class SubmitMultiResp(Response):
    command_id: ClassVar[int] = commands.SUBMIT_MULTI_RESP
    command_name: ClassVar[str] = "submit_multi_resp"
    message_id: str = ""
    unsuccess_smes: tuple[UnsuccessfulSme, ...] = ()
    tlvs: tuple[Tlv, ...] = ()
