"""SQL of recordings."""

import math

from sqlalchemy import ColumnElement, delete, func, literal_column, or_, select, update

from trunkline.runtime.db import BulkInsert, Connection
from trunkline.values.pages import Page
from trunkline.voice.recordings.model import Filters, Recording, Standing
from trunkline.voice.recordings.store.tables import IS_PENDING, recordings, transcriptions
from trunkline.voice.records.model import is_uri

_COLUMNS = tuple(recordings.c[name] for name in Recording._fields)
_insert = BulkInsert(recordings, Recording._fields)
_READY = recordings.c.state == Standing.READY.value


def insert(conn: Connection, one: Recording) -> None:
    """Store a new recording."""
    _insert.run(conn, [one])


def finish(conn: Connection, one: Recording) -> bool:
    """Note that a pending recording is ready; False if it is not pending any more."""
    done = conn.execute(
        update(recordings)
        .where(
            recordings.c.recording_id == one.recording_id,
            recordings.c.state == Standing.PENDING.value,
        )
        .values(
            state=Standing.READY.value,
            draft="",
            aftermath="",
            started_at=one.started_at,
            ended_at=one.ended_at,
            duration_ms=one.duration_ms,
            size=one.size,
            added_at=one.added_at,
        )
    )
    return done.rowcount > 0


def find(conn: Connection, recording_id: str) -> Recording | None:
    """Return a recording, whoever owns it and whether it is ready or not."""
    query = select(*_COLUMNS).where(recordings.c.recording_id == recording_id)
    row = conn.execute(query).one_or_none()
    return None if row is None else Recording._make(row)


def get(conn: Connection, main_id: str, account_id: str, recording_id: str) -> Recording | None:
    """Return a recording that is ready and that the account may see."""
    where = [recordings.c.recording_id == recording_id, *_visible(main_id, account_id)]
    row = conn.execute(select(*_COLUMNS).where(*where)).one_or_none()
    return None if row is None else Recording._make(row)


def page(conn: Connection, filters: Filters, wanted: Page) -> tuple[list[Recording], int]:
    """Return a page of recordings, the newest first, and how many match in all."""
    where = _where(filters)
    rows = conn.execute(
        select(*_COLUMNS)
        .where(*where)
        .order_by(recordings.c.added_at.desc(), recordings.c.recording_id.desc())
        .limit(wanted.limit)
        .offset(wanted.offset)
    )
    found = [Recording._make(row) for row in rows]
    total = conn.execute(select(func.count()).select_from(recordings).where(*where)).scalar_one()
    return found, total


def remove(conn: Connection, recording_id: str) -> bool:
    """Forget a recording and its transcription; False if there was none."""
    conn.execute(delete(transcriptions).where(transcriptions.c.recording_id == recording_id))
    gone = conn.execute(delete(recordings).where(recordings.c.recording_id == recording_id))
    return gone.rowcount > 0


def give_up(conn: Connection, recording_id: str) -> bool:
    """Forget a recording that came to nothing; False if it is not pending any more."""
    gone = conn.execute(
        delete(recordings).where(
            recordings.c.recording_id == recording_id,
            recordings.c.state == Standing.PENDING.value,
        )
    )
    return gone.rowcount > 0


def let_go(conn: Connection, recording_id: str) -> bool:
    """Note that no node is at work on a pending recording; False if it is not pending any more."""
    done = conn.execute(
        update(recordings)
        .where(
            recordings.c.recording_id == recording_id,
            recordings.c.state == Standing.PENDING.value,
        )
        .values(node="")
    )
    return done.rowcount > 0


def pending(conn: Connection) -> list[Recording]:
    """Return the recordings that are not ready, the oldest first."""
    rows = conn.execute(
        select(*_COLUMNS).where(literal_column(IS_PENDING)).order_by(recordings.c.started_at)
    )
    return [Recording._make(row) for row in rows]


def _visible(main_id: str, account_id: str | None) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [recordings.c.main_id == main_id, _READY]
    if account_id is not None and account_id != main_id:
        where.append(recordings.c.account_id == account_id)
    return where


def _where(filters: Filters) -> list[ColumnElement[bool]]:
    where = _visible(filters.main_id, filters.account_id)
    where += [recordings.c[name] == value for name, value in filters.equal.items()]
    if filters.added.since > -math.inf:
        where.append(recordings.c.added_at >= filters.added.since)
    if filters.added.until < math.inf:
        where.append(recordings.c.added_at < filters.added.until)
    for name, ends in (("sender", filters.senders), ("recipient", filters.recipients)):
        if ends:
            where.append(or_(*(_is_or_begins(name, end) for end in ends)))
    return where


def _is_or_begins(name: str, end: str) -> ColumnElement[bool]:
    column: ColumnElement[str] = recordings.c[name]
    return column == end if is_uri(end) else column.startswith(end, autoescape=True)
