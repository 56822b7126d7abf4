"""Every argument is understood as the text that the package sends, and all of them at once."""

from urllib.parse import urlsplit

import msgspec
import pytest

from trunkline.contract.catalog import OPERATIONS
from trunkline.contract.decode import RequestDecoder
from trunkline.contract.errors import ApiError
from trunkline.contract.routing import Router
from trunkline.functions import Argument, Function, functions, request_of

ROUTER = Router(OPERATIONS)
TEXTS = (
    "True", "2000", "20", "14155550123<14155550124", "https://app.example.com/answer", "POST",
    "aleg", "wav", "auto", "outbound", "2016-05-28 00:00:00", "US", "voice,sms", "sms", "hangup",
    "local", "fixed", "SA2025RK4E639VJFZAGV", "1234567890", "192.0.2.1,192.0.2.2", "a=b,c=d",
    "secret123", "en-US", "1w2", "200", "Room", "MAN", "delivered",
)  # fmt: skip


def decoded(function: Function, arguments: dict[str, str]) -> object:
    made = request_of(function, "MA2025RK4E639VJFZAGV", "x", arguments)
    parts = urlsplit(made.target)
    match = ROUTER.match(made.method, parts.path, parts.query)
    assert match.operation.id == function.operation.id
    decoder = RequestDecoder(match.operation)
    body = made.content or b""
    return decoder.decode(match.parameters, parts.query, body, "application/json").request


def understood(function: Function, argument: Argument, required: dict[str, str]) -> str:
    refusals: list[str] = []
    for text in (*argument.options, *TEXTS):
        try:
            request = decoded(function, {**required, argument.name: text})
        except ApiError as error:
            refusals.append(error.message)
            continue
        assert msgspec.to_builtins(request)[argument.field] is not None
        return text
    raise AssertionError(f"{function.name} {argument.name}: {refusals}")


@pytest.mark.parametrize("function", functions(), ids=lambda one: one.name)
def test_all_arguments_are_understood_as_text(function: Function) -> None:
    some = {"urls": "https://app.example.com/a.mp3", "destination": "14155550123"}
    needed = [one for one in function.arguments if one.required or one.name in some]
    texts = {one.name: some.get(one.name) or wanted(one) for one in needed}
    for one in function.arguments:
        if one.name not in texts:
            texts[one.name] = understood(function, one, dict(texts))
    decoded(function, texts)


def wanted(argument: Argument) -> str:
    """Give a required argument what its name asks for."""
    by_name = {
        "countryIso": "US", "callFrom": "14155550100", "callTo": "14155550123",
        "numbers": "14155550100", "number": "14155550100", "password": "secret123",
        "ipSet": "192.0.2.1", "digits": "1", "username": "desk", "src": "14155550100",
        "subauthId": "SA2025RK4E639VJFZAGV", "carrier": "1234567890",
        "region": "London, United Kingdom", "memberId": "1",
    }  # fmt: skip
    is_url = argument.name.lower().endswith("url")
    return by_name.get(argument.name, "https://app.example.com/" if is_url else "Name")
