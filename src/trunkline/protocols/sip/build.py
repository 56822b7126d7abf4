"""Requests and responses of ours: what RFC 3261 says each has to hold."""

from collections.abc import Iterable
from typing import Final

from trunkline.protocols.sip.errors import Malformed
from trunkline.protocols.sip.headers import Field, Headers
from trunkline.protocols.sip.message import Request, Response
from trunkline.protocols.sip.via import Via

REASONS: Final = {
    100: "Trying",
    180: "Ringing",
    181: "Call Is Being Forwarded",
    182: "Queued",
    183: "Session Progress",
    199: "Early Dialog Terminated",
    200: "OK",
    202: "Accepted",
    204: "No Notification",
    300: "Multiple Choices",
    301: "Moved Permanently",
    302: "Moved Temporarily",
    305: "Use Proxy",
    380: "Alternative Service",
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    407: "Proxy Authentication Required",
    408: "Request Timeout",
    410: "Gone",
    413: "Request Entity Too Large",
    415: "Unsupported Media Type",
    416: "Unsupported URI Scheme",
    420: "Bad Extension",
    421: "Extension Required",
    422: "Session Interval Too Small",
    423: "Interval Too Brief",
    469: "Bad Info Package",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    482: "Loop Detected",
    483: "Too Many Hops",
    484: "Address Incomplete",
    485: "Ambiguous",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    489: "Bad Event",
    491: "Request Pending",
    500: "Server Internal Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Server Time-out",
    505: "Version Not Supported",
    600: "Busy Everywhere",
    603: "Decline",
    604: "Does Not Exist Anywhere",
    606: "Not Acceptable",
}
MAX_FORWARDS: Final = 70  # RFC 3261 8.1.1.6

Pairs = Iterable[tuple[str, str]]


def respond(
    request: Request,
    status: int,
    *,
    reason: str = "",
    tag: str = "",
    headers: Pairs = (),
    body: bytes = b"",
    content_type: str = "application/sdp",
) -> Response:
    """Make the response to a request (RFC 3261 8.2.6).

    `tag` is put into To if that has none yet; 100 takes none. What the request lacks, the response
    lacks too, so that a malformed request can be answered as well.
    """
    made = Headers()
    fields = made.fields
    record_route = 101 <= status < 300  # RFC 3261 12.1.1
    for field in request.headers.fields:
        key = field[0]
        if key == "to":
            fields.append(_tagged(request, field, tag) if tag and status > 100 else field)
        elif (
            key in ("via", "from", "call-id", "cseq")
            or (key == "record-route" and record_route)
            or (key == "timestamp" and status == 100)  # RFC 3261 8.2.6.1
        ):
            fields.append(field)
    for name, value in headers:
        made.add(name, value)
    if body:
        made.add("Content-Type", content_type)
    return Response(status, reason or REASONS.get(status, "Unknown"), made, body)


def _tagged(request: Request, field: Field, tag: str) -> Field:
    try:
        if "tag" in request.to.params:
            return field
    except Malformed:
        return field
    key, name, value = field
    return key, name, f"{value};tag={tag}"


def ack_for(invite: Request, response: Response) -> Request:
    """Make the ACK of a refusal, within the INVITE's transaction (RFC 3261 17.1.1.3)."""
    return _sibling(invite, "ACK", response.headers.get("to"))


def cancel_for(invite: Request) -> Request:
    """Make the CANCEL of an INVITE (RFC 3261 9.1)."""
    return _sibling(invite, "CANCEL", invite.headers.get("to"))


def invite_of(
    uri: str,
    *,
    vias: Iterable[str],
    sender: str,
    to: str,
    call_id: str,
    cseq: int,
    routes: Iterable[str] = (),
) -> Request:
    """Make an INVITE again of what was kept of it: enough to answer it, or to take it back."""
    headers = Headers()
    add = headers.add
    for via in vias:
        add("Via", via)
    for route in routes:
        add("Route", route)
    add("From", sender)
    add("To", to)
    add("Call-ID", call_id)
    add("CSeq", f"{cseq} INVITE")
    return Request("INVITE", uri, headers)


def _sibling(invite: Request, method: str, to: str | None) -> Request:
    headers = Headers()
    add = headers.add
    add("Via", str(invite.via))
    add("Max-Forwards", str(MAX_FORWARDS))
    add("From", invite.headers.get("from") or "")
    add("To", to or "")
    add("Call-ID", invite.call_id)
    add("CSeq", f"{invite.cseq.number} {method}")
    for route in invite.headers.lines("route"):
        add("Route", route)
    return Request(method, invite.uri, headers)


def again(request: Request, via: Via, changes: Pairs = (), *, cseq: int | None = None) -> Request:
    """Make the same request as a new transaction.

    Next CSeq (or `cseq`), other Via, headers in `changes` replaced.

    For a challenge, 422, 491 and the like (RFC 3261 8.1.3.5, 22.2).
    """
    headers = request.headers.copy()
    number, method = request.cseq
    headers.set("CSeq", f"{number + 1 if cseq is None else cseq} {method}")
    made = Request(request.method, request.uri, headers, request.body)
    made.put_via(via)
    for name, value in changes:
        headers.set(name, value)
    return made
