"""Tables of media: each once, and which message has which."""

from collections.abc import Iterable, Sequence

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Float,
    Index,
    Integer,
    Table,
    Text,
    delete,
    exists,
    func,
    or_,
    select,
    text,
    update,
)

from trunkline.messaging.media.model import UNUSED_LIFE_S, Medium, Origin, Standing
from trunkline.messaging.store.tables import dispatches
from trunkline.runtime.db import BulkInsert, metadata
from trunkline.values.pages import Page

HIDDEN_LIFE_S = 60.0
HIDDEN_RECEIVED_LIFE_S = 86_400.0

media = Table(
    "media",
    metadata,
    Column("media_id", Text, primary_key=True),
    Column("main_id", Text, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("origin", Text, nullable=False),  # uploaded | fetched | received
    Column("state", Text, nullable=False),  # pending | ready | failed
    Column("content_type", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("source_url", Text, nullable=False),
    Column("created_at", Float(53), nullable=False),
    Column("used_at", Float(53)),  # NULL: no message has taken it
    Column("hidden", Boolean, nullable=False),
    Index("ix_media_main_id_created_at", "main_id", "created_at"),
)
Index(
    "ix_media_unused",
    media.c.created_at,
    sqlite_where=text("used_at IS NULL"),
    postgresql_where=text("used_at IS NULL"),
)
Index(
    "ix_media_hidden",
    media.c.created_at,
    sqlite_where=text("hidden"),
    postgresql_where=text("hidden"),
)

message_media = Table(
    "message_media",
    metadata,
    Column("message_uuid", Text, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("media_id", Text, nullable=False),
    Index("ix_message_media_media_id", "media_id"),
)

_insert_media = BulkInsert(media, Medium._fields)
_insert_links = BulkInsert(message_media, ("message_uuid", "position", "media_id"))
_COLUMNS = tuple(media.c[name] for name in Medium._fields)


def add(conn: Connection, items: Sequence[Medium]) -> None:
    """Store new media."""
    _insert_media.run(conn, list(items))


def link(conn: Connection, uuids: Sequence[str], media_ids: Sequence[str], now: float) -> None:
    """Give messages their media, in that order, and note that these are used."""
    _insert_links.run(
        conn,
        [
            (uuid, position, media_id)
            for uuid in uuids
            for position, media_id in enumerate(media_ids)
        ],
    )
    used = update(media).where(media.c.media_id.in_(media_ids), media.c.used_at.is_(None))
    conn.execute(used.values(used_at=now))


def finish(conn: Connection, item: Medium) -> None:
    """Note what became of a medium that was pending."""
    conn.execute(
        update(media)
        .where(media.c.media_id == item.media_id)
        .values(
            state=item.state,
            content_type=item.content_type,
            file_name=item.file_name,
            size=item.size,
        )
    )


def find(conn: Connection, media_ids: Iterable[str]) -> dict[str, Medium]:
    """Return media by id, whoever owns them."""
    rows = conn.execute(select(*_COLUMNS).where(media.c.media_id.in_(list(media_ids))))
    return {row.media_id: Medium._make(row) for row in rows}


def of_account(
    conn: Connection, main_id: str, account_id: str, media_ids: Iterable[str], now: float
) -> dict[str, Medium]:
    """Return those media that an account may see and use now."""
    where = [*_visible(main_id, account_id, now), media.c.media_id.in_(list(media_ids))]
    rows = conn.execute(select(*_COLUMNS).where(*where))
    return {row.media_id: Medium._make(row) for row in rows}


def page(
    conn: Connection, main_id: str, account_id: str, wanted: Page, now: float
) -> tuple[list[Medium], int]:
    """Return a page of an account's media, the newest first, and how many there are."""
    where = _visible(main_id, account_id, now)
    rows = conn.execute(
        select(*_COLUMNS)
        .where(*where)
        .order_by(media.c.created_at.desc(), media.c.media_id.desc())
        .limit(wanted.limit)
        .offset(wanted.offset)
    )
    found = list(map(Medium._make, rows))
    total = conn.execute(select(func.count()).select_from(media).where(*where)).scalar_one()
    return found, total


def of_message(conn: Connection, message_uuid: str) -> list[Medium]:
    """Return the media of a message in their order, hidden ones too."""
    rows = conn.execute(
        select(*_COLUMNS)
        .join(message_media, message_media.c.media_id == media.c.media_id)
        .where(message_media.c.message_uuid == message_uuid)
        .order_by(message_media.c.position)
    )
    return list(map(Medium._make, rows))


def unlink(conn: Connection, message_uuid: str) -> list[str]:
    """Take a message's media from it; return the ids of those that go because it alone had them.

    What was uploaded stays: it may be sent again.
    """
    of_it = conn.execute(
        select(message_media.c.media_id).where(message_media.c.message_uuid == message_uuid)
    )
    ids = list(dict.fromkeys(of_it.scalars()))
    conn.execute(delete(message_media).where(message_media.c.message_uuid == message_uuid))
    linked = exists().where(message_media.c.media_id == media.c.media_id)
    gone = conn.execute(
        select(media.c.media_id).where(
            media.c.media_id.in_(ids), media.c.origin != Origin.UPLOADED, ~linked
        )
    )
    return _forget(conn, list(gone.scalars()))


def take_unused(conn: Connection, now: float, limit: int = 500) -> list[str]:
    """Forget uploads that nobody used in their time; return their ids."""
    rows = conn.execute(
        select(media.c.media_id)
        .where(media.c.used_at.is_(None), media.c.created_at <= now - UNUSED_LIFE_S)
        .limit(limit)
    )
    return _forget(conn, list(rows.scalars()))


def take_hidden(conn: Connection, now: float, limit: int = 500) -> list[str]:
    """Forget media that are not to be logged; return their ids.

    Those of outbound messages once these are final, those received when an application had a day
    to fetch them.
    """
    awaited = (
        exists()
        .where(message_media.c.media_id == media.c.media_id)
        .where(dispatches.c.message_uuid == message_media.c.message_uuid)
    )
    rows = conn.execute(
        select(media.c.media_id)
        .where(media.c.hidden, media.c.created_at < now - HIDDEN_LIFE_S, ~awaited)
        .where(
            or_(
                media.c.origin != Origin.RECEIVED,
                media.c.created_at < now - HIDDEN_RECEIVED_LIFE_S,
            )
        )
        .limit(limit)
    )
    return _forget(conn, list(rows.scalars()))


def _forget(conn: Connection, ids: list[str]) -> list[str]:
    if ids:
        conn.execute(delete(message_media).where(message_media.c.media_id.in_(ids)))
        conn.execute(delete(media).where(media.c.media_id.in_(ids)))
    return ids


def _visible(main_id: str, account_id: str, now: float) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [
        media.c.main_id == main_id,
        media.c.state == Standing.READY,
        media.c.hidden.is_(False),
        or_(media.c.used_at.is_not(None), media.c.created_at > now - UNUSED_LIFE_S),
    ]
    if account_id != main_id:
        where.append(media.c.account_id == account_id)
    return where
