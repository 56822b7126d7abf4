"""Challenges requests, and checks what comes back; whose secret is whose is asked elsewhere."""

import secrets
from collections.abc import Awaitable, Callable
from typing import Protocol

from trunkline.engines.sip.core import Core
from trunkline.engines.sip.transaction import ServerTransaction
from trunkline.engines.sip.transport import Hop
from trunkline.protocols.sip import respond
from trunkline.protocols.sip.digest import (
    Absent,
    Digester,
    Passed,
    Refused,
    Secret,
    Stale,
    claim_of,
)


class Guard(Protocol):
    """Who counts what is guessed."""

    def locked(self, hop: Hop, username: str) -> bool: ...

    def refused(self, hop: Hop, username: str) -> None: ...

    def challenged(self, hop: Hop) -> None: ...

    def passed(self, hop: Hop) -> None: ...


Secrets = Callable[[str, str], Awaitable[Secret | None]]
"""Give the secret of (username, realm); None when there is no such user."""


class Authenticator:
    """Digest for one realm."""

    def __init__(self, core: Core, guard: Guard, secrets_of: Secrets) -> None:
        self._core = core
        self._guard = guard
        self._secrets_of = secrets_of
        self._digester = Digester(secrets.token_bytes(32), algorithms=core.config.algorithms)

    async def check(self, transaction: ServerTransaction) -> str | None:
        """Give the user who proved to be the sender; None when the request was answered already.

        401 challenges, 403 refuses; a wrong password and an unknown user are answered alike.
        """
        request, core = transaction.request, self._core
        realm = core.config.realm
        claim = claim_of(request, realm)
        if claim is not None and self._guard.locked(transaction.hop, claim.username):
            self._refuse(transaction, claim.username)
            return None
        secret = await self._secrets_of(claim.username, realm) if claim is not None else None
        verdict = self._digester.check(request, claim, secret, core.loop.time())
        match verdict:
            case Passed(username):
                self._guard.passed(transaction.hop)
                return username
            case Refused(username):
                self._refuse(transaction, username)
            case Absent() | Stale():
                self._guard.challenged(transaction.hop)
                self._challenge(transaction, stale=isinstance(verdict, Stale))
        return None

    def _refuse(self, transaction: ServerTransaction, username: str) -> None:
        self._core.stats.unauthorised += 1
        self._guard.refused(transaction.hop, username)
        transaction.respond(respond(transaction.request, 403, tag=self._core.token()))

    def _challenge(self, transaction: ServerTransaction, *, stale: bool) -> None:
        core = self._core
        made = self._digester.challenge(core.config.realm, core.loop.time(), stale=stale)
        headers = [("WWW-Authenticate", value) for value in made]
        response = respond(transaction.request, 401, tag=core.token(), headers=headers)
        transaction.respond(response)
