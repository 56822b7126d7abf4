"""The queue: put in, find by target under a lease, settle, put off, find out who has work."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import text

from trunkline.runtime.db import BulkInsert, BulkSelect, BulkUpdate, Connection, announce
from trunkline.webhooks.model import Claimed, NewWebhook, target_of
from trunkline.webhooks.store.tables import webhook_attempts, webhooks

QUEUED = "webhooks.queued"  # announced with the target when its queue got something


class Claim(NamedTuple):
    """A wish for up to `limit` due webhooks of a target, besides those that are `held` already.

    Who wishes must have the target's lease; with `lease_until` it is taken or prolonged.
    """

    target: str
    limit: int
    now: float
    owner: str
    held: frozenset[int]
    lease_until: float | None


class ClaimResult(NamedTuple):
    """What was found, oldest first; `next_due` is set when nothing else is due now."""

    rows: list[Claimed]
    next_due: float | None
    leased: bool = True  # False: another worker serves the target until `next_due`


class Settled(NamedTuple):
    """An attempt that was made, and where its webhook stands after it."""

    id: int
    state: int
    due_at: float
    attempt: int
    ended_at: float | None
    started_at: float
    duration_ms: int
    signature: str
    final_url: str | None
    status: int | None
    headers: str | None
    body: str | None
    error: str | None


class Postponed(NamedTuple):
    """A webhook that was not tried, to be found again at a time."""

    id: int
    due_at: float


class LeaseLost(Exception):
    """One of a batch was settled by another worker meanwhile: the batch is run item by item."""


_insert = BulkInsert(
    webhooks,
    (
        "account_id", "kind", "resource_uuid", "method", "url", "target", "encoding", "body",
        "due_at", "created_at",
    ),
)  # fmt: skip
# An attempt counts once: who lost the lease to another worker comes too late.
_settle = BulkUpdate(
    webhooks,
    ("state", "due_at", "ended_at"),
    ("id", "attempts"),
    also="attempts = webhooks.attempts + 1",
    where="webhooks.state = 0",
)
_insert_attempts = BulkInsert(
    webhook_attempts,
    (
        "webhook_id", "attempt", "started_at", "duration_ms", "signature", "final_url", "status",
        "headers", "body", "error",
    ),
)  # fmt: skip
_postpone = BulkUpdate(webhooks, ("due_at",), ("id",), where="webhooks.state = 0")
_select = BulkSelect(webhooks, Claimed._fields, "id")

_LEASE = text("""
    INSERT INTO webhook_leases (target, owner, until) VALUES (:target, :owner, :until)
    ON CONFLICT (target) DO UPDATE SET owner = excluded.owner, until = excluded.until
    WHERE webhook_leases.owner = excluded.owner OR webhook_leases.until <= :now
""")
_LEASED_UNTIL = text("SELECT until FROM webhook_leases WHERE target = :target")
_DUE = (
    "SELECT id FROM webhooks WHERE state < 2 AND target = {mark} AND due_at <= {mark} "
    "ORDER BY due_at, id LIMIT {mark}"
)
_NEXT_DUE = (
    "SELECT min(due_at) FROM webhooks WHERE state < 2 AND target = {mark} AND due_at > {mark}"
)
# One look at the index per target, however many webhooks each has.
_TARGETS = text("""
    WITH RECURSIVE found(target) AS (
        SELECT (SELECT target FROM webhooks WHERE state < 2 ORDER BY target LIMIT 1)
        UNION ALL
        SELECT (SELECT w.target FROM webhooks w WHERE w.state < 2 AND w.target > found.target
                ORDER BY w.target LIMIT 1)
        FROM found WHERE found.target IS NOT NULL
    )
    SELECT target, due FROM (
        SELECT target, (SELECT min(w.due_at) FROM webhooks w
                        WHERE w.state < 2 AND w.target = found.target) AS due
        FROM found WHERE target IS NOT NULL
    ) AS planned WHERE due <= :until ORDER BY due LIMIT :limit
