"""Reading an absolute URL once, into the pieces that go on the wire."""

from base64 import b64encode
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

from trunkline.engines.http.errors import InvalidUrl

MAX_URL_CHARS = 32_768
_DEFAULT_PORTS = {"http": 80, "https": 443}
# Everything a URL may hold unescaped (RFC 3986 2), and "%": what is escaped stays as it is.
_SAFE = "!#$%&'()*+,/:;=?@[]~"


class Origin(NamedTuple):
    """Where connections are shared: scheme, lower-case host without brackets, port."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Url:
    """An absolute http(s) URL, percent-encoded ASCII, without fragment and credentials."""

    text: str
    base: str  # scheme, authority and path: what signatures cover
    origin: Origin
    authority: str  # as written, case and port kept: what goes into Host
    query: str | None
    credentials: bytes | None  # the Authorization value made of `user:password@`
    wire: bytes  # from the space after the method to the end of the Host line

    def __str__(self) -> str:
        return self.text

    def with_query(self, more: str) -> "Url":
        """Return the URL with an encoded query appended to the one it has."""
        if not more:
            return self
        query = f"{self.query}&{more}" if self.query else more
        return replace(
            self,
            text=f"{self.base}?{query}",
            query=query,
            wire=_wire(self.authority, self.base, query),
        )


@lru_cache(maxsize=4_096)
def parse_url(text: str) -> Url:
    """Read an absolute URL; raises InvalidUrl."""
    if len(text) > MAX_URL_CHARS:
        raise InvalidUrl(f"The URL is longer than {MAX_URL_CHARS} characters.")
    if any(char < " " or char == "\x7f" for char in text):
        raise InvalidUrl("The URL holds control characters.")  # request splitting
    try:
        parts = urlsplit(text.strip(" "))
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise InvalidUrl(f"The URL cannot be read: {error}.") from None
    if parts.scheme not in _DEFAULT_PORTS:
        raise InvalidUrl("The URL must begin with http:// or https://.")
    if not host:
        raise InvalidUrl("The URL names no host.")
    userinfo, _, authority = parts.netloc.rpartition("@")
    if not authority.isascii():
        host = _idna(host)
        authority = host if port is None else f"{host}:{port}"
    if set(authority) & set(' "<>\\^`{|}%/'):
        raise InvalidUrl("The host name of the URL holds characters that no host name has.")
    base = f"{parts.scheme}://{authority}{quote(parts.path, safe=_SAFE)}"
    query = quote(parts.query, safe=_SAFE) if parts.query or "?" in text.partition("#")[0] else None
    return Url(
        text=base if query is None else f"{base}?{query}",
        base=base,
        origin=Origin(parts.scheme, host, port or _DEFAULT_PORTS[parts.scheme]),
        authority=authority,
        query=query,
        credentials=_basic(userinfo) if userinfo else None,
        wire=_wire(authority, base, query),
    )


def _wire(authority: str, base: str, query: str | None) -> bytes:
    target = base[base.index("://") + 3 + len(authority) :] or "/"
    if query is not None:
        target = f"{target}?{query}"
    return f" {target} HTTP/1.1\r\nHost: {authority}\r\n".encode("ascii")


def _idna(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        raise InvalidUrl("The host name of the URL cannot be encoded.") from None


def _basic(userinfo: str) -> bytes:
    return b"Basic " + b64encode(unquote(userinfo).encode())
