"""The schema's history by Alembic: applied, compared with the declared tables, written on.

Loaded only when it is needed (`migrate`): a program whose database is up to date never pays for it.
"""

from pathlib import Path
from typing import Any, cast

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, select, text

from trunkline.runtime.db.migrate import FRESH, revisions, transaction
from trunkline.runtime.db.schema import metadata


def upgrade(connection: Connection, scripts: Path) -> None:
    """Apply what is missing on a connection that holds the lock."""
    command.upgrade(_config(connection, scripts), "head")


def drift(url: str) -> list[Any]:
    """List how the database differs from the tables that were declared; empty if it does not."""
    with transaction(url) as connection:
        options = {"compare_type": True}
        return cast(
            "list[Any]",
            compare_metadata(MigrationContext.configure(connection, opts=options), metadata),
        )


def write_revision(url: str, message: str, scripts: Path) -> None:
    """Write a new file in `versions/` with what the declared tables have and the database not."""
    with transaction(url) as connection:
        config = _config(connection, scripts)
        config.attributes["metadata"] = metadata
        number = len(revisions(scripts)) + 1
        command.revision(config, message, autogenerate=True, rev_id=f"{number:04d}")


def write_fresh(url: str, scripts: Path) -> None:
    """Write the statements that make an empty SQLite database what the one at `url` is."""
    (scripts / FRESH).write_text(fresh(url), encoding="utf-8")


def fresh(url: str) -> str:
    """Return those statements, a blank line between; no row but the revision is kept."""
    with transaction(url) as connection:
        found = connection.exec_driver_sql(
            "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
            " ORDER BY CASE type WHEN 'table' THEN 0 WHEN 'index' THEN 1 ELSE 2 END, name"
        )
        statements = [f"{sql.strip()};" for (sql,) in found]
        row = "'INSERT INTO alembic_version VALUES (' || quote(version_num) || ');'"
        statements += connection.execute(
            select(text(row)).select_from(text("alembic_version"))
        ).scalars()
    return "\n\n".join(statements) + "\n"


def _config(connection: Connection, scripts: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(scripts))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
