"""The PDUs about a message already submitted, and alert_notification (SMPP34 4.8-4.10, 4.12)."""

from typing import ClassVar

from trunkline.protocols.smpp import commands
from trunkline.protocols.smpp.pdu import Request, Response
from trunkline.protocols.smpp.record import record
from trunkline.protocols.smpp.tlv import Tlv


@record
class QuerySm(Request):
    command_id: ClassVar[int] = commands.QUERY_SM
    command_name: ClassVar[str] = "query_sm"
    message_id: str = ""
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: str = ""
    tlvs: tuple[Tlv, ...] = ()


@record
class QuerySmResp(Response):
    command_id: ClassVar[int] = commands.QUERY_SM_RESP
    command_name: ClassVar[str] = "query_sm_resp"
    message_id: str = ""
    final_date: str = ""
    message_state: int = 0
    error_code: int = 0
    tlvs: tuple[Tlv, ...] = ()


@record
class CancelSm(Request):
    command_id: ClassVar[int] = commands.CANCEL_SM
    command_name: ClassVar[str] = "cancel_sm"
    service_type: str = ""
    message_id: str = ""
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: str = ""
    dest_addr_ton: int = 0
    dest_addr_npi: int = 0
    destination_addr: str = ""
    tlvs: tuple[Tlv, ...] = ()


@record
class CancelSmResp(Response):
    command_id: ClassVar[int] = commands.CANCEL_SM_RESP
    command_name: ClassVar[str] = "cancel_sm_resp"


@record
class ReplaceSm(Request):
    command_id: ClassVar[int] = commands.REPLACE_SM
    command_name: ClassVar[str] = "replace_sm"
    message_id: str = ""
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: str = ""
    schedule_delivery_time: str = ""
    validity_period: str = ""
    registered_delivery: int = 0
    sm_default_msg_id: int = 0
    short_message: bytes = b""
    tlvs: tuple[Tlv, ...] = ()


@record
class ReplaceSmResp(Response):
    command_id: ClassVar[int] = commands.REPLACE_SM_RESP
    command_name: ClassVar[str] = "replace_sm_resp"


@record
class AlertNotification(Request):
    """The SMSC says that a handset can be reached again; never answered (SMPP34 4.12.1)."""

    command_id: ClassVar[int] = commands.ALERT_NOTIFICATION
    command_name: ClassVar[str] = "alert_notification"
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: str = ""
    esme_addr_ton: int = 0
    esme_addr_npi: int = 0
    esme_addr: str = ""
    tlvs: tuple[Tlv, ...] = ()
