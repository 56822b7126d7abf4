"""`/sim/`: the simulator's handsets, for tests and demos; open in local mode only."""

from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from trunkline.protocols.sms.segment import TooLong
from trunkline.rest import handset_whatsapp
from trunkline.rest.mms import handsets as handset_mms
from trunkline.rest.operator import answer, refuse
from trunkline.rest.sandbox.looking import WrongLook, parse_look, until_more
from trunkline.simulator.mms.server import MmsSimulator
from trunkline.simulator.outbox import Refused
from trunkline.simulator.smsc import Simulator
from trunkline.simulator.whatsapp.server import WhatsappSimulator
from trunkline.values.phone import parse_phone_number

SEND_TIMEOUT_S = 10.0


class HandsetSend(msgspec.Struct, frozen=True):
    """A text from a handset to one of the platform's numbers."""

    to: str
    text: Annotated[str, Meta(max_length=2_000)]


def handset_routes(
    simulator: Simulator,
    whatsapp: WhatsappSimulator | None = None,
    mms: MmsSimulator | None = None,
    *,
    owner_of: Callable[[str], str] = lambda _: "",
) -> list[Route]:
    """Return `GET` and `POST /sim/handsets/{number}/messages`; see `looking` for the query."""

    async def inbox(request: Request) -> Response:
        number = parse_phone_number(request.path_params["number"])
        if number is None:
            return refuse(404, "number must be 7 to 14 digits, the country code first")
        try:
            look = parse_look(request.query_params)
        except WrongLook as error:
            return refuse(400, str(error))

        def mine() -> list[dict[str, Any]]:
            shown = _inbox(number, simulator, whatsapp, mms)
            return look.mine(shown, "sender", owner_of)

        messages = await until_more(look, mine)
        return answer(200, {"number": number, "messages": messages})

    async def send(request: Request) -> Response:
        number = parse_phone_number(request.path_params["number"])
        if number is None:
            return refuse(404, "number must be 7 to 14 digits, the country code first")
        body = await request.body()
        if whatsapp is not None and handset_whatsapp.is_whatsapp(body):
            return await handset_whatsapp.send(whatsapp, number, body)
        if mms is not None and handset_mms.is_mms(body):
            return await handset_mms.send(mms, number, body)
        return await _send(simulator, number, body)

    path = "/sim/handsets/{number}/messages"
    return [
        Route(path, inbox, methods=["GET"]),
        Route(path + "/", inbox, methods=["GET"]),
        Route(path, send, methods=["POST"]),
        Route(path + "/", send, methods=["POST"]),
    ]


def _inbox(
    number: str,
    simulator: Simulator,
    whatsapp: WhatsappSimulator | None,
    mms: MmsSimulator | None,
) -> list[dict[str, Any]]:
    messages = [msgspec.to_builtins(one) for one in simulator.inbox(number)]
    if whatsapp is not None:
        messages += [msgspec.to_builtins(one) for one in whatsapp.cloud.inboxes.of(number)]
    if mms is not None:
        messages += [msgspec.to_builtins(one) for one in mms.inboxes.of(number)]
    return sorted(messages, key=lambda one: one["at"])


async def _send(simulator: Simulator, number: str, body: bytes) -> Response:
    try:
        wanted = msgspec.json.decode(body, type=HandsetSend)
    except msgspec.DecodeError as error:
        return refuse(400, f'body must be {{"to": "...", "text": "..."}}: {error}')
    to = parse_phone_number(wanted.to)
    if to is None:
        return refuse(400, "to must be a phone number")
    try:
        references = await simulator.send(number, to, wanted.text, timeout_s=SEND_TIMEOUT_S)
    except TooLong as error:
        return refuse(400, f"text: {error}")
    except Refused as error:
        return refuse(404, f"{to} {error}; is it a number of an account here?")
    except TimeoutError:
        return refuse(504, f"nobody took the message; is {to} a number of an account here?")
    return answer(202, {"message": "message sent", "references": references})
