"""Where the SIP registrar writes who is registered, and reads where phones are.

The registrar owns the rules of REGISTER (expiry, several contacts, order); here are its results.
They are rows of the database, so that any process can tell, and a phone stays reachable when the
process that it registered with is started anew. What expires ends by the clock, without a write.
"""

from collections.abc import Sequence
from functools import partial
from typing import Protocol

from trunkline.runtime.clock import Clock
from trunkline.runtime.db import Database
from trunkline.runtime.sweep import keep_sweeping
from trunkline.voice.endpoints.model import Registration
from trunkline.voice.endpoints.store import registrations as store

SWEEP_S = 60.0


class Registrations(Protocol):
    """The port that the SIP registrar is given."""

    async def replace(self, endpoint_id: str, contacts: Sequence[Registration]) -> bool:
        """Keep exactly these contacts of an endpoint; False if there is no such endpoint.

        Durable on return: the REGISTER is answered with 200 after that, or a second later. Raises
        DatabaseError.
        """
        ...

    async def current(self, endpoint_id: str) -> list[Registration]:
        """Return the contacts that have not expired, the preferred first, then the newest."""
        ...

    async def all_current(self) -> list[Registration]:
        """Return every contact that has not expired: what a registrar starts with."""
        ...


class StoredRegistrations:
    """The port over the database."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def replace(self, endpoint_id: str, contacts: Sequence[Registration]) -> bool:
        return await self._db.write(
            partial(store.replace, endpoint_id=endpoint_id, contacts=contacts)
        )

    async def current(self, endpoint_id: str) -> list[Registration]:
        now = self._clock.now()
        return await self._db.read(partial(store.current, endpoint_ids=[endpoint_id], now=now))

    async def all_current(self) -> list[Registration]:
        return await self._db.read(partial(store.all_current, now=self._clock.now()))

    async def sweep_for_ever(self) -> None:
        """Forget each minute what expired; cancel to stop. Harmless when several do."""
        await keep_sweeping(self._clock, SWEEP_S, self.sweep)

    async def sweep(self) -> int:
        """Forget what expired; return how many registrations."""
        return await self._db.write(partial(store.purge, now=self._clock.now()))
