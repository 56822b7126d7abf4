"""Files in requests: the field type, and the `multipart/form-data` that carries them."""

import re
from typing import NamedTuple

import msgspec

_MOST_PARTS = 100
_HEAD_BYTES = 4 * 1024
_BOUNDARY = re.compile(r'boundary=(?:"([^"]{1,70})"|([^\s;,"]{1,70}))', re.IGNORECASE)
_PARAMETER = re.compile(r';\s*([a-zA-Z]+\*?)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))')


class Upload(msgspec.Struct, frozen=True):
    """One file of a `multipart/form-data` body; its type is what the client calls it."""

    file_name: str
    content_type: str
    body: bytes


class FormPart(NamedTuple):
    """One part of a body: a plain field, or a file when it has a file name."""

    name: str
    file_name: str | None
    content_type: str
    body: bytes


def read_form(body: bytes, content_type: str) -> list[FormPart]:
    """Cut a body into its parts (RFC 7578).

    Raises:
        ValueError: it is none; the words complete "request body …".
    """
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise ValueError("is multipart without a boundary in its Content-Type")
    delimiter = b"--" + (found[1] or found[2]).encode("latin-1")
    if not body.startswith(delimiter):
        at = body.find(b"\r\n" + delimiter)  # RFC 2046 5.1.1: what stands before is a preamble
        if at < 0:
            raise ValueError("does not hold the boundary that its Content-Type names")
        body = body[at + 2 :]
    pieces = body[len(delimiter) :].split(b"\r\n" + delimiter, _MOST_PARTS + 1)
    if len(pieces) > _MOST_PARTS + 1:
        raise ValueError(f"has more than {_MOST_PARTS} parts")
    if len(pieces) < 2 and not body[len(delimiter) :].startswith(b"--"):
        raise ValueError("ends before its closing boundary")
    if not pieces[-1].startswith(b"--"):
        raise ValueError("ends before its closing boundary")
    return [_part(piece) for piece in pieces[:-1]]


def _part(piece: bytes) -> FormPart:
    lines, separator, content = piece.partition(b"\r\n\r\n")
    if not separator or len(lines) > _HEAD_BYTES:
        raise ValueError("has a part without a head")
    headers = _headers(lines)
    disposition = headers.get("content-disposition", "")
    if not disposition.lower().startswith("form-data"):
        raise ValueError("has a part that is no form-data")
    given = {
        match[1].lower(): (match[2] if match[2] is not None else match[3])
        for match in _PARAMETER.finditer(disposition)
    }
    if "name" not in given:
        raise ValueError("has a part without a name")
    file_name = given.get("filename")
    return FormPart(
        given["name"],
        None if file_name is None else _base_name(file_name),
        headers.get("content-type", "").partition(";")[0].strip().lower(),
        content,
    )


def _headers(lines: bytes) -> dict[str, str]:
    try:
        text = lines.decode()
    except UnicodeDecodeError:
        text = lines.decode("latin-1")
    found: dict[str, str] = {}
    for line in text.split("\r\n"):
        name, _, value = line.partition(":")
        found[name.strip().lower()] = value.strip()
    return found


def _base_name(name: str) -> str:
    """Take the last part of a path of any system; nothing that a file system would mind."""
    plain = name.replace("\\", "/").rpartition("/")[2]
    return "".join(char for char in plain if char.isprintable())[:255]
