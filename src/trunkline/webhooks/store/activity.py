"""Webhooks as somebody watches them: those that are new, and those followed by their id."""

from collections.abc import Sequence

from sqlalchemy import func, select

from trunkline.runtime.db import Connection
from trunkline.webhooks.store.log import WebhookRecord, as_record
from trunkline.webhooks.store.tables import webhook_attempts, webhooks

_COLUMNS = tuple(webhooks.c[name] for name in WebhookRecord.__dataclass_fields__)
_TOGETHER = 500  # ids of one query


def newest(conn: Connection) -> int:
    """Return the highest id, 0 when there is no webhook."""
    return conn.execute(select(func.max(webhooks.c.id))).scalar_one() or 0


def after(conn: Connection, webhook_id: int, limit: int) -> list[WebhookRecord]:
    """Return webhooks with a higher id, the lowest first."""
    query = select(*_COLUMNS).where(webhooks.c.id > webhook_id)
    return [as_record(row) for row in conn.execute(query.order_by(webhooks.c.id).limit(limit))]


def last(conn: Connection, limit: int) -> list[WebhookRecord]:
    """Return the newest webhooks, the lowest id first."""
    query = select(*_COLUMNS).order_by(webhooks.c.id.desc()).limit(limit)
    return [as_record(row) for row in conn.execute(query)][::-1]


def ids(conn: Connection, above: int, upto: int) -> list[int]:
    """Return the ids above one and up to another."""
    column = webhooks.c.id
    return list(conn.execute(select(column).where(column > above, column <= upto)).scalars())


def of(conn: Connection, wanted: Sequence[int]) -> list[WebhookRecord]:
    """Return the webhooks with these ids."""
    found: list[WebhookRecord] = []
    for start in range(0, len(wanted), _TOGETHER):
        some = wanted[start : start + _TOGETHER]
        rows = conn.execute(select(*_COLUMNS).where(webhooks.c.id.in_(some)))
        found += [as_record(row) for row in rows]
    return found


def attempts_of(
    conn: Connection, wanted: Sequence[int]
) -> dict[int, list[tuple[float, int | None, str | None]]]:
    """Return of each webhook its attempts in order: when, status, error."""
    table = webhook_attempts.c
    found: dict[int, list[tuple[float, int | None, str | None]]] = {one: [] for one in wanted}
    for start in range(0, len(wanted), _TOGETHER):
        some = wanted[start : start + _TOGETHER]
        query = select(table.webhook_id, table.started_at, table.status, table.error)
        query = query.where(table.webhook_id.in_(some)).order_by(table.webhook_id, table.attempt)
        for webhook_id, at, status, error in conn.execute(query):
            found[webhook_id].append((at, status, error))
    return found
