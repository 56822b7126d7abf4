"""Brings a database to the newest schema; two processes that start at once do it once."""

import contextlib
from collections.abc import Generator
from pathlib import Path
from typing import Any, cast

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import RevisionError
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from trunkline import runtime
from trunkline.runtime.db.engine import normalise, open_engine
from trunkline.runtime.db.errors import DatabaseUnavailable, SchemaUnknown
from trunkline.runtime.db.schema import metadata

SCRIPTS = Path(runtime.__file__).parent / "migrations"

_LOCK_KEY = 0x7472756E6B  # "trunk": any number nobody else takes for an advisory lock
_LOCK_TIMEOUT_S = 120  # as long as another process may take to migrate


def migrate(url: str) -> list[str]:
    """Apply what is missing, in one transaction; return the revisions applied, oldest first.

    Raises:
        DatabaseUnavailable: it cannot be reached, or another process migrates for too long.
        SchemaUnknown: the database is newer than this program.
    """
    with _transaction(url) as connection:
        _lock(connection)
        missing = _missing(connection)
        if missing:
            command.upgrade(_config(connection), "head")
        return missing


def current(url: str) -> str | None:
    """Return the revision the database is at, None before the first."""
    with _transaction(url) as connection:
        return _current(connection)


def pending(url: str) -> list[str]:
    """List the revisions that `migrate` would apply, oldest first.

    Raises:
        DatabaseUnavailable: it cannot be reached.
        SchemaUnknown: the database is newer than this program.
    """
    with _transaction(url) as connection:
        return _missing(connection)


def drift(url: str) -> list[Any]:
    """List how the database differs from the tables that were declared; empty if it does not."""
    with _transaction(url) as connection:
        options = {"compare_type": True}
        return cast(
            "list[Any]",
            compare_metadata(MigrationContext.configure(connection, opts=options), metadata),
        )


def write_revision(url: str, message: str) -> None:
    """Write a new file in `versions/` with what the declared tables have and the database not."""
    with _transaction(url) as connection:
        config = _config(connection)
        config.attributes["metadata"] = metadata
        number = len(list(_scripts().walk_revisions())) + 1
        command.revision(config, message, autogenerate=True, rev_id=f"{number:04d}")


@contextlib.contextmanager
def _transaction(url: str) -> Generator[Connection]:
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
    return MigrationContext.configure(connection).get_current_revision()


def _missing(connection: Connection) -> list[str]:
    at = _current(connection)
    try:
        steps = list(_scripts().iterate_revisions("heads", at or "base"))
    except (CommandError, RevisionError) as error:
        raise SchemaUnknown(
            f"the database is at schema {at}, which this version of the program does not know:"
            " run the newer version, or restore a backup"
        ) from error
    return [step.revision for step in reversed(steps)]


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(SCRIPTS))


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
