"""Requests to a proxy: their head, and what of it goes on."""

import asyncio
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from trunkline.intercept.errors import BadRequest
from trunkline.intercept.hosts import normal

MOST_HEAD_BYTES: Final = 65_536
HEAD_S: Final = 60.0

_END: Final = b"\r\n\r\n"
_PORTS: Final = {"http": 80, "https": 443}
_OURS: Final = (b"proxy-connection:", b"proxy-authorization:", b"keep-alive:", b"connection:")


@dataclass(frozen=True, slots=True)
class Head:
    """`scheme` is connect for tunnels, http or https for absolute addresses, "" for a bare path."""

    method: str
    scheme: str
    host: str
    port: int
    octets: bytes

    def with_line(self, line: bytes) -> bytes:
        """Return it as another proxy gets it: with a line of ours, as its connection's last."""
        lines = self.octets.removesuffix(_END).split(b"\r\n")
        kept = [one for one in lines[1:] if not one.lower().startswith(_OURS)]
        return b"\r\n".join([lines[0], *kept, b"Connection: close"]) + b"\r\n" + line + b"\r\n"

    def rewritten(self) -> bytes:
        """Return it as the origin server gets it (RFC 9112 3.2.1), as its connection's last."""
        lines = self.octets.removesuffix(_END).split(b"\r\n")
        upgrades = any(line.lower().startswith(b"upgrade:") for line in lines)
        ours = _OURS[:2] if upgrades else _OURS
        method, target, version = lines[0].split(b" ", 2)
        url = urlsplit(target)
        bare = (url.path or b"/") + (b"?" + url.query if url.query else b"")
        kept = [line for line in lines[1:] if not line.lower().startswith(ours)]
        closing = [] if upgrades else [b"Connection: close"]
        return b"\r\n".join([b" ".join((method, bare, version)), *kept, *closing]) + _END


async def read_head(reader: asyncio.StreamReader, said: bytes) -> tuple[bytes, bytes]:
    """Return the head, its empty line included, and what came after it.

    Raises:
        BadRequest: it is too long, or the client left before its end.
        TimeoutError: it did not come in time.
    """
    async with asyncio.timeout(HEAD_S):
        while _END not in said:
            data = await reader.read(MOST_HEAD_BYTES)
            if not data or len(said) > MOST_HEAD_BYTES:
                raise BadRequest("the head of the request is too long, or has no end")
            said += data
    head, _, rest = said.partition(_END)
    return head + _END, rest


def parse_head(octets: bytes) -> Head:
    """Tell what is asked for.

    Raises:
        BadRequest: the first line or the host is no request's.
    """
    lines = octets.decode("latin-1").split("\r\n")
    words = lines[0].split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise BadRequest("the first line is not a request of HTTP/1")
    method, target, _ = words
    scheme, authority = _where(method, target, lines[1:])
    host, port = _host_port(authority, _PORTS.get(scheme, 0))
    if scheme and not (host and port):
        raise BadRequest(f"{target!r} names no host and port")
    return Head(method, scheme, host, port, octets)


def _where(method: str, target: str, lines: list[str]) -> tuple[str, str]:
    if method == "CONNECT":
        return "connect", target
    try:
        url = urlsplit(target)
    except ValueError:
        raise BadRequest(f"{target!r} is no address") from None
    if url.scheme in _PORTS:
        return url.scheme, url.netloc.rpartition("@")[2]
    hosts = (line[5:].strip() for line in lines if line.lower().startswith("host:"))
    return "", next(hosts, "")


def _host_port(authority: str, default: int) -> tuple[str, int]:
    try:
        url = urlsplit(f"//{authority}")
        return normal(url.hostname or ""), url.port or default
    except ValueError:
        raise BadRequest(f"{authority!r} is no host and port") from None
