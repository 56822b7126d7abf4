"""What came to the HTTP form: the body, the arguments in it, and where the result is wanted."""

import asyncio
import re
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request

from trunkline.functions.model import BadArgument, FunctionError

MAX_BODY_BYTES = 1024 * 1024
BODY_TIMEOUT_S = 30.0
RESULT_KEY = "to"
_MAX_KEY = 255
_MAX_FIELDS = 1000
_FORM = "application/x-www-form-urlencoded"
_UNDER_ARGS = re.compile(r"args\[([^\]]+)\](\[\d*\])?$")
_UNREADABLE = (msgspec.DecodeError, ValueError, RecursionError, OverflowError)


class Refusal(FunctionError):
    """One that has an HTTP status of its own, and perhaps the method that is allowed."""

    def __init__(self, http_status: int, code: str, message: str, allow: str = "") -> None:
        super().__init__(code, message)
        self.http_status = http_status
        self.headers = {"allow": allow} if allow else {}


async def body_of(request: Request) -> bytes:
    """Read the whole body.

    Raises:
        Refusal: it has more than `MAX_BODY_BYTES`, or was not there in `BODY_TIMEOUT_S`.
        ClientDisconnect: the caller left.
    """
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            async for part in request.stream():
                size += len(part)
                if size > MAX_BODY_BYTES:
                    words = f"the request body is larger than {MAX_BODY_BYTES} bytes"
                    raise Refusal(413, "JSON_VALIDATION", words)
                parts.append(part)
    except TimeoutError:
        raise Refusal(408, "JSON_VALIDATION", "the request body did not arrive in time") from None
    return b"".join(parts)


def arguments_of(body: bytes, content_type: str = "") -> dict[str, Any]:
    """Take the arguments from a body: what stands under `args`, or the whole object without it.

    A form has them as `args[src]`, or `src`; a name that comes again or ends with `[]` is a list.

    Raises:
        FunctionError: it is neither JSON nor said to be a form, or no object.
    """
    # `curl -d '{…}'` calls JSON a form
    if content_type.lower().startswith(_FORM) and body.lstrip()[:1] != b"{":
        return _from_form(body)
    try:
        found = msgspec.json.decode(body)
    except _UNREADABLE as error:
        why = str(error).removeprefix("JSON is malformed: ")[:120]
        raise FunctionError(
            "JSON_VALIDATION", f"the request body is not valid JSON: {why}"
        ) from None
    if not isinstance(found, dict):
        raise FunctionError("JSON_VALIDATION", "the request body must be a JSON object")
    whole = cast("dict[str, Any]", found)
    arguments = whole.get("args", whole)
    if not isinstance(arguments, dict):
        raise FunctionError("JSON_VALIDATION", "args must be a JSON object", fields=("args",))
    return cast("dict[str, Any]", arguments)


def _from_form(body: bytes) -> dict[str, Any]:
    try:
        pairs = parse_qsl(body.decode(), True, errors="strict", max_num_fields=_MAX_FIELDS)
    except ValueError as error:
        raise FunctionError("JSON_VALIDATION", f"the form cannot be read: {error}") from None
    found: dict[str, Any] = {}
    for key, value in pairs:
        match = _UNDER_ARGS.match(key)
        name = match[1] if match else key.removesuffix("[]")
        if name in found or key.endswith("[]"):
            before = found.get(name, [])
            found[name] = [*(before if isinstance(before, list) else [before]), value]
        else:
            found[name] = value
    return found


def result_key(arguments: Mapping[str, Any]) -> str:
    """Return the key in `contextWrites` under which the result is wanted.

    Raises:
        BadArgument: `to` is no text, or too long.
    """
    wanted = arguments.get(RESULT_KEY) or RESULT_KEY
    if not isinstance(wanted, str) or len(wanted) > _MAX_KEY:
        raise BadArgument(f"to must be a string of at most {_MAX_KEY} characters", RESULT_KEY)
    return wanted
