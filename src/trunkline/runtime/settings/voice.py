"""The settings of calls: SIP, audio, and the limits against fraud."""

from dataclasses import dataclass
from pathlib import Path

from trunkline.runtime.settings import parse
from trunkline.runtime.settings.declare import setting
from trunkline.runtime.settings.general import GeneralSettings
from trunkline.runtime.settings.parse import HostPort


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceSettings(GeneralSettings):
    """What calls need besides."""

    sip_domain: str = setting(
        "sip.domain",
        parse.string,
        "phone.plivo.com",  # PLIVO endpoint: sip_uri
        "Domain of endpoints' SIP URIs, and the realm of their passwords. Passwords are kept as"
        " digests of one realm: after a change each endpoint needs a new one.",
        env="TRUNKLINE_SIP_DOMAIN",
    )
    sip_udp: HostPort | None = setting(
        "sip.udp",
        parse.optional_host_port,
        "",
        "Where SIP is listened on by UDP, such as 203.0.113.5:5060; it is also the address that"
        " calls go out from. Without any listener calls are served in local mode only, at"
        " 127.0.0.1:5060 or, if that is taken, another port.",
        env="TRUNKLINE_SIP_UDP",
    )
    sip_tcp: HostPort | None = setting(
        "sip.tcp",
        parse.optional_host_port,
        "",
        "Where SIP is listened on by TCP.",
        env="TRUNKLINE_SIP_TCP",
    )
    sip_tls: HostPort | None = setting(
        "sip.tls",
        parse.optional_host_port,
        "",
        "Where SIP is listened on by TLS; needs sip.certificate and sip.key.",
        env="TRUNKLINE_SIP_TLS",
    )
    sip_certificate: Path | None = setting(
        "sip.certificate",
        parse.optional_path,
        "",
        "PEM file of the certificate, and those up to its authority, for sip.tls.",
        env="TRUNKLINE_SIP_CERTIFICATE",
    )
    sip_key: Path | None = setting(
        "sip.key",
        parse.optional_path,
        "",
        "PEM file of its private key.",
        env="TRUNKLINE_SIP_KEY",
    )
    sip_authority: Path | None = setting(
        "sip.authority",
        parse.optional_path,
        "",
        "PEM file of authorities that may vouch for peers that are called by TLS, besides those of"
        " the system.",
        env="TRUNKLINE_SIP_AUTHORITY",
    )
    sip_public_address: str = setting(
        "sip.public_address",
        parse.optional_address,
        "",
        "IP address by which peers reach this machine, for SIP and audio, when it stands behind"
        " NAT. Empty: the address that is listened on.",
        env="TRUNKLINE_SIP_PUBLIC_ADDRESS",
    )
    media_address: str = setting(
        "voice.media_address",
        parse.optional_address,
        "",
        "IP address that audio (RTP) is sent from. Empty: that of the first SIP listener.",
        env="TRUNKLINE_VOICE_MEDIA_ADDRESS",
    )
    rtp_first_port: int = setting(
        "voice.rtp_first_port",
        parse.integer(1024, 65534),
        16_384,  # PLIVO: RTP uses UDP 16384-32768
        "First UDP port of audio; open all of them in the firewall.",
        env="TRUNKLINE_VOICE_RTP_FIRST_PORT",
    )
    rtp_last_port: int = setting(
        "voice.rtp_last_port",
        parse.integer(1025, 65535),
        32_767,
        "Last UDP port of audio; a call leg takes two.",
        env="TRUNKLINE_VOICE_RTP_LAST_PORT",
    )
    media_processes: int = setting(
        "voice.media_processes",
        parse.integer(0, 64),
        0,
        "Processes for audio, each good for 250 to 300 legs; 0: one a core but one.",
        env="TRUNKLINE_VOICE_MEDIA_PROCESSES",
    )
    most_calls: int = setting(
        "voice.max_calls",
        parse.integer(1, 100_000),
        1_000,
        "Calls at once in all; further ones wait, or are answered with 503.",
        env="TRUNKLINE_VOICE_MAX_CALLS",
    )
    calls_per_second: float = setting(
        "voice.calls_per_second",
        parse.real(0.1, 10_000),
        2,  # PLIVO voice: outbound 2 CPS, excess queued
        "Calls that an account's requests start in a second; further ones are queued.",
        env="TRUNKLINE_VOICE_CALLS_PER_SECOND",
    )
    inbound_calls_per_second: float = setting(
        "voice.inbound_calls_per_second",
        parse.real(0.1, 10_000),
        10,  # PLIVO voice: inbound 10 CPS, excess refused
        "Calls that an account takes in a second; further ones are refused.",
        env="TRUNKLINE_VOICE_INBOUND_CALLS_PER_SECOND",
    )
    concurrent_calls: int = setting(
        "voice.concurrent_calls",
        parse.integer(0, 100_000),
        0,
        "Calls out that a main account may have at once, on trunks; further ones end with 5030."
        " 0: no limit.",
        env="TRUNKLINE_VOICE_CONCURRENT_CALLS",
    )
    spend_per_day: int = setting(
        "voice.spend_per_day",
        parse.money,
        "0",
        "US dollars that a main account's calls out may cost in a day (UTC), against fraud;"
        " further ones end with 1010. 0: no limit.",
        env="TRUNKLINE_VOICE_SPEND_PER_DAY",
    )
    call_countries: frozenset[str] = setting(
        "voice.countries",
        parse.countries,
        "",
        "Countries that may be called by trunks: two letters each, comma-joined; * for all. Calls"
        " to others end with 2030. Calls to the simulator and to endpoints are not restricted.",
        env="TRUNKLINE_VOICE_COUNTRIES",
    )
    own_caller_ids: frozenset[str] = setting(
        "voice.own_caller_ids",
        parse.countries,
        "US,CA",  # PLIVO: calls to the US and Canada show a number of the account
        "Countries to which requests may show only numbers of the account as the caller, on trunks;"
        " calls with another one end with 3030.",
        env="TRUNKLINE_VOICE_OWN_CALLER_IDS",
    )
    # PLIVO hangup causes: 2040, calls to premium rate numbers are disabled.
    premium_numbers: bool = setting(
        "voice.premium_numbers",
        parse.boolean,
        False,
        "Numbers of premium rate may be called by trunks; calls to them end with 2040 else.",
        env="TRUNKLINE_VOICE_PREMIUM_NUMBERS",
    )
    barred_numbers: frozenset[str] = setting(
        "voice.barred_numbers",
        parse.numbers,
        (),
        "Numbers that nobody may call, simulated ones as well; calls to them end with 2040.",
        env="TRUNKLINE_VOICE_BARRED_NUMBERS",
    )
    barred_prefixes: frozenset[str] = setting(
        "voice.barred_prefixes",
        parse.numbers,
        (),
        "Beginnings of numbers that nobody may call, simulated ones as well; calls to them end"
        " with 2050.",
        env="TRUNKLINE_VOICE_BARRED_PREFIXES",
    )
    barred_caller_ids: frozenset[str] = setting(
        "voice.barred_caller_ids",
        parse.numbers,
        (),
        "Numbers that nobody may show as the caller to a number (do not originate); such calls end"
        " with 3140.",
        env="TRUNKLINE_VOICE_BARRED_CALLER_IDS",
    )
    calls_per_destination: int = setting(
        "voice.calls_per_destination",
        parse.integer(0, 100_000),
        0,
        "Calls at once to one number or SIP address; further ones end with 1020. 0: no limit.",
        env="TRUNKLINE_VOICE_CALLS_PER_DESTINATION",
    )
    queue_s: int = setting(
        "voice.queue_s",
        parse.integer(1, 86_400),
        14_400,
        "Seconds that a call may wait in the queue; then it ends with 5010.",
        env="TRUNKLINE_VOICE_QUEUE_S",
    )
