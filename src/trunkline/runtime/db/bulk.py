"""Statements over many rows at driver speed, the same on SQLite and PostgreSQL.

SQLite takes `executemany`; PostgreSQL takes COPY, or one statement over arrays (`unnest`), so that
a batch costs one round trip. Both are binary: psycopg's text arrays cost three times as much, a
regular expression on every element. Rows are tuples in the order of the declared columns.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Table
from sqlalchemy.dialects import postgresql

_POSTGRESQL = postgresql.dialect()  # type: ignore[no-untyped-call]

Row = tuple[Any, ...]


def _driver_cursor(conn: Connection) -> Any:
    return conn.connection.cursor()


def _array_type(column: Column[Any]) -> str:
    return f"{column.type.compile(_POSTGRESQL)}[]"


def _is_postgresql(conn: Connection) -> bool:
    return conn.dialect.name == "postgresql"


def _unnest(columns: Sequence[Column[Any]]) -> str:
    return ", ".join(f"%b::{_array_type(column)}" for column in columns)


def _copy_type(column: Column[Any]) -> str:
    name = column.type.compile(_POSTGRESQL).partition("(")[0].lower()
    return "float8" if name.startswith(("float", "double")) else name


class BulkInsert:
    """Insert many rows of the named columns; `ignore_conflicts` leaves rows that exist alone."""

    def __init__(self, table: Table, names: Sequence[str], *, ignore_conflicts: bool = False):
        columns = [table.c[name] for name in names]
        listed = ", ".join(names)
        tail = " ON CONFLICT DO NOTHING" if ignore_conflicts else ""
        marks = ", ".join("?" * len(names))
        self._sqlite = f"INSERT INTO {table.name} ({listed}) VALUES ({marks}){tail}"  # noqa: S608
        self._postgresql = (
            f"INSERT INTO {table.name} ({listed}) SELECT * FROM unnest({_unnest(columns)}){tail}"  # noqa: S608
        )
        self._copy = f"COPY {table.name} ({listed}) FROM STDIN (FORMAT BINARY)"
        self._copy_types = None if ignore_conflicts else [_copy_type(column) for column in columns]

    def run(self, conn: Connection, rows: Sequence[Row]) -> int:
        """Insert `rows`; return how many were inserted."""
        if not rows:
            return 0
        cursor = _driver_cursor(conn)
        try:
            if not _is_postgresql(conn):
                cursor.executemany(self._sqlite, rows)
            elif self._copy_types is not None:  # COPY knows no ON CONFLICT
                with cursor.copy(self._copy) as copy:
                    copy.set_types(self._copy_types)
                    for row in rows:
                        copy.write_row(row)
            else:
                cursor.execute(
                    self._postgresql, [list(column) for column in zip(*rows, strict=True)]
                )
            return int(cursor.rowcount)
        finally:
            cursor.close()


class BulkUpdate:
    """Set columns of many rows found by key columns; a row is `(*sets, *keys)`.

    `where` is an extra condition in SQL on the table's columns, `also` a further assignment, the
    same for every row; both name the table before each column.
    """

    def __init__(
        self,
        table: Table,
        sets: Sequence[str],
        keys: Sequence[str],
        *,
        also: str = "",
        where: str = "",
    ) -> None:
        columns = [table.c[name] for name in (*sets, *keys)]
        extra = f" AND {where}" if where else ""
        constant = f", {also}" if also else ""
        assign = ", ".join(f"{name} = ?" for name in sets) + constant
        match = " AND ".join(f"{name} = ?" for name in keys)
        self._sqlite = f"UPDATE {table.name} SET {assign} WHERE {match}{extra}"  # noqa: S608
        names = ", ".join((*sets, *keys))
        assign = ", ".join(f"{name} = v.{name}" for name in sets) + constant
        match = " AND ".join(f"{table.name}.{name} = v.{name}" for name in keys)
        qualified = extra if not where else f" AND {where}"
        self._postgresql = (
            f"UPDATE {table.name} SET {assign} "  # noqa: S608
            f"FROM unnest({_unnest(columns)}) AS v({names}) WHERE {match}{qualified}"
        )

    def run(self, conn: Connection, rows: Sequence[Row]) -> int:
        """Update `rows`; return how many were changed. Keys must be distinct within one call."""
        if not rows:
            return 0
        cursor = _driver_cursor(conn)
        try:
            if _is_postgresql(conn):
                cursor.execute(
                    self._postgresql, [list(column) for column in zip(*rows, strict=True)]
                )
            else:
                cursor.executemany(self._sqlite, rows)
            return int(cursor.rowcount)
        finally:
            cursor.close()


class _ByKeys:
    """A statement on all rows whose key is among many."""

    _CHUNK = 500  # SQLite: fewer than SQLITE_MAX_VARIABLE_NUMBER

    def __init__(self, head: str, tail: str, column: Column[Any], *, lock: str = "") -> None:
        self._sqlite = (f"{head} WHERE {column.name} IN (", f"){tail}")
        self._postgresql = (
            f"{head} WHERE {column.name} = ANY(%b::{_array_type(column)}){tail}{lock}"
        )

    def _run(self, conn: Connection, keys: Iterable[Any], *, fetch: bool) -> list[Row]:
        wanted = list(keys)
        found: list[Row] = []
        if not wanted:
            return found
        cursor = _driver_cursor(conn)
        try:
            if _is_postgresql(conn):
                cursor.execute(self._postgresql, [wanted])
                return list(cursor.fetchall()) if fetch else found
            head, tail = self._sqlite
            for start in range(0, len(wanted), self._CHUNK):
                chunk = wanted[start : start + self._CHUNK]
                cursor.execute(head + ",".join("?" * len(chunk)) + tail, chunk)
                if fetch:
                    found.extend(cursor.fetchall())
            return found
        finally:
            cursor.close()


class BulkSelect(_ByKeys):
    """Read the named columns of all rows whose key is among many; optionally locking them."""

    def __init__(
        self,
        table: Table,
        names: Sequence[str],
        key: str,
        *,
        where: str = "",
        for_update: bool = False,
    ) -> None:
        head = f"SELECT {', '.join(names)} FROM {table.name}"  # noqa: S608
        tail = f" AND {where}" if where else ""
        super().__init__(head, tail, table.c[key], lock=" FOR UPDATE" if for_update else "")

    def fetch(self, conn: Connection, keys: Iterable[Any]) -> list[Row]:
        """Return the rows found, in no particular order."""
        return self._run(conn, keys, fetch=True)


class BulkDelete(_ByKeys):
    """Remove all rows whose key is among many."""

    def __init__(self, table: Table, key: str) -> None:
        super().__init__(f"DELETE FROM {table.name}", "", table.c[key])  # noqa: S608

    def run(self, conn: Connection, keys: Iterable[Any]) -> None:
        """Remove the rows there are."""
        self._run(conn, keys, fetch=False)


class BulkTake(_ByKeys):
    """Remove all rows whose key is among many, and return the named columns of each."""

    def __init__(self, table: Table, names: Sequence[str], key: str, *, where: str = "") -> None:
        tail = f" AND {where}" if where else ""
        returning = f"{tail} RETURNING {', '.join(names)}"
        super().__init__(f"DELETE FROM {table.name}", returning, table.c[key])  # noqa: S608

    def fetch(self, conn: Connection, keys: Iterable[Any]) -> list[Row]:
        """Return the rows that were removed, in no particular order."""
        return self._run(conn, keys, fetch=True)
