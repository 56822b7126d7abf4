"""SQL of where endpoints are registered."""

from collections.abc import Iterable, Sequence

from sqlalchemy import delete, select

from trunkline.runtime.db import BulkInsert, Connection
from trunkline.voice.endpoints.model import Registration
from trunkline.voice.endpoints.store.tables import endpoints, registrations

_COLUMNS = tuple(registrations.c[name] for name in Registration._fields)
_insert = BulkInsert(registrations, Registration._fields, ignore_conflicts=True)


def replace(conn: Connection, endpoint_id: str, contacts: Sequence[Registration]) -> bool:
    """Put these in place of all registrations of an endpoint; False if there is no such endpoint.

    Nothing remains of what expired, nor of phones that were deleted meanwhile.
    """
    there = select(endpoints.c.endpoint_id).where(endpoints.c.endpoint_id == endpoint_id)
    conn.execute(delete(registrations).where(registrations.c.endpoint_id == endpoint_id))
    if conn.execute(there.with_for_update()).first() is None:
        return False
    _insert.run(conn, list(contacts))
    return True


def current(conn: Connection, endpoint_ids: Iterable[str], now: float) -> list[Registration]:
    """Return what holds at `now`, the preferred first, then the newest."""
    rows = conn.execute(
        select(*_COLUMNS)
        .where(
            registrations.c.endpoint_id.in_(list(endpoint_ids)), registrations.c.expires_at > now
        )
        .order_by(
            registrations.c.q.desc(),
            registrations.c.registered_at.desc(),
            registrations.c.contact,
        )
    )
    return [Registration._make(row) for row in rows]


def all_current(conn: Connection, now: float) -> list[Registration]:
    """Return every registration that holds at `now`: what a registrar starts with."""
    rows = conn.execute(select(*_COLUMNS).where(registrations.c.expires_at > now))
    return [Registration._make(row) for row in rows]


def purge(conn: Connection, now: float) -> int:
    """Forget what expired; return how many."""
    return conn.execute(delete(registrations).where(registrations.c.expires_at <= now)).rowcount
