"""Multipart bodies as MMSCs write them: nested, in any transfer encoding, byte for byte."""

import binascii
import quopri
import re
from base64 import b64decode
from typing import NamedTuple

from trunkline.protocols.mm7.messages import ContentPart, Mm7Error

_BOUNDARY = re.compile(r'boundary=(?:"([^"]{1,120})"|([^\s;,"]{1,120}))', re.IGNORECASE)
_NAME = re.compile(r'\bname=(?:"([^"]{0,255})"|([^\s;"]{1,255}))', re.IGNORECASE)
_FILE = re.compile(r'filename=(?:"([^"]{0,255})"|([^\s;"]{1,255}))', re.IGNORECASE)
_CHARSET = re.compile(r'charset="?([\w.:-]{1,40})', re.IGNORECASE)
_MOST_PARTS = 60
_MOST_DEPTH = 4


class Piece(NamedTuple):
    """One part: headers by lower-case name, and the undecoded body."""

    headers: dict[str, str]
    body: bytes


def split(content_type: str, body: bytes) -> list[Piece]:
    """Cut a multipart body.

    Raises:
        Mm7Error: it is none.
    """
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise Mm7Error("multipart without a boundary")
    delimiter = b"--" + (found[1] or found[2]).encode("latin-1")
    pieces = (b"\r\n" + body).split(b"\n" + delimiter, _MOST_PARTS + 2)
    if len(pieces) > _MOST_PARTS + 2:
        raise Mm7Error("too many parts")
    if len(pieces) < 2:
        raise Mm7Error("the boundary is not in the body")
    return [_piece(piece) for piece in pieces[1:] if not piece.startswith(b"--")]


def contents(piece: Piece, depth: int = 0) -> list[ContentPart]:
    """Return the parts of a message's content, nested ones too; SMIL is left out."""
    kind = piece.headers.get("content-type", "application/octet-stream")
    plain = kind.partition(";")[0].strip().lower()
    if plain.startswith("multipart/"):
        if depth >= _MOST_DEPTH:
            raise Mm7Error("nested too deeply")
        inner = [contents(one, depth + 1) for one in split(kind, piece.body)]
        return [part for parts in inner for part in parts][:_MOST_PARTS]
    if plain == "application/smil":
        return []
    body = _decoded(piece)
    if plain.startswith("text/"):
        body = _utf8(body, kind)
    disposition = piece.headers.get("content-disposition", "")
    name = _FILE.search(disposition) or _NAME.search(kind)
    location = piece.headers.get("content-location", "")
    return [ContentPart(plain, (name[1] or name[2] or "") if name else location, body)]


def _piece(text: bytes) -> Piece:
    text = text.removesuffix(b"\r")
    head, separator, body = text.partition(b"\r\n\r\n")
    if not separator:
        head, separator, body = text.partition(b"\n\n")
    if not separator:
        raise Mm7Error("a part without a head")
    unfolded = re.sub(r"\r?\n[ \t]+", " ", head.decode("utf-8", "replace"))
    headers: dict[str, str] = {}
    for line in unfolded.splitlines():
        name, colon, value = line.partition(":")
        if colon:
            headers[name.strip().lower()] = value.strip()
    return Piece(headers, body)


def _decoded(piece: Piece) -> bytes:
    encoding = piece.headers.get("content-transfer-encoding", "").strip().lower()
    if encoding == "base64":
        try:
            return b64decode(piece.body)
        except binascii.Error:
            raise Mm7Error("a part that is not base64 as it says") from None
    return quopri.decodestring(piece.body) if encoding == "quoted-printable" else piece.body


def _utf8(body: bytes, kind: str) -> bytes:
    charset = _CHARSET.search(kind)
    try:
        text = body.decode(charset[1] if charset else "utf-8")
    except (LookupError, UnicodeDecodeError):
        text = body.decode("utf-8", "replace")
    return text.encode()
