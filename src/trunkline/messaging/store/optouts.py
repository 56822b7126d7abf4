"""The opt-out list."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from trunkline.messaging.store.tables import optouts
from trunkline.runtime.db import BulkInsert

_insert = BulkInsert(optouts, ("number", "handset", "at", "keyword"), ignore_conflicts=True)


def load(conn: Connection) -> set[tuple[str, str]]:
    """Return every blocked pair (number, handset)."""
    rows = conn.execute(select(optouts.c.number, optouts.c.handset))
    return {(row[0], row[1]) for row in rows}


def add(conn: Connection, rows: Sequence[tuple[str, str, float, str]]) -> int:
    """Block pairs, given as (number, handset, at, keyword); returns how many were not before."""
    return _insert.run(conn, rows)


def remove(conn: Connection, number: str, handset: str) -> bool:
    """Unblock a pair; tells whether it was blocked."""
    result = conn.execute(
        optouts.delete().where(optouts.c.number == number, optouts.c.handset == handset)
    )
    return result.rowcount > 0
