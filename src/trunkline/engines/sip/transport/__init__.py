"""Sockets: UDP, TCP and TLS behind one `Transports`, which sends to and hears from `Hop`s."""

from trunkline.engines.sip.transport.hop import (
    DEFAULT_PORTS,
    Hop,
    TransportName,
    bracketed,
    is_address,
    place_of,
)
from trunkline.engines.sip.transport.resolve import Resolver
from trunkline.engines.sip.transport.switch import Listener, Receiver, StreamLimits, Transports

__all__ = [
    "DEFAULT_PORTS",
    "Hop",
    "Listener",
    "Receiver",
    "Resolver",
    "StreamLimits",
    "TransportName",
    "Transports",
    "bracketed",
    "is_address",
    "place_of",
]
