"""Pages around the API: its documents, health and metrics."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import cache

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from trunkline.contract.documents.docs_page import docs_page
from trunkline.contract.documents.openapi import openapi_document
from trunkline.contract.operation import Operation

Ready = Callable[[], Awaitable[tuple[bool, Sequence[str]]]]
"""Tells whether the program can serve, and the names of what is not well."""
Metrics = Callable[[], bytes]
"""Returns the Prometheus text format, version 0.0.4."""


def page_routes(
    operations: Iterable[Operation], *, version: str, ready: Ready, metrics: Metrics
) -> list[Route]:
    """Return `/openapi.json`, `/docs`, `/healthz`, `/readyz` and `/metrics`.

    `/readyz` answers 200 or 503 by what `ready` says, and names what is not well.
    """
    served = tuple(operations)

    @cache  # made when it is asked for: not every start pays
    def document() -> bytes:
        return msgspec.json.encode(openapi_document(served, version=version))

    @cache
    def page() -> str:
        return docs_page(served, version=version)

    async def openapi(_request: Request) -> Response:
        return Response(document(), media_type="application/json")

    async def docs(_request: Request) -> Response:
        return HTMLResponse(page())

    async def healthz(_request: Request) -> Response:
        return _state("ok", 200)

    async def readyz(_request: Request) -> Response:
        serves, ailing = await ready()
        return _state("ready", 200, ailing) if serves else _state("not ready", 503, ailing)

    async def metrics_page(_request: Request) -> Response:
        return Response(metrics(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return [
        Route("/openapi.json", openapi),
        Route("/docs", docs),
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/metrics", metrics_page),
    ]


def _state(state: str, status: int, ailing: Sequence[str] = ()) -> Response:
    body: dict[str, object] = {"status": state}
    if ailing:
        body["ailing"] = ailing
    return Response(msgspec.json.encode(body), status_code=status, media_type="application/json")
