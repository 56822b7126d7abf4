"""Ways to numbers, phones and addresses: what the switch's router is in a real process."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from trunkline.engines.http.guard import AddressPolicy
from trunkline.engines.sip import Binding, Hop
from trunkline.engines.sip.transport.hop import bracketed, canonical, is_address, place_of
from trunkline.protocols.sip import Malformed, Uri, escape_user, parse_uri
from trunkline.protocols.sip.digest import Credentials
from trunkline.voice.causes import CAUSES, INVALID_DESTINATION, NOT_REGISTERED
from trunkline.voice.switch.ports import Target, Way
from trunkline.voice.telephony import Destination, Refused

_NO_ROUTE: Final = CAUSES[5020]


@dataclass(frozen=True, slots=True)
class TrunkWay:
    """A carrier's SIP trunk. `plus` writes numbers with "+"; `prefix` stands before the called.

    Port 0: `host` is a domain, whose servers are asked for.
    """

    name: str
    host: str
    port: int = 5060
    transport: Literal["udp", "tcp", "tls"] = "udp"
    username: str = ""
    password: str = field(default="", repr=False)
    plus: bool = True
    caller_plus: bool = True
    prefix: str = ""

    @property
    def place(self) -> str:
        """What stands behind the @ of its URIs."""
        host = bracketed(self.host)
        return f"{host}:{self.port}" if self.port else host


Reach = Callable[[Uri], Awaitable[Sequence[Hop]]]
"""Where a URI leads, in the order to try it."""


class Routes:
    """Routes by what the address is.

    Numbers go to the trunks that `trunks` names for them, in that order; addresses at one of
    `domains` to all contacts of that phone; other SIP addresses directly, if `policy` permits where
    they lead. Callers are shown at the first of `domains`.
    """

    def __init__(
        self,
        domains: Sequence[str],
        contacts: Callable[[str], Sequence[Binding]],
        trunks: Callable[[Destination], Sequence[TrunkWay]],
        policy: AddressPolicy,
        reach: Reach,
    ) -> None:
        self._domain = domains[0]
        self._domains = frozenset(domain.lower() for domain in domains)
        self._contacts = contacts
        self._trunks = trunks
        self._policy = policy
        self._reach = reach

    async def ways(self, destination: Destination) -> Sequence[Way]:
        """Return the ways, the preferred first; see the port."""
        address = destination.address
        if not address.lower().startswith(("sip:", "sips:")):
            return await self._by_trunk(destination)
        try:
            uri = parse_uri(address)
        except Malformed as malformed:
            raise Refused(f"{address}: {malformed.reason}", INVALID_DESTINATION) from malformed
        if uri.host.lower() in self._domains:
            return [self._to_phone(destination, uri)]
        return await self._direct(destination, uri)

    async def _by_trunk(self, destination: Destination) -> Sequence[Way]:
        number = destination.address.removeprefix("+")
        if not (number.isascii() and number.isdigit()):
            raise Refused(f"{destination.address} is no number", INVALID_DESTINATION)
        ways: list[Way] = []
        for trunk in self._trunks(destination):
            target = self._on_trunk(destination, number, trunk)
            ways += [Way(trunk.name, (one,)) for one in await self._servers(trunk, target)]
        if not ways:
            raise Refused(f"no trunk leads to {number}", _NO_ROUTE)
        return ways

    async def _servers(self, trunk: TrunkWay, target: Target) -> list[Target]:
        """One target for each server of a trunk's domain: when one is out the next is tried.

        Of a single server the user agent finds the address.
        """
        if trunk.port or is_address(trunk.host):
            return [target]
        hops = await self._reach(parse_uri(target.uri))
        return [replace(target, hop=hop) for hop in hops] or [target]

    def _on_trunk(self, destination: Destination, number: str, trunk: TrunkWay) -> Target:
        transport = "" if trunk.transport == "udp" else f";transport={trunk.transport}"
        called = f"{'+' if trunk.plus else ''}{trunk.prefix}{number}"
        caller = destination.caller_id.removeprefix("+")
        if caller.isdigit() and trunk.caller_plus:
            caller = f"+{caller}"
        there = Hop(trunk.transport, canonical(trunk.host), trunk.port)
        return Target(
            uri=f"sip:{called}@{trunk.place}{transport}",
            caller=self._shown(caller),
            caller_name=destination.caller_name,
            hop=there if is_address(trunk.host) else None,
            credentials=Credentials(trunk.username, trunk.password) if trunk.username else None,
            headers=tuple(destination.headers.items()),
        )

    def _to_phone(self, destination: Destination, uri: Uri) -> Way:
        bindings = self._contacts(uri.username)
        if not bindings:
            raise Refused(f"{uri.username} is not registered", NOT_REGISTERED)
        targets = [self._target(destination, one.contact, one.hop) for one in bindings]
        return Way(uri.username, tuple(targets))

    async def _direct(self, destination: Destination, uri: Uri) -> Sequence[Way]:
        """An address elsewhere: looked up here, so that what is checked is what is called.

        One way for each server of its domain: when one is out the next is tried.
        """
        transport, host, port = place_of(uri)
        if is_address(host):
            hops: Sequence[Hop] = (Hop(transport, host, port),)
        else:
            hops = await self._reach(uri)
        if not hops:
            raise Refused(f"{host} has no address", _NO_ROUTE)
        permitted = [hop for hop in hops if self._policy.permits(hop.host)]
        if not permitted:
            raise Refused(f"{host} is in a network that is not called", _NO_ROUTE)
        plain = str(uri.without("maddr"))
        return [Way(host, (self._target(destination, plain, hop),)) for hop in permitted]

    def _target(self, destination: Destination, uri: str, hop: Hop) -> Target:
        username, password = destination.auth_username, destination.auth_password
        return Target(
            uri=uri,
            caller=self._shown(destination.caller_id),
            caller_name=destination.caller_name,
            hop=hop,
            credentials=Credentials(username, password) if username else None,
            headers=tuple(destination.headers.items()),
        )

    def _shown(self, caller: str) -> str:
        """The URI of From."""
        if caller.lower().startswith(("sip:", "sips:")):
            return caller
        return f"sip:{escape_user(caller or 'anonymous')}@{self._domain}"
