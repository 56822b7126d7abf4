"""The way out, for all that is not Plivo's: directly, or by the proxy there was before."""

import asyncio
import base64
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from trunkline.intercept.hosts import is_plivo
from trunkline.intercept.request import HEAD_S, Head
from trunkline.intercept.streams import Wire, connect

_PROXY_PORT: Final = 8_080


@dataclass(frozen=True, slots=True)
class Outward:
    """`parent` is the proxy for tunnels, `plain` that for http, both may be empty.

    `direct` has the hosts for which neither is asked.
    """

    parent: str = ""
    direct: tuple[str, ...] = ()
    plain: str = ""

    async def tunnel(self, host: str, port: int) -> Wire:
        """Open a connection to `host` that takes any octets.

        Raises:
            OSError: there is no way, or the host is Plivo's.
        """
        _never_plivo(host)
        proxy = self._proxy_for(host, self.parent)
        if proxy is None:
            return await connect(host, port)
        wire = await _connect_proxy(proxy)
        target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        asked = f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{_credentials(proxy)}\r\n"
        wire.writer.write(asked.encode())
        try:
            async with asyncio.timeout(HEAD_S):
                answer = await wire.reader.readuntil(b"\r\n\r\n")
        except (EOFError, asyncio.LimitOverrunError):
            answer = b""
        if answer.split(b" ", 2)[1:2] != [b"200"]:
            wire.writer.close()
            raise OSError(f"the proxy {proxy.hostname} refused: {answer[:60].decode('latin-1')}")
        return wire

    async def request(self, head: Head) -> Wire:
        """Open a connection for a request with an absolute address, and send its head.

        Raises:
            OSError: there is no way, or the host is Plivo's.
        """
        _never_plivo(head.host)
        proxy = self._proxy_for(head.host, self.plain)
        if head.scheme == "http" and proxy is not None:
            wire = await _connect_proxy(proxy)
            wire.writer.write(head.with_line(_credentials(proxy).encode()))
            return wire
        wire = await connect(head.host, head.port, tls=head.scheme == "https")
        wire.writer.write(head.rewritten())
        return wire

    def _proxy_for(self, host: str, address: str) -> SplitResult | None:
        if not address or any(host == one or host.endswith("." + one) for one in self.direct):
            return None
        found = urlsplit(address if "://" in address else f"http://{address}")
        return found if found.scheme in ("http", "https") else None  # SOCKS is not spoken here


def _never_plivo(host: str) -> None:
    if is_plivo(host):  # whoever asks for this has a defect: it must not become a leak
        raise OSError(f"{host} is Plivo's: nothing goes there from local mode")


async def _connect_proxy(proxy: SplitResult) -> Wire:
    host = proxy.hostname or ""
    _never_plivo(host)
    return await connect(host, proxy.port or _PROXY_PORT, tls=proxy.scheme == "https")


def _credentials(proxy: SplitResult) -> str:
    if not proxy.username:
        return ""
    pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return f"Proxy-Authorization: Basic {base64.b64encode(pair.encode()).decode()}\r\n"
