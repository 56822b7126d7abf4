"""Calls: one object each, its events, and the verbs its owner has."""

from trunkline.engines.sip.calls.call import Call, Registry
from trunkline.engines.sip.calls.events import (
    Answered,
    Confirmed,
    Digit,
    Ended,
    Event,
    Failed,
    Info,
    Offer,
    Offered,
    Progress,
    Reply,
)
from trunkline.engines.sip.calls.farewell import Farewell, farewell_of, part
from trunkline.engines.sip.calls.incoming import IncomingCall
from trunkline.engines.sip.calls.outgoing import OutgoingCall, Placing

__all__ = [
    "Answered",
    "Call",
    "Confirmed",
    "Digit",
    "Ended",
    "Event",
    "Failed",
    "Farewell",
    "IncomingCall",
    "Info",
    "Offer",
    "Offered",
    "OutgoingCall",
    "Placing",
    "Progress",
    "Registry",
    "Reply",
    "farewell_of",
    "part",
]
