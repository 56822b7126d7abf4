"""The API itself as an ASGI application: match, admit, decode, handle, answer."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import structlog

from trunkline.contract.background import SPAWNED, AsyncCall, AsyncResults
from trunkline.contract.catalog import catalog
from trunkline.contract.catalog import operation as operation_of
from trunkline.contract.context import Authenticator, Handler, RequestContext
from trunkline.contract.decode import Decoded, RequestDecoder
from trunkline.contract.errors import (
    ApiError,
    InvalidParameter,
    NotServed,
    ServerError,
    Unavailable,
)
from trunkline.contract.operation import Answer, Operation, PlannedOperation, Request
from trunkline.contract.routing import Match, Router
from trunkline.rest.asgi import (
    ClientGoneError,
    HttpAnswer,
    HttpRequest,
    Receive,
    Scope,
    Send,
    read_body,
    read_head,
    send_answer,
)
from trunkline.rest.background import BackgroundCalls
from trunkline.rest.gate import Gate
from trunkline.rest.limits import HttpLimits
from trunkline.runtime.db import DatabaseError, WriterFull
from trunkline.values.ids import new_uuid

_log = structlog.get_logger(__name__)
_encode = msgspec.json.Encoder().encode

# PLIVO rate limits: requests for calls do not count, the calls are queued at their own pace.
_UNMETERED = frozenset({"call.create"})
LARGE_BODIES = 8  # uploads under way at once, so that they cannot fill the memory

Observe = Callable[[str, int, float], None]
"""Told the operation's id ("" if none), the status and the seconds of each answer."""


@dataclass(slots=True)
class _Served:
    operation: Operation
    handler: Handler
    _decoder: RequestDecoder | None = None

    @property
    def decoder(self) -> RequestDecoder:
        """Made for the first request: all of them at the start took a tenth of a second."""
        if self._decoder is None:
            self._decoder = RequestDecoder(self.operation)
        return self._decoder


