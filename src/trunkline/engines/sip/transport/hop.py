"""Where octets go to and come from."""

import ipaddress
from socket import AF_INET6, inet_ntop, inet_pton
from typing import Final, Literal, NamedTuple

from trunkline.protocols.sip import Uri

TransportName = Literal["udp", "tcp", "tls"]
DEFAULT_PORTS: Final[dict[TransportName, int]] = {"udp": 5060, "tcp": 5060, "tls": 5061}


class Hop(NamedTuple):
    """One address of a peer; `host` is an IP address without brackets.

    With `dial` False only a connection that the peer has opened is used, as for a phone behind NAT.
    `name` is what the address was looked up for: by TLS the peer has to prove that it is this
    (RFC 5922 7.1), or the address if there was no name.
    """

    transport: TransportName
    host: str
    port: int
    dial: bool = True
    name: str = ""

    @property
    def reliable(self) -> bool:
        return self.transport != "udp"

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.transport}:{host}:{self.port}"


def bracketed(host: str) -> str:
    """Write a host for a URI or a Via."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def is_address(host: str) -> bool:
    """Whether this is an IP address, so that nothing has to be looked up."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def canonical(host: str) -> str:
    """Write an IPv6 address as sockets do (RFC 5952); all else stays as it is."""
    try:
        return inet_ntop(AF_INET6, inet_pton(AF_INET6, host)) if ":" in host else host
    except (OSError, ValueError):  # one with a scope, or none at all
        return host


def place_of(uri: Uri) -> tuple[TransportName, str, int]:
    """Give transport, host (no brackets) and port that a URI names (RFC 3263 4, without DNS)."""
    transport: TransportName = "udp"
    if uri.scheme == "sips" or uri.transport == "tls":
        transport = "tls"
    elif uri.transport == "tcp":
        transport = "tcp"
    host = uri.params.get("maddr") or uri.host
    return transport, canonical(host.strip("[]")), uri.port or DEFAULT_PORTS[transport]
