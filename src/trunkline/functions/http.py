"""The package's HTTP form: `GET /api/Plivo` and `POST /api/Plivo/{function}`.

Whatever becomes of a call is told in the same envelope, with status 200 as the package has it. Only
an unknown path (404), another method (405) and a body that is too large (413) or too late (408)
have a status of their own. Sources: PLIVO function package; the codes are its marketplace's.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from trunkline.client.answer import Answer
from trunkline.client.request import Prepared
from trunkline.functions.calls import known, lacking_credentials, request_of, result_of
from trunkline.functions.metadata import PACKAGE, package_metadata
from trunkline.functions.model import Function, FunctionError, MissingArguments, UnknownFunction
from trunkline.functions.received import (
    RESULT_KEY,
    Refusal,
    arguments_of,
    body_of,
    result_key,
)
from trunkline.functions.table import find
from trunkline.values.errors import TrunklineError

_log = structlog.get_logger(__name__)

Ask = Callable[[Prepared, str], Awaitable[Answer]]
"""Makes a request of the API for the caller at an address; a TrunklineError if it cannot."""


def function_routes(ask: Ask) -> list[Route]:
    """Return the routes of the form; all they need of the API goes through `ask`."""
    form = _Form(ask)
    return [Route("/api/{package}", form), Route("/api/{package}/{function:path}", form)]


class _Form:
    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = await self._answer(request)
        except ClientDisconnect:
            return
        except Refusal as refusal:
            response = _error(RESULT_KEY, refusal, refusal.http_status, refusal.headers)
        except FunctionError as error:
            response = _error(RESULT_KEY, error)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        package: str = request.path_params["package"]
        if package.lower() != PACKAGE.lower():
            raise Refusal(404, "UNKNOWN_FUNCTION", f"there is no package {package[:64]!r}")
        name: str = request.path_params.get("function", "").strip("/")
        if not name:
            _demand("GET", request)
            return _json(package_metadata())
        try:
            function = find(name)
        except UnknownFunction as error:
            raise Refusal(404, error.code, error.message) from None
        _demand("POST", request)
        arguments = arguments_of(await body_of(request), request.headers.get("content-type", ""))
        key = result_key(arguments)
        caller = request.client.host if request.client else ""
        try:
            return _envelope("success", key, await self._call(function, arguments, caller))
        except FunctionError as error:
            return _error(key, error)

    async def _call(self, function: Function, arguments: Mapping[str, Any], caller: str) -> Any:
        prepared = _prepared(function, arguments)
        try:
            answer = await self._ask(prepared, caller)
        except TrunklineError as error:
            _log.warning("function.not_asked", function=function.name, error=str(error))
            words = "the API cannot be reached"  # where it is, is not for every caller
            raise FunctionError("INTERNAL_PACKAGE_ERROR", words) from None
        return result_of(function, answer.status, answer.body)


def _prepared(function: Function, arguments: Mapping[str, Any]) -> Prepared:
    """Make the request, or say all that is missing at once: credentials and arguments."""
    lacking = lacking_credentials(arguments)
    login = ("", "") if lacking else (arguments["authId"], arguments["authToken"])
    try:
        prepared = request_of(function, *login, known(function, arguments))
    except MissingArguments as missing:
        raise MissingArguments(function.name, (*lacking, *missing.fields)) from None
    if lacking:
        raise MissingArguments(function.name, lacking)
    return prepared


def _demand(method: str, request: Request) -> None:
    asked = "GET" if request.method == "HEAD" else request.method
    if asked != method:
        words = f"method {request.method[:16]} is not allowed here: use {method}"
        raise Refusal(405, "UNKNOWN_FUNCTION", words, allow=method)


def _error(
    key: str, error: FunctionError, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    return _envelope("error", key, error.told(), status, headers)


def _envelope(
    callback: str,
    key: str,
    value: Any,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    return _json({"callback": callback, "contextWrites": {key: value}}, status, headers)


def _json(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(body), status, headers, "application/json")
