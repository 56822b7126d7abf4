"""Settings of SIP → the engine's configuration: listeners, trunks, registrations."""

import contextlib
import socket
import ssl
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from trunkline.engines.sip import AgentConfig, Listener, Trunk, TrunkRegistration
from trunkline.engines.sip.transport import TransportName, bracketed, is_address
from trunkline.messaging.carriers.routes import Route
from trunkline.protocols.sip import Malformed, Uri, parse_uri
from trunkline.protocols.sip.digest import Credentials
from trunkline.runtime.settings import HostPort, Settings, SipTrunk
from trunkline.values.errors import TrunklineError
from trunkline.voice.switch.routes import TrunkWay
from trunkline.voice.trunks import TrunkLimits

SIMULATOR = "simulator"
LOCAL = HostPort("127.0.0.1", 5060)
_PORTS = {"udp": 5060, "tcp": 5060, "tls": 5061}
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - compared, not bound


class CannotServeCalls(TrunklineError):
    """The settings of SIP cannot be used; the text says how to mend it."""


def listens(settings: Settings, *, local: bool) -> bool:
    """Whether calls are served at all."""
    return local or bool(settings.sip_udp or settings.sip_tcp or settings.sip_tls)


def listeners(settings: Settings) -> tuple[Listener, ...]:
    """Return where SIP is listened on; none is set: the local address, by UDP and TCP.

    Raises:
        CannotServeCalls: the certificate cannot be read.
    """
    given: tuple[tuple[TransportName, HostPort | None], ...] = (
        ("udp", settings.sip_udp),
        ("tcp", settings.sip_tcp),
        ("tls", settings.sip_tls),
    )
    found = [
        Listener(name, at.host, at.port, _server_tls(settings) if name == "tls" else None)
        for name, at in given
        if at is not None
    ]
    if found:
        return tuple(found)
    port = LOCAL.port if _is_free(LOCAL) else 0
    return (Listener("udp", LOCAL.host, port), Listener("tcp", LOCAL.host, port))


def listened_at(listener: Listener, port: int) -> str:
    """Write where SIP is found as URIs have it: `host:port`."""
    return str(HostPort(listener.host, port))


def agent_config(settings: Settings, found: tuple[Listener, ...], *, local: bool) -> AgentConfig:
    """Describe the user agent. On a developer's machine strangers may prove who they are.

    Raises:
        CannotServeCalls: the authorities cannot be read.
    """
    speaks_tls = any("tls" in (one.transport for one in ends) for ends in (found, settings.trunks))
    return AgentConfig(
        listeners=found,
        advertise=settings.sip_public_address or None,
        realm=settings.sip_domain,
        max_calls=settings.most_calls * 2,  # a call may have two legs
        challenge_strangers=local,
        client_tls=_client_tls(settings) if speaks_tls else None,
    )


def media_address(settings: Settings, found: tuple[Listener, ...]) -> str:
    """Return the address that audio is sent from and received at."""
    return settings.media_address or found[0].host


def advertised(settings: Settings, found: tuple[Listener, ...]) -> str:
    """Return the address that peers are told for audio.

    Raises:
        CannotServeCalls: none can be told.
    """
    address = settings.sip_public_address or media_address(settings, found)
    if address in EVERYWHERE:
        raise CannotServeCalls(
            f"peers cannot be told to send audio to {address}: set voice.media_address to an"
            " address of this machine, or sip.public_address to the one it is reached by"
        )
    return address


# --- trunks --------------------------------------------------------------------------------------


def ways(settings: Settings, simulator_port: int) -> dict[str, TrunkWay]:
    """Return the ways out, the simulator's with its port (0: there is none)."""
    found = {
        trunk.name: TrunkWay(
            name=trunk.name,
            host=trunk.host,
            port=_port(trunk),
            transport=trunk.transport,
            username=trunk.username,
            password=trunk.password,
            plus=trunk.plus,
            caller_plus=trunk.caller_plus,
            prefix=trunk.prefix,
        )
        for trunk in settings.trunks
    }
    if simulator_port:
        found[SIMULATOR] = TrunkWay(SIMULATOR, "127.0.0.1", simulator_port)
    return found


