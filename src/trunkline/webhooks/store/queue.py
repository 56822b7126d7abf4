"""The queue: put in, claim by target, settle, give back, find out who has work."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import text

from trunkline.runtime.db import BulkInsert, BulkUpdate, Connection, announce
from trunkline.webhooks.model import Claimed, NewWebhook, State, target_of
from trunkline.webhooks.store.tables import webhook_attempts, webhooks

QUEUED = "webhooks.queued"  # announced with the target when its queue got something


class Claim(NamedTuple):
    """A wish for up to `limit` due webhooks of a target, to be leased until `lease_until`."""

    target: str
    limit: int
    now: float
    lease_until: float
    owner: str


class ClaimResult(NamedTuple):
    """What was claimed, oldest first; `next_due` is set when nothing else is due now."""

    rows: list[Claimed]
    next_due: float | None


class Settled(NamedTuple):
    """An attempt that was made, and where its webhook stands after it."""

    id: int
    owner: str
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


class Release(NamedTuple):
    """A claimed webhook that was not tried."""

    id: int
    owner: str
    due_at: float


class ClaimLost(Exception):
    """One of a batch was claimed by another worker meanwhile: the batch is run item by item."""


_insert = BulkInsert(
    webhooks,
    (
        "account_id", "kind", "resource_uuid", "method", "url", "target", "encoding", "body",
        "due_at", "created_at",
    ),
)  # fmt: skip
_settle = BulkUpdate(
    webhooks,
    ("state", "due_at", "attempts", "ended_at"),
    ("id", "owner"),
    where="webhooks.state = 1",
)
_insert_attempts = BulkInsert(
    webhook_attempts,
    (
        "webhook_id", "attempt", "started_at", "duration_ms", "signature", "final_url", "status",
        "headers", "body", "error",
    ),
)  # fmt: skip
_release = BulkUpdate(webhooks, ("state", "due_at"), ("id", "owner"), where="webhooks.state = 1")

_CLAIMED = ", ".join(Claimed._fields).replace("lease_until", "due_at")
_CLAIM_SQLITE = (
    "UPDATE webhooks SET state = 1, due_at = ?, owner = ? WHERE id IN ("  # noqa: S608
    "SELECT id FROM webhooks WHERE state < 2 AND target = ? AND due_at <= ? "
    f"ORDER BY due_at LIMIT ?) RETURNING {_CLAIMED}"
)
# An array, because a sub-select with LIMIT may be run more than once by the planner.
_CLAIM_POSTGRESQL = (
    "UPDATE webhooks SET state = 1, due_at = %s, owner = %s WHERE id = ANY(ARRAY("  # noqa: S608
    "SELECT id FROM webhooks WHERE state < 2 AND target = %s AND due_at <= %s "
    f"ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED)) RETURNING {_CLAIMED}"
)
_NEXT_DUE = "SELECT min(due_at) FROM webhooks WHERE state < 2 AND target = "
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
    "UPDATE webhooks SET state = 0, due_at = :now WHERE state = 1 AND owner <> :owner "
    "AND substr(owner, 1, :length) = :prefix"
)


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
    """Lease due webhooks, one result for each wish. A batch function of `Database.submit`."""
    cursor: Any = conn.connection.cursor()
    sqlite = conn.dialect.name == "sqlite"
    statement, mark = (_CLAIM_SQLITE, "?") if sqlite else (_CLAIM_POSTGRESQL, "%s")
    results: list[ClaimResult] = []
    try:
        for target, limit, now, lease_until, owner in wishes:
            cursor.execute(statement, (lease_until, owner, target, now, limit))
            rows = sorted(map(Claimed._make, cursor.fetchall()))
            next_due = None
            if len(rows) < limit:
                cursor.execute(_NEXT_DUE + mark, (target,))
                next_due = cursor.fetchone()[0]
            results.append(ClaimResult(rows, next_due))
    finally:
        cursor.close()
    return results


def settle(conn: Connection, items: Sequence[Settled]) -> bool:
    """Store attempts and move their webhooks on; False when the only one was no longer ours.

    Raises:
        ClaimLost: one of several was no longer ours; nothing of the batch may be committed.
    """
    changed = _settle.run(
        conn, [(s.state, s.due_at, s.attempt, s.ended_at, s.id, s.owner) for s in items]
    )
    if changed != len(items):
        if len(items) > 1:
            raise ClaimLost
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


def release(conn: Connection, items: Sequence[Release]) -> list[None]:
    """Give back what was claimed and not tried. A batch function of `Database.submit`."""
    _release.run(conn, [(State.WAITING.value, r.due_at, r.id, r.owner) for r in items])
    return [None] * len(items)


def take_over(conn: Connection, owner: str, prefix: str, now: float) -> int:
    """Free at once what earlier owners with this prefix had claimed; return how much."""
    found = conn.execute(
        _TAKE_OVER, {"now": now, "owner": owner, "prefix": prefix, "length": len(prefix)}
    )
    return found.rowcount


def targets(conn: Connection, until: float, limit: int) -> list[tuple[str, float]]:
    """Return up to `limit` targets with a webhook due until then, and when the first of each is."""
    found = conn.execute(_TARGETS, {"until": until, "limit": limit})
    return [(target, due) for target, due in found]
