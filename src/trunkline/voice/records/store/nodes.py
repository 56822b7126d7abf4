"""Which nodes live, and which of those that have calls in hand do not."""

from sqlalchemy import delete, select, text

from trunkline.runtime.db import Connection
from trunkline.voice.records.store.tables import call_nodes, calls

_FORGOTTEN_S = 86_400.0


def seen(conn: Connection, node: str, now: float) -> None:
    """Note that a node lives, and forget those silent for a day that have nothing in hand."""
    conn.execute(
        text(
            "INSERT INTO call_nodes (node, seen_at) VALUES (:node, :now) "
            "ON CONFLICT (node) DO UPDATE SET seen_at = excluded.seen_at"
        ),
        {"node": node, "now": now},
    )
    conn.execute(
        delete(call_nodes).where(
            call_nodes.c.seen_at < now - _FORGOTTEN_S,
            call_nodes.c.node.not_in(select(calls.c.node).where(calls.c.ended_at.is_(None))),
        )
    )


def gone(conn: Connection, node: str) -> None:
    """Note that a node has ended as it should."""
    conn.execute(delete(call_nodes).where(call_nodes.c.node == node))


def with_calls(conn: Connection) -> dict[str, float | None]:
    """Return when each node that has calls in hand was seen last, None if it never was."""
    rows = conn.execute(
        select(calls.c.node, call_nodes.c.seen_at)
        .select_from(calls.outerjoin(call_nodes, call_nodes.c.node == calls.c.node))
        .where(calls.c.ended_at.is_(None), calls.c.node != "")
        .distinct()
    )
    return {row[0]: row[1] for row in rows}


def last_seen(conn: Connection, node: str) -> float | None:
    """Return when a node was seen last, None if it never was."""
    query = select(call_nodes.c.seen_at).where(call_nodes.c.node == node)
    return conn.execute(query).scalar_one_or_none()


def living(conn: Connection, since: float) -> list[str]:
    """Return the nodes that were seen since then."""
    query = select(call_nodes.c.node).where(call_nodes.c.seen_at >= since)
    return list(conn.execute(query.order_by(call_nodes.c.node)).scalars())


def holder(conn: Connection, call_uuid: str) -> str | None:
    """Return the node that has a call in hand, "" while it waits; None when it is none or over."""
    query = select(calls.c.node).where(calls.c.call_uuid == call_uuid, calls.c.ended_at.is_(None))
    return conn.execute(query).scalar_one_or_none()