def routes(settings: Settings, *, simulated: bool) -> list[Route]:
    """List the routes; a trunk without any takes everything, the simulator what is left."""
    found = [
        Route(
            trunk.name,
            prefixes=tuple(prefix.removeprefix("+") for prefix in route.prefixes),
            countries=frozenset(country.upper() for country in route.countries),
            senders=frozenset(sender.removeprefix("+") for sender in route.senders),
            weight=route.weight,
            priority=route.priority,
            type="call",
        )
        for trunk in settings.trunks
        for route in trunk.routes
    ]
    found += [Route(trunk.name, type="call") for trunk in settings.trunks if not trunk.routes]
    if simulated:
        found.append(Route(SIMULATOR, fallback=True, type="call"))
    return found


def limits(settings: Settings) -> dict[str, TrunkLimits]:
    """Return what each trunk may take."""
    return {
        trunk.name: TrunkLimits(trunk.max_calls, trunk.calls_per_second)
        for trunk in settings.trunks
    }


def delivering(settings: Settings) -> Iterator[Trunk]:
    """Give the trunks that are known without looking names up: those with `networks`."""
    for trunk in settings.trunks:
        if trunk.networks:
            networks = tuple(str(network) for network in trunk.networks)
            yield Trunk(trunk.name, networks, credentials=_credentials(trunk))


def peers(settings: Settings, servers: Mapping[str, Collection[str]]) -> Iterator[Trunk]:
    """Give the addresses that trunks deliver calls from; looks names up, so it may block.

    `servers` are the addresses of the servers of trunks that are domains. Where a trunk is called
    but delivers nothing from, it may ask whether we are there.
    """
    for trunk in settings.trunks:
        called = tuple(sorted({*_addresses(trunk), *servers.get(trunk.name, ())}))
        networks = tuple(str(network) for network in trunk.networks)
        if networks or called:
            yield Trunk(trunk.name, networks or called, credentials=_credentials(trunk))
        if networks and called:
            yield Trunk(trunk.name, called, only_asks=True)


def registrations(settings: Settings) -> dict[str, TrunkRegistration]:
    """Return where we register, by the trunk's name."""
    return {
        trunk.name: TrunkRegistration(
            registrar=f"sip:{_place(trunk)}",
            address=f"sip:{trunk.username}@{bracketed(trunk.host)}",
            credentials=_credentials(trunk),
        )
        for trunk in settings.trunks
        if trunk.register
    }


def _credentials(trunk: SipTrunk) -> Credentials | None:
    return Credentials(trunk.username, trunk.password) if trunk.username else None


def _port(trunk: SipTrunk) -> int:
    """The port; 0: the host is a domain, whose servers are asked for."""
    return trunk.port or (_PORTS[trunk.transport] if is_address(trunk.host) else 0)


def _place(trunk: SipTrunk) -> str:
    port = _port(trunk)
    place = f"{bracketed(trunk.host)}:{port}" if port else trunk.host
    return place if trunk.transport == "udp" else f"{place};transport={trunk.transport}"


def domains(settings: Settings) -> Iterator[tuple[str, Uri]]:
    """Give the trunks whose servers are asked for, and what to ask with."""
    for trunk in settings.trunks:
        if not _port(trunk):
            with contextlib.suppress(Malformed):
                yield trunk.name, parse_uri(f"sip:{_place(trunk)}")


def _addresses(trunk: SipTrunk) -> list[str]:
    if is_address(trunk.host):
        return [trunk.host]
    try:
        found = socket.getaddrinfo(trunk.host, None, type=socket.SOCK_DGRAM)
    except OSError:
        return []  # asked again before long
    return sorted({str(each[4][0]) for each in found})


def _server_tls(settings: Settings) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate, key = settings.sip_certificate or Path(), settings.sip_key or Path()
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise CannotServeCalls(
            f"sip.tls cannot be served with {certificate} and {key}: {error};"
            " give it a certificate and its key as PEM files"
        ) from error
    return context


def _client_tls(settings: Settings) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if settings.sip_authority is not None:
        try:
            context.load_verify_locations(settings.sip_authority)
        except (OSError, ssl.SSLError) as error:
            raise CannotServeCalls(
                f"sip.authority {settings.sip_authority} cannot be read: {error};"
                " give it a PEM file of certificates"
            ) from error
    return context


def _is_free(at: HostPort) -> bool:
    """Whether a port is free for UDP and TCP."""
    with contextlib.ExitStack() as stack:
        for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
            probe = stack.enter_context(socket.socket(socket.AF_INET, kind))
            try:
                probe.bind(at)
            except OSError:
                return False
    return True
