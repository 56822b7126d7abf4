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
    Proceeding,
    Progress,
    Reply,
    Unheard,
)
from trunkline.engines.sip.calls.farewell import Farewell
from trunkline.engines.sip.calls.incoming import IncomingCall
from trunkline.engines.sip.calls.outgoing import OutgoingCall, Placing
from trunkline.engines.sip.calls.refuse import Unanswered
from trunkline.engines.sip.calls.remains import Remains, Word, remains_of, say
from trunkline.engines.sip.calls.withdraw import Invitation

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
    "Invitation",
    "Offer",
    "Offered",
    "OutgoingCall",
    "Placing",
    "Proceeding",
    "Progress",
    "Registry",
    "Remains",
    "Reply",
    "Unanswered",
    "Unheard",
    "Word",
    "remains_of",
    "say",
]
