"""What several kinds of messages have in them: files by address, places."""

from typing import Any, NamedTuple

from trunkline.messaging.whatsapp.fields import Fields
from trunkline.protocols.whatsapp import outgoing
from trunkline.protocols.whatsapp.media import file_of

MAX_URL = 4_096
MAX_PLACE_TEXT = 1_024


class LinkedFile(NamedTuple):
    """A file by its address; `kind` may still be unknown."""

    kind: str
    url: str
    name: str


def file_at(fields: Fields, name: str, refused: tuple[str, ...] = ()) -> LinkedFile:
    """Read the address of a file whose kind is none of `refused`.

    Raises:
        BadRequest: there is none, or it cannot be used.
    """
    url = web_address(fields, name)
    kind, filename = file_of(url)
    if kind in refused:
        raise fields.refuse(name, f"must not be of kind {kind}")
    return LinkedFile(kind, url, filename)


def web_address(fields: Fields, name: str, most: int = MAX_URL) -> str:
    """Read an absolute http or https address.

    Raises:
        BadRequest: there is none, or it is none.
    """
    url = fields.text(name, most)
    scheme, _, rest = url.partition("://")
    host = rest.partition("/")[0]
    if scheme.lower() not in ("http", "https") or not host or any(map(_bad, url)):
        raise fields.refuse(name, "must be an http or https URL")
    return url


def place(fields: Fields) -> dict[str, Any]:
    """Read a place; PLIVO messaging: location attributes.

    Raises:
        BadRequest: a field is missing or at fault.
    """
    return outgoing.place(
        fields.degrees("latitude", 90),
        fields.degrees("longitude", 180),
        fields.optional_text("name", MAX_PLACE_TEXT) or "",
        fields.optional_text("address", MAX_PLACE_TEXT) or "",
    )


def _bad(character: str) -> bool:
    return character.isspace() or ord(character) < 32
