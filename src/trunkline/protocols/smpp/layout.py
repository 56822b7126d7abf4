"""The order of the mandatory fields in every body (SMPP34 chapter 4)."""

from typing import Final

from trunkline.protocols.smpp import ancillary, messages, pdu, status
from trunkline.protocols.smpp.fields import (
    CString,
    Destinations,
    Field,
    Octet,
    ShortMessage,
    Unsuccessful,
)

Layout = tuple[Field, ...]

_SERVICE_TYPE = CString("service_type", 6, status.ESME_RINVSERTYP)
_MESSAGE_ID = CString("message_id", 65, status.ESME_RINVMSGID)
_SYSTEM_ID = CString("system_id", 16, status.ESME_RINVSYSID)
_PASSWORD = CString("password", 9, status.ESME_RINVPASWD)
_SCHEDULE = CString("schedule_delivery_time", 17, status.ESME_RINVSCHED, fixed=True)
_VALIDITY = CString("validity_period", 17, status.ESME_RINVEXPIRY, fixed=True)

_SOURCE: Layout = (
    Octet("source_addr_ton"),
    Octet("source_addr_npi"),
    CString("source_addr", 21, status.ESME_RINVSRCADR),
)
_DESTINATION: Layout = (
    Octet("dest_addr_ton"),
    Octet("dest_addr_npi"),
    CString("destination_addr", 21, status.ESME_RINVDSTADR),
)
_KIND: Layout = (Octet("esm_class"), Octet("protocol_id"), Octet("priority_flag"))
_TAIL: Layout = (
    Octet("registered_delivery"),
    Octet("replace_if_present_flag"),
    Octet("data_coding"),
    Octet("sm_default_msg_id"),
    ShortMessage(),
)

_BIND: Layout = (
    _SYSTEM_ID,
    _PASSWORD,
    CString("system_type", 13, status.ESME_RINVSYSTYP),
    Octet("interface_version"),
    Octet("addr_ton"),
    Octet("addr_npi"),
    CString("address_range", 41),
)
_SUBMIT_SM: Layout = (
    *(_SERVICE_TYPE, *_SOURCE, *_DESTINATION, *_KIND),
    *(_SCHEDULE, _VALIDITY, *_TAIL),
)
_DELIVER_SM: Layout = (
    *(_SERVICE_TYPE, *_SOURCE, *_DESTINATION, *_KIND),
    # SMPP34 4.6.1: not used in deliver_sm, so a carrier may put anything there
    CString("schedule_delivery_time", 17, status.ESME_RINVSCHED),
    CString("validity_period", 17, status.ESME_RINVEXPIRY),
    *_TAIL,
)
_DATA_SM: Layout = (
    _SERVICE_TYPE,
    Octet("source_addr_ton"),
    Octet("source_addr_npi"),
    CString("source_addr", 65, status.ESME_RINVSRCADR),
    Octet("dest_addr_ton"),
    Octet("dest_addr_npi"),
    CString("destination_addr", 65, status.ESME_RINVDSTADR),
    Octet("esm_class"),
    Octet("registered_delivery"),
    Octet("data_coding"),
)
_REPLACE_SM: Layout = (
    *(_MESSAGE_ID, *_SOURCE, _SCHEDULE, _VALIDITY),
    *(Octet("registered_delivery"), Octet("sm_default_msg_id"), ShortMessage()),
)
_QUERY_SM_RESP: Layout = (
    _MESSAGE_ID,
    CString("final_date", 17, fixed=True),
    Octet("message_state"),
    Octet("error_code"),
)
_ALERT_NOTIFICATION: Layout = (
    Octet("source_addr_ton"),
    Octet("source_addr_npi"),
    CString("source_addr", 65, status.ESME_RINVSRCADR),
    Octet("esme_addr_ton"),
    Octet("esme_addr_npi"),
    CString("esme_addr", 65, status.ESME_RINVDSTADR),
)

RequestType = type[pdu.Request]
ResponseType = type[pdu.Response]

LAYOUTS: Final[dict[RequestType | ResponseType, Layout]] = {
    pdu.GenericNack: (),
    pdu.BindReceiver: _BIND,
    pdu.BindReceiverResp: (_SYSTEM_ID,),
    pdu.BindTransmitter: _BIND,
    pdu.BindTransmitterResp: (_SYSTEM_ID,),
    pdu.BindTransceiver: _BIND,
    pdu.BindTransceiverResp: (_SYSTEM_ID,),
    pdu.Outbind: (_SYSTEM_ID, _PASSWORD),
    pdu.Unbind: (),
    pdu.UnbindResp: (),
    pdu.EnquireLink: (),
    pdu.EnquireLinkResp: (),
    messages.SubmitSm: _SUBMIT_SM,
    messages.SubmitSmResp: (_MESSAGE_ID,),
    messages.DeliverSm: _DELIVER_SM,
    messages.DeliverSmResp: (_MESSAGE_ID,),
    messages.DataSm: _DATA_SM,
    messages.DataSmResp: (_MESSAGE_ID,),
    messages.SubmitMulti: (
        *(_SERVICE_TYPE, *_SOURCE, Destinations(), *_KIND),
        *(_SCHEDULE, _VALIDITY, *_TAIL),
    ),
    messages.SubmitMultiResp: (_MESSAGE_ID, Unsuccessful()),
    ancillary.QuerySm: (_MESSAGE_ID, *_SOURCE),
    ancillary.QuerySmResp: _QUERY_SM_RESP,
    ancillary.CancelSm: (_SERVICE_TYPE, _MESSAGE_ID, *_SOURCE, *_DESTINATION),
    ancillary.CancelSmResp: (),
    ancillary.ReplaceSm: _REPLACE_SM,
    ancillary.ReplaceSmResp: (),
    ancillary.AlertNotification: _ALERT_NOTIFICATION,
}

TYPES: Final[dict[int, RequestType | ResponseType]] = {
    pdu_type.command_id: pdu_type for pdu_type in LAYOUTS
}
"""command_id to PDU type."""
