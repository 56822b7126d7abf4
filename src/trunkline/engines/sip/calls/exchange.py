"""One request and what became of it, with challenges answered on the way."""

from collections.abc import Callable
from typing import Final

from trunkline.engines.sip.core import Core
from trunkline.engines.sip.transaction import ClientTransaction
from trunkline.engines.sip.transport import Hop
from trunkline.protocols.sip import Dialog, Request, Response, again
from trunkline.protocols.sip.digest import Challenge, Credentials, authorise, choose
from trunkline.protocols.sip.transactions import ClientState

_MAX_TRIES: Final = 3
"""A proxy and a server may each challenge once, and one nonce may be stale."""


class Exchange:
    """Sends a request; answers 401 and 407 if there are credentials; reports all other responses.

    `request` is the one on its way now: another after a challenge, with the next CSeq (of
    `dialog`, if there is one).
    """

    __slots__ = (
        "_core",
        "_credentials",
        "_dialog",
        "_hop",
        "_on_failure",
        "_on_response",
        "_tried",
        "_tries",
        "request",
        "transaction",
    )

    def __init__(
        self,
        core: Core,
        request: Request,
        hop: Hop,
        *,
        on_response: Callable[[Response], None],
        on_failure: Callable[[int, str], None],
        credentials: Credentials | None = None,
        dialog: Dialog | None = None,
    ) -> None:
        self.request = request
        self._core = core
        self._hop = hop
        self._credentials = credentials
        self._dialog = dialog
        self._on_response = on_response
        self._on_failure = on_failure
        self._tries = 1
        self._tried: set[str] = set()
        self.transaction: ClientTransaction = core.ask(request, hop, self._received, self._failed)

    @property
    def hop(self) -> Hop:
        return self._hop

    @property
    def credentials_header(self) -> list[tuple[str, str]]:
        """The headers that answered a challenge, which the ACK of a 2xx repeats.

        RFC 3261 13.2.2.4.
        """
        names = ("Authorization", "Proxy-Authorization")
        found = ((name, self.request.headers.get(name)) for name in names)
        return [(name, value) for name, value in found if value is not None]

    @property
    def proceeding(self) -> bool:
        """Whether a provisional response came, and no final one."""
        return self.transaction.machine.state is ClientState.PROCEEDING

    def give_up(self) -> None:
        """Answer no more challenges."""
        self._credentials = None

    def repeat(self, changes: list[tuple[str, str]]) -> None:
        """Send the request as a new one with other headers."""
        number = self.request.cseq.number + 1
        if self._dialog is not None:
            # Others may have been sent in the dialog meanwhile.
            self._dialog.local_cseq = number = max(self._dialog.local_cseq + 1, number)
        self.request = again(self.request, self._core.via(self._hop), changes, cseq=number)
        self.transaction = self._core.ask(self.request, self._hop, self._received, self._failed)

    def _received(self, response: Response) -> None:
        if response.status in (401, 407):
            header = self._answer(response)
            if header is not None:
                self._tries += 1
                self.repeat([header])
                return
        self._on_response(response)

    def _failed(self, status: int, reason: str) -> None:
        self._on_failure(status, reason)

    def _answer(self, response: Response) -> tuple[str, str] | None:
        """Make the header that answers a challenge; None when there is no sense in trying again."""
        credentials = self._credentials
        if credentials is None or self._tries >= _MAX_TRIES:
            return None
        challenge: Challenge | None = choose(response, credentials.realm)
        if challenge is None or (challenge.realm in self._tried and not challenge.stale):
            return None  # the same realm asks again: the password is wrong
        self._tried.add(challenge.realm)
        cnonce = self._core.token()
        # The digest needs the method and URI only, which the next request has as well.
        return authorise(challenge, credentials, self.request, cnonce=cnonce)
