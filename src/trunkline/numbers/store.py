"""All SQL of owned numbers."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Row,
    Table,
    Text,
    delete,
    func,
    select,
    update,
)

from trunkline.accounts.model import Scope
from trunkline.applications.model import Deletion
from trunkline.numbers.model import NumberType, OwnedNumber
from trunkline.runtime.changes import next_revision, record_removals
from trunkline.runtime.db import BulkInsert, Connection, metadata
from trunkline.values.pages import Page

TOPIC = "numbers"

numbers = Table(
    "numbers",
    metadata,
    Column("number", Text, primary_key=True),
    Column("main_auth_id", Text, nullable=False, index=True),
    Column("account_id", Text, nullable=False),
    Column("app_id", Text, index=True),
    Column("country", Text, nullable=False),
    Column("number_type", Text, nullable=False),
    Column("sms_enabled", Boolean, nullable=False),
    Column("mms_enabled", Boolean, nullable=False),
    Column("voice_enabled", Boolean, nullable=False),
    Column("alias", Text, nullable=False),
    Column[float]("added_at", Float, nullable=False),
    Column("revision", BigInteger, nullable=False, index=True),
)
_FIELDS = tuple(field.name for field in fields(OwnedNumber))
_COLUMNS = tuple(numbers.c[name] for name in _FIELDS)
_insert = BulkInsert(numbers, (*_FIELDS, "revision"), ignore_conflicts=True)


def add(conn: Connection, owned: Sequence[OwnedNumber]) -> int:
    """Give numbers to accounts; return how many were free to give (the others stay as they are)."""
    revision = next_revision(conn)
    rows = [{**asdict(one), "number_type": one.number_type.value} for one in owned]
    return _insert.run(conn, [(*row.values(), revision) for row in rows])


def find(conn: Connection, scope: Scope, number: str) -> OwnedNumber | None:
    """Return the number if `scope` owns it."""
    row = conn.execute(
        select(*_COLUMNS).where(numbers.c.number == number, *_within(scope))
    ).one_or_none()
    return None if row is None else _owned(row)


def list_owned(conn: Connection, scope: Scope, page: Page) -> tuple[list[OwnedNumber], int]:
    """Return one page of the numbers that `scope` owns, newest first, and how many it owns."""
    within = _within(scope)
    total = conn.execute(select(func.count()).select_from(numbers).where(*within)).scalar_one()
    rows = conn.execute(
        select(*_COLUMNS)
        .where(*within)
        .order_by(numbers.c.added_at.desc(), numbers.c.number)
        .limit(page.limit)
        .offset(page.offset)
    )
    return [_owned(row) for row in rows], total


def changed_since(conn: Connection, revision: int) -> list[OwnedNumber]:
    """Return the numbers that were added or changed after that revision."""
    rows = conn.execute(select(*_COLUMNS).where(numbers.c.revision > revision))
    return [_owned(row) for row in rows]


def assign_application(conn: Connection, scope: Scope, number: str, app_id: str | None) -> bool:
    """Point a number to an application, or to none; False if `scope` does not own the number."""
    changed = conn.execute(
        update(numbers)
        .where(numbers.c.number == number, *_within(scope))
        .values(app_id=app_id, revision=next_revision(conn))
    )
    return changed.rowcount == 1


def remove(conn: Connection, scope: Scope, number: str) -> bool:
    """Take a number from its owner; False if `scope` does not own it."""
    revision = next_revision(conn)
    gone = conn.execute(delete(numbers).where(numbers.c.number == number, *_within(scope)))
    if gone.rowcount == 0:
        return False
    record_removals(conn, TOPIC, revision, [number])
    return True


def on_subaccount_delete(
    conn: Connection, main_auth_id: str, subaccount_id: str, cascade: bool
) -> None:
    """Delete a deleted subaccount's numbers (`cascade`) or pass them to the main account."""
    revision = next_revision(conn)
    theirs = _within(Scope(main_auth_id, subaccount_id))
    if cascade:
        gone = conn.execute(delete(numbers).where(*theirs).returning(numbers.c.number)).scalars()
        record_removals(conn, TOPIC, revision, gone.all())
        return
    conn.execute(update(numbers).where(*theirs).values(account_id=main_auth_id, revision=revision))


def on_application_delete(
    conn: Connection, _main_auth_id: str, app_id: str, _deletion: Deletion
) -> None:
    """Leave the numbers of a deleted application without one."""
    conn.execute(
        update(numbers)
        .where(numbers.c.app_id == app_id)
        .values(app_id=None, revision=next_revision(conn))
    )


def _within(scope: Scope) -> tuple[Any, ...]:
    main = numbers.c.main_auth_id == scope.main_auth_id
    if scope.subaccount_id is None:
        return (main,)
    return (main, numbers.c.account_id == scope.subaccount_id)


def _owned(row: Row[Any]) -> OwnedNumber:
    values = dict(zip(_FIELDS, row, strict=True))
    values["number_type"] = NumberType(values["number_type"])
    return OwnedNumber(**values)
