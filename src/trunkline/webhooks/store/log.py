"""The log: look webhooks up, see their attempts, send one again, forget old ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, delete, insert, select

from trunkline.runtime.db import Connection, announce
from trunkline.webhooks.model import CONTENT_TYPES, State
from trunkline.webhooks.sign import MAIN_SIGNATURE_V2, NONCE_V2, SIGNATURE_V2
from trunkline.webhooks.store.queue import QUEUED
from trunkline.webhooks.store.tables import webhook_attempts, webhooks


@dataclass(frozen=True, slots=True)
class WebhookFilter:
    """Which webhooks are wanted; None and () mean any."""

    account_ids: Sequence[str] = ()
    kind: str | None = None
    state: State | None = None
    resource_uuid: str | None = None
    since: float | None = None  # created at or after
    until: float | None = None  # created before


@dataclass(frozen=True, slots=True)
class WebhookRecord:
    """A webhook as it stands; `due_at` is its next attempt while it is waiting."""

    id: int
    account_id: str
    kind: str
    resource_uuid: str
    method: str
    url: str
    encoding: str
    body: str
    state: State
    due_at: float
    attempts: int
    created_at: float
    ended_at: float | None
    replay_of: int | None


@dataclass(frozen=True, slots=True)
class AttemptRecord:
    """One attempt: what was sent beside the webhook's body, and what came back."""

    attempt: int
    started_at: float
    duration_ms: int
    request_headers: list[tuple[str, str]]
    final_url: str | None
    status: int | None
    headers: str | None
    body: str | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Replayed:
    """The fresh copy of a webhook, and the target it goes to."""

    id: int
    target: str


_RECORD = tuple(webhooks.c[name] for name in WebhookRecord.__dataclass_fields__)


def list_webhooks(
    conn: Connection, wanted: WebhookFilter, *, limit: int = 20, before_id: int | None = None
) -> list[WebhookRecord]:
    """Return the newest webhooks that match; pass the last one's id for the next page."""
    query = select(*_RECORD).order_by(webhooks.c.id.desc()).limit(limit)
    for condition in _conditions(conn, wanted):
        query = query.where(condition)
    if before_id is not None:
        query = query.where(webhooks.c.id < before_id)
    return [as_record(row) for row in conn.execute(query)]


def get_webhook(
    conn: Connection, webhook_id: int
) -> tuple[WebhookRecord, list[AttemptRecord]] | None:
    """Return a webhook and its attempts, the first one first."""
    row = conn.execute(select(*_RECORD).where(webhooks.c.id == webhook_id)).one_or_none()
    if row is None:
        return None
    record = as_record(row)
    query = select(webhook_attempts).where(webhook_attempts.c.webhook_id == webhook_id)
    found = conn.execute(query.order_by(webhook_attempts.c.attempt)).mappings()
    return record, [_attempt(record, attempt) for attempt in found]


def replay(conn: Connection, webhook_id: int, now: float) -> Replayed | None:
    """Queue a copy of a webhook, to be sent at once; None when there is no such webhook."""
    copied = ("account_id", "kind", "resource_uuid", "method", "url", "target", "encoding", "body")
    original = conn.execute(
        select(*(webhooks.c[name] for name in copied)).where(webhooks.c.id == webhook_id)
    ).one_or_none()
    if original is None:
        return None
    values = dict(zip(copied, original, strict=True))
    made = conn.execute(
        insert(webhooks)
        .values(**values, due_at=now, created_at=now, replay_of=webhook_id)
        .returning(webhooks.c.id)
    )
    announce(conn, QUEUED, values["target"])
    return Replayed(made.scalar_one(), values["target"])


def purge(conn: Connection, before: float, *, limit: int = 1_000) -> int:
    """Forget up to `limit` ended webhooks created before a time; return how many.

    To be called again, in further transactions, until it returns 0.
    """
    query = (
        select(webhooks.c.id)
        .where(webhooks.c.id < _first_id_since(conn, before))
        .where(webhooks.c.state >= State.DELIVERED.value, webhooks.c.created_at < before)
        .order_by(webhooks.c.id)
        .limit(limit)
    )
    ids = list(conn.execute(query).scalars())
    if ids:
        conn.execute(delete(webhook_attempts).where(webhook_attempts.c.webhook_id.in_(ids)))
        conn.execute(delete(webhooks).where(webhooks.c.id.in_(ids)))
    return len(ids)


def _conditions(conn: Connection, wanted: WebhookFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.account_ids:
        conditions.append(webhooks.c.account_id.in_(wanted.account_ids))
    if wanted.kind is not None:
        conditions.append(webhooks.c.kind == wanted.kind)
    if wanted.state is not None:
        conditions.append(webhooks.c.state == wanted.state.value)
    if wanted.resource_uuid is not None:
        conditions.append(webhooks.c.resource_uuid == wanted.resource_uuid)
    if wanted.since is not None:
        conditions.append(webhooks.c.id >= _first_id_since(conn, wanted.since))
    if wanted.until is not None:
        conditions.append(webhooks.c.id < _first_id_since(conn, wanted.until))
    return conditions


def _first_id_since(conn: Connection, at: float) -> int:
    """Return the id from which on webhooks are not older than `at`.

    Ids rise with time, so a search by halves takes the place of an index on created_at.
    """
    low = _edge(conn, 1, descending=False)
    high = _edge(conn, 1 << 62, descending=True)
    if low is None or high is None:
        return 0
    low_id, high_id = low[0], high[0] + 1
    while low_id < high_id:
        middle = (low_id + high_id) // 2
        found = _edge(conn, middle, descending=False)
        if found is None or found[1] >= at:
            high_id = middle
        else:
            low_id = found[0] + 1
    return low_id


def _edge(conn: Connection, webhook_id: int, *, descending: bool) -> tuple[int, float] | None:
    query = select(webhooks.c.id, webhooks.c.created_at).limit(1)
    if descending:
        query = query.where(webhooks.c.id <= webhook_id).order_by(webhooks.c.id.desc())
    else:
        query = query.where(webhooks.c.id >= webhook_id).order_by(webhooks.c.id)
    row = conn.execute(query).one_or_none()
    return None if row is None else (row[0], row[1])


def as_record(row: Any) -> WebhookRecord:
    values: dict[str, Any] = dict(zip(WebhookRecord.__dataclass_fields__, row, strict=True))
    values["state"] = State(values["state"])
    return WebhookRecord(**values)


def _attempt(webhook: WebhookRecord, row: Any) -> AttemptRecord:
    names = AttemptRecord.__dataclass_fields__
    values = {name: row[name] for name in names if name != "request_headers"}
    headers: list[tuple[str, str]] = []
    if webhook.method != "GET":
        headers.append(("Content-Type", CONTENT_TYPES[cast("Any", webhook.encoding)]))
    if row["signature"]:
        nonce, owner, main = row["signature"].split(" ")
        headers += [(SIGNATURE_V2, owner), (MAIN_SIGNATURE_V2, main), (NONCE_V2, nonce)]
    return AttemptRecord(**values, request_headers=headers)
