"""A dataclass as a row: nested dataclasses become JSON, enumerations their values."""

from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, Generic, TypeVar, get_type_hints

import msgspec
from sqlalchemy import ColumnElement, Row, Table, func, insert, select, update

from trunkline.accounts.model import Scope
from trunkline.runtime.db import Connection, announce
from trunkline.values.pages import Page

DUE = "registrations.due"  # announced when something was submitted or moved
DUE_LIMIT = 200  # rows of one sweep

T = TypeVar("T")


class Shape(Generic[T]):
    """How the rows of one table are read and written; `kind` is the dataclass of its columns."""

    def __init__(self, table: Table, kind: type[T]) -> None:
        self._table = table
        self._kind = kind
        names = [one.name for one in fields(kind)]  # pyright: ignore[reportArgumentType]
        hints = get_type_hints(kind)
        self._columns = tuple(table.c[name] for name in names)
        self._key = table.c[names[0]]
        self._names = tuple(names)
        self._readers = tuple(_reader(hints[name]) for name in names)

    def add(self, conn: Connection, one: T, **more: Any) -> None:
        """Insert a row; `more` are columns that the dataclass lacks."""
        # Values beside the statement: put into it, they take three times as long to compile.
        conn.execute(insert(self._table), self._values(one) | more)
        announce(conn, DUE, "")

    def unused(self, conn: Connection, make: Callable[[], str]) -> str:
        """Return a key that no row has yet: short ones meet after some ten thousands."""
        while self.get(conn, key := make()) is not None:
            pass
        return key

    def save(self, conn: Connection, one: T, **more: Any) -> None:
        """Write a row anew."""
        values = self._values(one)
        key = values[self._key.name]
        conn.execute(update(self._table).where(self._key == key).values(**values, **more))
        announce(conn, DUE, "")

    def one(self, conn: Connection, *where: ColumnElement[bool]) -> T | None:
        """Return the row of these conditions, if there is one."""
        row = conn.execute(select(*self._columns).where(*where)).first()
        return None if row is None else self.read(row)

    def find(self, conn: Connection, scope: Scope, key: str) -> T | None:
        """Return the row of that key if `scope` may see it."""
        return self.one(conn, self._key == key, *self.within(scope))

    def get(self, conn: Connection, key: str) -> T | None:
        """Return the row of that key, whoever owns it."""
        return self.one(conn, self._key == key)

    def all(self, conn: Connection, *where: ColumnElement[bool]) -> list[T]:
        """Return every row of these conditions."""
        rows = conn.execute(select(*self._columns).where(*where).order_by(self._key))
        return [self.read(row) for row in rows]

    def changed_since(self, conn: Connection, revision: int) -> list[T]:
        """Return the rows that were made or changed after that revision."""
        return self.all(conn, self._table.c.revision > revision)

    def page(
        self, conn: Connection, where: Sequence[ColumnElement[bool]], wanted: Page
    ) -> tuple[list[T], int]:
        """Return a page, newest first, and how many rows match in all."""
        count = select(func.count()).select_from(self._table).where(*where)
        rows = conn.execute(
            select(*self._columns)
            .where(*where)
            .order_by(self._table.c.created_at.desc(), self._key.desc())
            .limit(wanted.limit)
            .offset(wanted.offset)
        )
        found = [self.read(row) for row in rows]
        return found, conn.execute(count).scalar_one()

    def due(self, conn: Connection, now: float) -> list[T]:
        """Return rows whose time has come, the longest due first."""
        due_at = self._table.c.due_at
        rows = conn.execute(
            select(*self._columns).where(due_at <= now).order_by(due_at).limit(DUE_LIMIT)
        )
        return [self.read(row) for row in rows]

    def next_due(self, conn: Connection) -> float | None:
        """Return when the next row is due."""
        return conn.execute(select(func.min(self._table.c.due_at))).scalar_one()

    def within(self, scope: Scope) -> tuple[ColumnElement[bool], ...]:
        """Return the conditions that keep to what `scope` may see."""
        main = self._table.c.main_auth_id == scope.main_auth_id
        if scope.subaccount_id is None:
            return (main,)
        return (main, self._table.c.account_id == scope.subaccount_id)

    def read(self, row: Row[Any]) -> T:
        """Make the dataclass of a row of its columns."""
        values = {
            name: read(value)
            for name, read, value in zip(self._names, self._readers, row, strict=True)
        }
        return self._kind(**values)

    def _values(self, one: T) -> dict[str, Any]:
        return {name: _written(getattr(one, name)) for name in self._names}


def _written(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value):
        return msgspec.json.encode(value).decode()
    return value


def _reader(hint: Any) -> Callable[[Any], Any]:
    if isinstance(hint, type):
        if is_dataclass(hint):
            return msgspec.json.Decoder(hint).decode
        if issubclass(hint, Enum):
            return hint
    return _as_it_is


def _as_it_is(value: Any) -> Any:
    return value
