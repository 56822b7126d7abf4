"""Dialogs: what two user agents remember of each other (RFC 3261 12)."""

import contextlib
from typing import Final, NamedTuple

from trunkline.protocols.sip.address import Address, parse_address
from trunkline.protocols.sip.build import MAX_FORWARDS, Pairs
from trunkline.protocols.sip.errors import Malformed
from trunkline.protocols.sip.headers import Headers
from trunkline.protocols.sip.message import MAX_CSEQ, Request, Response
from trunkline.protocols.sip.uri import parse_uri
from trunkline.protocols.sip.via import Via

_TARGET_REFRESH: Final = frozenset({"INVITE", "UPDATE"})  # RFC 3261 12.2, RFC 3311 5.1


class DialogId(NamedTuple):
    call_id: str
    local_tag: str
    remote_tag: str


class Dialog:
    """One dialog as one side sees it; early until `confirmed`.

    `route_set` and `target` say where requests go (see `first_hop`). `remote_cseq` is None until
    the peer has sent a request.
    """

    __slots__ = (
        "confirmed",
        "id",
        "local",
        "local_cseq",
        "remote",
        "remote_cseq",
        "route_set",
        "secure",
        "target",
    )

    def __init__(
        self, ident: DialogId, local: Address, remote: Address, target: str, route_set: list[str]
    ) -> None:
        self.id: Final = ident
        self.local: Final = local
        self.remote: Final = remote
        self.target = target
        self.route_set = route_set
        self.secure = False
        self.local_cseq = 0
        self.remote_cseq: int | None = None
        self.confirmed = False

    def request(
        self,
        method: str,
        via: Via,
        *,
        headers: Pairs = (),
        body: bytes = b"",
        cseq: int | None = None,
    ) -> Request:
        """Make a request within the dialog (RFC 3261 12.2.1.1).

        ACK is given the number of its INVITE as `cseq`; all others take the next one. For a strict
        router the Request-URI is its, and the target becomes the last route.
        """
        if cseq is None:
            self.local_cseq = cseq = min(self.local_cseq + 1, MAX_CSEQ)
        uri, routes = self.target, self.route_set
        if routes and not _is_loose(routes[0]):
            uri = parse_address(routes[0]).uri
            routes = [*routes[1:], f"<{self.target}>"]
        made = Headers()
        add = made.add
        add("Via", str(via))
        add("Max-Forwards", str(MAX_FORWARDS))
        for route in routes:
            add("Route", route)
        add("From", str(self.local))
        add("To", str(self.remote))
        add("Call-ID", self.id.call_id)
        add("CSeq", f"{cseq} {method}")
        for name, value in headers:
            add(name, value)
        return Request(method, uri, made, body)

    @property
    def first_hop(self) -> str:
        """The URI whose host is sent to next: the first route, else the target."""
        return parse_address(self.route_set[0]).uri if self.route_set else self.target

    def in_order(self, request: Request) -> bool:
        """Take the CSeq of a request of the peer; False is answered with 500 (RFC 3261 12.2.2).

        ACK and CANCEL have the number of their INVITE and are not looked at.
        """
        if request.method in ("ACK", "CANCEL"):
            return True
        number = request.cseq.number
        if self.remote_cseq is not None and number <= self.remote_cseq:
            return False
        self.remote_cseq = number
        return True

    def refresh_target(self, message: Request | Response, method: str) -> None:
        """Follow the Contact of a target refresh request or its 2xx (RFC 3261 12.2.1.2, 12.2.2).

        One that cannot be followed leaves the target as it is; requests are refused before
        (`check_target`).
        """
        if method in _TARGET_REFRESH:
            with contextlib.suppress(Malformed):
                self.target = _contact_of(message) or self.target

    def check_target(self, request: Request) -> None:
        """Raise Malformed when a request of the peer wants to move it to where nobody can be."""
        if request.method in _TARGET_REFRESH:
            _contact_of(request)


def from_response(invite: Request, response: Response) -> Dialog:
    """Make the UAC's dialog of a response with a To tag (RFC 3261 12.1.2).

    Malformed when a 2xx has no Contact that can be followed.
    """
    try:
        contact = _contact_of(response)
    except Malformed:
        contact = None
    if contact is None:
        if response.is_success:
            raise Malformed("a 2xx without Contact makes no dialog")
        # An early dialog can do without: RFC 3262 PRACK needs one, 180 often has none.
        contact = invite.uri
    routes = response.headers.values("record-route")[::-1]
    return _of_response(invite, response, contact, routes)


def unusable(invite: Request, response: Response) -> Dialog:
    """Make of a 2xx that makes no dialog what its ACK and BYE need: they go where it came from."""
    return _of_response(invite, response, invite.uri, [])


def _of_response(invite: Request, response: Response, contact: str, routes: list[str]) -> Dialog:
    ident = DialogId(invite.call_id, invite.from_.tag, response.to.tag)
    dialog = Dialog(ident, invite.from_, response.to, contact, routes)
    dialog.secure = invite.target.scheme == "sips"
    dialog.local_cseq = invite.cseq.number
    dialog.confirmed = response.is_success
    return dialog


def confirm(dialog: Dialog, response: Response) -> None:
    """Turn an early dialog into a confirmed one.

    Route set and target are those of the 2xx (RFC 3261 13.2.2.4).
    """
    dialog.confirmed = True
    dialog.route_set = response.headers.values("record-route")[::-1]
    dialog.refresh_target(response, "INVITE")


def from_request(invite: Request, local_tag: str) -> Dialog:
    """Make the UAS's dialog of an INVITE (RFC 3261 12.1.1). Malformed without a usable Contact."""
    contact = _contact_of(invite)
    if contact is None:
        raise Malformed("Contact is missing")
    ident = DialogId(invite.call_id, local_tag, invite.from_.tag)
    routes = invite.headers.values("record-route")
    dialog = Dialog(ident, invite.to.with_tag(local_tag), invite.from_, contact, routes)
    # RFC 3261 12.1.1: who is called is to be reached by TLS, or who our requests go to first is.
    first = routes[0] if routes else f"<{contact}>"
    dialog.secure = invite.target.scheme == "sips" or "<sips:" in first.lower()
    dialog.remote_cseq = invite.cseq.number
    return dialog


def _contact_of(message: Request | Response) -> str | None:
    contact = message.contact
    if contact is None:
        return None
    uri = parse_uri(contact.uri)
    if not uri.is_sip:
        raise Malformed("Contact is no SIP URI")  # RFC 3261 8.1.1.8
    return contact.uri


def _is_loose(route: str) -> bool:
    try:
        return "lr" in parse_address(route).parsed.params
    except Malformed:
        return True
