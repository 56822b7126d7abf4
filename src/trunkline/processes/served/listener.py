"""The HTTP address of the process, and the server behind it."""

import socket

import uvicorn

from trunkline.engines.http.server import HttpServer
from trunkline.runtime.settings import HostPort, Settings
from trunkline.values.errors import TrunklineError

BACKLOG = 2_048
STOP_TIMEOUT_S = 10


class AddressInUse(TrunklineError):
    """The HTTP address cannot be listened on."""


def listen(http: HostPort) -> socket.socket:
    """Take the address; raises AddressInUse."""
    family = socket.AF_INET6 if ":" in http.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((http.host, http.port))
    except OSError as error:
        listener.close()
        raise AddressInUse(
            f"cannot listen on {http}: {error.strerror}; choose another address (TRUNKLINE_HTTP)"
        ) from error
    listener.listen(BACKLOG)
    return listener


def url_of(listener: socket.socket) -> str:
    """Return where this machine reaches it."""
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def server_of(settings: Settings, app: object) -> HttpServer:
    """Make the server of an ASGI application."""
    proxies = settings.trusted_proxies
    config = uvicorn.Config(
        app,  # pyright: ignore[reportArgumentType]
        http="httptools",
        ws="none",
        loop="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies or None,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=STOP_TIMEOUT_S,
        backlog=BACKLOG,
    )
    return HttpServer(config)
