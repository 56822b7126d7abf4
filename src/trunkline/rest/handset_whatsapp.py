"""WhatsApp on the simulated handsets: what `POST /sim/handsets/{number}/messages` sends by it."""

import base64
import binascii
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta
from starlette.responses import Response

from trunkline.rest.operator import answer, refuse
from trunkline.simulator.whatsapp.server import WhatsappSimulator
from trunkline.values.phone import parse_phone_number

SEND_TIMEOUT_S = 10.0
Text = Annotated[str, Meta(max_length=4_096)]


class Button(msgspec.Struct, frozen=True):
    """A template's quick reply button that was pressed."""

    text: Text
    payload: Text = ""


class Reply(msgspec.Struct, frozen=True):
    """A reply button or a row of a list that was chosen."""

    id: Text
    title: Text = ""
    description: Text = ""
    kind: Literal["button_reply", "list_reply"] = "button_reply"


class Place(msgspec.Struct, frozen=True):
    """A location that is shared."""

    latitude: float
    longitude: float
    name: Text = ""
    address: Text = ""


class Media(msgspec.Struct, frozen=True):
    """A file, its content in base64."""

    data: str
    mime_type: Annotated[str, Meta(max_length=255)]
    caption: Text = ""
    filename: Annotated[str, Meta(max_length=240)] = ""


class WhatsappSend(msgspec.Struct, frozen=True):
    """A WhatsApp message from a handset; one of the contents is given."""

    to: str
    type: Literal["whatsapp"] = "whatsapp"
    text: Text | None = None
    button: Button | None = None
    reply: Reply | None = None
    location: Place | None = None
    contacts: list[dict[str, Any]] | None = None
    media: Media | None = None
    context: Annotated[str, Meta(max_length=512)] = ""


def is_whatsapp(body: bytes) -> bool:
    """Tell whether a body asks for WhatsApp."""
    try:
        return msgspec.json.decode(body, type=dict[str, Any]).get("type") == "whatsapp"
    except msgspec.DecodeError:
        return False


async def send(simulator: WhatsappSimulator, number: str, body: bytes) -> Response:
    """Send what `body` says from a handset, and wait until it was taken."""
    try:
        wanted = msgspec.json.decode(body, type=WhatsappSend)
        message = _message(simulator, wanted)
    except (msgspec.DecodeError, ValueError) as error:
        return refuse(400, f"the body is no WhatsApp message: {error}")
    to = parse_phone_number(wanted.to)
    if to is None:
        return refuse(400, "to must be a phone number")
    try:
        message_id = await simulator.cloud.send(number, to, message, SEND_TIMEOUT_S)
    except (TimeoutError, ConnectionError):
        return refuse(504, "nobody took the message")
    return answer(202, {"message": "message sent", "references": [message_id]})


def _message(simulator: WhatsappSimulator, wanted: WhatsappSend) -> dict[str, Any]:
    context = {"context": {"id": wanted.context}} if wanted.context else {}
    if wanted.text is not None:
        return {"type": "text", "text": {"body": wanted.text}, **context}
    if wanted.button is not None:
        return {"type": "button", "button": msgspec.to_builtins(wanted.button), **context}
    if wanted.reply is not None:
        chosen = msgspec.to_builtins(wanted.reply)
        kind = chosen.pop("kind")
        return {"type": "interactive", "interactive": {"type": kind, kind: chosen}, **context}
    if wanted.location is not None:
        return {"type": "location", "location": msgspec.to_builtins(wanted.location), **context}
    if wanted.contacts is not None:
        return {"type": "contacts", "contacts": wanted.contacts, **context}
    if wanted.media is not None:
        return {**_media(simulator, wanted.media), **context}
    raise ValueError("give text, button, reply, location, contacts or media")


def _media(simulator: WhatsappSimulator, wanted: Media) -> dict[str, Any]:
    try:
        content = base64.b64decode(wanted.data, validate=True)
    except binascii.Error:
        raise ValueError("media.data is not base64") from None
    media_id = simulator.cloud.keep_file(content, wanted.mime_type)
    kind = wanted.mime_type.partition("/")[0]
    kind = kind if kind in ("image", "video", "audio") else "document"
    described = {"id": media_id, "mime_type": wanted.mime_type}
    if wanted.caption:
        described["caption"] = wanted.caption
    if wanted.filename:
        described["filename"] = wanted.filename
    return {"type": kind, kind: described}
