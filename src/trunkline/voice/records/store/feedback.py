"""SQL of what people say of calls."""

from sqlalchemy import select, update

from trunkline.runtime.db import BulkInsert, Connection
from trunkline.voice.records.model import Call, Feedback
from trunkline.voice.records.store.tables import call_feedback, calls

_COLUMNS = tuple(call_feedback.c[name] for name in Feedback._fields)
_insert = BulkInsert(call_feedback, Feedback._fields, ignore_conflicts=True)
_CALL = tuple(calls.c[name] for name in Call._fields)


def put(conn: Connection, one: Feedback) -> None:
    """Keep it in the place of what was said of that call before."""
    if not (_change(conn, one) or _insert.run(conn, [one])):
        _change(conn, one)  # somebody else said the first word at the same moment


def _change(conn: Connection, one: Feedback) -> int:
    return conn.execute(
        update(call_feedback)
        .where(call_feedback.c.call_uuid == one.call_uuid)
        .values(one._asdict())
    ).rowcount


def latest(
    conn: Connection, *, account_id: str | None, most: float, before: float | None, limit: int
) -> list[tuple[Feedback, Call]]:
    """Return what was said last, and of which call; with ratings of at most `most`."""
    query = select(*_COLUMNS, *_CALL).join(calls, calls.c.call_uuid == call_feedback.c.call_uuid)
    query = query.where(call_feedback.c.rating <= most)
    if account_id is not None:
        query = query.where(calls.c.account_id == account_id)
    if before is not None:
        query = query.where(call_feedback.c.at < before)
    rows = conn.execute(
        query.order_by(call_feedback.c.at.desc(), call_feedback.c.call_uuid).limit(limit)
    )
    width = len(_COLUMNS)
    return [(Feedback._make(row[:width]), Call._make(row[width:])) for row in rows]
