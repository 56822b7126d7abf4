"""`trunkline functions`: the package's HTTP form in front of another server."""

import asyncio
import signal
import socket
from typing import Annotated
from urllib.parse import urlsplit

import typer
import uvicorn
import uvloop

from trunkline.cli.environment import Refused, output
from trunkline.engines.http.server import HttpServer
from trunkline.functions.upstream import upstream_app
from trunkline.runtime.settings.parse import HostPort, host_port

_BACKLOG = 1024
_STOP_S = 10


def serve_functions(
    upstream: Annotated[
        str,
        typer.Option("--upstream", help="The server: https://host, before /v1."),
    ],
    http: Annotated[
        str, typer.Option("--http", help="Where to listen, host:port; port 0 is any free one.")
    ] = "127.0.0.1:8601",
) -> None:
    """Serve the package of functions at /api/Plivo, in front of a server with the Plivo API."""
    if not _is_address(upstream):
        raise Refused(f"--upstream {upstream!r}: write http:// or https://, then the host")
    try:
        listen = host_port(http)
        family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
        listener = socket.create_server(listen, family=family, backlog=_BACKLOG)
    except (ValueError, OSError) as error:
        raise Refused(f"--http {http!r}: {error}") from error
    uvloop.run(_serve(upstream, listener))


def _is_address(upstream: str) -> bool:
    try:
        parts = urlsplit(upstream)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


async def _serve(upstream: str, listener: socket.socket) -> None:
    config = uvicorn.Config(
        upstream_app(upstream),
        http="httptools",
        ws="none",
        loop="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_STOP_S,
    )
    server = HttpServer(config)
    loop = asyncio.get_running_loop()
    for one in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(one, setattr, server, "should_exit", True)
    serving = asyncio.create_task(server.serve([listener]), name="functions")
    started = asyncio.create_task(server.serving.wait(), name="functions started")
    await asyncio.wait({serving, started}, return_when=asyncio.FIRST_COMPLETED)
    if started.done():
        where = HostPort(*listener.getsockname()[:2])
        output.print(f"http://{where}/api/Plivo, by {upstream}", highlight=False, soft_wrap=True)
    started.cancel()
    await serving
