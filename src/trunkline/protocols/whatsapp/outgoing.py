"""Messages as the Cloud API takes them (CLOUD messages: POST /{phone-number-id}/messages)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from trunkline.protocols.whatsapp.media import UNKNOWN

Json = dict[str, Any]


def envelope(recipient: str, message: Mapping[str, Any]) -> Json:
    """Address a message."""
    head: Json = {"messaging_product": "whatsapp", "recipient_type": "individual"}
    return {**head, "to": recipient, **message}


def read_mark(message_id: str) -> Json:
    """Mark a message that came in as read."""
    return {"messaging_product": "whatsapp", "status": "read", "message_id": message_id}


def text(body: str) -> Json:
    """Write plain text; links in it are previewed."""
    return {"type": "text", "text": {"preview_url": True, "body": body}}


def media(kind: str, link: str, caption: str = "", filename: str = "") -> Json:
    """Write a file by its address; sounds have no caption, only documents have a name."""
    return {"type": kind, kind: media_object(kind, link, caption, filename)}


def media_object(kind: str, link: str, caption: str = "", filename: str = "") -> Json:
    """Describe a file; everything is kept while its kind is unknown."""
    described: Json = {"link": link}
    if caption and kind != "audio":
        described["caption"] = caption
    if filename and kind in ("document", UNKNOWN):
        described["filename"] = filename
    return described


def location(latitude: float, longitude: float, name: str, address: str) -> Json:
    """Write a place on the map."""
    return {"type": "location", "location": place(latitude, longitude, name, address)}


def place(latitude: float, longitude: float, name: str, address: str) -> Json:
    """Describe a place; the name and the address may be empty."""
    named = {"name": name, "address": address}
    return {
        "latitude": latitude,
        "longitude": longitude,
        **{key: value for key, value in named.items() if value},
    }


def template(name: str, language: str, components: Sequence[Json]) -> Json:
    """Write a template's name and what fills its variables."""
    body: Json = {"name": name, "language": {"code": language}}
    if components:
        body["components"] = list(components)
    return {"type": "template", "template": body}


def interactive(kind: str, parts: Mapping[str, Any], action: Json) -> Json:
    """Write a message with buttons or a list; `parts` are its header, body and footer."""
    given = {name: part for name, part in parts.items() if part}
    return {"type": "interactive", "interactive": {"type": kind, **given, "action": action}}


def reply_buttons(buttons: Sequence[tuple[str, str]]) -> Json:
    """Describe buttons, each given as (id, title)."""
    return {
        "buttons": [
            {"type": "reply", "reply": {"id": id_, "title": title}} for id_, title in buttons
        ]
    }


def list_action(button: str, sections: Sequence[Json]) -> Json:
    """Describe a list and the button that opens it."""
    return {"button": button, "sections": list(sections)}


def url_button(title: str, url: str) -> Json:
    """Describe a button that opens an address."""
    return {"name": "cta_url", "parameters": {"display_text": title, "url": url}}


def unknown_links(message: Mapping[str, Any]) -> set[str]:
    """Return the addresses of files in `message` whose kind has to be found out."""
    return {str(node[UNKNOWN]["link"]) for node in _unknown(message)}


def settle(message: Json, kinds: Mapping[str, str]) -> Json:
    """Give files of unknown kind the kind that was found for their address, in place."""
    for node in list(_unknown(message)):
        described = cast("Json", node.pop(UNKNOWN))
        link = str(described["link"])
        kind = kinds[link]
        node["type"] = kind
        node[kind] = media_object(
            kind, link, described.get("caption", ""), described.get("filename", "")
        )
    return message


def _unknown(node: Any) -> Iterator[Json]:
    if isinstance(node, dict):
        mapping = cast("Json", node)
        if mapping.get("type") == UNKNOWN and isinstance(mapping.get(UNKNOWN), dict):
            yield mapping
        for value in list(mapping.values()):
            yield from _unknown(value)
    elif isinstance(node, list):
        for value in cast("list[Any]", node):
            yield from _unknown(value)
