"""One dialog of a call with the way to its peer; a forked call has several."""

from collections.abc import Callable
from typing import Final

from trunkline.engines.sip.calls.exchange import Exchange
from trunkline.engines.sip.core import Core, Route
from trunkline.engines.sip.transport import Hop
from trunkline.protocols.sip import Dialog, Request, Response
from trunkline.protocols.sip.digest import Credentials
from trunkline.protocols.sip.reliable import Ordering

Pairs = list[tuple[str, str]]


class Leg:
    """Sends requests within the dialog."""

    __slots__ = (
        "_acks",
        "_core",
        "_credentials",
        "_heard_from",
        "allow",
        "dialog",
        "moved",
        "ordering",
        "route",
    )

    def __init__(
        self, core: Core, dialog: Dialog, heard_from: Hop, credentials: Credentials | None
    ) -> None:
        self.dialog: Final = dialog
        self.route: Final = Route(core, dialog, heard_from)
        self.ordering: Final = Ordering()
        self.allow: frozenset[str] = frozenset()
        """Methods the peer says it serves, in lower case; empty until it says."""
        self.moved = False
        """Whether the last message came from elsewhere than the one before it."""
        self._core = core
        self._credentials = credentials
        self._heard_from = heard_from
        self._acks: dict[int, tuple[bytes, Hop]] = {}

    def heard(self, message: Request | Response, hop: Hop) -> None:
        """Note what a message of the peer tells by the way."""
        allow = message.headers.tokens("allow")
        if allow:
            self.allow = allow
        self.moved, self._heard_from = hop[:3] != self._heard_from[:3], hop
        self.route.heard(hop)

    def ask(
        self,
        method: str,
        *,
        on_response: Callable[[Exchange, Response], None],
        on_failure: Callable[[int, str], None],
        headers: Pairs,
        body: bytes = b"",
    ) -> None:
        """Send a request; `on_response` gets every response to it, provisional ones too."""

        def send(hop: Hop | None) -> None:
            if hop is None:
                on_failure(503, "no way to the peer")
                return
            request = self.dialog.request(method, self._core.via(hop), headers=headers, body=body)
            exchange: Exchange | None = None

            def received(response: Response) -> None:
                if exchange is not None:
                    on_response(exchange, response)

            exchange = Exchange(
                self._core,
                request,
                hop,
                on_response=received,
                on_failure=on_failure,
                credentials=self._credentials,
                dialog=self.dialog,
            )

        self.route.find(send)

    def acknowledge(self, exchange: Exchange, body: bytes = b"") -> None:
        """Send the ACK of a 2xx; remembered, so that a repeated 2xx can be answered again."""
        number = exchange.request.cseq.number
        headers = exchange.credentials_header
        if body:
            headers.append(("Content-Type", "application/sdp"))

        def send(hop: Hop | None) -> None:
            if hop is None:
                return
            ack = self.dialog.request(
                "ACK", self._core.via(hop), headers=headers, body=body, cseq=number
            )
            self._acks = {number: (self._core.send(ack, hop), hop)}

        self.route.find(send)

    def acknowledge_again(self, number: int) -> bool:
        """Answer a repeated 2xx; False when its ACK was not sent yet."""
        found = self._acks.get(number)
        if found is None:
            return False
        self._core.transactor.transmit(*found)
        return True

    def bye(self, headers: Pairs) -> None:
        """Send a BYE whose fate nobody waits for."""
        self.ask(
            "BYE",
            on_response=lambda _exchange, _response: None,
            on_failure=lambda _status, _reason: None,
            headers=headers,
        )
