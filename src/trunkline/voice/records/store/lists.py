"""What accounts see of calls: one, or those that match."""

import math
from typing import Any

from sqlalchemy import ColumnElement, func, literal_column, or_, select

from trunkline.runtime.db import Connection
from trunkline.values.pages import Page
from trunkline.voice.records.model import LIVE, Call, CallState, Filters, is_uri
from trunkline.voice.records.store.tables import IS_B_LEG, calls

_COLUMNS = tuple(calls.c[name] for name in Call._fields)
_LIVE = tuple(state.value for state in LIVE)


def get(conn: Connection, main_id: str, account_id: str, call_uuid: str) -> Call | None:
    """Return a call that the account may see, whether it is over or not."""
    query = select(*_COLUMNS).where(calls.c.call_uuid == call_uuid, calls.c.main_id == main_id)
    if account_id != main_id:
        query = query.where(calls.c.account_id == account_id)
    row = conn.execute(query).one_or_none()
    return None if row is None else Call._make(row)


def of_request(conn: Connection, main_id: str, account_id: str, request_uuid: str) -> list[Call]:
    """Return the calls of a request that are not over."""
    query = (
        select(*_COLUMNS)
        .where(calls.c.main_id == main_id, calls.c.ended_at.is_(None))
        .where(calls.c.request_uuid == request_uuid)
        .order_by(calls.c.initiated_at, calls.c.call_uuid)
    )
    if account_id != main_id:
        query = query.where(calls.c.account_id == account_id)
    return [Call._make(row) for row in conn.execute(query)]


def spent(conn: Connection, main_id: str, since: float) -> int:
    """Return what a main account's calls out that ended since then have cost."""
    query = select(func.coalesce(func.sum(calls.c.amount), 0)).where(
        calls.c.main_id == main_id, calls.c.ended_at >= since, calls.c.direction == "outbound"
    )
    return int(conn.execute(query).scalar_one())


def page(conn: Connection, filters: Filters, wanted: Page) -> tuple[list[Call], int]:
    """Return a page of calls that are over, the last to end first, and how many match in all."""
    where = _over(filters)
    rows = conn.execute(
        select(*_COLUMNS)
        .where(*where)
        .order_by(calls.c.ended_at.desc(), calls.c.call_uuid.desc())
        .limit(wanted.limit)
        .offset(wanted.offset)
    )
    found = [Call._make(row) for row in rows]
    if len(found) < wanted.limit and (found or not wanted.offset):
        return found, wanted.offset + len(found)  # the last page tells by itself
    total = conn.execute(select(func.count()).select_from(calls).where(*where)).scalar_one()
    return found, total


def live(conn: Connection, filters: Filters, limit: int | None, offset: int) -> list[str]:
    """Return the ids of calls that ring or are answered, the oldest first."""
    return _present(conn, filters, _LIVE, limit, offset)


def queued(conn: Connection, filters: Filters, limit: int | None, offset: int) -> list[str]:
    """Return the ids of calls that wait for their turn, the oldest first."""
    return _present(conn, filters, (CallState.QUEUED.value,), limit, offset)


def _present(
    conn: Connection, filters: Filters, states: tuple[str, ...], limit: int | None, offset: int
) -> list[str]:
    query = (
        select(calls.c.call_uuid)
        .where(*_ends(filters), calls.c.ended_at.is_(None), calls.c.state.in_(states))
        .order_by(calls.c.initiated_at, calls.c.call_uuid)
        .offset(offset)
    )
    if limit is not None:
        query = query.limit(limit)
    return list(conn.execute(query).scalars())


def _over(filters: Filters) -> list[ColumnElement[bool]]:
    where = [*_ends(filters), calls.c.ended_at.is_not(None)]
    if filters.ended.since > -math.inf:
        where.append(calls.c.ended_at >= filters.ended.since)
    if filters.ended.until < math.inf:
        where.append(calls.c.ended_at < filters.ended.until)
    if filters.shortest:
        where.append(calls.c.bill_duration >= filters.shortest)
    if filters.longest is not None:
        where.append(calls.c.bill_duration <= filters.longest)
    if filters.parent_uuid is not None:
        where += [calls.c.parent_uuid == filters.parent_uuid, literal_column(IS_B_LEG)]
    equal: dict[str, Any] = {
        "hangup_code": filters.hangup_code,
        "hangup_source": filters.hangup_source,
        "stir_verification": filters.stir_verification,
    }
    return where + [calls.c[name] == value for name, value in equal.items() if value is not None]


def _ends(filters: Filters) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [calls.c.main_id == filters.main_id]
    if filters.account_id is not None:
        where.append(calls.c.account_id == filters.account_id)
    if filters.direction is not None:
        where.append(calls.c.direction == filters.direction)
    for name, ends in (("sender", filters.senders), ("recipient", filters.recipients)):
        if ends:
            where.append(or_(*(_is_or_begins(name, end) for end in ends)))
    return where


def _is_or_begins(name: str, end: str) -> ColumnElement[bool]:
    column: ColumnElement[str] = calls.c[name]
    return column == end if is_uri(end) else column.startswith(end, autoescape=True)
