"""The queue of outbound messages: accept, claim, sent, failed, released.

Each function takes all items of one kind that wait for the group commit, and queues the status
callbacks of what it changed in the same transaction.
"""

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, text

from trunkline.billing.model import Debit
from trunkline.billing.store import debit
from trunkline.messaging import status_callback
from trunkline.messaging.model import (
    SENT,
    WAITING,
    Attach,
    Dispatch,
    Failed,
    Released,
    Row,
    Sent,
    State,
)
from trunkline.messaging.store import receipts
from trunkline.messaging.store.tables import dispatches, messages, parts
from trunkline.runtime.db import BulkInsert, BulkSelect, BulkUpdate, announce
from trunkline.webhooks import NewWebhook, enqueue

_age = attrgetter("due_at", "message_uuid")

QUEUED = "messages.queued"  # announced with the carrier's name when its queue got something

MESSAGE_COLUMNS = tuple(column.name for column in messages.columns)
DISPATCH_COLUMNS = Dispatch._fields

insert_messages = BulkInsert(messages, MESSAGE_COLUMNS)
_insert_dispatches = BulkInsert(dispatches, DISPATCH_COLUMNS)
_insert_parts = BulkInsert(
    parts,
    ("message_uuid", "part", "total", "carrier", "carrier_key", "recipient", "state", "error_code"),
    ignore_conflicts=True,
)
_sent_dispatches = BulkUpdate(
    dispatches, ("state", "sent_at"), ("message_uuid",), where="dispatches.state = 'sending'"
)
_sent_messages = BulkUpdate(
    messages, ("state", "sent_at", "updated_at", "carrier"), ("message_uuid",)
)
_failed_messages = BulkUpdate(
    messages, ("state", "error_code", "amount", "updated_at"), ("message_uuid",)
)
_released_dispatches = BulkUpdate(
    dispatches,
    ("state", "owner", "carrier", "due_at", "attempts", "tried"),
    ("message_uuid",),
    where="dispatches.state = 'sending'",
)
_select_unsent = BulkSelect(
    dispatches, ("message_uuid",), "message_uuid", where="state <> 'sent'", for_update=True
)

_Item = TypeVar("_Item", Sent, Failed, Released)

_COLUMNS = ", ".join(DISPATCH_COLUMNS)
_CLAIM = (
    "UPDATE dispatches SET state = 'sending', owner = {mark} WHERE message_uuid IN ("  # noqa: S608
    "SELECT message_uuid FROM dispatches WHERE state = 'waiting' AND carrier = {mark} "
    "AND due_at <= {mark} ORDER BY due_at, message_uuid LIMIT {mark}{lock}) "
    f"RETURNING {_COLUMNS}"
)
_CLAIM_SQLITE = _CLAIM.format(mark="?", lock="")
_CLAIM_POSTGRESQL = _CLAIM.format(mark="%s", lock=" FOR UPDATE SKIP LOCKED")


class Outbound(NamedTuple):
    """One accepted request: rows in column order, and the callbacks that are due at once."""

    messages: list[Row]
    dispatches: list[Dispatch]
    webhooks: list[NewWebhook]
    attach: Attach | None = None


class Claim(NamedTuple):
    """Up to `limit` due messages wanted for a carrier."""

    carrier: str
    limit: int
    now: float
    owner: str


def insert(conn: Connection, items: Sequence[Outbound]) -> None:
    """Store accepted messages, queue them and their first callbacks."""
    insert_messages.run(conn, [row for item in items for row in item.messages])
    _insert_dispatches.run(conn, [row for item in items for row in item.dispatches])
    for item in items:
        if item.attach is not None:
            item.attach(conn, [row[0] for row in item.messages])
    enqueue(conn, [webhook for item in items for webhook in item.webhooks])
    _announce(conn, (row.carrier for item in items for row in item.dispatches))


def claim(conn: Connection, wanted: Sequence[Claim]) -> list[list[Dispatch]]:
    """Take due messages for sending, oldest first; nobody else gets them."""
    statement = _CLAIM_SQLITE if conn.dialect.name == "sqlite" else _CLAIM_POSTGRESQL
    claimed: list[list[Dispatch]] = []
    cursor: Any = conn.connection.cursor()
    try:
        for want in wanted:
            cursor.execute(statement, (want.owner, want.carrier, want.now, want.limit))
            rows = list(map(Dispatch._make, cursor.fetchall()))
            rows.sort(key=_age)
            claimed.append(rows)
    finally:
        cursor.close()
    return claimed


def mark_sent(conn: Connection, items: Sequence[Sent]) -> None:
    """The carrier took all parts: note its ids, charge, tell the customer, match early receipts."""
    items = _distinct(items)
    changed = _sent_dispatches.run(
        conn, [(SENT, item.at, item.dispatch.message_uuid) for item in items]
    )
    if changed != len(items):  # another process recovered some in the meantime
        items = _only_known(conn, items)
    _sent_messages.run(
        conn,
        [
            (State.SENT.value, item.at, item.at, item.carrier, item.dispatch.message_uuid)
            for item in items
        ],
    )
    _insert_parts.run(
        conn,
        [
            (
                item.dispatch.message_uuid,
                part.number,
                part.total,
                item.carrier,
                part.key,
                item.dispatch.recipient,
                "",
                0,
            )
            for item in items
            for part in item.parts
        ],
    )
    debit(conn, [charge(item) for item in items])
    enqueue(conn, status_callback.of_sent(items))
    receipts.match_early(conn, items)


