"""Which files WhatsApp takes, and as what (CLOUD media: supported media types)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit

UNKNOWN: Final = "media"
"""Stands in a message for the kind of a file that is not known before it was looked at."""

KINDS: Final = ("image", "video", "audio", "document")

_MB = 1024 * 1024
MOST_BYTES: Final[Mapping[str, int]] = MappingProxyType(
    {"image": 5 * _MB, "video": 16 * _MB, "audio": 16 * _MB, "document": 100 * _MB}
)

_TYPES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "image": ("image/jpeg", "image/png"),
        "video": ("video/mp4", "video/3gpp"),
        "audio": ("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"),
        "document": (
            "text/plain",
            "application/pdf",
            "application/msword",
            "application/vnd.ms-excel",
            "application/vnd.ms-powerpoint",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        ),
    }
)
_KIND_OF = {mime: kind for kind, mimes in _TYPES.items() for mime in mimes}
_MIME_OF = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "mp4": "video/mp4",
    "3gp": "video/3gpp",
    "3gpp": "video/3gpp",
    "aac": "audio/aac",
    "amr": "audio/amr",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "ogg": "audio/ogg",
    "opus": "audio/ogg",
    "txt": "text/plain",
    "pdf": "application/pdf",
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}


class File(NamedTuple):
    """What the address of a file tells about it."""

    kind: str  # one of KINDS, or UNKNOWN
    name: str  # "" if the address ends with none


def kind_of_type(content_type: str) -> str | None:
    """Return the kind of a MIME type, parameters ignored; None when WhatsApp does not take it."""
    return _KIND_OF.get(content_type.partition(";")[0].strip().lower())


def file_of(url: str) -> File:
    """Guess a file's kind from its address, as its name ends."""
    name = unquote(urlsplit(url).path).rpartition("/")[2][-240:]
    stem, dot, ending = name.rpartition(".")
    mime = _MIME_OF.get(ending.lower()) if dot and stem else None
    return File(UNKNOWN if mime is None else _KIND_OF[mime], name)
