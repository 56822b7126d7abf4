"""`/sim/handsets/{number}/calls`: the simulated phones, for tests and demos; in local mode only."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from trunkline.rest.operator import answer, refuse
from trunkline.rest.sandbox.looking import WrongLook, parse_look, until_more
from trunkline.simulator.voice import Dialling, Does, NoAudio, NoPlatform, VoiceSimulator
from trunkline.values.phone import PhoneNumber, parse_phone_number

DIAL_TIMEOUT_S = 15.0
_DAY_S = 86_400.0
_NUMBER = "number must be 7 to 14 digits, the country code first"

Seconds = Annotated[float, Meta(ge=0.0, le=_DAY_S)]
Doing = Literal["listen", "greet", "speak", "echo", "machine", "talk", "mute"]


class HandsetDial(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A call from a handset to one of the platform's numbers, and what it does in it."""

    to: str
    digits: Annotated[str, Meta(pattern="^[0-9*#A-DwW]*$", max_length=100)] = ""
    digits_after_s: Seconds = 1.0
    hang_up_after_s: Seconds | None = None
    does: Doing = "listen"
    sound_s: Annotated[float, Meta(ge=0.0, le=3_600.0)] = 3.0
    caller_name: Annotated[str, Meta(pattern="^[^\\x00-\\x1f\\x7f]*$", max_length=60)] = ""

    def dialling(self) -> Dialling:
        return Dialling(
            digits=self.digits,
            digits_after_s=self.digits_after_s,
            hang_up_after_s=self.hang_up_after_s,
            does=Does[self.does.upper()],
            sound_s=self.sound_s,
            caller_name=self.caller_name,
        )


def handset_call_routes(
    phones: VoiceSimulator, owner_of: Callable[[str], str] = lambda _: ""
) -> list[Route]:
    """Return `GET` and `POST /sim/handsets/{number}/calls`; see `looking` for the query."""

    def calls_of(number: str) -> list[dict[str, Any]]:
        return [msgspec.to_builtins(one) for one in phones.calls(number)]

    async def calls(request: Request) -> Response:
        number = parse_phone_number(request.path_params["number"])
        if number is None:
            return refuse(404, _NUMBER)
        try:
            look = parse_look(request.query_params)
        except WrongLook as error:
            return refuse(400, str(error))
        shown = await until_more(look, lambda: look.mine(calls_of(number), "other", owner_of))
        return answer(200, {"number": number, "calls": shown})

    async def dial(request: Request) -> Response:
        number = parse_phone_number(request.path_params["number"])
        if number is None:
            return refuse(404, _NUMBER)
        return await _dial(phones, number, await request.body())

    path = "/sim/handsets/{number}/calls"
    return [
        Route(path, calls, methods=["GET"]),
        Route(path + "/", calls, methods=["GET"]),
        Route(path, dial, methods=["POST"]),
        Route(path + "/", dial, methods=["POST"]),
    ]


async def _dial(phones: VoiceSimulator, number: PhoneNumber, body: bytes) -> Response:
    try:
        wanted = msgspec.json.decode(body, type=HandsetDial)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return refuse(400, f'body must be {{"to": "...", "digits": "..."}}: {error}')
    to = parse_phone_number(wanted.to)
    if to is None:
        return refuse(400, "to must be a phone number")
    try:
        call = await phones.dial(number, to, wanted.dialling(), timeout_s=DIAL_TIMEOUT_S)
    except (NoPlatform, NoAudio) as error:
        return refuse(503, f"{error}; does the program take calls?")
    except TimeoutError:
        return refuse(504, f"nobody took the call; is {to} a number of an account here?")
    if call.sip_status == 404:
        return refuse(404, f"{to} was not found; is it a number of an account here?")
    return answer(202, {"message": "call placed", "call": msgspec.to_builtins(call)})
