"""Closed stretches of an account's messages and how many of each kind they hold.

A segment is a stretch of `created_at` of one main account: about SEGMENT messages, none of them
recent. It is counted once, when it is closed (`close`), by every column a list can be narrowed by.
So a list knows how many match, and where a deep page begins, without reading the messages; only the
segments at the ends of its time window, and the recent ones, are read. `messages` itself needs no
index on what changes with every receipt.

What becomes of a message later than LATE_S after its creation, or comes in as late as that, is
added to its segment by triggers of the database (in the migrations): no statement can forget it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Float,
    Index,
    Integer,
    Select,
    Table,
    Text,
    func,
    insert,
    literal,
    select,
    text,
)

from trunkline.compliance.enforce import UNREGISTERED
from trunkline.messaging.store.tables import messages
from trunkline.runtime.db import metadata

SEGMENT = 5_000
SETTLE_S = 60.0  # a segment ends that long ago at least, twice as long as what counts as late
LATE_S = 30.0  # as in the triggers; no transaction may take longer than the difference
SENDER, RECIPIENT = 0, 1
NO_ERROR_YET = -1
_LOCK_KEY = (
    32_481_117_213_126_260  # "segment"; shared by the triggers, held alone while one is closed
)

KINDS = (
    "account_id", "direction", "state", "type", "country", "error_code", "powerpack_uuid",
    "campaign_id",
)  # fmt: skip
REGISTERED = "registered"  # in the place of a column: sent for a 10DLC campaign

_ID = BigInteger().with_variant(Integer(), "sqlite")


def _kind_column(name: str) -> Column[Any]:
    if name == "error_code":
        return Column(name, Integer, primary_key=True)
    return Column(name, Text, primary_key=True)


segments = Table(
    "message_segments",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("main_id", Text, nullable=False),
    Column("starts_at", Float(53), nullable=False),  # the first of an account at 0
    Column("ends_at", Float(53), nullable=False),  # where the next one starts
    Column("total", Integer, nullable=False),
    Index("ix_message_segments_main_id_starts_at", "main_id", "starts_at", unique=True),
)

tallies = Table(
    "message_tallies",
    metadata,
    Column("segment_id", BigInteger, primary_key=True, autoincrement=False),
    *map(_kind_column, KINDS),
    Column("total", Integer, nullable=False),
    sqlite_with_rowid=False,
)

ends = Table(
    "message_ends",
    metadata,
    Column("segment_id", BigInteger, primary_key=True, autoincrement=False),
    Column("role", Integer, primary_key=True, autoincrement=False),  # SENDER | RECIPIENT
    Column("number", Text, primary_key=True),
    Column("total", Integer, nullable=False),
    sqlite_with_rowid=False,
)


class Segment(NamedTuple):
    """A stretch of time, from `starts_at` to before `ends_at`, and how many messages match there.

    `most` is that number if `exact`; else some condition has to be looked at message by message.
    """

    starts_at: float
    ends_at: float
    most: int
    exact: bool


def find(
    conn: Connection, main_id: str, since: float, until: float, equal: Mapping[str, Any]
) -> list[Segment]:
    """Return the segments that have a part between two times, the newest first."""
    within = [
        segments.c.main_id == main_id,
        segments.c.ends_at > since,
        segments.c.starts_at < until,
    ]
    rows = conn.execute(
        select(segments.c.id, segments.c.starts_at, segments.c.ends_at, segments.c.total)
        .where(*within)
        .order_by(segments.c.starts_at.desc())
    ).all()
    if not rows:
        return []
    counts = [dict(map(tuple, conn.execute(query))) for query in _counting(within, equal)]
    uncounted = len(equal.keys() - {*KINDS, REGISTERED, "sender", "recipient"})
    return [
        Segment(start, end, *_joint([int(count.get(id_, 0)) for count in counts], uncounted, total))
        for id_, start, end, total in rows
    ]


def condition(table: Table, name: str, value: Any) -> ColumnElement[bool]:
    """Return what a column of messages or of tallies has to be."""
    if name == REGISTERED:
        return table.c.campaign_id > UNREGISTERED
    return table.c[name] == value


def _joint(counts: Sequence[int], uncounted: int, total: int) -> tuple[int, bool]:
    """Say how many match all conditions, from how many match each; and whether that is sure."""
    partial = [count for count in counts if count < total]
    most = min(partial, default=total)
    return most, most == 0 or (not uncounted and len(partial) < 2)


def _counting(
    within: Sequence[ColumnElement[bool]], equal: Mapping[str, Any]
) -> Iterator[Select[Any]]:
    kinds = [
        condition(tallies, name, equal[name]) for name in (*KINDS, REGISTERED) if name in equal
    ]
    if kinds:
        yield (
            select(tallies.c.segment_id, func.sum(tallies.c.total))
            .join_from(segments, tallies, tallies.c.segment_id == segments.c.id)
            .where(*within, *kinds)
            .group_by(tallies.c.segment_id)
        )
    for role, name in ((SENDER, "sender"), (RECIPIENT, "recipient")):
        if name in equal:
            yield (
                select(ends.c.segment_id, ends.c.total)
                .join_from(segments, ends, ends.c.segment_id == segments.c.id)
                .where(*within, ends.c.role == role, ends.c.number == equal[name])
            )


def accounts(conn: Connection, after: str, limit: int = 100) -> list[str]:
    """Return the main accounts that have messages, in order, without reading the messages."""
    found: list[str] = []
    query = (
        select(messages.c.main_id)
        .where(messages.c.main_id > text(":after"))
        .order_by(messages.c.main_id)
        .limit(1)
    )
    while len(found) < limit:
        row = conn.execute(query, {"after": after}).first()
        if row is None:
            break
        after = row[0]
        found.append(after)
    return found


def due(conn: Connection, main_id: str, now: float, size: int = SEGMENT) -> bool:
    """Tell whether enough settled messages are in no segment yet."""
    return _next_end(conn, main_id, covered_until(conn, main_id), now, size) is not None


def covered_until(conn: Connection, main_id: str) -> float:
    """Return where the last segment of an account ends, 0 when there is none."""
    query = (
        select(segments.c.ends_at)
        .where(segments.c.main_id == main_id)
        .order_by(segments.c.starts_at.desc())
        .limit(1)
    )
    return float(conn.execute(query).scalar_one_or_none() or 0.0)


def close(conn: Connection, main_id: str, now: float, size: int = SEGMENT) -> bool:
    """Close the account's next segment if enough settled messages wait for it."""
    if conn.dialect.name == "postgresql":
        # Who changes an old message now has told so before, or finds the segment afterwards.
        conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
    start = covered_until(conn, main_id)
    end = _next_end(conn, main_id, start, now, size)
    if end is None:
        return False
    inside = (
        messages.c.main_id == main_id,
        messages.c.created_at >= start,
        messages.c.created_at < end,
    )
    total = conn.execute(select(func.count()).select_from(messages).where(*inside)).scalar_one()
    made = conn.execute(
        insert(segments)
        .values(main_id=main_id, starts_at=start, ends_at=end, total=total)
        .returning(segments.c.id)
    )
    id_ = made.scalar_one()
    kinds = [_kind(name) for name in KINDS]
    conn.execute(
        insert(tallies).from_select(
            ["segment_id", *KINDS, "total"],
            select(literal(id_), *kinds, func.count()).where(*inside).group_by(*kinds),
        )
    )
    numbers = [
        select(literal(id_), literal(role), column, func.count())
        .where(*inside)
        .group_by(column)
        .order_by(column)
        for role, column in ((SENDER, messages.c.sender), (RECIPIENT, messages.c.recipient))
    ]
    for query in numbers:
        conn.execute(insert(ends).from_select(["segment_id", "role", "number", "total"], query))
    return True


def _kind(name: str) -> ColumnElement[Any]:
    column = messages.c[name]
    return func.coalesce(column, text(str(NO_ERROR_YET))) if name == "error_code" else column


def _next_end(conn: Connection, main_id: str, start: float, now: float, size: int) -> float | None:
    query = (
        select(messages.c.created_at)
        .where(
            messages.c.main_id == main_id,
            messages.c.created_at >= start,
            messages.c.created_at < now - SETTLE_S,
        )
        .order_by(messages.c.created_at)
        .limit(1)
        .offset(size)
    )
    end = conn.execute(query).scalar_one_or_none()
    if end is None or end > start:
        return end
    return _after(conn, main_id, end, now)


def _after(conn: Connection, main_id: str, moment: float, now: float) -> float | None:
    """Return the first time after a moment at which more than a segment came in."""
    query = select(func.min(messages.c.created_at)).where(
        messages.c.main_id == main_id,
        messages.c.created_at > moment,
        messages.c.created_at < now - SETTLE_S,
    )
    return conn.execute(query).scalar_one_or_none()
