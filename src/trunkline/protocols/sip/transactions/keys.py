"""What transactions are found by (RFC 3261 17.1.3, 17.2.3)."""

from trunkline.protocols.sip.message import Request, Response

Key = tuple[str, ...]


def client_key(request: Request) -> Key:
    """The key of a client transaction, from the request that it sends."""
    return request.via.branch, request.method


def response_key(response: Response) -> Key:
    """The key of the client transaction that a response belongs to."""
    return response.via.branch, response.cseq.method


def server_key(request: Request, method: str = "") -> Key:
    """The key of a server transaction.

    An ACK finds its INVITE, a CANCEL what it cancels if `method` says INVITE.

    Without the magic cookie it is made of what RFC 2543 peers keep the same (17.2.3, second half).
    """
    method = method or ("INVITE" if request.method == "ACK" else request.method)
    via = request.via
    if via.has_magic:
        return via.branch, via.sent_by.lower(), method
    return (
        request.call_id,
        request.from_.tag,
        str(request.cseq.number),
        via.sent_by.lower(),
        via.branch,
        method,
    )
