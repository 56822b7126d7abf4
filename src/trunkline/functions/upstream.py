"""The HTTP form alone, in front of another server that speaks the same API."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

from starlette.applications import Starlette

from trunkline.client.answer import Answer
from trunkline.client.client import AsyncClient
from trunkline.client.request import Prepared
from trunkline.functions.http import function_routes


def upstream_app(url: str) -> Starlette:
    """Make the ASGI application; `url` is the server's: scheme, host, port, the path before `/v1`.

    Callers' credentials are passed on, and where they call from in `X-Forwarded-For`.
    """
    client = AsyncClient(url, "", "")

    async def ask(request: Prepared, caller: str) -> Answer:
        headers = (*request.headers, ("X-Forwarded-For", caller))
        return await client.send(replace(request, headers=headers) if caller else request)

    @asynccontextmanager
    async def closing(_app: Starlette) -> AsyncGenerator[None]:
        yield
        await client.close()

    return Starlette(routes=function_routes(ask), lifespan=closing)
