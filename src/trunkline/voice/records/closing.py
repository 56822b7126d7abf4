"""Ends the calls of nodes that died: nobody else will.

A node that has calls in hand says each few seconds that it lives. When it is silent for too long,
or its process is gone from this machine, its calls are over since it was seen last, with the cause
5010; they cost what they had lasted until then. Well within 30 s of its death.
"""

import os
import socket
from collections.abc import Callable, Sequence
from functools import partial

import structlog

from trunkline.billing.balances import Balances
from trunkline.runtime.clock import Clock
from trunkline.runtime.db import Connection, Database
from trunkline.runtime.sweep import keep_sweeping
from trunkline.values.ids import new_uuid
from trunkline.voice.records.model import NODE_DIED, Call, Ended
from trunkline.voice.records.store import calls, nodes

log = structlog.get_logger(__name__)

BEAT_S = 4.0
SWEEP_S = 4.0
SILENT_S = 15.0  # three beats were missed; the next sweep ends the calls: 19 s after its death
PATIENCE_S = 8.0  # after the database was away: nodes may say that they live before they are judged

OnClosed = Callable[[Connection, Sequence[Call]], None]
"""Told in the transaction that ends calls nobody has in hand any more, to tell their owners."""


def new_node() -> str:
    """Name this process: host, process id, a nonce."""
    return f"{socket.gethostname()}:{os.getpid()}:{new_uuid()[-12:]}"


class Heartbeat:
    """Says that a node lives for as long as it does."""

    def __init__(self, db: Database, clock: Clock, node: str) -> None:
        self.node = node
        self._db = db
        self._clock = clock

    async def beat(self) -> None:
        """Say it now: before the first call is taken in hand."""
        await self._db.write(partial(nodes.seen, node=self.node, now=self._clock.now()))

    async def run(self) -> None:
        """Say it for ever; cancel to stop. A dead database is tried again."""
        await keep_sweeping(self._clock, BEAT_S, self.beat)

    async def leave(self) -> None:
        """Say that it ends as it should, with no call in hand."""
        await self._db.write(partial(nodes.gone, node=self.node))


class Closer:
    """Looks for nodes that died; harmless when several processes do."""

    def __init__(
        self,
        *,
        db: Database,
        clock: Clock,
        balances: Balances,
        heartbeat: Heartbeat | None = None,
        on_closed: Sequence[OnClosed] = (),
    ) -> None:
        """With `heartbeat`, the node of this process, its beat comes before each look.

        So that it does not seem dead to itself when the clock was moved.
        """
        self._db = db
        self._clock = clock
        self._balances = balances
        self._heartbeat = heartbeat
        self._on_closed = on_closed
        self._patient_until = 0.0

    async def run(self) -> None:
        """Look for ever; cancel to stop."""
        await keep_sweeping(self._clock, SWEEP_S, self.sweep, on_outage=self.forgive)

    async def sweep(self) -> int:
        """Look once; return how many calls were ended."""
        if self._heartbeat is not None:
            await self._heartbeat.beat()
        found = await self._db.read(nodes.with_calls)
        now = self._clock.now()
        ended = 0
        for node, seen_at in sorted(found.items()):
            if self._lives(node, seen_at, now):
                continue
            done = await self._db.write(partial(self._close, node=node, seen_at=seen_at, now=now))
            self._balances.charged(done.paid)
            ended += len(done.calls)
            if done.calls:
                log.warning("calls.node_died", node=node, calls=len(done.calls))
        return ended

    def forgive(self) -> None:
        """Judge nobody for a while: the database was away, so that no node could say it lives."""
        self._patient_until = self._clock.now() + SWEEP_S + PATIENCE_S

    async def is_dead(self, node: str) -> bool:
        """Tell whether a node has ended without having said so, or long ago."""
        seen_at = await self._db.read(partial(nodes.last_seen, node=node))
        return not self._lives(node, seen_at, self._clock.now())

    def _close(
        self, conn: Connection, node: str, seen_at: float | None, now: float
    ) -> calls.Finished:
        if nodes.last_seen(conn, node) != seen_at:  # it lives after all
            return calls.Finished([], {})
        lost = calls.present_of(conn, node)
        at = now if seen_at is None else min(seen_at, now)
        done = calls.finish(conn, [Ended(one.call_uuid, at, NODE_DIED) for one in lost])
        nodes.gone(conn, node)
        for tell in self._on_closed:
            tell(conn, done.calls)
        return done

    def _lives(self, node: str, seen_at: float | None, now: float) -> bool:
        if self._heartbeat is not None and node == self._heartbeat.node:
            return True
        host, _, rest = node.partition(":")
        pid = rest.partition(":")[0]
        if host == socket.gethostname() and pid.isdigit() and not _process_lives(int(pid)):
            return False
        # A process of that id may be another by now.
        return now < self._patient_until or (seen_at is not None and now - seen_at < SILENT_S)


def _process_lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
