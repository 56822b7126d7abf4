"""Answers REGISTER: who may bind what is decided by digest, what is bound is kept in `Bindings`."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from trunkline.engines.sip.authenticate import Authenticator
from trunkline.engines.sip.bindings import Binding, Bindings, OnChange, Rejected
from trunkline.engines.sip.core import METHODS, Core
from trunkline.engines.sip.transaction import ServerTransaction
from trunkline.engines.sip.transport import Hop
from trunkline.protocols.sip import Malformed, respond

_SWEEP_S: Final = 1.0
Kept = Callable[[str], Awaitable[None]]
"""Waits, a moment at most, until what `OnChange` was told of a user can be seen by others."""


class Registrar:
    """The registrar of one realm. `contacts(username)` says where somebody is."""

    def __init__(
        self,
        core: Core,
        authenticator: Authenticator,
        on_change: OnChange | None,
        kept: Kept | None = None,
    ) -> None:
        self._core = core
        self._authenticator = authenticator
        self._bindings = Bindings(core.config.registrar, on_change)
        self._kept = kept
        self._sweeper: asyncio.TimerHandle | None = None

    @property
    def users(self) -> int:
        """How many users are registered."""
        return len(self._bindings)

    def contacts(self, username: str) -> list[Binding]:
        """Give where a user is reached, the preferred contact first; empty when not registered."""
        return self._bindings.of(username, self._core.loop.time())

    def restore(self, username: str, bindings: list[Binding]) -> None:
        """Take bindings that were kept over a restart; `on_change` is not called."""
        self._bindings.restore(username, bindings)

    def remove(self, username: str) -> bool:
        """Unregister a user, as when the account is closed; False when not registered."""
        return self._bindings.remove(username)

    def is_source(self, host: str) -> bool:
        return self._bindings.is_source(host)

    def is_place(self, hop: Hop) -> bool:
        return self._bindings.is_place(hop)

    def flow_lost(self, hop: Hop) -> None:
        """A connection is closed."""
        self._bindings.flow_lost(hop)

    def start(self) -> None:
        self._bindings.expire(self._core.loop.time())
        self._sweeper = self._core.loop.call_later(_SWEEP_S, self.start)

    def close(self) -> None:
        if self._sweeper is not None:
            self._sweeper.cancel()

    def serves(self, transaction: ServerTransaction) -> bool:
        """Whether the REGISTER is for a domain of ours; others are strangers."""
        domains = self._core.config.domains
        if not domains:
            return True
        try:
            return transaction.request.to.parsed.host.lower() in domains
        except Malformed:
            return False

    async def register(self, transaction: ServerTransaction) -> None:
        """Authenticate and serve one REGISTER (RFC 3261 10.3)."""
        request, core = transaction.request, self._core
        try:
            to = request.to.parsed
        except Malformed as malformed:
            reason = f"Bad Request: {malformed.reason}"
            transaction.respond(respond(request, 400, reason=reason, tag=core.token()))
            return
        if not to.is_sip:
            transaction.respond(respond(request, 404, tag=core.token()))  # RFC 4475 3.3.4
            return
        username = await self._authenticator.check(transaction)
        if username is None:
            return
        if username != to.username:
            transaction.respond(respond(request, 403, tag=core.token()))  # somebody else's address
            return
        now = core.loop.time()
        try:
            rejected = self._bindings.update(username, request, transaction.hop, now)
        except Malformed as malformed:
            rejected = Rejected(400, f"Bad Request: {malformed.reason}")
        if rejected is not None:
            status, reason, headers = rejected
            response = respond(request, status, reason=reason, tag=core.token(), headers=headers)
        else:
            if self._kept is not None:
                await self._kept(username)
            headers = [("Contact", written(each, now)) for each in self.contacts(username)]
            headers.append(("Allow", METHODS))
            response = respond(request, 200, tag=core.token(), headers=headers)
        transaction.respond(response)


def written(binding: Binding, now: float) -> str:
    """Write a binding as a value of Contact."""
    q = "" if binding.q == 1.0 else f";q={binding.q:.3g}"
    return f"<{binding.contact}>{q};expires={binding.seconds_left(now)}"
