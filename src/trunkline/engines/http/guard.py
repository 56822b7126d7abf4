"""Where a connection may go: public addresses, and what the operator allows besides.

The check is made on the address that is then connected to, so a name that changes its answer
between check and use (DNS rebinding) gains nothing.
"""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network

# What the ipaddress attributes of Python 3.11 leave open.
_DENIED: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        "100.64.0.0/10",  # carrier-grade NAT, RFC 6598
        "192.0.0.0/24",  # protocol assignments, RFC 6890
        "192.88.99.0/24",  # 6to4 relays, RFC 7526
        "168.63.129.16/32",  # Azure's host agent, on a public address
        "2002::/16",  # 6to4 embeds any IPv4 address, RFC 3056
        "64:ff9b::/96",  # NAT64 embeds any IPv4 address, RFC 6052
        "64:ff9b:1::/48",  # RFC 8215
        "3fff::/20",  # documentation, RFC 9637
    )
)


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """Public addresses always; loopback and further networks only where switched on."""

    allow_loopback: bool = False  # local mode
    allow_networks: tuple[Network, ...] = ()

    def permits(self, address: str) -> bool:
        """Say whether a numeric address may be connected to."""
        ip = ip_address(address.partition("%")[0])
        mapped = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None
        inner = mapped or ip
        if self.allow_loopback and inner.is_loopback:
            return True
        if any(inner in network for network in self.allow_networks):
            return True
        return mapped is None and _is_public(ip)


def _is_public(ip: IPv4Address | IPv6Address) -> bool:
    if ip.is_multicast or ip.is_reserved or ip.is_private or not ip.is_global:
        return False
    if isinstance(ip, IPv6Address) and ip.is_site_local:
        return False
    return not any(ip in network for network in _DENIED)
