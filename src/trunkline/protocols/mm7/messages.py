"""What MM7 says; names are those of TS 23.140 8.7."""

from typing import NamedTuple


class Mm7Error(Exception):
    """A body that is no MM7; `str(error)` says why."""


class ContentPart(NamedTuple):
    """One part of a message's content."""

    content_type: str
    name: str
    body: bytes


class SubmitReq(NamedTuple):
    """A message from a service (8.7.1); times are in seconds from now, 0: none."""

    transaction_id: str
    sender: str
    recipient: str
    parts: tuple[ContentPart, ...]
    vasp_id: str = ""
    vas_id: str = ""
    service_code: str = ""
    expiry_s: int = 0


class DeliverReq(NamedTuple):
    """A message to a service (8.7.2)."""

    transaction_id: str
    sender: str
    recipient: str
    parts: tuple[ContentPart, ...]
    linked_id: str = ""


class DeliveryReportReq(NamedTuple):
    """What became of a message (8.7.4); `status` is its MMStatus."""

    transaction_id: str
    message_id: str
    sender: str
    recipient: str
    status: str
    status_text: str = ""
    date: str = ""


class Response(NamedTuple):
    """An answer: SubmitRsp, DeliverRsp, DeliveryReportRsp, RSErrorRsp or VASPErrorRsp."""

    kind: str
    transaction_id: str
    status_code: int
    status_text: str = ""
    message_id: str = ""


Message = SubmitReq | DeliverReq | DeliveryReportReq | Response
