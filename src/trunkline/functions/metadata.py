"""What `GET /api/Plivo` answers: the package as its readers know it."""

from functools import cache
from typing import Any

from trunkline.functions.model import Argument, Function
from trunkline.functions.table import functions

PACKAGE = "Plivo"
_CREDENTIALS = (
    Argument("authToken", "", "credentials", True, "The account's auth token."),
    Argument("authId", "", "credentials", True, "The account's auth id."),
)
_CALLBACKS = (
    {"name": "error", "info": "Error", "required": False},
    {"name": "success", "info": "Success", "required": False},
)


@cache
def package_metadata() -> dict[str, Any]:
    """Return name, tagline, keywords, accounts and the blocks with their arguments."""
    return {
        "package": PACKAGE,
        "name": PACKAGE,
        "tagline": "SMS and phone calls by the Plivo API",
        "description": "The functions of the Plivo package, served by Trunkline.",
        "keywords": ["API", "call", "calls", "conference", "messaging", "phone", "sms", "voice"],
        "accounts": {"domain": "plivo.com", "credentials": ["authId", "authToken"]},
        "blocks": [_block(one) for one in functions()],
    }


def _block(function: Function) -> dict[str, Any]:
    return {
        "name": function.name,
        "description": function.info,
        "args": [_described(one) for one in (*_CREDENTIALS, *function.arguments)],
        "callbacks": list(_CALLBACKS),
    }


def _described(argument: Argument) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": argument.name,
        "type": argument.kind,
        "info": argument.info,
        "required": argument.required,
    }
    if argument.options:
        found["options"] = list(argument.options)
    return found
