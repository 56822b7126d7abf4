"""Content type and body of an HTTP request or answer → MM7 messages, of any version."""

from xml.etree import ElementTree

from trunkline.protocols.mm7.messages import (
    ContentPart,
    DeliverReq,
    DeliveryReportReq,
    Message,
    Mm7Error,
    Response,
    SubmitReq,
)
from trunkline.protocols.mm7.mime import contents, split

_MOST_XML = 256 * 1024
_RESPONSES = ("SubmitRsp", "DeliverRsp", "DeliveryReportRsp", "RSErrorRsp", "VASPErrorRsp")


def decode(content_type: str, body: bytes) -> Message:
    """Read a message.

    Raises:
        Mm7Error: it is none.
    """
    parts: tuple[ContentPart, ...] = ()
    if content_type.lower().lstrip().startswith("multipart/"):
        pieces = split(content_type, body)
        if not pieces:
            raise Mm7Error("no parts")
        xml = pieces[0].body  # TS 23.140 8.7.3: the envelope comes first
        parts = tuple(part for piece in pieces[1:] for part in contents(piece))
    else:
        xml = body
    transaction_id, root = _open(xml)
    return _message(_local(root), transaction_id, root, parts)


def _message(
    name: str, transaction_id: str, root: ElementTree.Element, parts: tuple[ContentPart, ...]
) -> Message:
    if name in _RESPONSES:
        code = _text(root, "StatusCode")
        if not (code.isascii() and code.isdigit() and len(code) <= 6):
            raise Mm7Error("an answer without a StatusCode")
        status = _text(root, "StatusText")
        return Response(name, transaction_id, int(code), status, _text(root, "MessageID"))
    if name == "DeliveryReportReq":
        return DeliveryReportReq(
            transaction_id,
            _text(root, "MessageID"),
            _number(root, "Sender"),
            _number(root, "Recipient"),
            _text(root, "MMStatus"),
            _text(root, "StatusText"),
            _text(root, "Date"),
        )
    sender = _number(root, "SenderAddress") or _number(root, "Sender")
    recipient = _number(root, "To") or _number(root, "Recipients")
    if name == "DeliverReq":
        linked = _text(root, "LinkedID")
        return DeliverReq(transaction_id, sender, recipient, parts, linked)
    if name == "SubmitReq":
        vasp_id, vas_id = _text(root, "VASPID"), _text(root, "VASID")
        code = _text(root, "ServiceCode")
        return SubmitReq(transaction_id, sender, recipient, parts, vasp_id, vas_id, code)
    raise Mm7Error(f"{name[:60]!r} is not served")


def _open(xml: bytes) -> tuple[str, ElementTree.Element]:
    """Return the transaction id and the element in the envelope's body."""
    if len(xml) > _MOST_XML:
        raise Mm7Error("the envelope is too large")
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:
        raise Mm7Error("document types are not read")
    try:
        envelope = ElementTree.fromstring(xml.strip())  # noqa: S314 - no document type, no entities
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise Mm7Error(f"not XML: {error}") from None
    body = next((one for one in envelope if _local(one) == "Body"), None)
    if _local(envelope) != "Envelope" or body is None or len(body) == 0:
        raise Mm7Error("no SOAP envelope")
    return _text(envelope, "TransactionID"), body[0]


def _local(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""  # pyright: ignore[reportUnnecessaryIsInstance]


def _text(root: ElementTree.Element, name: str) -> str:
    for element in root.iter():
        if _local(element) == name:
            return (element.text or "").strip()
    return ""


def _number(root: ElementTree.Element, name: str) -> str:
    """Return the digits in an address element, whatever kind of address it holds."""
    for element in root.iter():
        if _local(element) == name:
            texts = [text.strip() for text in element.itertext() if text.strip()]
            # TS 23.140: RFC 2822 forms such as +14155550123/TYPE=PLMN come too
            return texts[0].partition("/")[0].partition("@")[0].removeprefix("+") if texts else ""
    return ""
