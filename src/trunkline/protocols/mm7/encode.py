"""MM7 messages → content type and body of an HTTP request or answer."""

from base64 import encodebytes
from xml.sax.saxutils import escape, quoteattr

from trunkline.protocols.mm7.messages import (
    ContentPart,
    DeliverReq,
    DeliveryReportReq,
    Message,
    Response,
    SubmitReq,
)

NAMESPACE = "http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-6-MM7-1-4"
VERSION = "6.8.0"
XML_TYPE = 'text/xml; charset="utf-8"'
_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_START = "<mm7-start>"
_CONTENT = "mm7-content"


def encode(message: Message) -> tuple[str, bytes]:
    """Return the content type and the body."""
    match message:
        case SubmitReq():
            return _related(message.transaction_id, _submit(message), message.parts)
        case DeliverReq():
            return _related(message.transaction_id, _deliver(message), message.parts)
        case DeliveryReportReq():
            return XML_TYPE, _envelope(message.transaction_id, _report(message))
        case Response():
            return XML_TYPE, _envelope(message.transaction_id, _response(message))


def _submit(message: SubmitReq) -> bytes:
    identity = _tag("VASPID", message.vasp_id) + _tag("VASID", message.vas_id)
    body = _tag("MM7Version", VERSION)
    body += f"<SenderIdentification>{identity}{_address('SenderAddress', message.sender)}"
    body += f"</SenderIdentification><Recipients>{_address('To', message.recipient)}</Recipients>"
    body += _tag("ServiceCode", message.service_code)
    if message.expiry_s:
        body += f"<ExpiryDate>PT{message.expiry_s}S</ExpiryDate>"
    body += "<DeliveryReport>true</DeliveryReport>" + _content()
    return _envelope(message.transaction_id, _root("SubmitReq", body))


def _deliver(message: DeliverReq) -> bytes:
    body = _tag("MM7Version", VERSION) + _tag("LinkedID", message.linked_id)
    body += _address("Sender", message.sender)
    body += f"<Recipients>{_address('To', message.recipient)}</Recipients>" + _content()
    return _envelope(message.transaction_id, _root("DeliverReq", body))


def _report(message: DeliveryReportReq) -> str:
    body = _tag("MM7Version", VERSION) + _tag("MessageID", message.message_id)
    body += _address("Recipient", message.recipient) + _address("Sender", message.sender)
    body += _tag("Date", message.date) + _tag("MMStatus", message.status)
    return _root("DeliveryReportReq", body + _tag("StatusText", message.status_text))


def _response(message: Response) -> str:
    status = f"<StatusCode>{message.status_code}</StatusCode>"
    status += _tag("StatusText", message.status_text)
    body = f"{_tag('MM7Version', VERSION)}<Status>{status}</Status>"
    return _root(message.kind, body + _tag("MessageID", message.message_id))


def _root(name: str, body: str) -> str:
    return f'<{name} xmlns="{NAMESPACE}">{body}</{name}>'


def _envelope(transaction_id: str, body: str) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<env:Envelope xmlns:env="{_SOAP}"><env:Header>'
        f'<TransactionID xmlns="{NAMESPACE}" env:mustUnderstand="1">{escape(transaction_id)}'
        f"</TransactionID></env:Header><env:Body>{body}</env:Body></env:Envelope>\n"
    ).encode()


def _tag(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>" if text else ""


def _address(name: str, number: str) -> str:
    inner = "ShortCode" if len(number) <= 6 else "Number"
    shown = f"+{number}" if inner == "Number" and number.isdigit() else number
    return f"<{name}><{inner}>{escape(shown)}</{inner}></{name}>"


def _content() -> str:
    return f'<Content href="cid:{_CONTENT}"/>'


def _related(transaction_id: str, xml: bytes, parts: tuple[ContentPart, ...]) -> tuple[str, bytes]:
    """Put envelope and content together (RFC 2387); base64 never holds a boundary."""
    token = "".join(char for char in transaction_id if char.isalnum())[:40]
    outer, inner = f"mm7-{token}", f"mms-{token}"
    head = f"Content-Type: {XML_TYPE}\r\nContent-ID: {_START}\r\n\r\n".encode()
    content = f'Content-Type: multipart/mixed; boundary="{inner}"\r\nContent-ID: <{_CONTENT}>\r\n'
    body = b"".join(
        (
            f"--{outer}\r\n".encode(),
            head,
            xml,
            f"\r\n--{outer}\r\n".encode(),
            content.encode(),
            b"\r\n",
            *(_part(inner, number, part) for number, part in enumerate(parts)),
            f"--{inner}--\r\n--{outer}--\r\n".encode(),
        )
    )
    kind = f'multipart/related; boundary="{outer}"; type="text/xml"; start="{_START}"'
    return kind, body


def _part(boundary: str, number: int, part: ContentPart) -> bytes:
    name = quoteattr("".join(char for char in part.name if 32 <= ord(char) < 127 and char != '"'))
    kind = part.content_type
    if kind.startswith("text/"):
        kind += '; charset="utf-8"'
    head = f"--{boundary}\r\nContent-Type: {kind}; name={name}\r\nContent-ID: <part-{number}>\r\n"
    encoded = encodebytes(part.body).replace(b"\n", b"\r\n")
    return head.encode() + b"Content-Transfer-Encoding: base64\r\n\r\n" + encoded + b"\r\n"
