"""Whole copies of a database while it is in use: SQLite's backup API, PostgreSQL's own tools."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection, inspect, select, table, text
from sqlalchemy.engine import URL

from trunkline.runtime.db.engine import normalise, open_engine
from trunkline.runtime.db.errors import DatabaseError

_PAGES_AT_ONCE = 4_096
_BUSY_LIMIT_S = 30.0
_BUSY_STEP_S = 0.25
_TRIGGER_FUNCTIONS = (
    "SELECT oid::regprocedure::text FROM pg_proc "
    "WHERE pronamespace = current_schema()::regnamespace AND prorettype = 'trigger'::regtype"
)


Tell = Callable[[int, int], None]
"""Told how much is done and how much there is in all; PostgreSQL's tools tell nothing."""


def _tell_nobody(_done: int, _total: int) -> None:
    pass


class DumpFailed(DatabaseError):
    """The copy was not made, or not put back; the text says why."""


def engine_name(url: str) -> str:
    """Return sqlite or postgresql."""
    return normalise(url).get_backend_name()


def sqlite_version() -> str:
    """Return the version of the SQLite library in use."""
    return sqlite3.sqlite_version


def is_empty(url: str) -> bool:
    """Tell whether no table of the database has a row (the schema's own revision aside)."""
    engine = open_engine(normalise(url), readers=1)
    try:
        with engine.connect() as connection:
            names = inspect(connection).get_table_names()
            return not any(
                name != "alembic_version" and _has_rows(connection, name) for name in names
            )
    finally:
        engine.dispose()


def dump(url: str, target: Path, tell: Tell = _tell_nobody) -> None:
    """Write a consistent copy of the database into the new file `target`.

    Raises:
        DumpFailed: the copy is not usable.
    """
    parsed = normalise(url)
    if parsed.get_backend_name() == "sqlite":
        _copy_sqlite(Path(parsed.database or ""), target, tell)
        return
    options = ["--format=plain", "--no-owner", "--no-privileges", f"--file={target}"]
    _run_tool("pg_dump", parsed, options)


def load(url: str, source: Path, tell: Tell = _tell_nobody) -> None:
    """Replace the database's content by the copy in `source`, all of it or nothing.

    Raises:
        DumpFailed: the database is as it was.
    """
    parsed = normalise(url)
    if parsed.get_backend_name() == "sqlite":
        target = Path(parsed.database or "")
        target.parent.mkdir(parents=True, exist_ok=True)
        _copy_sqlite(source, target, tell)
        return
    with tempfile.TemporaryDirectory() as folder:
        clear = Path(folder) / "clear.sql"
        clear.write_text(_drop_all(url), encoding="utf-8")
        options = ["--quiet", "--no-psqlrc", "--single-transaction", "--set=ON_ERROR_STOP=1"]
        files = [f"--file={clear}", f"--file={source}"]
        _run_tool("psql", parsed, [*options, *files])


def _has_rows(connection: Connection, name: str) -> bool:
    query = select(text("1")).select_from(table(name)).limit(1)
    return connection.execute(query).first() is not None


def _copy_sqlite(source: Path, target: Path, tell: Tell) -> None:
    if not source.is_file():
        raise DumpFailed(f"there is no database at {source}")
    waited = [0.0, -1.0]  # seconds without progress, pages remaining at the last step

    def progress(_status: int, remaining: int, total: int) -> None:
        tell(total - remaining, total)
        waited[0] = waited[0] + _BUSY_STEP_S if remaining == waited[1] else 0.0
        waited[1] = remaining
        if waited[0] > _BUSY_LIMIT_S:
            raise DumpFailed(f"{target} stayed locked for {_BUSY_LIMIT_S:g} s")

    try:
        with (
            contextlib.closing(sqlite3.connect(source)) as reader,
            contextlib.closing(sqlite3.connect(target)) as writer,
        ):
            reader.backup(writer, pages=_PAGES_AT_ONCE, progress=progress, sleep=_BUSY_STEP_S)
    except sqlite3.Error as error:
        raise DumpFailed(f"{source} could not be copied to {target}: {error}") from error


def _drop_all(url: str) -> str:
    engine = open_engine(normalise(url), readers=1)
    try:
        with engine.connect() as connection:
            quote = connection.dialect.identifier_preparer.quote_identifier
            names = inspect(connection).get_table_names()
            tables = "".join(f"DROP TABLE {quote(name)} CASCADE;\n" for name in names)
            functions = connection.execute(text(_TRIGGER_FUNCTIONS)).scalars()
            return tables + "".join(f"DROP FUNCTION {name} CASCADE;\n" for name in functions)
    finally:
        engine.dispose()


def _service(url: URL) -> str:
    """Write libpq's parameters as a service file: arguments could be read by other users."""
    query = {key: value for key, value in url.query.items() if isinstance(value, str)}
    given = {
        "host": url.host,
        "port": url.port,
        "user": url.username,
        "password": url.password,
        "dbname": url.database,
        **query,
    }
    lines = [f"{key}={value}" for key, value in given.items() if value is not None]
    return "\n".join(["[trunkline]", *lines]) + "\n"


def _run_tool(name: str, url: URL, options: list[str]) -> None:
    path = shutil.which(name)
    if path is None:
        raise DumpFailed(
            f"{name} is not installed: install PostgreSQL's client tools of the server's version"
        )
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", prefix="trunkline-pg") as service:
        service.write(_service(url))
        service.flush()
        environment = {**os.environ, "PGSERVICEFILE": service.name, "PGSERVICE": "trunkline"}
        done = subprocess.run(  # noqa: S603 - our own options, no shell
            [path, *options], capture_output=True, text=True, check=False, env=environment
        )
    if done.returncode != 0:
        raise DumpFailed(f"{name} failed: {done.stderr.strip() or done.stdout.strip()}")
