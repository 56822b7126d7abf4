"""The request to message_url for an inbound WhatsApp message (PLIVO messaging: inbound)."""

from typing import Any, NamedTuple
from urllib.parse import urlencode

import msgspec

from trunkline.messaging.whatsapp.model import TYPE, Conversation
from trunkline.protocols.whatsapp.events import MessageEvent
from trunkline.values.money import format_amount


class Picture(NamedTuple):
    """A file that came in, as it is kept: where it is served, and its MIME type."""

    url: str
    mime_type: str
    media_id: str = ""


def parameters(
    event: MessageEvent,
    ends: tuple[str, str],
    uuid: str,
    conversation: Conversation,
    rate: int,
    context: str,
    picture: Picture | None,
) -> str:
    """Encode the parameters as a form; `ends` are (From, To), `context` the id replied to."""
    given: dict[str, Any] = {
        "MessageUUID": uuid,
        "From": ends[0],
        "To": ends[1],
        "Body": event.text,
        "Type": TYPE,
        "Units": 1,  # PLIVO messaging: for WhatsApp this is always 1
        "TotalRate": format_amount(rate),
        "TotalAmount": format_amount(rate),
        "ContentType": content_type(event),
        "ConversationID": conversation.id,
        "ConversationOrigin": conversation.origin,
        "ConversationExpirationTimestamp": str(int(conversation.expires_at)),
        "ProfileName": event.profile,
        **_file(event, picture),
        **_choice(event),
        **_further(event),
    }
    if context:
        given["Context"] = _json({"id": context})
    return urlencode(given, errors="replace")


def content_type(event: MessageEvent) -> str:
    """Name the content as Plivo does: text, media, button or unknown."""
    if event.type == "text":
        return "text"
    if event.file is not None:
        return "media"
    return "button" if event.button is not None or event.reply is not None else "unknown"


def _file(event: MessageEvent, picture: Picture | None) -> dict[str, Any]:
    if event.file is None:
        return {}
    mime = event.file.mime_type.partition(";")[0].strip()
    if picture is None:
        return {"MimeType": mime, "MediaCount": 0}
    return {"MimeType": mime or picture.mime_type, "MediaCount": 1, "Media0": picture.url}


def _choice(event: MessageEvent) -> dict[str, Any]:
    if event.button is not None:
        text, payload = event.button
        return {"Button": _json({"Text": text, "Payload": payload})}
    if event.reply is None:
        return {}
    kind, id_, title, description = event.reply
    chosen = {"Type": kind, "ID": id_, "Title": title, "Description": description}
    return {"Button": _json({"Text": title, "Payload": id_}), "Interactive": _json(chosen)}


def _further(event: MessageEvent) -> dict[str, Any]:
    further: dict[str, Any] = {}
    if event.location is not None:
        latitude, longitude, name, address = event.location
        further["Location"] = _json(
            {"Latitude": latitude, "Longitude": longitude, "Name": name, "Address": address}
        )
    if event.contacts:
        further["Contacts"] = event.contacts
    return further


def _json(value: dict[str, Any]) -> str:
    return msgspec.json.encode(value).decode()
