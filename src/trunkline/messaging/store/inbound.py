"""Inbound messages: parts until they are whole, then the record and its forward."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, exists, select, tuple_

from trunkline.messaging.model import State
from trunkline.messaging.store.tables import inbound_parts, messages
from trunkline.runtime.db import BulkInsert, BulkSelect, BulkUpdate

_insert_parts = BulkInsert(inbound_parts, tuple(column.name for column in inbound_parts.columns))
_forwarded = BulkUpdate(messages, ("state", "updated_at", "extra"), ("message_uuid",))
_select_messages = BulkSelect(
    messages,
    ("message_uuid", "account_id", "sender", "recipient", "extra"),
    "message_uuid",
    where="type <> 'whatsapp'",
)

_KEY = (
    inbound_parts.c.carrier,
    inbound_parts.c.sender,
    inbound_parts.c.recipient,
    inbound_parts.c.reference,
    inbound_parts.c.total,
)


class InboundPart(NamedTuple):
    """One part as it came; `content` is the hexadecimal of its undecoded octets."""

    id: str
    carrier: str
    sender: str
    recipient: str
    reference: int
    total: int
    part: int
    data_coding: int
    content: str
    received_at: float

    @property
    def key(self) -> tuple[str, str, str, int, int]:
        return (self.carrier, self.sender, self.recipient, self.reference, self.total)


def add_parts(conn: Connection, parts: Sequence[InboundPart]) -> list[list[InboundPart]]:
    """Store parts; return, and forget, those messages that are whole now, parts in order."""
    _insert_parts.run(conn, list(parts))
    whole: list[list[InboundPart]] = []
    for key in dict.fromkeys(part.key for part in parts):
        known = _parts_of(conn, key)
        if len(known) >= key[4]:
            whole.append(known)
            conn.execute(delete(inbound_parts).where(tuple_(*_KEY) == key))
    return whole


def has_older(conn: Connection, before: float) -> bool:
    """Tell whether parts wait since before then."""
    return bool(conn.execute(select(exists().where(inbound_parts.c.received_at < before))).scalar())


def take_incomplete(conn: Connection, before: float) -> list[list[InboundPart]]:
    """Take out messages whose first part came before then and whose rest never did."""
    keys = conn.execute(
        select(*_KEY).where(inbound_parts.c.received_at < before).distinct().limit(100)
    ).all()
    taken: list[list[InboundPart]] = []
    for key in keys:
        taken.append(_parts_of(conn, tuple(key)))
        conn.execute(delete(inbound_parts).where(tuple_(*_KEY) == tuple(key)))
    return taken


def _parts_of(conn: Connection, key: tuple[Any, ...]) -> list[InboundPart]:
    """Read the parts of a message in order; one that came twice counts once, the first wins."""
    rows = conn.execute(
        select(inbound_parts).where(tuple_(*_KEY) == key).order_by(inbound_parts.c.received_at)
    )
    by_number: dict[int, InboundPart] = {}
    for row in rows:
        by_number.setdefault(row.part, InboundPart._make(row))
    return [by_number[number] for number in sorted(by_number)]


def mark_forwarded(conn: Connection, results: Sequence[tuple[str, bool]], now: float) -> None:
    """Note which message_url took its message: delivered, or undelivered for good."""
    _forwarded.run(
        conn,
        [
            ((State.DELIVERED if ok else State.UNDELIVERED).value, now, "", uuid)
            for uuid, ok in dict(results).items()
        ],
    )


def ends_of(conn: Connection, uuids: Sequence[str]) -> dict[str, tuple[str, str, str]]:
    """Return (account_id, sender unmasked, recipient) of messages not yet marked.

    PLIVO messaging: WhatsApp messages cannot be answered by XML, so those are left out.
    """
    return {
        row[0]: (row[1], row[4] or row[2], row[3]) for row in _select_messages.fetch(conn, uuids)
    }
