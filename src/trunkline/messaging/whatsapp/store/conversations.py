"""Conversations: found, opened, extended."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, Select, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from trunkline.messaging.whatsapp.model import CONVERSATION_S, SERVICE, Conversation, Wish
from trunkline.messaging.whatsapp.store.tables import conversations, known
from trunkline.runtime.db import BulkSelect
from trunkline.values.ids import new_uuid

_CHUNK = 300
_Key = tuple[str, str, str]
_KEY = (conversations.c.number, conversations.c.handset, conversations.c.origin)
_details = BulkSelect(
    known, ("message_uuid", "conversation_id", "origin", "expires_at"), "message_uuid"
)


def open_with(conn: Connection, number: str, handsets: Sequence[str], now: float) -> set[str]:
    """Return those handsets that wrote to `number` in the last 24 hours."""
    found: set[str] = set()
    for start in range(0, len(handsets), _CHUNK):
        found.update(
            conn.execute(
                select(conversations.c.handset).where(
                    conversations.c.number == number,
                    conversations.c.origin == SERVICE,
                    conversations.c.expires_at > now,
                    conversations.c.handset.in_(handsets[start : start + _CHUNK]),
                )
            ).scalars()
        )
    return found


def join(conn: Connection, wishes: Sequence[Wish]) -> list[Conversation]:
    """Return the conversation of each wish; templates open theirs when there is none."""
    now_open = _read(conn, {(wish.number, wish.handset, wish.origin) for wish in wishes})
    joined: list[Conversation] = []
    for wish in wishes:
        key = (wish.number, wish.handset, wish.origin)
        found = now_open.get(key)
        if found is None or (wish.opens and found.expires_at <= wish.at):
            if not wish.opens:
                joined.append(Conversation(origin=wish.origin))
                continue
            found = now_open[key] = _opened(conn, key, wish.at)
        joined.append(found)
    return joined


def wrote(conn: Connection, number: str, handset: str, at: float) -> Conversation:
    """Open the conversation of somebody who wrote to `number`, or let it go on for 24 hours."""
    key = (number, handset, SERVICE)
    found = _read(conn, {key}).get(key)
    if found is None or found.expires_at <= at:
        return _opened(conn, key, at)
    until = max(found.expires_at, at + CONVERSATION_S)
    _put(conn, key, found.id, at, until, opens=False)
    return found._replace(expires_at=until)


def details(conn: Connection, uuids: Iterable[str]) -> dict[str, Conversation]:
    """Return the conversations of messages by uuid."""
    return {row[0]: Conversation(*row[1:]) for row in _details.fetch(conn, uuids)}


def members(equal: Mapping[str, str]) -> Select[tuple[str]]:
    """Select the uuids of messages whose `conversation_id` and `origin` are those."""
    return select(known.c.message_uuid).where(
        *(known.c[name] == value for name, value in equal.items())
    )


def _read(conn: Connection, keys: set[_Key]) -> dict[_Key, Conversation]:
    listed = sorted(keys)
    found: dict[_Key, Conversation] = {}
    for start in range(0, len(listed), _CHUNK):
        rows = conn.execute(
            select(*_KEY, conversations.c.id, conversations.c.expires_at).where(
                tuple_(*_KEY).in_(listed[start : start + _CHUNK])
            )
        )
        for row in rows:
            found[row.number, row.handset, row.origin] = Conversation(
                row.id, row.origin, row.expires_at
            )
    return found


def _opened(conn: Connection, key: _Key, at: float) -> Conversation:
    made = Conversation(new_uuid().replace("-", ""), key[2], at + CONVERSATION_S)
    _put(conn, key, made.id, at, made.expires_at, opens=True)
    return made


def _put(conn: Connection, key: _Key, id_: str, at: float, until: float, *, opens: bool) -> None:
    values = {
        **dict(zip(("number", "handset", "origin"), key, strict=True)),
        "id": id_,
        "opened_at": at,
        "expires_at": until,
    }
    changed = {"expires_at": until}
    if opens:
        changed = {"id": id_, "opened_at": at, **changed}
    insert = postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert
    statement = insert(conversations).values(**values)
    conn.execute(statement.on_conflict_do_update(index_elements=list(_KEY), set_=changed))
