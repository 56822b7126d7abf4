"""Calls as somebody watches them: those that are new, and those followed by their uuid."""

from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from trunkline.voice.records.model import Call
from trunkline.voice.records.store.tables import calls

_COLUMNS = tuple(calls.c[name] for name in Call._fields)
_TOGETHER = 500  # uuids of one query


def newest(conn: Connection) -> str:
    """Return the highest uuid, "" when there is no call."""
    return conn.execute(select(func.max(calls.c.call_uuid))).scalar_one() or ""


def after(conn: Connection, uuid: str, limit: int) -> list[Call]:
    """Return calls whose uuid is higher, the lowest first."""
    query = select(*_COLUMNS).where(calls.c.call_uuid > uuid)
    rows = conn.execute(query.order_by(calls.c.call_uuid).limit(limit))
    return [Call._make(row) for row in rows]


def last(conn: Connection, limit: int) -> list[Call]:
    """Return the newest calls, the lowest uuid first."""
    query = select(*_COLUMNS).order_by(calls.c.call_uuid.desc()).limit(limit)
    return [Call._make(row) for row in conn.execute(query)][::-1]


def uuids(conn: Connection, above: str, upto: str) -> list[str]:
    """Return the uuids above one and up to another."""
    column = calls.c.call_uuid
    return list(conn.execute(select(column).where(column > above, column <= upto)).scalars())


def of(conn: Connection, wanted: Sequence[str]) -> list[Call]:
    """Return the calls with these uuids."""
    found: list[Call] = []
    for start in range(0, len(wanted), _TOGETHER):
        some = wanted[start : start + _TOGETHER]
        rows = conn.execute(select(*_COLUMNS).where(calls.c.call_uuid.in_(some)))
        found += [Call._make(row) for row in rows]
    return found
