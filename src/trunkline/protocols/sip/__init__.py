"""SIP as pure code: messages, URIs, transactions, dialogs, digest, timers, reliable responses.

    parse(octets) -> Request | Response      a datagram, or what `Framer` cut from a stream
    message.serialise() -> octets            EncodeError if a value would write a header
    message.via, .from_, .to, .cseq          typed views; .headers.get/values/tokens for all else
    respond(request, status) -> Response     ack_for, cancel_for, again: requests made of requests
    from_request, from_response -> Dialog    RFC 3261 12; dialog.request(method, via) makes requests
    transactions/                            RFC 3261 17, RFC 6026; they say when to wake them
    digest/                                  RFC 3261 22, RFC 8760; client and server
    session_timer, reliable, bodies          RFC 4028; RFC 3262; SDP in multipart, digits in INFO

Nothing here has a clock, a socket or chance: times, tags, branches and Call-IDs are given to it.
"""

from trunkline.protocols.sip.address import Address, make_address, parse_address
from trunkline.protocols.sip.build import (
    MAX_FORWARDS,
    REASONS,
    ack_for,
    again,
    cancel_for,
    invite_of,
    respond,
)
from trunkline.protocols.sip.dialog import (
    Dialog,
    DialogId,
    confirm,
    from_request,
    from_response,
    unusable,
)
from trunkline.protocols.sip.errors import EncodeError, Malformed, SipError
from trunkline.protocols.sip.forwarding import forwarded_from, privacy_of
from trunkline.protocols.sip.grammar import readable
from trunkline.protocols.sip.headers import Headers
from trunkline.protocols.sip.message import CSeq, Message, Request, Response
from trunkline.protocols.sip.parse import parse
from trunkline.protocols.sip.stream import Broken, Cut, Framer, Ping, Pong
from trunkline.protocols.sip.uri import Uri, escape_user, parse_uri
from trunkline.protocols.sip.via import COOKIE, Via, parse_via

__all__ = [
    "COOKIE",
    "MAX_FORWARDS",
    "REASONS",
    "Address",
    "Broken",
    "CSeq",
    "Cut",
    "Dialog",
    "DialogId",
    "EncodeError",
    "Framer",
    "Headers",
    "Malformed",
    "Message",
    "Ping",
    "Pong",
    "Request",
    "Response",
    "SipError",
    "Uri",
    "Via",
    "ack_for",
    "again",
    "cancel_for",
    "confirm",
    "escape_user",
    "forwarded_from",
    "from_request",
    "from_response",
    "invite_of",
    "make_address",
    "parse",
    "parse_address",
    "parse_uri",
    "parse_via",
    "privacy_of",
    "readable",
    "respond",
    "unusable",
]
