from typing import Annotated

import pytest
from msgspec import Meta

from trunkline.contract.decode import RequestDecoder
from trunkline.contract.documents.openapi import openapi_document
from trunkline.contract.errors import InvalidParameter, MalformedBody, MissingParameter
from trunkline.contract.fields import Files
from trunkline.contract.operation import Answer, Operation, Request
from trunkline.contract.upload import Upload, read_form

FORM = "multipart/form-data; boundary=XX"


class Send(Request, kw_only=True, frozen=True):
    """Files and a word."""

    file: Annotated[Files, Meta(description="Files.")]
    word: str | None = None


OPERATION = Operation(
    id="x.send",
    method="POST",
    path="/v1/Account/{auth_id}/X/",
    request=Send,
    response=Answer,
    summary="Send",
    source="-",
    tags=("x",),
    asynchronous=False,
)
DECODER = RequestDecoder(OPERATION)


def part(name: str, body: bytes, file_name: str | None = None, kind: str = "") -> bytes:
    head = f'Content-Disposition: form-data; name="{name}"'
    head += f'; filename="{file_name}"' if file_name is not None else ""
    head += f"\r\nContent-Type: {kind}" if kind else ""
    return b"--XX\r\n" + head.encode() + b"\r\n\r\n" + body + b"\r\n"


def decode(*parts: bytes, kind: str = FORM) -> Send:
    found = DECODER.decode({}, "", b"".join(parts) + b"--XX--\r\n", kind).request
    assert isinstance(found, Send)
    return found


def test_files_and_fields_come_byte_for_byte() -> None:
    binary = bytes(range(256)) + b"\r\n--X\r\n\r\n--"
    found = decode(
        part("file", binary, "a.png", "image/png"),
        part("word", "grüezi".encode()),
        part("file", b"", "b.txt", "text/plain; charset=utf-8"),
    )
    assert found.word == "grüezi"
    assert found.file == [
        Upload("a.png", "image/png", binary),
        Upload("b.txt", "text/plain", b""),
    ]


def test_a_file_under_another_name_is_a_file_still() -> None:
    assert [one.file_name for one in decode(part("media[]", b"x", "a")).file] == ["a"]


@pytest.mark.parametrize(
    ("written", "kept"),
    [("../../etc/passwd", "passwd"), ("C:\\pics\\a.png", "a.png"), ("a\0b\n", "ab"), ("é", "é")],
)
def test_of_a_file_name_only_its_last_part_is_kept(written: str, kept: str) -> None:
    assert decode(part("file", b"x", written)).file[0].file_name == kept


def test_a_preamble_and_a_quoted_boundary_are_fine() -> None:
    body = b"preamble\r\n" + part("file", b"x", "a") + b"--XX--\r\nepilogue"
    (found,) = read_form(body, 'multipart/form-data; boundary="XX"')
    assert found == ("file", "a", "", b"x")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", FORM),
        (b"rubbish", FORM),
        (b"--XX\r\n", FORM),
        (b"--XX\r\nrubbish\r\n--XX--", FORM),
        (part("file", b"x", "a"), FORM),
        (part("file", b"x", "a") + b"--XX", FORM),
        (part("file", b"x", "a") + b"--XX--", "multipart/form-data"),
        (part("file", b"x", "a") + b"--XX--", "multipart/form-data; boundary=YY"),
        (b"--XX\r\nContent-Disposition: attachment\r\n\r\nx\r\n--XX--", FORM),
        (b"--XX\r\nContent-Disposition: form-data\r\n\r\nx\r\n--XX--", FORM),
        (part("word", b"x") * 101 + b"--XX--", FORM),
        (b"--XX\r\n" + b"x: y\r\n" * 2_000 + b"\r\n\r\n--XX--", FORM),
    ],
)
def test_rubbish_is_refused_in_words(body: bytes, kind: str) -> None:
    with pytest.raises((MalformedBody, MissingParameter)):
        DECODER.decode({}, "", body, kind)


def test_no_file_too_many_files_and_what_is_no_file() -> None:
    with pytest.raises(MissingParameter, match="file"):
        decode(part("word", b"x"))
    with pytest.raises(InvalidParameter, match="at most 10 items"):
        decode(*(part("file", b"x", "a") for _ in range(11)))
    for body in (b'{"file": "x"}', b'{"file": [{"file_name": "a", "body": ""}]}', b"file=x"):
        with pytest.raises(InvalidParameter, match="must be a file"):
            DECODER.decode({}, "", body, "application/json")


def test_the_document_tells_of_the_form() -> None:
    document = openapi_document([OPERATION], version="1", server_url="http://x")
    content = document["paths"][OPERATION.path]["post"]["requestBody"]["content"]
    assert list(content) == ["multipart/form-data"]
    file = content["multipart/form-data"]["schema"]["properties"]["file"]
    assert file["items"] == {"type": "string", "contentMediaType": "application/octet-stream"}
    assert "Upload" not in document["components"]["schemas"]
