"""Messages that a dead process had in hand, messages out of time, receipts nobody claimed."""

import asyncio
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import structlog

from trunkline.messaging.model import Dispatch, ErrorCode, Failed, Released
from trunkline.messaging.routing import Router
from trunkline.messaging.store import inbound, outbound, presence, receipts, records
from trunkline.runtime.clock import Clock
from trunkline.runtime.db import Database
from trunkline.runtime.sweep import keep_sweeping
from trunkline.values.ids import new_uuid, uuid_at

log = structlog.get_logger(__name__)

SWEEP_S = 1.0
OWNER_SILENT_S = 15.0  # a sender that long unseen is dead
RECENT_S = 10.0  # how long two commits that cross may take; a slow sweep finds what took longer
UNMATCHED_KEEP_S = 3 * 86_400.0
INBOUND_PART_WAIT_S = 300.0
FORGET_BATCHES = 50
SLOW_SWEEP = 60  # sweeps between two looks at what grows slowly


def new_owner() -> str:
    """Name this process so that others can tell whether it lives: host, process id, a nonce."""
    return f"{socket.gethostname()}:{os.getpid()}:{new_uuid()[-12:]}"


@dataclass(slots=True)
class Recovered:
    """How many uncertain messages were resent or marked since the start, for the metrics."""

    resent: int = 0
    marked: int = 0


class Janitor:
    """Sweeps every second; one a process, harmless when several sweep."""

    def __init__(
        self,
        *,
        db: Database,
        clock: Clock,
        router: Router,
        owner: str,
        carriers: frozenset[str],
        resend_uncertain: bool,
        content_keep_s: float,
        deliver_incomplete: Callable[[float], "asyncio.Future[None]"],
    ) -> None:
        self.recovered = Recovered()
        self._db = db
        self._clock = clock
        self._router = router
        self._owner = owner
        self._carriers = carriers
        self._resend = resend_uncertain
        self._content_keep_s = content_keep_s
        self._deliver_incomplete = deliver_incomplete
        self._sweeps = 0

    async def run(self) -> None:
        """Sweep for ever; cancel to stop."""
        await keep_sweeping(self._clock, SWEEP_S, self.sweep)

    async def sweep(self) -> None:
        """One round of everything."""
        now = self._clock.now()
        await self._db.write(partial(presence.seen, owner=self._owner, now=now))
        await self.recover(now)
        await self._expire(now)
        if self._sweeps % SLOW_SWEEP == 0:
            await self._orphans()
            await self._forget(now)
        self._sweeps += 1
        if await self._db.read(partial(receipts.any_late, since=now - RECENT_S)):
            await self._db.write(receipts.match_late)
        incomplete = await self._db.read(
            lambda conn: inbound.has_older(conn, now - INBOUND_PART_WAIT_S)
        )
        if incomplete:
            await self._deliver_incomplete(now - INBOUND_PART_WAIT_S)

    async def _forget(self, now: float) -> None:
        await self._db.write(receipts.match_late)
        await self._db.write(lambda conn: receipts.purge_unmatched(conn, now - UNMATCHED_KEEP_S))
        until = uuid_at(now - self._content_keep_s)
        for _ in range(FORGET_BATCHES):
            if not await self._db.write(partial(records.forget_content, until=until)):
                return

    async def recover(self, now: float) -> int:
        """Resolve what dead processes had in hand, by the configured policy; returns how many."""
        owners = await self._db.read(outbound.owners)
        seen = await self._db.read(presence.last_seen)
        dead = [owner for owner in owners if not self._lives(owner, seen.get(owner, 0.0), now)]
        count = 0
        for owner in dead:
            rows = await self._db.read(partial(outbound.sending_of, owner=owner))
            await self._resolve(rows, now)
            count += len(rows)
            log.warning("janitor.uncertain", owner=owner, messages=len(rows), resend=self._resend)
        return count

    def _lives(self, owner: str, seen_at: float, now: float) -> bool:
        if owner == self._owner:
            return True
        host, pid, _ = owner.split(":", 2)
        here = host == socket.gethostname()
        if here and (int(pid) == os.getpid() or not _process_lives(int(pid))):
            return False
        # A process of that id may be another by now.
        return now - seen_at < OWNER_SILENT_S

    async def _resolve(self, rows: list[Dispatch], now: float) -> None:
        if self._resend:
            items = [Released(row, row.carrier, now, row.attempts + 1, row.tried) for row in rows]
            await self._db.write(lambda conn: outbound.release(conn, items))
            self.recovered.resent += len(rows)
            return
        failures = [Failed(row, ErrorCode.NETWORK, now) for row in rows]
        await self._db.write(lambda conn: outbound.mark_failed(conn, failures))
        self.recovered.marked += len(rows)

    async def _expire(self, now: float) -> None:
        """PLIVO messaging: what is still queued when message_expiry is over fails with 420."""
        rows = await self._db.read(partial(outbound.expired, now=now))
        if rows:
            failures = [Failed(row, ErrorCode.EXPIRED, now) for row in rows]
            await self._db.write(lambda conn: outbound.mark_expired(conn, failures))

    async def _orphans(self) -> None:
        """Find a way for messages queued for a carrier that is no longer configured."""
        rows = await self._db.read(partial(outbound.carrierless, known=self._carriers))
        moves: list[tuple[str, str]] = []
        for row in rows:
            candidates = self._router.candidates(row.recipient, row.country, row.sender, row.type)
            if candidates and candidates[0] != row.carrier:
                moves.append((candidates[0], row.message_uuid))
        if moves:
            await self._db.write(lambda conn: outbound.reroute(conn, moves))


def _process_lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
