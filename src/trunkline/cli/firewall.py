"""Which ports the settings need open, as lines for ufw and for nftables."""

import ipaddress
from dataclasses import dataclass

from trunkline.runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class Opening:
    """Ports that others must reach: tcp or udp, one or `first-last`, and what for."""

    protocol: str
    ports: str
    purpose: str


def openings(settings: Settings) -> list[Opening]:
    """List what must be reachable from other machines; loopback and port 0 are left out."""
    found = [Opening("tcp", "443", "HTTPS, at the TLS proxy in front of the API")]
    if _is_public(settings.http.host):
        found[0] = Opening("tcp", str(settings.http.port), "the API over plain HTTP")
    listeners = (
        ("udp", settings.sip_udp, "SIP over UDP"),
        ("tcp", settings.sip_tcp, "SIP over TCP"),
        ("tcp", settings.sip_tls, "SIP over TLS"),
    )
    sip = [
        Opening(protocol, str(where.port), purpose)
        for protocol, where, purpose in listeners
        if where is not None and where.port and _is_public(where.host)
    ]
    found += sip
    if sip:
        audio = f"{settings.rtp_first_port}-{settings.rtp_last_port}"
        found.append(Opening("udp", audio, "audio of calls (RTP)"))
    return found


def advice(settings: Settings) -> list[str]:
    """Write what to open, what to keep closed, and where the program itself connects to."""
    found = openings(settings)
    width = max(len(one.ports) for one in found)
    lines = ["Open in the firewall:"]
    lines += [f"  {one.ports:>{width}}/{one.protocol}  {one.purpose}" for one in found]
    lines += ["", "With ufw:"]
    lines += [f"  ufw allow {_ufw(one)} comment 'trunkline: {one.purpose}'" for one in found]
    lines += ["", "With nftables, in a table inet filter with a chain input:"]
    lines += [
        f"  nft add rule inet filter input {one.protocol} dport {one.ports} accept" for one in found
    ]
    return [*lines, "", *_closed(settings), *_outward(settings)]


def _ufw(one: Opening) -> str:
    return f"{one.ports.replace('-', ':')}/{one.protocol}"


def _closed(settings: Settings) -> list[str]:
    lines = [
        "Keep closed to the outside: /metrics, /admin and /sim at the API's port "
        f"({settings.http}); let the proxy pass /v1/, /media/ and /carriers/, no more."
    ]
    if settings.sip_udp is None and settings.sip_tcp is None and settings.sip_tls is None:
        lines.append("Calls are not served yet: sip.udp, sip.tcp and sip.tls are empty.")
    return lines


def _outward(settings: Settings) -> list[str]:
    """Say where connections go out to, for firewalls that ask for that too."""
    lines = ["Outward it needs DNS, HTTPS to the targets of webhooks, and:"]
    lines += [f"  {one.host} {one.port}/tcp  SMPP, {one.name}" for one in settings.carriers]
    lines += [f"  {one.url}  MM7, {one.name}" for one in settings.mm7_carriers]
    lines += [f"  {one.url}  WhatsApp, {one.name}" for one in settings.whatsapp_carriers]
    lines += [f"  {one.host}  SIP, {one.name}" for one in settings.trunks]
    if len(lines) == 1:
        return ["Outward it needs DNS and HTTPS; no carrier is set up yet."]
    return lines


def _is_public(host: str) -> bool:
    """Whether others than this machine can reach what listens there."""
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host != "localhost"
