"""The opt-out list."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, select

from trunkline.messaging.store.tables import optouts
from trunkline.runtime.db import BulkInsert, announce

CHANGED = "optouts.changed"  # announced with the pair and whether it is blocked

_insert = BulkInsert(optouts, ("number", "handset", "at", "keyword"), ignore_conflicts=True)


def load(conn: Connection) -> set[tuple[str, str]]:
    """Return every blocked pair (number, handset)."""
    rows = conn.execute(select(optouts.c.number, optouts.c.handset))
    return {(row[0], row[1]) for row in rows}


def add(conn: Connection, rows: Sequence[tuple[str, str, float, str]]) -> int:
    """Block pairs, given as (number, handset, at, keyword); returns how many were not before."""
    for number, handset, _, _ in rows:
        announce(conn, CHANGED, f"stop {number} {handset}")
    return _insert.run(conn, rows)


def remove(conn: Connection, number: str, handset: str) -> bool:
    """Unblock a pair; tells whether it was blocked."""
    result = conn.execute(
        optouts.delete().where(optouts.c.number == number, optouts.c.handset == handset)
    )
    announce(conn, CHANGED, f"start {number} {handset}")
    return result.rowcount > 0


def changed_pairs(keys: Iterable[str]) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Read announced keys: the pairs that were blocked, and those that were unblocked."""
    found: dict[str, set[tuple[str, str]]] = {"stop": set(), "start": set()}
    for key in keys:
        what, number, handset = key.split(" ", 2)
        found[what].add((number, handset))
    return found["stop"], found["start"]
