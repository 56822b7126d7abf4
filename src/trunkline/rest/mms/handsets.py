"""MMS of the simulated handsets: `POST /sim/handsets/{number}/messages` with `media`."""

import binascii
from base64 import b64decode
from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from starlette.responses import Response

from trunkline.engines.http.errors import HttpError
from trunkline.protocols.mm7 import status
from trunkline.protocols.mm7.messages import ContentPart, Mm7Error
from trunkline.rest.operator import answer, refuse
from trunkline.simulator.mms.server import MmsSimulator
from trunkline.values.phone import parse_phone_number


class HandsetFile(msgspec.Struct, frozen=True):
    """One file; `data` is base64."""

    content_type: str
    data: str
    file_name: str = ""


class HandsetMmsSend(msgspec.Struct, frozen=True):
    """A picture message from a handset to one of the platform's numbers."""

    to: str
    media: Annotated[list[HandsetFile], Meta(max_length=20)]
    text: str = ""


class _Shape(msgspec.Struct, frozen=True):
    media: list[msgspec.Raw]
    type: Literal["mms"] = "mms"


def is_mms(body: bytes) -> bool:
    """Tell whether a body asks for an MMS."""
    try:
        msgspec.json.decode(body, type=_Shape)
    except msgspec.DecodeError:
        return False
    return True


async def send(simulator: MmsSimulator, number: str, body: bytes) -> Response:
    """Send it, and tell what the platform answered."""
    try:
        wanted = msgspec.json.decode(body, type=HandsetMmsSend)
        parts = tuple(
            ContentPart(one.content_type, one.file_name, b64decode(one.data, validate=True))
            for one in wanted.media
        )
    except (msgspec.DecodeError, binascii.Error) as error:
        return refuse(400, f'body must be {{"to", "text", "media": [{{"data", …}}]}}: {error}')
    to = parse_phone_number(wanted.to)
    if to is None:
        return refuse(400, "to must be a phone number")
    try:
        said = await simulator.send(number, to, wanted.text, parts)
    except (HttpError, Mm7Error) as error:
        return refuse(504, f"nobody took the message: {error}")
    if said.status_code != status.SUCCESS:
        code = 404 if said.status_code == status.ADDRESS_NOT_FOUND else 400
        return refuse(code, f"{to}: {said.status_text or said.status_code}")
    return answer(202, {"message": "message sent", "references": [said.transaction_id]})
