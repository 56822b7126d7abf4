"""What a request of type whatsapp sends (PLIVO messaging: send a message, WhatsApp)."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from trunkline.contract.errors import InvalidParameter, MissingParameter
from trunkline.contract.operations.messages import MessageCreate
from trunkline.messaging.whatsapp import interactive, template
from trunkline.messaging.whatsapp.fields import Fields
from trunkline.messaging.whatsapp.parts import LinkedFile, file_at, place
from trunkline.protocols.whatsapp import outgoing

Json = dict[str, Any]

MAX_TEXT = 4_096  # PLIVO messaging: freeform WhatsApp text
MAX_CAPTION = 1_024  # PLIVO messaging: text sent along with media
OBJECTS = ("template", "interactive", "location")


class Template(NamedTuple):
    """Which template is sent."""

    name: str
    language: str


class Composed(NamedTuple):
    """A message as the Cloud API has it; `template` is None for one that needs a conversation."""

    message: Json
    template: Template | None = None


def read(request: MessageCreate, linked: Sequence[LinkedFile] = ()) -> Composed:
    """Check the WhatsApp fields of a request and compose the message.

    `linked` are the uploaded files that `media_ids` stand for.

    Raises:
        BadRequest: a field is missing or at fault, or two exclude each other.
    """
    files = _files(request, linked)
    given = [name for name in OBJECTS if getattr(request, name) is not None]
    if files:
        given.append("media_urls" if request.media_urls else "media_ids")
    if len(given) > 1:
        raise InvalidParameter(given[1], f"must not be given together with {given[0]}")
    if given and not files and request.text and request.text.strip():
        raise InvalidParameter("text", f"must not be given together with {given[0]}")
    if files:
        return Composed(_media(request, files))
    if request.template is not None:
        name, language, message = template.read(request.template)
        return Composed(message, Template(name, language))
    if request.interactive is not None:
        return Composed(interactive.read(request.interactive))
    if request.location is not None:
        found = place(Fields(request.location, "location"))
        return Composed({"type": "location", "location": found})
    return Composed(outgoing.text(_text(request, MAX_TEXT)))


def _text(request: MessageCreate, most: int) -> str:
    text = request.text
    if text is None or not text.strip():
        raise MissingParameter("text")
    if len(text) > most:
        raise InvalidParameter(
            "text", f"must have at most {most:,} characters (it has {len(text):,})"
        )
    return text


def _files(request: MessageCreate, linked: Sequence[LinkedFile]) -> list[LinkedFile]:
    urls, ids = request.media_urls or [], request.media_ids or []
    # PLIVO messaging: use only a single media URL per message
    for field, given, others in (("media_urls", urls, ids), ("media_ids", ids, urls)):
        if len(given) > 1 or (given and others):
            raise InvalidParameter(field, "WhatsApp takes a single file per message")
    fields = Fields({f"[{at}]": url for at, url in enumerate(urls)}, "media_urls")
    return [*(file_at(fields, f"[{at}]") for at in range(len(urls))), *linked]


def _media(request: MessageCreate, files: list[LinkedFile]) -> Json:
    caption = ""
    if request.text and request.text.strip():
        caption = _text(request, MAX_CAPTION)
    (found,) = files
    if caption and found.kind == "audio":
        raise InvalidParameter("text", "sounds have no caption")
    return outgoing.media(found.kind, found.url, caption, found.name)
