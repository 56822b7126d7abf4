"""The form in front of servers that are not there, or are none."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from trunkline.engines.http.server import LoopbackServer
from trunkline.functions.upstream import upstream_app

ARGUMENTS = {"args": {"authId": "MA1", "authToken": "x", "callUuid": "u"}}


@asynccontextmanager
async def serving(app: Starlette) -> AsyncIterator[str]:
    server = LoopbackServer(app, "upstream")
    await server.start()
    try:
        yield server.url
    finally:
        await server.stop()


async def told(upstream: str) -> dict[str, object]:
    form = upstream_app(upstream)
    alive = form.router.lifespan_context(form)
    async with alive, serving(form) as url, httpx.AsyncClient() as client:
        answer = await client.post(f"{url}/api/Plivo/hangupSingleCall", json=ARGUMENTS)
    assert answer.status_code == 200
    assert answer.json()["callback"] == "error"
    return answer.json()["contextWrites"]["to"]


async def test_an_upstream_that_is_not_there() -> None:
    assert await told("http://127.0.0.1:9") == {
        "status_code": "INTERNAL_PACKAGE_ERROR",
        "status_msg": "the API cannot be reached",
    }


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (200, "<html>Welcome</html>", "the API's answer is no JSON object"),
        (502, "<html>Bad gateway</html>", "<html>Bad gateway</html>"),
        (302, "", "the API answered with status 302"),
        (500, "[" * 5000, "[" * 2000),
    ],
    ids=["page", "gateway", "elsewhere", "deep"],
)
async def test_an_upstream_that_is_none(status: int, body: str, message: str) -> None:
    seen: list[Request] = []

    async def answer(request: Request) -> Response:
        seen.append(request)
        return PlainTextResponse(body, status)

    app = Starlette(routes=[Route("/{path:path}", answer, methods=["DELETE"])])
    async with serving(app) as url:
        found = await told(url)
    assert found == {"status_code": "API_ERROR", "status_msg": message, "http_status": status}
    (request,) = seen
    assert request.url.path == "/v1/Account/MA1/Call/u/"
    assert request.headers["x-forwarded-for"] == "127.0.0.1"
