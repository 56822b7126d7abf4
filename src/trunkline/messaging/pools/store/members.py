"""Members of pools: numbers, short codes and toll-free numbers."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, or_, select

from trunkline.messaging.pools.model import Kind, Member, MemberFilter, Service
from trunkline.messaging.pools.store.tables import pool_numbers
from trunkline.runtime.changes import next_revision, record_removals
from trunkline.runtime.db import BulkSelect
from trunkline.values.pages import Page

TOPIC = "pool_numbers"

_COLUMNS = tuple(pool_numbers.c[name] for name in Member._fields)
_select_numbers = BulkSelect(pool_numbers, ("number",), "number")


def add(conn: Connection, member: Member) -> None:
    """Put a number that is in no pool into one."""
    values = {**member._asdict(), "kind": member.kind.value, "service": member.service.value}
    conn.execute(insert(pool_numbers).values(**values, revision=next_revision(conn)))


def find(conn: Connection, number: str) -> Member | None:
    """Return the membership of a number, whoever owns it."""
    row = conn.execute(select(*_COLUMNS).where(pool_numbers.c.number == number)).one_or_none()
    return None if row is None else _member(row)


def all_of(conn: Connection, number_pool_id: str) -> list[Member]:
    """Return every member of a pool."""
    rows = conn.execute(select(*_COLUMNS).where(pool_numbers.c.number_pool_id == number_pool_id))
    return [_member(row) for row in rows]


def list_members(
    conn: Connection, number_pool_id: str, wanted: MemberFilter, page: Page
) -> tuple[list[Member], int]:
    """Return one page of a pool's members, newest first, and how many match."""
    where = _matching(number_pool_id, wanted)
    total = conn.execute(select(func.count()).select_from(pool_numbers).where(*where)).scalar_one()
    rows = conn.execute(
        select(*_COLUMNS)
        .where(*where)
        .order_by(pool_numbers.c.added_at.desc(), pool_numbers.c.number)
        .limit(page.limit)
        .offset(page.offset)
    )
    return [_member(row) for row in rows], total


def remove(conn: Connection, numbers: Iterable[str]) -> int:
    """Take numbers out of whatever pools they are in; tell how many were in one."""
    gone = [row[0] for row in _select_numbers.fetch(conn, numbers)]
    if gone:
        revision = next_revision(conn)
        for number in gone:
            conn.execute(delete(pool_numbers).where(pool_numbers.c.number == number))
        record_removals(conn, TOPIC, revision, gone)
    return len(gone)


def empty(conn: Connection, number_pool_id: str) -> None:
    """Take every number out of a pool."""
    revision = next_revision(conn)
    gone = conn.execute(
        delete(pool_numbers)
        .where(pool_numbers.c.number_pool_id == number_pool_id)
        .returning(pool_numbers.c.number)
    ).scalars()
    record_removals(conn, TOPIC, revision, gone.all())


def changed_since(conn: Connection, revision: int) -> list[Member]:
    """Return the members that were added after that revision."""
    rows = conn.execute(select(*_COLUMNS).where(pool_numbers.c.revision > revision))
    return [_member(row) for row in rows]


def on_release(conn: Connection, _account_id: str, numbers: Sequence[str]) -> None:
    """Take numbers that leave their account out of its pools."""
    remove(conn, numbers)


def _matching(number_pool_id: str, wanted: MemberFilter) -> list[Any]:
    columns = pool_numbers.c
    kinds = [kind.value for kind in wanted.kinds]
    where: list[Any] = [columns.number_pool_id == number_pool_id, columns.kind.in_(kinds)]
    if wanted.number_type is not None:
        where.append(columns.number_type == wanted.number_type)
    if wanted.country is not None:
        where.append(columns.country == wanted.country)
    if wanted.service is not None:
        where.append(columns.service == wanted.service)
    if wanted.prefixes:
        where.append(
            or_(*(func.substr(columns.number, 1, len(one)) == one for one in wanted.prefixes))
        )
    return where


def _member(row: Row[Any]) -> Member:
    found = Member(*row)
    return found._replace(kind=Kind(found.kind), service=Service(found.service))
