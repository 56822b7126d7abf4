"""Checks of calls: listeners, certificate, ports of audio, and that trunks have an address."""

import asyncio
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

from trunkline.cli.doctor.findings import Finding
from trunkline.engines.sip.transport import is_address
from trunkline.engines.sip.transport.services import Services
from trunkline.processes.voice import sip
from trunkline.runtime.settings import HostPort, Settings, SipTrunk

SAMPLES = 8  # pairs of audio ports that are tried, spread over the range
PORTS_A_LEG = 2


def check_calls(settings: Settings) -> Iterator[Finding]:
    """Look at what calls need; without a listener they are served in local mode only."""
    listeners = (
        ("sip.udp", settings.sip_udp, socket.SOCK_DGRAM),
        ("sip.tcp", settings.sip_tcp, socket.SOCK_STREAM),
        ("sip.tls", settings.sip_tls, socket.SOCK_STREAM),
    )
    given = [(key, at, kind) for key, at, kind in listeners if at is not None]
    if not given:
        if settings.trunks:
            mend = "Set sip.udp (or sip.tcp, sip.tls) to the address that trunks reach."
            yield Finding.warning("calls", "have trunks and no listener", mend)
        return
    for key, at, kind in given:
        yield _listener(key, at, kind)
    if settings.sip_tls is not None:
        yield _certificate(settings)
    if settings.sip_authority is not None:
        yield _authority(settings.sip_authority)
    yield _audio(settings, given[0][1])
    for trunk in settings.trunks:
        yield _trunk(trunk)
    if settings.trunks and not settings.call_countries:
        mend = "Set voice.countries to those that may be called."
        yield Finding.warning("voice.countries", "bars all calls by trunks", mend)


def _listener(key: str, at: HostPort, kind: socket.SocketKind) -> Finding:
    what = f"{key} {at}"
    refused = _refusal(at, kind)
    if refused is None:
        return Finding.fine(what, "free")
    mend = f"If it is not a running Trunkline: stop what uses it, or choose another for {key}."
    return Finding.warning(what, refused, mend)


def _certificate(settings: Settings) -> Finding:
    what = f"sip.certificate {settings.sip_certificate}"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(settings.sip_certificate or "", settings.sip_key)
    except (OSError, ssl.SSLError) as error:
        mend = "Give it a certificate and its own private key as PEM files, readable by the user."
        return Finding.failure(what, str(error), mend)
    return Finding.fine(what, "fits its key")


def _authority(path: Path) -> Finding:
    what = f"sip.authority {path}"
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except (OSError, ssl.SSLError) as error:
        mend = "Give it the carrier's authorities as a PEM file, readable by the user."
        return Finding.failure(what, str(error), mend)
    return Finding.fine(what, "is believed besides the system's")


def _audio(settings: Settings, first: HostPort) -> Finding:
    host = settings.media_address or first.host
    legs = (settings.rtp_last_port + 1 - settings.rtp_first_port) // PORTS_A_LEG
    what = f"audio at {host}, ports {settings.rtp_first_port} to {settings.rtp_last_port}"
    if host in sip.EVERYWHERE and not settings.sip_public_address:
        mend = "Set voice.media_address, or sip.public_address to what peers reach."
        return Finding.failure(what, "has no address that peers can be told", mend)
    step = max(PORTS_A_LEG, (settings.rtp_last_port - settings.rtp_first_port) // SAMPLES)
    for port in range(settings.rtp_first_port, settings.rtp_last_port, step):
        refused = _refusal(HostPort(host, port), socket.SOCK_DGRAM)
        if refused is not None:
            mend = "Choose a range that nothing else uses, and an address of this machine."
            return Finding.warning(what, f"port {port}: {refused}", mend)
    return Finding.fine(what, f"room for {legs} legs")


def _trunk(trunk: SipTrunk) -> Finding:
    what = f"trunk {trunk.name} at {trunk.host}"
    servers = asyncio.run(_servers(trunk))
    if servers:
        return Finding.fine(what, f"is served at {', '.join(servers)}")
    try:
        found = socket.getaddrinfo(trunk.host, trunk.port or None, type=socket.SOCK_DGRAM)
    except OSError as error:
        return Finding.failure(what, str(error), "Check the host, and the machine's name servers.")
    return Finding.fine(what, f"is {found[0][4][0]}")


async def _servers(trunk: SipTrunk) -> list[str]:
    if trunk.port or is_address(trunk.host):
        return []
    found = await Services(asyncio.get_running_loop()).of(trunk.host, trunk.transport)
    return [f"{one.target}:{one.port}" for one in found]


def _refusal(at: HostPort, kind: socket.SocketKind) -> str | None:
    family = socket.AF_INET6 if ":" in at.host else socket.AF_INET
    try:
        with socket.socket(family, kind) as probe:
            probe.bind(at)
    except OSError as error:
        return error.strerror or str(error)
    return None