""")
_TAKE_OVER = text(
    "DELETE FROM webhook_leases WHERE owner <> :owner AND substr(owner, 1, :length) = :prefix"
)
_HAND_OVER = text("DELETE FROM webhook_leases WHERE owner = :owner")
_FORGET_LEASES = text("DELETE FROM webhook_leases WHERE until < :before")


def enqueue(conn: Connection, requests: Sequence[NewWebhook]) -> None:
    """Queue webhooks in the caller's transaction, whose commit announces their targets."""
    if not requests:
        return
    rows = [
        (account, kind, uuid, method, url, target_of(url), encoding, body, at, at)
        for account, kind, uuid, method, url, body, at, encoding in requests
    ]
    _insert.run(conn, rows)
    for target in {row[5] for row in rows}:
        announce(conn, QUEUED, target)


def claim(conn: Connection, wishes: Sequence[Claim]) -> list[ClaimResult]:
    """Take leases and find due webhooks, one result each. A batch function of `Database.submit`."""
    return [_claim(conn, wish) for wish in wishes]


def _claim(conn: Connection, wish: Claim) -> ClaimResult:
    if wish.lease_until is not None and not _lease(conn, wish, wish.lease_until):
        until = conn.execute(_LEASED_UNTIL, {"target": wish.target}).scalar()
        return ClaimResult([], wish.now if until is None else float(until), leased=False)
    return find(conn, wish)


def find(conn: Connection, wish: Claim) -> ClaimResult:
    """Find due webhooks of a target whose lease is held; only reads."""
    mark = "?" if conn.dialect.name == "sqlite" else "%s"
    limit = wish.limit + len(wish.held)
    cursor: Any = conn.connection.cursor()
    try:
        cursor.execute(_DUE.format(mark=mark), (wish.target, wish.now, limit))
        due = [row[0] for row in cursor.fetchall()]
        next_due = None
        if len(due) < limit:
            cursor.execute(_NEXT_DUE.format(mark=mark), (wish.target, wish.now))
            next_due = cursor.fetchone()[0]
    finally:
        cursor.close()
    fresh = [row_id for row_id in due if row_id not in wish.held]
    found = {row[0]: Claimed._make(row) for row in _select.fetch(conn, fresh)}
    return ClaimResult([found[row_id] for row_id in fresh], next_due)


def _lease(conn: Connection, wish: Claim, until: float) -> bool:
    values = {"target": wish.target, "owner": wish.owner, "until": until, "now": wish.now}
    return conn.execute(_LEASE, values).rowcount == 1


def settle(conn: Connection, items: Sequence[Settled]) -> bool:
    """Store attempts and move their webhooks on; False when the only one was another's.

    Raises:
        LeaseLost: one of several was; nothing of the batch may be committed.
    """
    changed = _settle.run(
        conn, [(s.state, s.due_at, s.ended_at, s.id, s.attempt - 1) for s in items]
    )
    if changed != len(items):
        if len(items) > 1:
            raise LeaseLost
        return False
    _insert_attempts.run(
        conn,
        [
            (
                s.id, s.attempt, s.started_at, s.duration_ms, s.signature, s.final_url, s.status,
                s.headers, s.body, s.error,
            )
            for s in items
        ],
    )  # fmt: skip
    return True


def postpone(conn: Connection, items: Sequence[Postponed]) -> list[None]:
    """Put off webhooks that were not tried. A batch function of `Database.submit`."""
    _postpone.run(conn, [(item.due_at, item.id) for item in items])
    return [None] * len(items)


def take_over(conn: Connection, owner: str, prefix: str) -> int:
    """End the leases of earlier owners with this prefix; return how many there were."""
    found = conn.execute(_TAKE_OVER, {"owner": owner, "prefix": prefix, "length": len(prefix)})
    return found.rowcount


def hand_over(conn: Connection, owner: str) -> None:
    """End the leases of an owner that stops."""
    conn.execute(_HAND_OVER, {"owner": owner})


def forget_leases(conn: Connection, before: float) -> int:
    """Remove leases that ended long ago, of targets nobody asks for any more."""
    return conn.execute(_FORGET_LEASES, {"before": before}).rowcount


def targets(conn: Connection, until: float, limit: int) -> list[tuple[str, float]]:
    """Return up to `limit` targets with a webhook due until then, and when the first of each is."""
    found = conn.execute(_TARGETS, {"until": until, "limit": limit})
    return [(target, due) for target, due in found]
