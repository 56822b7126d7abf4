"""The opt-out list."""

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import Connection, select

from trunkline.messaging.store.tables import optouts
from trunkline.runtime.changes import OPT_OUT_TOPIC, OPT_OUTS, next_revision, record_removals
from trunkline.runtime.db import BulkInsert, announce

CHANGED = "optouts.changed"  # announced with the pair and whether it is blocked

TOPIC = OPT_OUT_TOPIC

_insert = BulkInsert(
    optouts, ("number", "handset", "at", "keyword", "revision"), ignore_conflicts=True
)


def blocked_since(conn: Connection, revision: int) -> list[tuple[str, str]]:
    """Return the pairs (number, handset) that were blocked after that revision."""
    query = select(optouts.c.number, optouts.c.handset).where(optouts.c.revision > revision)
    return [(row[0], row[1]) for row in conn.execute(query)]


def add(conn: Connection, rows: Sequence[tuple[str, str, float, str]]) -> int:
    """Block pairs, given as (number, handset, at, keyword); returns how many were not before."""
    if not rows:
        return 0
    revision = next_revision(conn, OPT_OUTS)
    for number, handset, _, _ in rows:
        announce(conn, CHANGED, f"stop {number} {handset}")
    return _insert.run(conn, [(*row, revision) for row in rows])


def remove(conn: Connection, number: str, handset: str) -> bool:
    """Unblock a pair; tells whether it was blocked."""
    revision = next_revision(conn, OPT_OUTS)
    result = conn.execute(
        optouts.delete().where(optouts.c.number == number, optouts.c.handset == handset)
    )
    announce(conn, CHANGED, f"start {number} {handset}")
    if result.rowcount == 0:
        return False
    record_removals(conn, TOPIC, revision, [f"{number} {handset}"])
    return True


def removed_pairs(keys: Iterable[str]) -> set[tuple[str, str]]:
    """Read the keys of removals."""
    pairs = (key.partition(" ") for key in keys)
    return {(number, handset) for number, _, handset in pairs}


def keys_of(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Give the keys that removals of these pairs would have."""
    return (f"{number} {handset}" for number, handset in pairs)


def changed_pairs(keys: Iterable[str]) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Read announced keys: the pairs that were blocked, and those that were unblocked."""
    found: dict[str, set[tuple[str, str]]] = {"stop": set(), "start": set()}
    for key in keys:
        what, number, handset = key.split(" ", 2)
        found[what].add((number, handset))
    return found["stop"], found["start"]
