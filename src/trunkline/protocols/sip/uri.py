"""SIP, SIPS and tel URIs (RFC 3261 19.1, RFC 3966)."""

import re
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import quote, unquote

from trunkline.protocols.sip.errors import Malformed
from trunkline.protocols.sip.grammar import (
    NO_PARAMS,
    Params,
    is_token,
    parse_host_port,
    parse_params,
    write_params,
)

_USER_SAFE: Final = "-_.!~*'()&=+$,;?/"  # RFC 3261 25.1 unreserved and user-unreserved
_KEPT_LENGTH: Final = 128
_SEPARATORS: Final = str.maketrans("", "", "-.()")
_NUMBER: Final = re.compile(r"\+?[0-9]+")
_COMPARED: Final = frozenset({"user", "ttl", "method", "maddr", "transport"})  # RFC 3261 19.1.4


class Uri(NamedTuple):
    """A URI in its parts.

    `user` is as on the wire, escapes kept (see `username`); for tel it is the number. Other
    schemes than sip, sips and tel keep everything after the colon in `user` and have no host.
    """

    scheme: str
    user: str = ""
    host: str = ""
    port: int | None = None
    params: Params = NO_PARAMS
    headers: str = ""
    password: str = ""

    @property
    def username(self) -> str:
        """The user with its escapes taken off."""
        return unquote(self.user)

    @property
    def number(self) -> str:
        """The user; if that is a telephone number, without its parameters and separators.

        RFC 3261 19.1.6 and RFC 3966 3: `+1-415-555-0100;npdi;rn=+14155550000` is +14155550100.
        """
        username = self.username
        is_phone = self.scheme == "tel" or "user" in self.params or username.startswith("+")
        digits = username.partition(";")[0]
        if is_phone:
            digits = digits.translate(_SEPARATORS)
        return digits if _NUMBER.fullmatch(digits) else username

    @property
    def is_sip(self) -> bool:
        return self.scheme in ("sip", "sips")

    @property
    def transport(self) -> str | None:
        """The transport parameter in lower case, if there is one."""
        value = self.params.get("transport")
        return value.lower() if value else None

    @property
    def address(self) -> str:
        """The address-of-record: scheme, user and host, without the rest (RFC 3261 10.3 step 5)."""
        return f"{self.scheme}:{escape_user(self.username)}@{self.host.lower()}"

    def without(self, *params: str) -> "Uri":
        """Give the URI less these parameters and the headers."""
        kept = {name: value for name, value in self.params.items() if name not in params}
        return self._replace(params=kept, headers="")

    def same_as(self, other: "Uri") -> bool:
        """Compare as RFC 3261 19.1.4 says: not by text."""
        if (self.scheme, self.username, self.port) != (other.scheme, other.username, other.port):
            return False
        if self.password != other.password or self.host.lower() != other.host.lower():
            return False
        mine, theirs = self.params, other.params
        for name in (mine.keys() & theirs.keys()) | {
            n for n in _COMPARED if n in mine or n in theirs
        }:
            a, b = mine.get(name), theirs.get(name)
            if (name in mine) != (name in theirs) or (a or "").lower() != (b or "").lower():
                return False
        return self.headers == other.headers

    def __str__(self) -> str:
        if not self.is_sip:
            return f"{self.scheme}:{self.user}{write_params(self.params)}"
        password = f":{self.password}" if self.password else ""
        at = f"{self.user}{password}@" if self.user or password else ""
        port = "" if self.port is None else f":{self.port}"
        headers = f"?{self.headers}" if self.headers else ""
        return f"{self.scheme}:{at}{self.host}{port}{write_params(self.params)}{headers}"


def parse_uri(text: str) -> Uri:
    """Read a URI; Malformed when it has spaces, brackets, no scheme.

    Or no host where one is due.
    """
    # One call names the same few again and again; long ones would let a peer fill the memory.
    return _parse_kept(text) if len(text) <= _KEPT_LENGTH else _parse(text)


def _parse(text: str) -> Uri:
    scheme, colon, rest = text.partition(":")
    if not colon or not is_token(scheme):
        raise Malformed("a URI has no scheme")
    if any(char in text for char in ' <>"\t\r\n'):
        raise Malformed("a URI has spaces or brackets in it")
    scheme = scheme.lower()
    if scheme == "tel":
        number, _, params = rest.partition(";")
        return Uri(scheme, number, params=parse_params(params))
    if scheme not in ("sip", "sips"):
        return Uri(scheme, rest)
    # The user may hold ? and ; so what follows the last @ is cut off first (RFC 4475 3.1.1.2).
    userinfo, _, hostpart = rest.rpartition("@")
    hostpart, _, headers = hostpart.partition("?")
    hostport, _, params = hostpart.partition(";")
    host, port = parse_host_port(hostport)
    user, _, password = userinfo.partition(":")
    return Uri(scheme, user, host, port, parse_params(params), headers, password)


_parse_kept = lru_cache(maxsize=4096)(_parse)


def escape_user(text: str) -> str:
    """Escape what may not stand in the user part of a URI; octets that are no UTF-8 as they are."""
    return quote(text, safe=_USER_SAFE, errors="surrogateescape")
