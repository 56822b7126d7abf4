"""What the SIP registrar asks of endpoints, and tells of them: secrets, and where phones are."""

import asyncio
import contextlib
from collections.abc import Sequence

import structlog

from trunkline.engines.sip import Binding, Hop
from trunkline.engines.sip.registrar import Registrar
from trunkline.engines.sip.transport import TransportName
from trunkline.protocols.sip.digest import Secret
from trunkline.runtime.clock import Clock
from trunkline.runtime.db import DatabaseError
from trunkline.voice.endpoints.directory import Directory
from trunkline.voice.endpoints.model import Registration
from trunkline.voice.endpoints.registrations import Registrations

log = structlog.get_logger(__name__)

RETRY_S = 1.0
KEPT_S = 1.0  # a phone sends its REGISTER again after half a second
_TRANSPORTS: dict[str, TransportName] = {"udp": "udp", "tcp": "tcp", "tls": "tls"}


class PhoneBook:
    """Made for one node; `run` writes what the registrar said."""

    def __init__(
        self, *, directory: Directory, stored: Registrations, clock: Clock, node: str
    ) -> None:
        self._directory = directory
        self._stored = stored
        self._clock = clock
        self._node = node
        self._changed: dict[str, list[Binding]] = {}  # the last word of each username
        self._woken = asyncio.Event()
        self._written = asyncio.Condition()

    async def secret_of(self, username: str, realm: str) -> Secret | None:
        """Return what a digest is checked against."""
        kept = self._directory.secret(username, realm)
        return None if kept is None else Secret(ha1={"MD5": kept.md5, "SHA-256": kept.sha256})

    def changed(self, username: str, bindings: Sequence[Binding]) -> None:
        """Note where a phone is now; returns at once."""
        self._changed[username] = list(bindings)
        self._woken.set()

    async def kept(self, username: str) -> None:
        """Wait until what was noted of a phone is written; a dead database holds nobody up."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(KEPT_S), self._written:
                await self._written.wait_for(lambda: username not in self._changed)

    async def run(self) -> None:
        """Write changes, the last word of each phone alone; a dead database is tried again."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            while self._changed:
                username, bindings = next(iter(self._changed.items()))
                try:
                    await self._write(username, bindings)
                except DatabaseError as error:
                    log.warning("registration.unwritten", username=username, error=str(error))
                    await asyncio.sleep(RETRY_S)
                    continue
                if self._changed.get(username) is bindings:
                    del self._changed[username]
                async with self._written:
                    self._written.notify_all()

    async def restore(self, registrar: Registrar) -> int:
        """Give the registrar what was stored before a restart; return how many phones.

        Connections are gone with the process: phones on TCP and TLS register anew.
        """
        found: dict[str, list[Binding]] = {}
        now, loop_now = self._clock.now(), asyncio.get_running_loop().time()
        for row in await self._stored.all_current():
            endpoint = self._directory.get(row.endpoint_id)
            hop = _hop(row.received)
            if endpoint is None or hop is None or hop.reliable:
                continue
            found.setdefault(endpoint.username, []).append(
                Binding(
                    contact=row.contact,
                    hop=hop,
                    expires_at=loop_now + row.expires_at - now,
                    q=row.q,
                    call_id=row.call_id,
                    cseq=row.cseq,
                    user_agent=row.user_agent,
                    source=hop,
                )
            )
        for username, bindings in found.items():
            registrar.restore(username, bindings)
        return len(found)

    async def _write(self, username: str, bindings: list[Binding]) -> None:
        endpoint = self._directory.named(username)
        if endpoint is None:
            return  # deleted meanwhile, its registrations with it
        now, loop_now = self._clock.now(), asyncio.get_running_loop().time()
        rows = [
            Registration(
                endpoint_id=endpoint.endpoint_id,
                contact=one.contact,
                received=str(one.source),
                user_agent=one.user_agent,
                q=one.q,
                call_id=one.call_id,
                cseq=one.cseq,
                node=self._node,
                registered_at=now,
                expires_at=now + one.expires_at - loop_now,
            )
            for one in bindings
        ]
        await self._stored.replace(endpoint.endpoint_id, rows)


def _hop(received: str) -> Hop | None:
    """Read `udp:host:port`, as it was written."""
    name, _, rest = received.partition(":")
    host, _, port = rest.rpartition(":")
    transport = _TRANSPORTS.get(name)
    if transport is None or not host or not port.isdigit():
        return None
    return Hop(transport, host.strip("[]"), int(port))
