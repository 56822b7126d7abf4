"""The settings of one SIP trunk, a way out and in for calls."""

from dataclasses import dataclass

from trunkline.runtime.settings import parse
from trunkline.runtime.settings.carriers import CarrierRoute
from trunkline.runtime.settings.declare import REQUIRED, setting, tables
from trunkline.runtime.settings.parse import Network, SipTransport


@dataclass(frozen=True, slots=True, kw_only=True)
class SipTrunk:
    """One carrier of calls; words are those of RFC 3261."""

    name: str = setting(
        "name", parse.string, REQUIRED, "Unique; in logs, metrics and the records of calls."
    )
    host: str = setting("host", parse.string, REQUIRED, "Name or address of the carrier's SIP.")
    port: int = setting(
        "port",
        parse.integer(0, 65535),
        0,
        "Its port; 0: the servers that `host` names in DNS (SRV), else 5060, with TLS 5061.",
    )
    transport: SipTransport = setting(
        "transport", parse.choice(SipTransport), "udp", "How it is reached."
    )
    username: str = setting("username", parse.string, "", "For digest authentication there.")
    password: str = setting("password", parse.string, "", "Its password.", secret=True)
    register: bool = setting(
        "register", parse.boolean, False, "Register there, for carriers that deliver calls so."
    )
    networks: tuple[Network, ...] = setting(
        "networks",
        parse.networks,
        (),
        "Where its calls come from. Without any, only the address of `host` may deliver calls.",
    )
    plus: bool = setting(
        "plus", parse.boolean, True, "Write the number that is called with a plus."
    )
    caller_plus: bool = setting(
        "caller_plus", parse.boolean, True, "Write the caller's number with a plus."
    )
    prefix: str = setting(
        "prefix", parse.string, "", "Digits that the carrier wants before the number called."
    )
    max_calls: int = setting(
        "max_calls", parse.integer(0, 100_000), 0, "Calls out at once; 0: no limit."
    )
    calls_per_second: float = setting(
        "calls_per_second", parse.real(0, 10_000), 0, "Calls out a second; 0: no limit."
    )
    routes: tuple[CarrierRoute, ...] = tables(
        "routes", CarrierRoute, "Which calls go to this trunk; without any route all may."
    )
