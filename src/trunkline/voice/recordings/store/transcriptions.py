"""SQL of transcriptions."""

from sqlalchemy import Boolean, ColumnElement, delete, literal_column, or_, select, update

from trunkline.runtime.db import BulkInsert, Connection, announce
from trunkline.voice.recordings.model import Transcription
from trunkline.voice.recordings.store.tables import IS_IN_PROGRESS, transcriptions

REQUESTED = "transcriptions.requested"
_COLUMNS = tuple(transcriptions.c[name] for name in Transcription._fields)
_insert = BulkInsert(transcriptions, Transcription._fields, ignore_conflicts=True)


def insert(conn: Connection, one: Transcription) -> bool:
    """Store a new transcription; False if its recording has one."""
    return _insert.run(conn, [one]) > 0


def request(conn: Connection, one: Transcription) -> bool:
    """Ask for a transcription; False if its recording has one, or will."""
    if not insert(conn, one):
        return False
    announce(conn, REQUESTED, one.transcription_id)
    return True


def lease(conn: Connection, now: float, until: float) -> Transcription | None:
    """Take the oldest in hand that nobody works on; None if there is none."""
    free = (literal_column(IS_IN_PROGRESS, Boolean()), transcriptions.c.leased_until <= now)
    query = select(transcriptions.c.transcription_id).where(*free)
    oldest = conn.execute(query.order_by(transcriptions.c.created_at).limit(1)).scalar()
    if oldest is None:
        return None
    row = conn.execute(
        update(transcriptions)
        .where(transcriptions.c.transcription_id == oldest, *free)
        .values(leased_until=until)
        .returning(*_COLUMNS)
    ).one_or_none()
    return None if row is None else Transcription._make(row)


def renew(conn: Connection, transcription_id: str, until: float) -> None:
    """Say that somebody is still at work."""
    conn.execute(
        update(transcriptions)
        .where(transcriptions.c.transcription_id == transcription_id)
        .values(leased_until=until)
    )


def finish(conn: Connection, one: Transcription) -> bool:
    """Note what was understood, or that nothing was; False if it was deleted meanwhile."""
    done = conn.execute(
        update(transcriptions)
        .where(transcriptions.c.transcription_id == one.transcription_id)
        .values(
            state=one.state,
            text=one.text,
            parts=one.parts,
            rate=one.rate,
            amount=one.amount,
            updated_at=one.updated_at,
        )
    )
    return done.rowcount > 0


def get(conn: Connection, main_id: str, account_id: str, id_: str) -> Transcription | None:
    """Return the transcription with that id, or of the recording with that id."""
    row = conn.execute(
        select(*_COLUMNS).where(*_visible(main_id, account_id, id_)).limit(1)
    ).one_or_none()
    return None if row is None else Transcription._make(row)


def remove(conn: Connection, main_id: str, account_id: str, id_: str) -> bool:
    """Forget a transcription; False if the account may see none with that id."""
    gone = conn.execute(delete(transcriptions).where(*_visible(main_id, account_id, id_)))
    return gone.rowcount > 0


def _visible(main_id: str, account_id: str, id_: str) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [
        transcriptions.c.main_id == main_id,
        or_(transcriptions.c.transcription_id == id_, transcriptions.c.recording_id == id_),
    ]
    if account_id != main_id:
        where.append(transcriptions.c.account_id == account_id)
    return where
