"""One request and what became of it, with challenges answered on the way."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from trunkline.engines.sip.core import Core
from trunkline.engines.sip.transaction import ClientTransaction
from trunkline.engines.sip.transport import Hop
from trunkline.protocols.sip import Dialog, Request, Response, again
from trunkline.protocols.sip.digest import Challenge, Credentials, authorise, choose
from trunkline.protocols.sip.transactions import ClientState

_MAX_TRIES: Final = 5
"""Two proxies and a server may each challenge once, and one nonce may be stale."""


_NAMES: Final = ("Authorization", "Proxy-Authorization")


@dataclass(slots=True)
class _Proof:
    """A challenge that is answered, and how often its nonce was used."""

    challenge: Challenge
    count: int = 0


class Exchange:
    """Sends a request; answers 401 and 407 if there are credentials; reports all other responses.

    `request` is the one on its way now: another after a challenge, with the next CSeq (of
    `dialog`, if there is one); `on_sent` is called then.
    """

    __slots__ = (
        "_core",
        "_credentials",
        "_dialog",
        "_hop",
        "_on_failure",
        "_on_response",
        "_on_sent",
        "_proofs",
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
        on_sent: Callable[[], None] | None = None,
    ) -> None:
        self.request = request
        self._core = core
        self._hop = hop
        self._credentials = credentials
        self._dialog = dialog
        self._on_response = on_response
        self._on_failure = on_failure
        self._on_sent = on_sent
        self._tries = 1
        self._proofs: dict[tuple[str, str], _Proof] = {}
        self.transaction: ClientTransaction = core.ask(request, hop, self._received, self._failed)

    @property
    def hop(self) -> Hop:
        return self._hop

    @property
    def credentials_header(self) -> list[tuple[str, str]]:
        """The headers that answered a challenge, which the ACK of a 2xx repeats.

        RFC 3261 13.2.2.4.
        """
        return [(name, value) for name in _NAMES for value in self.request.headers.lines(name)]

    @property
    def proceeding(self) -> bool:
        """Whether a provisional response came, and no final one."""
        return self.transaction.machine.state is ClientState.PROCEEDING

    @property
    def unheard(self) -> bool:
        """Whether no response came."""
        return self.transaction.machine.state is ClientState.CALLING

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
        self._prove()
        self.transaction = self._core.ask(self.request, self._hop, self._received, self._failed)
        if self._on_sent is not None:
            self._on_sent()

    def _received(self, response: Response) -> None:
        if response.status in (401, 407) and self._can_prove(response):
            self._tries += 1
            self.repeat([])
        else:
            self._on_response(response)

    def _failed(self, status: int, reason: str) -> None:
        self._on_failure(status, reason)

    def _can_prove(self, response: Response) -> bool:
        """Take a challenge; False when there is no sense in trying again."""
        credentials = self._credentials
        if credentials is None or self._tries >= _MAX_TRIES:
            return False
        challenge: Challenge | None = choose(response, credentials.realm)
        if challenge is None:
            return False
        key = (challenge.header, challenge.realm)
        if key in self._proofs and not challenge.stale:
            return False  # the same one asks again: the password is wrong
        self._proofs[key] = _Proof(challenge)
        return True

    def _prove(self) -> None:
        """Answer all challenges anew: no nonce count serves twice (RFC 3261 22.3, RFC 7616 3.4)."""
        credentials = self._credentials
        if credentials is None:
            return
        headers = self.request.headers
        for name in _NAMES:
            headers.remove(name)
        for proof in self._proofs.values():
            proof.count += 1
            cnonce = self._core.token()
            made = authorise(
                proof.challenge, credentials, self.request, cnonce=cnonce, count=proof.count
            )
            headers.add(*made)
