"""Which addresses calls are taken from."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field

from trunkline.protocols.sip.digest import Credentials

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Trunk:
    """A peer that may deliver calls.

    `networks` are addresses or networks it sends from. With `challenge` its INVITEs have to carry
    a digest as well. One that `only_asks` delivers none: it is told by OPTIONS that we are there.
    `credentials` are what it knows us by, should it ask who ends a call of its own.
    """

    name: str
    networks: tuple[str, ...]
    challenge: bool = False
    only_asks: bool = False
    credentials: Credentials | None = field(default=None, repr=False, compare=False)


class TrunkTable:
    """Finds the trunk of an address: one that delivers calls, then by the longest prefix."""

    def __init__(self, trunks: Iterable[Trunk] = ()) -> None:
        self._networks: list[tuple[Network, Trunk]] = []
        self._found: dict[str, Trunk | None] = {}
        self.replace(trunks)

    def replace(self, trunks: Iterable[Trunk]) -> None:
        """Take another set of trunks; ValueError when a network is none, then the old ones stay."""
        made = [
            (ipaddress.ip_network(network, strict=False), trunk)
            for trunk in trunks
            for network in trunk.networks
        ]
        made.sort(key=lambda each: (each[1].only_asks, -each[0].prefixlen))
        self._networks = made
        self._found.clear()

    def at(self, host: str) -> Trunk | None:
        try:
            return self._found[host]
        except KeyError:
            pass
        found = self._search(host)
        if len(self._found) >= 10_000:
            self._found.clear()
        self._found[host] = found
        return found

    def _search(self, host: str) -> Trunk | None:
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return None
        mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
        address = mapped or address
        return next((trunk for network, trunk in self._networks if address in network), None)
