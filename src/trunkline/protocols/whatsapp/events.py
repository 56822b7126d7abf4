"""The webhooks of the Cloud API (CLOUD webhooks: messages), read without ever failing."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, cast

import msgspec

from trunkline.protocols.whatsapp.answers import error_of

MAX_BODY = 3 * 1024 * 1024  # CLOUD webhooks: payloads can be up to 3 MB
_MEDIA = ("image", "video", "audio", "document", "sticker")
_MOST_ID = 512

Json = dict[str, Any]


class StatusEvent(NamedTuple):
    """What became of a message that was sent: sent, delivered, read or failed."""

    message_id: str
    status: str
    at: float  # 0.0 if it did not say
    recipient: str
    category: str  # utility, authentication, marketing, service; "" if it did not say
    error: int  # 0 when there is none
    error_text: str


class FileRef(NamedTuple):
    """A file at the API."""

    media_id: str
    mime_type: str
    filename: str = ""


class Location(NamedTuple):
    """A place a user shared."""

    latitude: float
    longitude: float
    name: str
    address: str


class MessageEvent(NamedTuple):
    """A message a user sent; what it has not is empty or None."""

    message_id: str
    sender: str
    phone_number_id: str
    number: str  # the business number, digits only; "" if it did not say
    at: float
    type: str  # text, image, …, button, interactive, location, contacts, reaction, …
    profile: str
    text: str
    file: FileRef | None
    button: tuple[str, str] | None  # (words, payload)
    reply: tuple[str, str, str, str] | None  # (kind, id, title, description)
    location: Location | None
    contacts: str  # JSON
    context_id: str


class NotAWebhook(ValueError):
    """The body is not JSON of the form that the Cloud API sends."""


Event = StatusEvent | MessageEvent


def read(body: bytes) -> list[Event]:
    """Read a webhook's events in order; what is not about messages is left out.

    Raises:
        NotAWebhook: the body is no such webhook at all.
    """
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise NotAWebhook("the body is not JSON") from None
    root = cast("Json", found) if isinstance(found, dict) else {}
    if not isinstance(root.get("entry"), list):
        raise NotAWebhook("the body has no entries")
    events: list[Event] = []
    for entry in _objects(root, "entry"):
        for change in _objects(entry, "changes"):
            value = _object(change, "value")
            events += _statuses(value)
            events += _messages(value)
    return events


def _statuses(value: Json) -> Iterator[StatusEvent]:
    for status in _objects(value, "statuses"):
        message_id = _text(status, "id")
        if not message_id or len(message_id) > _MOST_ID:
            continue
        errors = _objects(status, "errors")
        code, words = error_of(errors[0]) if errors else (0, "")
        origin = _text(_object(_object(status, "conversation"), "origin"), "type")
        yield StatusEvent(
            message_id,
            _text(status, "status"),
            _seconds(status),
            _text(status, "recipient_id"),
            _text(_object(status, "pricing"), "category") or origin,
            code,
            words,
        )


def _messages(value: Json) -> Iterator[MessageEvent]:
    metadata = _object(value, "metadata")
    profiles = {
        _text(contact, "wa_id"): _text(_object(contact, "profile"), "name")
        for contact in _objects(value, "contacts")
    }
    for message in _objects(value, "messages"):
        message_id, sender = _text(message, "id"), _text(message, "from")
        if not message_id or not sender or len(message_id) > _MOST_ID:
            continue
        kind = _text(message, "type")
        body = _object(message, kind)
        yield MessageEvent(
            message_id=message_id,
            sender=sender.removeprefix("+"),
            phone_number_id=_text(metadata, "phone_number_id"),
            number="".join(filter(str.isdigit, _text(metadata, "display_phone_number"))),
            at=_seconds(message),
            type=kind,
            profile=profiles.get(sender, ""),
            text=_words(kind, body),
            file=_file(kind, body),
            button=_button(kind, body),
            reply=_reply(kind, body),
            location=_location(kind, body),
            contacts=_contacts(kind, message),
            context_id=_text(_object(message, "context"), "id"),
        )


def _words(kind: str, body: Json) -> str:
    if kind == "text":
        return _text(body, "body")
    if kind == "button":
        return _text(body, "text")
    if kind == "reaction":
        return _text(body, "emoji")
    if kind == "interactive":
        reply = _reply(kind, body)
        return reply[2] if reply else ""
    return _text(body, "caption") if kind in _MEDIA else ""


def _file(kind: str, body: Json) -> FileRef | None:
    if kind not in _MEDIA or not _text(body, "id"):
        return None
    return FileRef(_text(body, "id"), _text(body, "mime_type"), _text(body, "filename")[-240:])


def _button(kind: str, body: Json) -> tuple[str, str] | None:
    return (_text(body, "text"), _text(body, "payload")) if kind == "button" else None


def _reply(kind: str, body: Json) -> tuple[str, str, str, str] | None:
    if kind != "interactive":
        return None
    name = _text(body, "type")
    chosen = _object(body, name)
    return (name, _text(chosen, "id"), _text(chosen, "title"), _text(chosen, "description"))


def _location(kind: str, body: Json) -> Location | None:
    if kind != "location":
        return None
    latitude, longitude = body.get("latitude"), body.get("longitude")
    if not isinstance(latitude, int | float) or not isinstance(longitude, int | float):
        return None
    return Location(float(latitude), float(longitude), _text(body, "name"), _text(body, "address"))


def _contacts(kind: str, message: Json) -> str:
    if kind != "contacts":
        return ""
    return msgspec.json.encode(_objects(message, "contacts")).decode()


def status_body(account_id: str, metadata: Mapping[str, str], statuses: Sequence[Json]) -> bytes:
    """Write a webhook with statuses, as the other end does."""
    return _webhook(account_id, {"metadata": dict(metadata), "statuses": list(statuses)})


def message_body(
    account_id: str, metadata: Mapping[str, str], sender: tuple[str, str], message: Json
) -> bytes:
    """Write a webhook with a message of `sender` (number, profile name)."""
    number, profile = sender
    value = {
        "metadata": dict(metadata),
        "contacts": [{"profile": {"name": profile}, "wa_id": number}],
        "messages": [message],
    }
    return _webhook(account_id, value)


def _webhook(account_id: str, value: Json) -> bytes:
    change = {"value": {"messaging_product": "whatsapp", **value}, "field": "messages"}
    entry = {"id": account_id, "changes": [change]}
    return msgspec.json.encode({"object": "whatsapp_business_account", "entry": [entry]})


def _object(owner: Json, name: str) -> Json:
    found = owner.get(name)
    return cast("Json", found) if isinstance(found, dict) else {}


def _objects(owner: Json, name: str) -> list[Json]:
    found = owner.get(name)
    if not isinstance(found, list):
        return []
    return [cast("Json", item) for item in cast("list[Any]", found) if isinstance(item, dict)]


def _text(owner: Json, name: str) -> str:
    found = owner.get(name)
    if isinstance(found, str):
        return found.replace("\0", "\ufffd")  # PostgreSQL cannot keep NUL
    return str(found) if isinstance(found, int) and not isinstance(found, bool) else ""


def _seconds(owner: Json) -> float:
    found = _text(owner, "timestamp")
    return float(found) if found.isascii() and found.isdigit() and len(found) <= 12 else 0.0
