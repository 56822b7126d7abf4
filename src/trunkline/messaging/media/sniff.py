"""What a file is, by its bytes; its name and its declared type decide only between texts."""

from collections.abc import Callable
from typing import Final

# PLIVO media: JPG, PNG, MP4, Gimp, PDF, text; the SDKs add GIF, MP3, MPEG, WAV, OGG, 3GPP, 3GPP2,
# vCard, CSV, XLS and XLSX.
_MAGIC: Final[tuple[tuple[int, bytes, str], ...]] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"gimp xcf ", "image/xcf"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"OggS", "audio/ogg"),
    (0, b"ID3", "audio/mp3"),
    (0, b"\x00\x00\x01\xba", "video/mpeg"),
    (0, b"\x00\x00\x01\xb3", "video/mpeg"),
    (0, b"#!AMR", "audio/amr"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/vnd.ms-excel"),
    (4, b"ftyp3gp", "video/3gpp"),
    (4, b"ftyp3g2", "video/3gpp2"),
    (4, b"ftypqt", "video/quicktime"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftyp", "video/mp4"),
)
_MMS_ONLY: Final = frozenset({"audio/amr", "video/quicktime", "audio/mp4", "image/webp"})
_CONTROLS: Final = frozenset(range(32)) - {9, 10, 12, 13, 27}
_TEXT_HEAD = 64 * 1024


def sniff(body: bytes, declared: str = "", file_name: str = "") -> str | None:
    """Name the content type of a body, None when it is of no kind that may be sent."""
    for offset, magic, kind in _MAGIC:
        if body.startswith(magic, offset):
            return kind
    for look in _LOOKS:
        if (kind := look(body)) is not None:
            return kind
    if not body or not _is_text(body):
        return None
    if body[:12].lstrip(b"\xef\xbb\xbf").upper().startswith(b"BEGIN:VCARD"):
        return "text/vcard"
    if declared == "text/csv" or file_name.lower().endswith(".csv"):
        return "text/csv"
    return "text/plain"


def uploadable(body: bytes, declared: str = "", file_name: str = "") -> str | None:
    """Name the content type if it is one of those that may be uploaded."""
    kind = sniff(body, declared, file_name)
    return None if kind in _MMS_ONLY else kind


def _riff(body: bytes) -> str | None:
    if body[:4] != b"RIFF":
        return None
    return {b"WAVE": "audio/wav", b"WEBP": "image/webp"}.get(body[8:12])


def _mpeg_audio(body: bytes) -> str | None:
    """ISO 11172-3 2.4.1.3: a frame's sync word, then a layer and a bit rate that exist."""
    if len(body) < 4 or body[0] != 0xFF or body[1] & 0xE0 != 0xE0:
        return None
    layer, rate = body[1] & 0x06, body[2] & 0xF0
    return "audio/mpeg" if layer and rate != 0xF0 else None


def _spreadsheet(body: bytes) -> str | None:
    if body[:4] != b"PK\x03\x04" or b"xl/" not in body:
        return None
    return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _is_text(body: bytes) -> bool:
    head = body[:_TEXT_HEAD]
    if _CONTROLS.intersection(head):
        return False
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return len(body) > _TEXT_HEAD and error.start > _TEXT_HEAD - 4
    return True


_LOOKS: Final[tuple[Callable[[bytes], str | None], ...]] = (_riff, _mpeg_audio, _spreadsheet)