def charge(item: Sent) -> Debit:
    """Return what a message costs that the carrier took."""
    dispatch = item.dispatch
    return Debit(
        dispatch.payer,
        dispatch.cost,
        "message",
        dispatch.message_uuid,
        item.at,
        dispatch.account_id,
        dispatch.fee_rate * dispatch.units,
        dispatch.type,
        "outbound",
        dispatch.units,
    )


def mark_failed(conn: Connection, items: Sequence[Failed]) -> None:
    """Give up on messages that no carrier took: final, not charged."""
    items = _distinct(items)
    alive = {row[0] for row in _select_unsent.fetch(conn, _uuids(items))}
    items = [item for item in items if item.dispatch.message_uuid in alive]
    _failed_messages.run(
        conn,
        [
            (State.FAILED.value, item.error_code, 0, item.at, item.dispatch.message_uuid)
            for item in items
        ],
    )
    receipts.delete_dispatches(conn, _uuids(items))
    enqueue(conn, status_callback.of_failed(items))


def release(conn: Connection, items: Sequence[Released]) -> None:
    """Put messages back into the queue."""
    _released_dispatches.run(
        conn,
        [
            (
                WAITING,
                "",
                item.carrier,
                item.due_at,
                item.attempts,
                item.tried,
                item.dispatch.message_uuid,
            )
            for item in _distinct(items)
        ],
    )
    _announce(conn, (item.carrier for item in items))


def expired(conn: Connection, now: float, limit: int = 500) -> list[Dispatch]:
    """Return queued messages whose time is over."""
    rows = conn.execute(
        text(
            f"SELECT {_COLUMNS} FROM dispatches WHERE state = 'waiting' AND expires_at <= :now "  # noqa: S608
            "LIMIT :limit"
        ),
        {"now": now, "limit": limit},
    )
    return [Dispatch._make(row) for row in rows]


def waiting_for(conn: Connection, carrier: str, limit: int = 500) -> list[Dispatch]:
    """Return queued messages of a carrier, oldest first, without claiming them."""
    rows = conn.execute(
        text(
            f"SELECT {_COLUMNS} FROM dispatches WHERE state = 'waiting' AND carrier = :carrier "  # noqa: S608
            "ORDER BY due_at, message_uuid LIMIT :limit"
        ),
        {"carrier": carrier, "limit": limit},
    )
    return [Dispatch._make(row) for row in rows]


def reroute(conn: Connection, moves: Sequence[tuple[str, str]]) -> int:
    """Move queued messages, given as (carrier, message_uuid), to another carrier."""
    update = BulkUpdate(
        dispatches, ("carrier",), ("message_uuid",), where="dispatches.state = 'waiting'"
    )
    _announce(conn, (carrier for carrier, _ in moves))
    return update.run(conn, list(moves))


def sending_of(conn: Connection, owner: str) -> list[Dispatch]:
    """Return the messages that a process had in hand."""
    rows = conn.execute(
        text(f"SELECT {_COLUMNS} FROM dispatches WHERE state = 'sending' AND owner = :owner"),  # noqa: S608
        {"owner": owner},
    )
    return [Dispatch._make(row) for row in rows]


def owners(conn: Connection) -> list[str]:
    """Return every process that has messages in hand."""
    rows = conn.execute(text("SELECT DISTINCT owner FROM dispatches WHERE state = 'sending'"))
    return [row[0] for row in rows]


def _announce(conn: Connection, carriers: Iterable[str]) -> None:
    for carrier in set(carriers):
        announce(conn, QUEUED, carrier)


def _distinct(items: Sequence[_Item]) -> list[_Item]:
    return list({item.dispatch.message_uuid: item for item in items}.values())


def _uuids(items: Sequence[Failed]) -> list[str]:
    return [item.dispatch.message_uuid for item in items]


def _only_known(conn: Connection, items: Sequence[Sent]) -> list[Sent]:
    """Keep the items whose row exists and is sent by the update just made.

    What was sent before has parts already, perhaps by this very update: its commit may have
    succeeded although the connection broke.
    """
    uuids = [item.dispatch.message_uuid for item in items]
    select = BulkSelect(
        dispatches, ("message_uuid", "sent_at"), "message_uuid", where="state = 'sent'"
    )
    known = dict(select.fetch(conn, uuids))
    before = {
        row[0] for row in BulkSelect(parts, ("message_uuid",), "message_uuid").fetch(conn, known)
    }
    return [
        item
        for item in items
        if (uuid := item.dispatch.message_uuid) not in before and known.get(uuid) == item.at
    ]


def mark_expired(conn: Connection, items: Sequence[Failed]) -> None:
    """Fail messages that nobody has claimed since they were found expired."""
    select = BulkSelect(
        dispatches, ("message_uuid",), "message_uuid", where="state = 'waiting'", for_update=True
    )
    waiting = {row[0] for row in select.fetch(conn, _uuids(items))}
    mark_failed(conn, [item for item in items if item.dispatch.message_uuid in waiting])


def carrierless(conn: Connection, known: frozenset[str], limit: int = 500) -> list[Dispatch]:
    """Return queued messages of carriers that are not among `known`."""
    used = conn.execute(text("SELECT DISTINCT carrier FROM dispatches WHERE state = 'waiting'"))
    unknown = [row[0] for row in used if row[0] not in known]
    return [row for carrier in unknown for row in waiting_for(conn, carrier, limit)]
