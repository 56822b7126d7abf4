"""The whole HTTP surface: the API under `/v1/`, everything else through Starlette."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import msgspec
import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from trunkline.rest.api import RestApi
from trunkline.rest.asgi import Message, Receive, Scope, Send
from trunkline.rest.pages import Metrics, Ready, page_routes
from trunkline.values.ids import new_uuid

_log = structlog.get_logger(__name__)
_API_ROOT = "v1"

Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]


class RestApp:
    """An ASGI application: dispatches API paths straight to `api`, the rest to Starlette.

    Args:
        api: serves everything under `/v1/`, in any case and with doubled slashes.
        version: of the program, for its documents.
        ready: whether the program can serve now.
        metrics: the metrics in Prometheus' text format.
        routes: further Starlette routes, tried before the built-in pages.
        lifespan: entered when the server starts and left when it stops; the API is closed first.
    """

    def __init__(
        self,
        api: RestApi,
        *,
        version: str,
        ready: Ready,
        metrics: Metrics,
        routes: Sequence[BaseRoute] = (),
        lifespan: Lifespan | None = None,
    ) -> None:
        self._api = api
        pages = page_routes(api.operations, version=version, ready=ready, metrics=metrics)
        self._pages = Starlette(
            routes=[*routes, *pages],
            lifespan=self._live(lifespan),
            exception_handlers={HTTPException: _refuse, Exception: _fail},
        )
        self._pages.router.redirect_slashes = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection of any kind."""
        if scope["type"] == "http" and _is_api(scope["path"]):
            try:
                await self._api(scope, receive, send)
            except RuntimeError as error:
                _hang_up_too(send, error)
        else:
            await self._pages(scope, receive, _whoever_is_left(send))

    def _live(self, lifespan: Lifespan | None) -> Lifespan:
        @asynccontextmanager
        async def live(app: Starlette) -> AsyncGenerator[None]:
            if lifespan is None:
                yield
                await self._api.aclose()
                return
            async with lifespan(app):
                try:
                    yield
                finally:
                    await self._api.aclose()

        return live


def _whoever_is_left(send: Send) -> Send:
    """Send as long as the caller is there."""

    async def send_if_open(message: Message) -> None:
        try:
            await send(message)
        except RuntimeError as error:
            _hang_up_too(send, error)

    return send_if_open


def _hang_up_too(send: Send, error: RuntimeError) -> None:
    """Take no offence at uvloop's error about a connection that the caller closed meanwhile.

    uvicorn tells only the last of pipelined requests that nobody listens any more, and reports an
    answer that stops for no reason; so the one that found out is marked here.
    """
    if "closed" not in str(error):
        raise error
    request = getattr(send, "__self__", None)
    if hasattr(request, "disconnected"):
        setattr(request, "disconnected", True)  # noqa: B010 - uvicorn's type is not ours to know


def _is_api(path: str) -> bool:
    if path.startswith("/v1/"):
        return True
    root, _, _ = path.lstrip("/").partition("/")
    return root.lower() == _API_ROOT


def _refuse(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        return _json(500, "internal server error", new_uuid())
    return _json(error.status_code, error.detail, new_uuid(), error.headers)


def _fail(request: Request, error: Exception) -> Response:
    api_id = new_uuid()
    _log.error("page failed", api_id=api_id, path=request.url.path, exc_info=error)
    return _json(500, "internal server error", api_id)


def _json(
    status: int, error: str, api_id: str, headers: Mapping[str, str] | None = None
) -> Response:
    return Response(
        msgspec.json.encode({"api_id": api_id, "error": error}),
        status_code=status,
        headers=headers,
        media_type="application/json",
    )
