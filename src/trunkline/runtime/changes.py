"""Lets each process keep a table in memory and learn cheaply what changed in it.

Every transaction that changes a mirrored table takes the next revision and writes it on the rows it
touches. Taking it locks the counter until commit, so revisions become visible in order and "all
above the one I have" misses nothing, whichever process wrote.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Generic, Protocol, TypeVar

from sqlalchemy import BigInteger, Column, Integer, Table, Text, delete, select, text

from trunkline.runtime.db import (
    BulkInsert,
    Connection,
    Database,
    DatabaseUnavailable,
    announce,
    metadata,
)

R = TypeVar("R")

CHANGED = "tables.changed"  # announced with the new revision of the mirrored tables

revisions = Table(
    "revisions",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("revision", BigInteger, nullable=False),
)
removals = Table(
    "removals",
    metadata,
    Column("topic", Text, primary_key=True),
    Column("revision", BigInteger, primary_key=True),
    Column("key", Text, primary_key=True),
)

TABLES: Final = 1
"""The counter of all tables that are mirrored together."""
OPT_OUTS: Final = 2
"""That of the opt-outs: many, changed by handsets; nobody looks at the other tables for them."""
OPT_OUT_TOPIC: Final = "optouts"

KEPT: Final = 100_000
"""For so many revisions it is remembered what was removed."""
_FAR: Final = KEPT // 2
"""Who is further behind reads a whole table anew: what it missed may be forgotten meanwhile."""

_NEXT = text(
    "INSERT INTO revisions (id, revision) VALUES (:counter, 1) "
    "ON CONFLICT (id) DO UPDATE SET revision = revisions.revision + 1 RETURNING revision"
)
_insert_removals = BulkInsert(removals, ("topic", "revision", "key"))


def next_revision(conn: Connection, counter: int = TABLES) -> int:
    """Return the revision for this transaction's changes; call before touching mirrored rows.

    One counter for nearly all tables, and no transaction takes two, so that two transactions
    cannot wait for each other's counters.
    """
    revision = int(conn.execute(_NEXT, {"counter": counter}).scalar_one())
    if counter == TABLES:
        announce(conn, CHANGED, str(revision))
    return revision


def record_removals(conn: Connection, topic: str, revision: int, keys: Iterable[str]) -> None:
    """Tell the followers of `topic` that the rows with these keys are gone."""
    _insert_removals.run(conn, [(topic, revision, key) for key in keys])


def forget_removals(conn: Connection, *, limit: int = 1_000) -> int:
    """Forget about `limit` removals of each topic that nobody needs any more; return how many.

    To be called again, in further transactions, until it returns 0.
    """
    gone = 0
    for topic in conn.execute(select(removals.c.topic).distinct()).scalars().all():
        counter = OPT_OUTS if topic == OPT_OUT_TOPIC else TABLES
        old = removals.c.revision <= current_revision(conn, counter) - KEPT
        in_order = select(removals.c.revision).where(removals.c.topic == topic, old)
        nth = in_order.order_by(removals.c.revision).offset(limit - 1).limit(1)
        last = conn.execute(nth).scalar_one_or_none()
        if last is not None:
            old = removals.c.revision <= last
        gone += conn.execute(delete(removals).where(removals.c.topic == topic, old)).rowcount
    return gone


def current_revision(conn: Connection, counter: int = TABLES) -> int:
    """Return the last committed revision; 0 before the first."""
    query = select(revisions.c.revision).where(revisions.c.id == counter)
    return int(conn.execute(query).scalar_one_or_none() or 0)


class Follower(Generic[R]):
    """Remembers up to which revision one topic was read, and hands on what came after."""

    def __init__(
        self,
        topic: str,
        fetch: Callable[[Connection, int], Sequence[R]],
        counter: int = TABLES,
    ) -> None:
        """Follow `topic`; `fetch` reads the rows whose revision is above the one it is given."""
        self._topic = topic
        self._fetch = fetch
        self._counter = counter
        self._seen = -1
        self._one_at_a_time = asyncio.Lock()

    async def pull(
        self,
        db: Database,
        apply: Callable[[Sequence[str], Sequence[R]], None],
        known: Iterable[str] = (),
    ) -> bool:
        """Read what changed and pass removed keys and changed rows to `apply`, on the loop.

        Returns whether anything in any topic had changed. Removals come before rows: a key that
        was removed and added again is in both. Who was away for long gets all rows, and as removed
        all keys that it knows: `known`, looked at only then.
        """
        async with self._one_at_a_time:
            news = await db.read(self._read)
            if news is None:
                return False
            revision, removed, rows = news
            apply(list(known) if removed is None else removed, rows)
            self._seen = revision
            return True

    def _read(self, conn: Connection) -> tuple[int, Sequence[str] | None, Sequence[R]] | None:
        # The counter first: what is committed meanwhile is read now and once more next time.
        revision = current_revision(conn, self._counter)
        if revision == self._seen:
            return None
        if self._seen < 0:  # who begins has nothing that was removed
            return revision, [], self._fetch(conn, self._seen)
        if revision - self._seen > _FAR:
            return revision, None, self._fetch(conn, -1)
        removed = conn.execute(
            select(removals.c.key).where(
                removals.c.topic == self._topic, removals.c.revision > self._seen
            )
        ).scalars()
        return revision, list(removed), self._fetch(conn, self._seen)


class Mirror(Protocol):
    """A copy of a table in memory."""

    async def refresh(self, db: Database) -> None:
        """Take over what was committed since the last time."""
        ...


async def catch_up(db: Database, *mirrors: Mirror) -> None:
    """Refresh `mirrors` after a commit of this process, and wait for the processes beside it.

    So who is answered after a change finds it in force in every role on this machine. A database
    that goes away in between is left to the next poll: what was written stands, and an error now
    would make the caller write it twice.
    """
    with contextlib.suppress(DatabaseUnavailable):
        for mirror in mirrors:
            await mirror.refresh(db)
    await db.followed()
