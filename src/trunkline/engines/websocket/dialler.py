"""Opens WebSockets: resolve, check the address, connect to just that one, upgrade."""

import asyncio
import socket
import ssl
from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Final

from picows import (
    WSAutoPingStrategy,
    WSError,
    WSHandshakeError,
    ws_connect,  # pyright: ignore[reportUnknownVariableType]
)

from trunkline.engines.http.connect import Connector, trust
from trunkline.engines.http.errors import Blocked, HttpError, InvalidUrl
from trunkline.engines.http.guard import AddressPolicy
from trunkline.engines.http.resolve import Lookup, Resolver, system_lookup
from trunkline.engines.http.url import Url, parse_url
from trunkline.engines.websocket.errors import NotOpened, UpgradeRefused
from trunkline.engines.websocket.socket import MOST_MESSAGE, WebSocket

_SCHEMES: Final = {"ws": "http", "wss": "https"}
_PING_S: Final = 20.0  # of silence; then the peer is asked whether it lives
_PONG_S: Final = 10.0
_RESOLVED_S: Final = 30.0
_RESOLVED_NAMES: Final = 1_000


class Dialler:
    """Made inside a running event loop.

    `policy` says which addresses may be connected to.
    """

    def __init__(
        self,
        policy: AddressPolicy,
        *,
        extra_ca_file: Path | None = None,
        lookup: Lookup = system_lookup,
    ) -> None:
        self._extra_ca_file = extra_ca_file
        self._resolver = Resolver(lookup, keep_s=_RESOLVED_S, most=_RESOLVED_NAMES)
        self._connector = Connector(policy, self._resolver, extra_ca_file)

    def check(self, url: str) -> Url:
        """Return the URL as it is connected to.

        Raises:
            NotOpened: it is no URL of a WebSocket, or one that is not allowed.
        """
        scheme, colon, rest = url.strip().partition(":")
        if scheme.lower() not in _SCHEMES or not colon:
            raise NotOpened("The URL must begin with ws:// or wss://.", lasting=True)
        try:
            return parse_url(f"{_SCHEMES[scheme.lower()]}:{rest}")
        except InvalidUrl as error:
            raise NotOpened(_spoken(str(error)), lasting=True) from None

    async def open(
        self, url: str, headers: Sequence[tuple[str, str]] = (), *, timeout_s: float = 5.0
    ) -> WebSocket:
        """Connect and upgrade; redirects are not followed.

        Raises:
            NotOpened: it cannot be reached, is forbidden, or is no WebSocket; UpgradeRefused.
        """
        target = self.check(url)
        try:
            async with asyncio.timeout(timeout_s):
                return await self._open(target, headers)
        except TimeoutError:
            raise NotOpened(_spoken(f"No WebSocket at {target.origin} in time.")) from None
        except WSHandshakeError as error:
            status = int(error.response.status) if error.response is not None else 0
            if status in (0, HTTPStatus.SWITCHING_PROTOCOLS):  # RFC 6455 4.1: not as it must be
                raise NotOpened(_spoken(f"There is no WebSocket at {target.base}.")) from None
            text = f"The server answered the upgrade with {status}."
            raise UpgradeRefused(text, status) from None
        except ssl.SSLCertVerificationError as error:
            text = f"The certificate of {target.origin} is not trusted: {error.verify_message}."
            raise NotOpened(_spoken(text)) from None
        except HttpError as error:
            raise NotOpened(_spoken(str(error)), lasting=isinstance(error, Blocked)) from None
        except (OSError, WSError) as error:
            raise NotOpened(_spoken(f"No connection to {target.origin}: {error}.")) from None

    async def close(self) -> None:
        """Stop looking names up; open WebSockets stay."""
        await self._resolver.close()

    async def _open(self, target: Url, headers: Sequence[tuple[str, str]]) -> WebSocket:
        addresses = await self._connector.check(target.origin)
        more = [("Authorization", target.credentials.decode())] if target.credentials else []

        async def connected(_url: object) -> socket.socket:
            return await _connect(addresses, target.origin.port)

        _, listener = await ws_connect(
            WebSocket,
            f"ws{target.text.removeprefix('http')}",
            ssl_context=trust(self._extra_ca_file) if target.origin.scheme == "https" else None,
            websocket_handshake_timeout=None,  # the whole has one
            enable_auto_ping=True,
            auto_ping_idle_timeout=_PING_S,
            auto_ping_reply_timeout=_PONG_S,
            auto_ping_strategy=WSAutoPingStrategy.PING_WHEN_IDLE,
            max_frame_size=MOST_MESSAGE,
            extra_headers=[*headers, *more],
            max_redirects=0,
            socket_factory=connected,
            server_hostname=target.origin.host if target.origin.scheme == "https" else None,
        )
        if not isinstance(listener, WebSocket):
            raise NotOpened("The WebSocket was not opened.")
        return listener


def _spoken(text: str) -> str:
    """Name URLs as whoever gave them wrote them."""
    for ours, theirs in _SCHEMES.items():
        text = text.replace(f"{theirs}:", f"{ours}:")
    return text


async def _connect(addresses: Sequence[str], port: int) -> socket.socket:
    """Return a socket that is connected to the first address that takes it. Raises OSError."""
    loop = asyncio.get_running_loop()
    error: OSError = OSError("there is no address")
    for address in addresses:
        raw = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
        raw.setblocking(False)
        try:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await loop.sock_connect(raw, (address, port))
        except OSError as failure:
            raw.close()
            error = failure
        except BaseException:
            raw.close()
            raise
        else:
            return raw
    raise error
