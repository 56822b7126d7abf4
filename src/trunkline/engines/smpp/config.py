"""Settings of the SMPP client and server."""

import ssl
from dataclasses import dataclass
from typing import Literal

BindMode = Literal["trx", "tx", "rx"]


@dataclass(frozen=True, slots=True)
class LinkConfig:
    """One bind of one carrier; times in seconds."""

    name: str
    host: str
    port: int
    system_id: str
    password: str
    system_type: str = ""
    bind_mode: BindMode = "trx"
    window: int = 10
    """Unanswered submits at most."""
    enquire_link_s: float = 30.0
    """Silence of the carrier after which it is asked whether it is there."""
    enquire_timeout_s: float = 10.0
    """Time it has to answer that before the connection is given up."""
    response_timeout_s: float = 30.0
    connect_timeout_s: float = 10.0
    """For the connection with its TLS handshake, and again for the bind."""
    tls: ssl.SSLContext | None = None
    server_name: str | None = None
    """Name in the carrier's certificate, when it is not `host`."""
    interface_version: int = 0x34
    addr_ton: int = 0
    addr_npi: int = 0
    address_range: str = ""
    reconnect_min_s: float = 1.0
    reconnect_max_s: float = 60.0
    refused_min_s: float = 10.0
    """Shortest wait after a refused bind: the carrier said no, not the network."""
    deliver_window: int = 1000
    """Unacknowledged deliver_sm at most; more are answered ESME_RX_T_APPN, to be sent again."""


@dataclass(frozen=True, slots=True)
class ClientConfig:
    """One carrier: `binds` equal links, `more` unlike ones (a receiver), one rate for all.

    tps: messages a second agreed with the carrier; None learns it from its throttling.
    """

    link: LinkConfig
    binds: int = 1
    more: tuple[LinkConfig, ...] = ()
    tps: float | None = None
    burst: float | None = None


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """A listener for ESMEs; times in seconds. Port 0 takes any free one."""

    host: str = "127.0.0.1"
    port: int = 0
    system_id: str = "TRUNKLINE"
    window: int = 100
    """Our unanswered deliver_sm per session at most."""
    submit_window: int = 1000
    """The ESME's unanswered requests at most; more are answered ESME_RTHROTTLED."""
    max_sessions: int = 100
    """Connections at most; more are closed at once."""
    bind_timeout_s: float = 10.0
    idle_timeout_s: float = 120.0
    """Silence after which a session is closed; at half of it the ESME is asked by enquire_link."""
    response_timeout_s: float = 30.0
    tls: ssl.SSLContext | None = None
