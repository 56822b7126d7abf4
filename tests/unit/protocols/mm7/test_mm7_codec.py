"""MM7 octet for octet, and in the forms that MMSCs write it in."""

import pytest

from trunkline.protocols.mm7.decode import decode
from trunkline.protocols.mm7.encode import encode
from trunkline.protocols.mm7.messages import (
    ContentPart,
    DeliverReq,
    DeliveryReportReq,
    Message,
    Mm7Error,
    Response,
    SubmitReq,
)

NS = "http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-6-MM7-1-4"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
PICTURE = ContentPart("image/png", "a.png", bytes(range(256)) + b"\r\n--mm7-\r\n")
TEXT = ContentPart("text/plain", "text.txt", "Grüezi".encode())
SUBMIT = SubmitReq(
    "t-1", "14155550100", "14155550123", (TEXT, PICTURE), "us", "svc", "gold & co", 60
)

GOLDEN = (
    "--mm7-t1\r\n"
    'Content-Type: text/xml; charset="utf-8"\r\n'
    "Content-ID: <mm7-start>\r\n\r\n"
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    f'<env:Envelope xmlns:env="{SOAP}"><env:Header>'
    f'<TransactionID xmlns="{NS}" env:mustUnderstand="1">t-1</TransactionID></env:Header>'
    f'<env:Body><SubmitReq xmlns="{NS}"><MM7Version>6.8.0</MM7Version>'
    "<SenderIdentification><VASPID>us</VASPID><VASID>svc</VASID>"
    "<SenderAddress><Number>+14155550100</Number></SenderAddress></SenderIdentification>"
    "<Recipients><To><Number>+14155550123</Number></To></Recipients>"
    "<ServiceCode>gold &amp; co</ServiceCode><ExpiryDate>PT60S</ExpiryDate>"
    '<DeliveryReport>true</DeliveryReport><Content href="cid:mm7-content"/></SubmitReq>'
    "</env:Body></env:Envelope>\n"
    "\r\n--mm7-t1\r\n"
    'Content-Type: multipart/mixed; boundary="mms-t1"\r\n'
    "Content-ID: <mm7-content>\r\n\r\n"
    "--mms-t1\r\n"
    'Content-Type: text/plain; charset="utf-8"; name="text.txt"\r\n'
    "Content-ID: <part-0>\r\n"
    "Content-Transfer-Encoding: base64\r\n\r\n"
    "R3LDvGV6aQ==\r\n\r\n"
    "--mms-t1--\r\n--mm7-t1--\r\n"
)


def test_a_submit_is_written_to_the_octet() -> None:
    kind, body = encode(SUBMIT._replace(parts=(TEXT,)))
    assert kind == ('multipart/related; boundary="mm7-t1"; type="text/xml"; start="<mm7-start>"')
    assert body.decode() == GOLDEN


@pytest.mark.parametrize(
    "message",
    [
        SUBMIT._replace(expiry_s=0),
        DeliverReq("t-2", "14155550123", "14155550100", (PICTURE,), "L1"),
        DeliveryReportReq("t-3", "M1", "14155550100", "14155550123", "Retrieved", "a < b"),
        Response("SubmitRsp", "t-4", 1000, "Success", "M1"),
        Response("RSErrorRsp", "t-5", 4000, "Über"),
    ],
)
def test_what_is_written_is_read_back(message: Message) -> None:
    assert decode(*encode(message)) == message


def envelope(body: str, prefix: str = "") -> bytes:
    return (
        f'<e:Envelope xmlns:e="{SOAP}"><e:Header><m:TransactionID xmlns:m="urn:other">9'
        f"</m:TransactionID></e:Header><e:Body>{body}</e:Body></e:Envelope>{prefix}"
    ).encode()


def test_another_version_and_its_prefixes_are_read() -> None:
    body = (
        '<m:DeliverReq xmlns:m="urn:v5"><m:MM7Version>5.3.0</m:MM7Version><m:Sender>'
        "<m:RFC2822Address>+14155550123/TYPE=PLMN@mms.example</m:RFC2822Address></m:Sender><m:Recipients><m:To>"
        "<m:Number>14155550100</m:Number></m:To></m:Recipients></m:DeliverReq>"
    )
    related = (
        b"preamble\r\n--b\r\nContent-Type: text/xml\r\n\r\n"
        + envelope(body)
        + b"\r\n--b\r\nContent-Type: multipart/related;\r\n boundary=c\r\n\r\n"
        + b"--c\r\nContent-Type: application/smil\r\n\r\n<smil/>\r\n"
        + b"--c\nContent-Type: text/plain; charset=iso-8859-1\n\nGr\xfcezi\r\n"
        + b"--c\r\nContent-Type: image/gif; name=x.gif\r\nContent-Transfer-Encoding: binary\r\n\r\n"
        + b"GIF89a\r\n\x00\r\n--c--\r\n--b--"
    )
    found = decode("multipart/related; boundary=b; type=text/xml", related)
    assert isinstance(found, DeliverReq)
    assert (found.transaction_id, found.sender, found.recipient) == (
        "9",
        "14155550123",
        "14155550100",
    )
    assert found.parts == (
        ContentPart("text/plain", "", "Grüezi".encode()),
        ContentPart("image/gif", "x.gif", b"GIF89a\r\n\x00"),
    )


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/xml", b""),
        ("text/xml", b"rubbish"),
        ("text/xml", b"<a/>"),
        ("text/xml", envelope("")),
        ("text/xml", envelope("<Pigeon/>")),
        ("text/xml", envelope("<SubmitRsp/>")),
        ("text/xml", envelope("<SubmitRsp><StatusCode>x</StatusCode></SubmitRsp>")),
        ("text/xml", b'<!DOCTYPE a [<!ENTITY b "c">]>' + envelope("<DeliverReq/>")),
        ("text/xml", b"<a>" * 100_000),
        ("multipart/related", b"--x"),
        ("multipart/related; boundary=x", b"rubbish"),
        ("multipart/related; boundary=x", b"--x--"),
        ("multipart/related; boundary=x", b"--x\r\nno head"),
        ("multipart/related; boundary=x", b"--x\r\na: b\r\n\r\nc\r\n" * 100),
    ],
)
def test_rubbish_is_refused(kind: str, body: bytes) -> None:
    with pytest.raises(Mm7Error):
        decode(kind, body)
