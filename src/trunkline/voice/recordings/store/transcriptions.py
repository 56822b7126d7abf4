"""SQL of transcriptions."""

from sqlalchemy import ColumnElement, delete, or_, select, update

from trunkline.runtime.db import BulkInsert, Connection
from trunkline.voice.recordings.model import Transcription
from trunkline.voice.recordings.store.tables import transcriptions

_COLUMNS = tuple(transcriptions.c[name] for name in Transcription._fields)
_insert = BulkInsert(transcriptions, Transcription._fields, ignore_conflicts=True)


def insert(conn: Connection, one: Transcription) -> bool:
    """Store a new transcription; False if its recording has one."""
    return _insert.run(conn, [one]) > 0


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
