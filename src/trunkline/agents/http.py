"""MCP over HTTP (streamable HTTP): a bearer token for everybody, and no strange origins.

MCP 2025-06-18, transports: validate the Origin of every connection, listen on loopback, demand a
login.
"""

import contextlib
import hmac
import socket
from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass, field

import msgspec
import uvicorn
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from trunkline.agents.server import server_of
from trunkline.agents.toolbox import Toolbox
from trunkline.values.errors import TrunklineError

PATH = "/mcp"
MAX_BODY_BYTES = 1 << 20
_NAMES = ("127.0.0.1", "localhost", "[::1]")


class AddressInUse(TrunklineError):
    """The address cannot be listened on."""


@dataclass(frozen=True, slots=True)
class Guard:
    """Lets in who has the token and comes from a page that may; an ASGI application.

    `hosts` are the names it may be called by (any, if there are none), so that no foreign page can
    reach it by a name of its own (DNS rebinding); `origins` the pages that may call it.
    """

    inner: StreamableHTTPSessionManager
    token: str = field(repr=False)
    hosts: frozenset[str]
    origins: frozenset[str]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self.refusal(Headers(scope=scope))
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        await self.inner.handle_request(scope, receive, send)

    def refusal(self, headers: Headers) -> Response | None:
        """Return the answer for who may not enter, None for who may."""
        origin = headers.get("origin")
        if origin is not None and origin.lower() not in self.origins:
            return _refuse(403, f"origin {origin[:200]} may not use this server: --allow-origin")
        if self.hosts and headers.get("host", "").lower() not in self.hosts:
            return _refuse(421, "this server is not called by that name")
        given = headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {self.token}".encode()):
            return _refuse(401, "give the token: Authorization: Bearer <token>")
        return None


def _refuse(status: int, error: str) -> Response:
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    body = msgspec.json.encode({"error": error})
    return Response(body, status, headers, media_type="application/json")


def listen(host: str, port: int) -> socket.socket:
    """Open the port; port 0 lets the system choose one.

    Raises:
        AddressInUse: somebody else has it, or it is none of this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        raise AddressInUse(f"cannot listen on {host}:{port}: {error.strerror}") from error


def names_of(host: str, port: int) -> frozenset[str]:
    """Return what a server at this address is called by: on loopback its names, else any."""
    if host in ("127.0.0.1", "::1", "localhost"):
        return frozenset(f"{name}:{port}" for name in _NAMES)
    return frozenset()


async def serve_http(
    toolbox: Toolbox, listener: socket.socket, token: str, origins: Iterable[str] = ()
) -> None:
    """Serve clients at PATH of an open port until the process is told to end."""
    host, port = listener.getsockname()[:2]
    hosts = names_of(host, port)
    manager = StreamableHTTPSessionManager(
        server_of(toolbox), max_request_body_size=MAX_BODY_BYTES, max_sessions=1_000
    )
    own = frozenset(f"http://{name}" for name in hosts)
    guard = Guard(manager, token, hosts, own | {one.lower().rstrip("/") for one in origins})

    @contextlib.asynccontextmanager
    async def live(_: Starlette) -> AsyncGenerator[None]:
        async with manager.run():
            yield

    routes = [Route(path, endpoint=guard) for path in (PATH, PATH + "/")]
    config = uvicorn.Config(
        Starlette(routes=routes, lifespan=live),
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    await uvicorn.Server(config).serve(sockets=[listener])
