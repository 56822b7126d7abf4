"""Count messages by campaign too: segments are counted anew."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_KINDS = ("account_id", "direction", "state", "type", "country", "error_code", "powerpack_uuid", "campaign_id")
_LISTED = ", ".join(_KINDS)

# Of a row as it was or is now: what it counts as, and the segment it is in, if any.
_SEGMENT = """
    (SELECT id FROM message_segments WHERE main_id = {row}.main_id
     AND starts_at <= {row}.created_at ORDER BY starts_at DESC LIMIT 1)
    AND {row}.created_at < (SELECT ends_at FROM message_segments WHERE main_id = {row}.main_id
     AND starts_at <= {row}.created_at ORDER BY starts_at DESC LIMIT 1)
"""


def _value(row: str, name: str) -> str:
    return f"coalesce({row}.error_code, -1)" if name == "error_code" else f"{row}.{name}"


def _leave() -> str:
    same = " AND ".join(f"{name} = {_value('OLD', name)}" for name in _KINDS)
    where = _SEGMENT.format(row="OLD")
    return f"UPDATE message_tallies SET total = total - 1 WHERE {same} AND segment_id = {where};"  # noqa: S608


def _join() -> str:
    values = ", ".join(_value("NEW", name) for name in _KINDS)
    where = _SEGMENT.format(row="NEW")
    return (
        f"INSERT INTO message_tallies (segment_id, {_LISTED}, total) "  # noqa: S608
        f"SELECT id, {values}, 1 FROM message_segments WHERE id = {where} "
        f"ON CONFLICT (segment_id, {_LISTED}) "
        "DO UPDATE SET total = message_tallies.total + 1;"
    )


def _arrive() -> str:
    where = _SEGMENT.format(row="NEW")
    number = (
        "INSERT INTO message_ends (segment_id, role, number, total) "
        "SELECT id, {role}, NEW.{column}, 1 FROM message_segments WHERE id = " + where + " "
        "ON CONFLICT (segment_id, role, number) DO UPDATE SET total = message_ends.total + 1;"
    )
    return (
        f"UPDATE message_segments SET total = total + 1 WHERE id = {where};"  # noqa: S608
        + _join()
        + number.format(role=0, column="sender")
        + number.format(role=1, column="recipient")
    )


def _kind(name: str) -> sa.Column[Any]:
    if name == "error_code":
        return sa.Column(name, sa.Integer(), autoincrement=False, nullable=False)
    return sa.Column(name, sa.Text(), autoincrement=False, nullable=False)


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER messages_late_change")
        op.execute("DROP TRIGGER messages_late_arrival")
    op.execute("DELETE FROM message_ends")
    op.execute("DELETE FROM message_segments")
    op.drop_table("message_tallies")
    op.create_table(
        "message_tallies",
        sa.Column("segment_id", sa.BigInteger(), autoincrement=False, nullable=False),
        *map(_kind, _KINDS),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("segment_id", *_KINDS, name=op.f("pk_message_tallies")),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "postgresql":
        _postgresql()
    else:
        _sqlite()


# What is 30 seconds old may be in a segment that is closed, or just being closed.
_LATE = "NEW.updated_at > OLD.created_at + 30 OR NEW.updated_at = OLD.updated_at"


def _sqlite() -> None:
    op.execute(
        "CREATE TRIGGER messages_late_change AFTER UPDATE OF state, error_code ON messages "
        f"WHEN {_LATE} BEGIN {_leave()} {_join()} END"
    )
    op.execute(
        "CREATE TRIGGER messages_late_arrival AFTER INSERT ON messages "
        "WHEN NEW.created_at < strftime('%s', 'now') - 30 "
        f"BEGIN {_arrive()} END"
    )


def _postgresql() -> None:
    # Shared: whoever closes a segment holds it alone.
    lock = "PERFORM pg_advisory_xact_lock_shared(32481117213126260);"
    for name, work in (("change", _leave() + _join()), ("arrival", _arrive())):
        op.execute(
            f"CREATE OR REPLACE FUNCTION messages_late_{name}() RETURNS trigger "
            f"LANGUAGE plpgsql AS $$ BEGIN {lock} {work} RETURN NULL; END $$"
        )
