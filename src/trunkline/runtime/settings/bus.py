"""The settings of the bus between processes."""

import re
from dataclasses import dataclass
from pathlib import Path

from trunkline.runtime.settings import parse
from trunkline.runtime.settings.declare import setting
from trunkline.runtime.settings.speech import SpeechSettings

_WORDS = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")


def subject(value: object) -> str:
    """Words of letters, digits, - and _, joined by dots."""
    text = parse.string(value)
    if len(text) > 100 or not _WORDS.fullmatch(text):
        raise ValueError("must be words of letters, digits, - and _, joined by dots")
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class BusSettings(SpeechSettings):
    """How processes that run apart, on one machine or several, reach each other."""

    nats_url: str = setting(
        "nats.url",
        parse.string,
        "",
        "The NATS server by which processes that run apart hear of each other's commits, and the"
        " API reaches their calls, such as nats://user:password@host:4222 or tls://token@host;"
        " several of one cluster are comma-joined. Empty: calls are in the process of the API.",
        env="TRUNKLINE_NATS",
        secret=True,
    )
    nats_credentials: Path | None = setting(
        "nats.credentials",
        parse.optional_path,
        "",
        "Credentials file (JWT and seed) for a server that asks for one.",
        env="TRUNKLINE_NATS_CREDENTIALS",
    )
    nats_tls_authority: Path | None = setting(
        "nats.tls_authority",
        parse.optional_path,
        "",
        "PEM file of the authorities that may vouch for the server. Empty: the system's.",
        env="TRUNKLINE_NATS_TLS_AUTHORITY",
    )
    nats_tls_certificate: Path | None = setting(
        "nats.tls_certificate",
        parse.optional_path,
        "",
        "PEM file of our certificate, for a server that asks for one.",
        env="TRUNKLINE_NATS_TLS_CERTIFICATE",
    )
    nats_tls_key: Path | None = setting(
        "nats.tls_key",
        parse.optional_path,
        "",
        "PEM file of its private key.",
        env="TRUNKLINE_NATS_TLS_KEY",
    )
    nats_prefix: str = setting(
        "nats.prefix",
        subject,
        "trunkline",
        "The first word of all subjects: one for each installation that shares the server.",
        env="TRUNKLINE_NATS_PREFIX",
    )
