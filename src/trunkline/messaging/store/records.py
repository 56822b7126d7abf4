"""Message detail records: one, or a page of those that match."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, func, insert, select, update

from trunkline.compliance.enforce import UNREGISTERED, UNREGISTERED_CAP
from trunkline.messaging.store import segments
from trunkline.messaging.store.tables import marks, messages
from trunkline.values.ids import uuid_at
from trunkline.values.pages import Page

_HALF_MICROSECOND = 5e-7  # records are shown to the microsecond, and kept finer
_FORGETTING = "forget text"
_COUNTED = 25  # segments a list counts message by message before it takes the most there may be


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to: equal columns, and times by operator (eq gt gte lt lte)."""

    main_id: str
    equal: dict[str, Any]
    times: dict[str, float]
    within: Select[tuple[str]] | None = None  # their uuids are among these


class _Stretch(NamedTuple):
    """Messages from `since` to before `until`; `matching` if that is known already."""

    since: float
    until: float
    matching: int | None
    most: int | None


class Record(NamedTuple):
    """A message as it is kept; the same order as the table's columns."""

    message_uuid: str
    main_id: str
    account_id: str
    direction: Literal["inbound", "outbound"]
    state: str
    type: Literal["sms", "mms", "whatsapp"]
    sender: str
    recipient: str
    country: str
    body: str | None
    units: int
    rate: int
    amount: int
    error_code: int | None
    log: Literal["true", "false", "content_only", "number_only"]
    requester_ip: str
    created_at: float
    sent_at: float | None
    reported_at: float | None
    updated_at: float
    carrier: str
    powerpack_uuid: str
    intent: str
    extra: str
    network: str = ""  # mcc/mnc/name
    fee_rate: int = 0
    campaign_id: str = ""


_COLUMNS = tuple(messages.c[name] for name in Record._fields)


def get(conn: Connection, main_id: str, account_id: str, message_uuid: str) -> Record | None:
    """Return one record that the account may see."""
    query = select(*_COLUMNS).where(
        messages.c.message_uuid == message_uuid, messages.c.main_id == main_id
    )
    if account_id != main_id:
        query = query.where(messages.c.account_id == account_id)
    row = conn.execute(query).one_or_none()
    return None if row is None else Record._make(row)


def sent_unregistered(conn: Connection, since: float) -> dict[str, int]:
    """Return how many messages each unregistered long code has sent to the US since then."""
    rows = conn.execute(
        select(messages.c.sender, func.count())
        .where(
            messages.c.message_uuid >= uuid_at(since),
            messages.c.campaign_id == UNREGISTERED,
            messages.c.error_code.is_distinct_from(UNREGISTERED_CAP),
        )
        .group_by(messages.c.sender)
    )
    return {row[0]: row[1] for row in rows}


def exists(conn: Connection, uuid: str) -> bool:
    """Tell whether there is a message with that uuid."""
    query = select(messages.c.message_uuid).where(messages.c.message_uuid == uuid)
    return conn.execute(query).first() is not None


def page(conn: Connection, filters: Filters, wanted: Page) -> tuple[list[Record], int]:
    """Return a page, the newest first, and how many match in all.

    That number is exact, but for lists of many messages that are narrowed by a number and by
    something else: then it may be too large until the last page is reached.
    """
    found: list[Record] = []
    total, skip, counted, guessed = 0, wanted.offset, 0, False
    for stretch in _stretches(conn, filters):
        matching, enough = stretch.matching, len(found) >= wanted.limit
        if matching is None and enough and counted >= _COUNTED and stretch.most is not None:
            matching, guessed = stretch.most, True
        elif matching is None:
            matching = _count(conn, filters, stretch)
            counted += 1
        total += matching
        if enough or matching == 0:
            continue
        if skip >= matching:
            skip -= matching
            continue
        found += _rows(conn, filters, stretch, Page(wanted.limit - len(found), skip))
        skip = 0
    if guessed and len(found) < wanted.limit:
        total = wanted.offset + len(found)
    return found, total


def _stretches(conn: Connection, filters: Filters) -> Iterator[_Stretch]:
    """Cut the time window where the numbers of matching messages are known, the newest first."""
    since, until = _window(filters.times)
    if filters.within is not None:  # few enough to be looked up one by one
        yield _Stretch(since, until, None, None)
        return
    closed = segments.find(conn, filters.main_id, since, until, filters.equal)
    newest = closed[0].ends_at if closed else 0.0
    if newest < until:
        yield _Stretch(max(since, newest), until, None, None)
    for one in closed:
        whole = since <= one.starts_at and one.ends_at <= until
        known = one.most if one.most == 0 or (whole and one.exact) else None
        yield _Stretch(max(since, one.starts_at), min(until, one.ends_at), known, one.most)


def _window(times: dict[str, float]) -> tuple[float, float]:
    """Turn the operators into one interval: from, and up to but without."""
    since, until = [0.0], [math.inf]
    for operator, at in times.items():
        match operator:
            case "gt":
                since.append(math.nextafter(at, math.inf))
            case "gte":
                since.append(at)
            case "lt":
                until.append(at)
            case "lte":
                until.append(math.nextafter(at, math.inf))
            case _:
                since.append(at - _HALF_MICROSECOND)
                until.append(math.nextafter(at + _HALF_MICROSECOND, math.inf))
    return max(since), min(until)


def _count(conn: Connection, filters: Filters, stretch: _Stretch) -> int:
    query = select(func.count()).select_from(messages).where(*_where(filters, stretch))
    return conn.execute(query).scalar_one()


def _rows(conn: Connection, filters: Filters, stretch: _Stretch, wanted: Page) -> list[Record]:
    rows = conn.execute(
        select(*_COLUMNS)
        .where(*_where(filters, stretch))
        .order_by(messages.c.created_at.desc(), messages.c.message_uuid.desc())
        .limit(wanted.limit)
        .offset(wanted.offset)
    )
    return list(map(Record._make, rows))


def _where(filters: Filters, stretch: _Stretch) -> list[ColumnElement[bool]]:
    conditions = [messages.c.main_id == filters.main_id, messages.c.created_at >= stretch.since]
    if stretch.until < math.inf:
        conditions.append(messages.c.created_at < stretch.until)
    if filters.within is not None:
        conditions.append(messages.c.message_uuid.in_(filters.within))
    return conditions + [
        segments.condition(messages, name, value) for name, value in filters.equal.items()
    ]


def forget_content(conn: Connection, until: str, limit: int = 2_000) -> bool:
    """Remove the text of the next messages whose uuids are before `until`, at most `limit`.

    Returns whether there were any: to be repeated until there are none. How far it has come is
    kept, so that a process that starts does not go through all messages again.
    """
    mark = select(marks.c.message_uuid).where(marks.c.work == _FORGETTING)
    after = conn.execute(mark).scalar_one_or_none()
    found = conn.execute(
        select(messages.c.message_uuid)
        .where(messages.c.message_uuid > (after or ""), messages.c.message_uuid < until)
        .order_by(messages.c.message_uuid)
        .limit(limit)
    )
    uuids = list(found.scalars())
    if not uuids:
        return False
    conn.execute(
        update(messages)
        .where(messages.c.message_uuid.between(uuids[0], uuids[-1]), messages.c.body.is_not(None))
        .values(body=None)
    )
    if after is None:
        conn.execute(insert(marks).values(work=_FORGETTING, message_uuid=uuids[-1]))
    else:
        conn.execute(
            update(marks).where(marks.c.work == _FORGETTING).values(message_uuid=uuids[-1])
        )
    return True
