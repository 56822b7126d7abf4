"""Brings a database to the newest schema; two processes that start at once do it once.

The revisions are the numbered files of `migrations/versions`, one line of history. An empty SQLite
database takes the shortcut of `fresh.sql`, which `make migration` writes and a test holds to them.
"""

import contextlib
import importlib
import sqlite3
from collections.abc import Generator, Iterator
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from trunkline import runtime
from trunkline.runtime.db.engine import normalise, open_engine
from trunkline.runtime.db.errors import DatabaseUnavailable, SchemaUnknown

SCRIPTS = Path(runtime.__file__).parent / "migrations"
FRESH = "fresh.sql"

_LOCK_KEY = 0x7472756E6B  # "trunk": any number nobody else takes for an advisory lock
_LOCK_TIMEOUT_S = 120  # as long as another process may take to migrate


def migrate(url: str) -> list[str]:
    """Apply what is missing, in one transaction; return the revisions applied, oldest first.

    Raises:
        DatabaseUnavailable: it cannot be reached, or another process migrates for too long.
        SchemaUnknown: the database is newer than this program.
    """
    with transaction(url) as connection:
        _lock(connection)
        missing = _missing(connection)
        if missing and not _lay_fresh(connection, missing[-1]):
            # Alembic is a fifth of a second to load, and most starts need none of it.
            importlib.import_module("trunkline.runtime.db.revisions").upgrade(connection, SCRIPTS)
        return missing


def current(url: str) -> str | None:
    """Return the revision the database is at, None before the first."""
    with transaction(url) as connection:
        return _current(connection)


def pending(url: str) -> list[str]:
    """List the revisions that `migrate` would apply, oldest first.

    Raises:
        DatabaseUnavailable: it cannot be reached.
        SchemaUnknown: the database is newer than this program.
    """
    with transaction(url) as connection:
        return _missing(connection)


def revisions(scripts: Path) -> list[str]:
    """List the revisions there are, oldest first."""
    return sorted(path.name[:4] for path in (scripts / "versions").glob("[0-9]*_*.py"))


@contextlib.contextmanager
def transaction(url: str) -> Generator[Connection]:
    """Open a connection of its own in a transaction; raises DatabaseUnavailable."""
    engine = open_engine(normalise(url), readers=1)
    try:
        with engine.connect() as connection, connection.begin():
            yield connection
    except DBAPIError as error:
        raise DatabaseUnavailable(str(error).splitlines()[0]) from error
    finally:
        engine.dispose()


def _lock(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA busy_timeout={_LOCK_TIMEOUT_S * 1000}")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        return
    connection.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT_S}s'"))
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return None if found is None else str(found)


def _missing(connection: Connection) -> list[str]:
    at, known = _current(connection), revisions(SCRIPTS)
    if at is None:
        return known
    if at not in known:
        raise SchemaUnknown(
            f"the database is at schema {at}, which this version of the program does not know:"
            " run the newer version, or restore a backup"
        )
    return known[known.index(at) + 1 :]


def _lay_fresh(connection: Connection, newest: str) -> bool:
    """Lay out an empty SQLite database at once; False if this is none."""
    if connection.dialect.name != "sqlite" or inspect(connection).get_table_names():
        return False
    statements = list(_statements((SCRIPTS / FRESH).read_text(encoding="utf-8")))
    if f"'{newest}'" not in statements[-1]:
        return False  # a revision was added since: `make migration` writes both
    for one in statements:
        connection.exec_driver_sql(one)
    return True


def _statements(script: str) -> Iterator[str]:
    """Cut a script at its statements' ends; a trigger's own do not count."""
    gathered = ""
    for part in script.split("\n\n"):
        gathered += part
        if sqlite3.complete_statement(gathered):
            yield gathered
            gathered = ""
        else:
            gathered += "\n\n"