class RestApi:
    """Serves every operation that has a handler, and refuses all else as Plivo would.

    Args:
        handlers: by operation id; an operation without one is answered 404 with that reason.
        authenticator: who may call.
        now: seconds since 1970 by the program's clock.
        async_results: where background calls are kept and their answers go; None refuses them.
        limits: rates, sizes and waits.
        observe: told about each answer, for metrics.

    Raises:
        KeyError: a handler for an operation that does not exist.
    """

    def __init__(
        self,
        handlers: Mapping[str, Handler],
        authenticator: Authenticator,
        now: Callable[[], float],
        *,
        async_results: AsyncResults | None = None,
        limits: HttpLimits | None = None,
        observe: Observe | None = None,
    ) -> None:
        self._now = now
        self._observe = observe
        self._limits = limits or HttpLimits()
        self._served = {
            name: _Served(operation_of(name), handler) for name, handler in handlers.items()
        }
        self._router: Router[Operation | PlannedOperation] = Router(
            known for known in catalog() if not (isinstance(known, PlannedOperation) and known.host)
        )
        self._gate = Gate(authenticator, self._limits, time.monotonic)
        self._large = asyncio.Semaphore(LARGE_BODIES)
        self._background = (
            BackgroundCalls(async_results, self._limits.max_background_calls)
            if async_results is not None
            else None
        )

    @property
    def operations(self) -> tuple[Operation, ...]:
        """The operations that have a handler."""
        return tuple(served.operation for served in self._served.values())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        started = time.monotonic()
        api_id = new_uuid()
        head = read_head(scope)
        match, refusal = self._match(head)
        try:
            answer = await self._answer(head, match, refusal, receive, api_id)
        except ApiError as error:
            answer = _refuse(error, api_id, match)
        except ClientGoneError:
            return
        except DatabaseError as error:
            answer = _refuse(_unavailable(error, api_id), api_id, match)
        except Exception:  # noqa: BLE001 — the edge of an HTTP request
            _log.exception("request failed", api_id=api_id, method=head.method, path=head.path)
            answer = _refuse(ServerError(), api_id, match)
        await send_answer(send, answer, api_id)
        if self._observe is not None:
            name = match.operation.id if match is not None else ""
            self._observe(name, answer.status, time.monotonic() - started)

    def _match(
        self, head: HttpRequest
    ) -> tuple[Match[Operation | PlannedOperation] | None, ApiError | None]:
        try:
            return self._router.match(head.method, head.path, head.query), None
        except ApiError as refusal:
            return None, refusal

    async def _answer(
        self,
        head: HttpRequest,
        match: Match[Operation | PlannedOperation] | None,
        refusal: ApiError | None,
        receive: Receive,
        api_id: str,
    ) -> HttpAnswer:
        auth_id = match.auth_id if match is not None else ""
        principal, account_id = await self._gate.admit(
            head.authorization,
            auth_id,
            head.remote_ip,
            metered=match is None or match.operation.id not in _UNMETERED,
        )
        if refusal is not None:
            raise refusal
        assert match is not None  # noqa: S101 — without a refusal there is a match
        served = self._find(match.operation)
        context = RequestContext(api_id, principal, account_id, head.remote_ip, self._now())
        if served.operation.max_body_bytes is None:
            return await self._serve(served, match, head, receive, context)
        async with self._large:
            return await self._serve(served, match, head, receive, context)

    async def _serve(
        self,
        served: _Served,
        match: Match[Operation | PlannedOperation],
        head: HttpRequest,
        receive: Receive,
        context: RequestContext,
    ) -> HttpAnswer:
        body = b""
        if served.operation.method != "GET":  # PLIVO SDKs: some send a body with GET; ignored
            limits = self._limits
            most = served.operation.max_body_bytes or limits.max_body_bytes
            body = await read_body(receive, head, most, limits.body_timeout_s)
            if served.operation.bodiless and not body and not head.query:
                served = self._served.get(served.operation.bodiless, served)
        decoded = served.decoder.decode(match.parameters, head.query, body, head.content_type)
        if decoded.callback is not None:
            return await self._spawn(served, decoded, context)
        return await _handle(served, decoded.request, context)

    def _find(self, operation: Operation | PlannedOperation) -> _Served:
        served = self._served.get(operation.id)
        if served is None:
            reason = (
                operation.reason
                if isinstance(operation, PlannedOperation)
                else "it has no handler here"
            )
            raise NotServed(operation.id, reason)
        return served

    async def _spawn(
        self, served: _Served, decoded: Decoded, context: RequestContext
    ) -> HttpAnswer:
        callback = decoded.callback
        if self._background is None or callback is None:
            raise InvalidParameter("callback_url", "background calls are switched off")
        call = AsyncCall(
            api_id=context.api_id,
            operation_id=served.operation.id,
            principal=context.principal,
            account_id=context.account_id,
            remote_ip=context.remote_ip,
            accepted_at=context.now,
            request=_encode(decoded.request),
            url=callback.url,
            method=callback.method,
        )
        again = msgspec.structs.replace(context, background=True)
        await self._background.accept(call, lambda: _handle_safely(served, decoded.request, again))
        return HttpAnswer(202, _encode({"api_id": context.api_id, "message": SPAWNED}))

    def resume(self, call: AsyncCall) -> None:
        """Run again a background call that was stored before the program last ended.

        Raises:
            KeyError: its operation is not served any more.
            msgspec.ValidationError: its request no longer fits the operation.
        """
        served = self._served[call.operation_id]
        request = msgspec.json.decode(call.request, type=served.operation.request)
        context = RequestContext(
            call.api_id,
            call.principal,
            call.account_id,
            call.remote_ip,
            call.accepted_at,
            background=True,
        )
        if self._background is not None:
            self._background.start(call, lambda: _handle_safely(served, request, context))

    async def aclose(self, timeout_s: float = 10.0) -> None:
        """Let background calls finish for `timeout_s`, then cancel them; they stay stored."""
        if self._background is not None:
            await self._background.aclose(timeout_s)


async def _handle(served: _Served, request: Request, context: RequestContext) -> HttpAnswer:
    answer = await served.handler(context, request)
    status = served.operation.success_status
    if status == 204:  # PLIVO SDKs: never a body with 204
        return HttpAnswer(204, b"")
    if isinstance(answer, Answer):
        answer.api_id = context.api_id
        return HttpAnswer(status, _encode(answer))
    return HttpAnswer(status, _encode({"api_id": context.api_id, **(answer or {})}))


async def _handle_safely(served: _Served, request: Request, context: RequestContext) -> HttpAnswer:
    try:
        return await _handle(served, request, context)
    except ApiError as error:
        return _refuse(error, context.api_id, None)
    except DatabaseError as error:
        return _refuse(_unavailable(error, context.api_id), context.api_id, None)
    except Exception:  # noqa: BLE001 — the edge of a background call
        _log.exception("background call failed", api_id=context.api_id, id=served.operation.id)
        return _refuse(ServerError(), context.api_id, None)


def _unavailable(error: DatabaseError, api_id: str) -> Unavailable:
    _log.warning("request unserved", api_id=api_id, error=str(error))
    if isinstance(error, WriterFull):
        return Unavailable("the database cannot keep up")
    return Unavailable("the database cannot be reached")


def _refuse(
    error: ApiError, api_id: str, match: Match[Operation | PlannedOperation] | None
) -> HttpAnswer:
    body: dict[str, Any] = {"api_id": api_id, "error": error.message, **error.extra}
    if match is not None and _is_list(match.operation):
        body["objects"] = []  # PLIVO SDKs: python's list types crash on an error without it
    return HttpAnswer(error.status, _encode(body), error.headers())


def _is_list(operation: Operation | PlannedOperation) -> bool:
    if isinstance(operation, Operation):
        return operation.is_list
    return operation.method == "GET" and operation.id.endswith(".list")
