"""Registers us with a trunk, and keeps it so (RFC 3261 10.2)."""

import asyncio
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from trunkline.engines.sip.calls.exchange import Exchange
from trunkline.engines.sip.core import Core
from trunkline.engines.sip.transport import Hop
from trunkline.protocols.sip import (
    MAX_FORWARDS,
    Headers,
    Malformed,
    Request,
    Response,
    make_address,
    parse_address,
    parse_uri,
)
from trunkline.protocols.sip.digest import Credentials
from trunkline.protocols.sip.grammar import parse_number

logger = logging.getLogger(__name__)

_MIN_WAIT_S: Final = 2.0
_MAX_WAIT_S: Final = 300.0
_DEREGISTER_S: Final = 2.0
_MAX_SECONDS: Final = 2**31 - 1


class RegistrationState(Enum):
    TRYING = "trying"
    REGISTERED = "registered"
    FAILED = "failed"
    """Refused or unreachable; it is tried again after a while."""
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class TrunkRegistration:
    """`registrar` is the Request-URI (`sip:host:port`), `address` who we are there.

    `sip:user@host`.
    """

    registrar: str
    address: str
    credentials: Credentials | None = field(default=None, repr=False)
    expires_s: int = 600
    hop: Hop | None = None


Outcome = tuple[int, str, Response | None]
"""Status, reason, and the response if there was one."""
OnState = Callable[["Registration", RegistrationState, str], None]


class Registration:
    """One registration of ours; `on_state(registration, state, reason)` tells how it stands."""

    def __init__(self, core: Core, config: TrunkRegistration, on_state: OnState | None) -> None:
        self.config: Final = config
        self.state = RegistrationState.TRYING
        self._core = core
        self._on_state = on_state
        self._call_id = core.token()
        self._tag = core.token()
        self._cseq = 0
        self._expires_s = config.expires_s
        self._hop: Hop | None = None
        self._contact = ""
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = self._core.loop.create_task(self._run())

    async def close(self) -> None:
        """Stop, and unregister if it is quickly done."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        if self.state is RegistrationState.REGISTERED:
            try:
                async with asyncio.timeout(_DEREGISTER_S):
                    await self._send(0)
            except TimeoutError:
                logger.info("%s did not confirm that we left", self.config.registrar)
        self._enter(RegistrationState.CLOSED, "")

    async def _run(self) -> None:
        failures = 0
        while True:
            status, reason, response = await self._send(self._expires_s)
            if 200 <= status < 300 and response is not None:
                failures = 0
                granted = self._granted(response)
                self._enter(RegistrationState.REGISTERED, reason)
                # Some seconds for a lost packet, and never more often than a peer can bear.
                await asyncio.sleep(max(granted * 0.8, min(granted, _MIN_WAIT_S)))
                continue
            if status == 423 and response is not None and self._ask_longer(response):
                continue
            failures += 1
            self._enter(RegistrationState.FAILED, f"{status} {reason}")
            await asyncio.sleep(self._wait(failures, response))

    async def _send(self, expires_s: int) -> Outcome:
        """Register with the server that did it last, else with the next that answers.

        RFC 3263 4.3: no answer, or a 503, is for the next one to mend.
        """
        outcome: Outcome = 503, "no way to the registrar", None
        for hop in await self._servers():
            outcome = await self._ask(hop, expires_s)
            if outcome[2] is not None and outcome[0] != 503:
                self._hop = hop
                break
        return outcome

    async def _servers(self) -> list[Hop]:
        if self.config.hop is not None:
            return [self.config.hop]
        try:
            uri = parse_uri(self.config.registrar)
        except Malformed:
            return []
        found = await self._core.resolver.hops(uri)
        return sorted(found, key=lambda hop: hop != self._hop)

    async def _ask(self, hop: Hop, expires_s: int) -> Outcome:
        """Send one REGISTER and wait for its end; (408 or 503, …, None) when there was none."""
        future: asyncio.Future[Outcome] = self._core.loop.create_future()

        def settle(status: int, reason: str, response: Response | None = None) -> None:
            self._cseq = max(self._cseq, exchange.request.cseq.number)
            if not future.done():
                future.set_result((status, reason, response))

        def received(response: Response) -> None:
            if response.status >= 200:
                settle(response.status, response.reason, response)

        exchange = Exchange(
            self._core,
            self._request(hop, expires_s),
            hop,
            on_response=received,
            on_failure=settle,
            credentials=self.config.credentials,
        )
        return await future

    def _request(self, hop: Hop, expires_s: int) -> Request:
        config, core = self.config, self._core
        self._cseq += 1
        headers = Headers()
        add = headers.add
        add("Via", str(core.via(hop)))
        add("Max-Forwards", str(MAX_FORWARDS))
        add("From", str(make_address(config.address, tag=self._tag)))
        add("To", f"<{config.address}>")
        add("Call-ID", self._call_id)
        add("CSeq", f"{self._cseq} REGISTER")
        user = parse_uri(config.address).user or "trunkline"
        self._contact = core.contact(hop, user)
        add("Contact", self._contact)
        add("Expires", str(expires_s))
        add("User-Agent", core.config.product)
        return Request("REGISTER", config.registrar, headers)

    def _granted(self, response: Response) -> float:
        """How long the registrar keeps us.

        Of our contact, of the response, or what we asked for.
        """
        ours = parse_address(self._contact).parsed
        try:
            for value in response.headers.values("contact"):
                address = parse_address(value)
                if address.parsed.same_as(ours):
                    said = parse_number(address.params.get("expires"), _MAX_SECONDS)
                    if said is not None:
                        return max(float(said), 1.0)
        except Malformed as malformed:
            logger.debug("a contact of %s: %s", self.config.registrar, malformed.reason)
        said = parse_number(response.headers.get("expires"), _MAX_SECONDS)
        return float(self._expires_s if said is None else max(said, 1))

    def _ask_longer(self, response: Response) -> bool:
        least = parse_number(response.headers.get("min-expires"), 7 * 86_400)
        if least is None or least <= self._expires_s:
            return False
        self._expires_s = least
        return True

    def _wait(self, failures: int, response: Response | None) -> float:
        """Wait longer each time, spread, and at least what the peer says."""
        wait = min(_MIN_WAIT_S * 2 ** min(failures, 10), _MAX_WAIT_S)
        wait *= 0.5 + random.random() / 2  # noqa: S311 - spreads, hides nothing
        text = response.headers.get("retry-after") if response is not None else None
        asked = parse_number((text or "").split(";")[0].split("(")[0].strip(), 86_400)
        return max(wait, float(min(asked or 0, 3600)))

    def _enter(self, state: RegistrationState, reason: str) -> None:
        self.state = state
        if self._on_state is not None:
            self._on_state(self, state, reason)
