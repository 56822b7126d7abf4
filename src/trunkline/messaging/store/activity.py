"""Messages as somebody watches them: those that are new, and those followed by their uuid."""

from collections.abc import Sequence

from sqlalchemy import Connection, func, select, text

from trunkline.messaging.store.records import Record
from trunkline.messaging.store.tables import dispatches, messages, parts

_COLUMNS = tuple(messages.c[name] for name in Record._fields)
# SQLite takes a partial index only for a query that has its condition literally.
_QUEUED = (("waiting", text("state = 'waiting'")), ("sending", text("state = 'sending'")))
_TOGETHER = 500  # uuids of one query


def newest(conn: Connection) -> str:
    """Return the highest uuid, "" when there is no message."""
    return conn.execute(select(func.max(messages.c.message_uuid))).scalar_one() or ""


def after(conn: Connection, uuid: str, limit: int) -> list[Record]:
    """Return messages whose uuid is higher, the lowest first."""
    query = select(*_COLUMNS).where(messages.c.message_uuid > uuid)
    rows = conn.execute(query.order_by(messages.c.message_uuid).limit(limit))
    return [Record._make(row) for row in rows]


def last(conn: Connection, limit: int) -> list[Record]:
    """Return the newest messages, the lowest uuid first."""
    query = select(*_COLUMNS).order_by(messages.c.message_uuid.desc()).limit(limit)
    return [Record._make(row) for row in conn.execute(query)][::-1]


def uuids(conn: Connection, above: str, upto: str) -> list[str]:
    """Return the uuids above one and up to another."""
    column = messages.c.message_uuid
    return list(conn.execute(select(column).where(column > above, column <= upto)).scalars())


def of(conn: Connection, wanted: Sequence[str]) -> list[Record]:
    """Return the messages with these uuids."""
    found: list[Record] = []
    for start in range(0, len(wanted), _TOGETHER):
        some = wanted[start : start + _TOGETHER]
        rows = conn.execute(select(*_COLUMNS).where(messages.c.message_uuid.in_(some)))
        found += [Record._make(row) for row in rows]
    return found


def queue_of(conn: Connection, uuid: str) -> dict[str, object] | None:
    """Return where a message stands in its carrier's queue; None when it is in none any more."""
    names = ("state", "carrier", "due_at", "attempts", "expires_at", "tried")
    query = select(*(dispatches.c[name] for name in names))
    row = conn.execute(query.where(dispatches.c.message_uuid == uuid)).one_or_none()
    return None if row is None else dict(zip(names, row, strict=True))


def parts_of(conn: Connection, uuid: str) -> list[dict[str, object]]:
    """Return the short messages that wait for their receipt, by number."""
    names = ("part", "total", "carrier", "carrier_key", "state", "error_code")
    query = select(*(parts.c[name] for name in names)).where(parts.c.message_uuid == uuid)
    rows = conn.execute(query.order_by(parts.c.part))
    return [dict(zip(names, row, strict=True)) for row in rows]


def queue_lengths(conn: Connection) -> dict[tuple[str, str], int]:
    """Count the messages of each carrier's queue by (carrier, state waiting | sending)."""
    found: dict[tuple[str, str], int] = {}
    for state, condition in _QUEUED:
        query = select(dispatches.c.carrier, func.count()).where(condition)
        for carrier, count in conn.execute(query.group_by(dispatches.c.carrier)):
            found[carrier, state] = count
    return found
