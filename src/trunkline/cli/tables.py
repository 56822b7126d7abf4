"""All tables the program declares; run as a module it writes the migration they lack.

python -m trunkline.cli.tables "what changes"        (`make migration m="what changes"`)

Without words it only writes `fresh.sql` again, when a migration was edited.
"""

import importlib
import pkgutil
import sys
import tempfile
from pathlib import Path

import trunkline
from trunkline.runtime.db import migrate, revisions


def declare_tables() -> None:
    """Import every module that declares tables, so that the one metadata has them all."""
    for found in pkgutil.walk_packages(trunkline.__path__, "trunkline."):
        parts = found.name.split(".")
        if "store" in parts or parts[1:] == ["runtime", "changes"]:
            importlib.import_module(found.name)


def write_migration(message: str) -> None:
    """Write a new file in runtime/migrations/versions; read it before it is committed."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'schema.db'}"
        migrate.migrate(url)
        declare_tables()
        revisions.write_revision(url, message, migrate.SCRIPTS)


def write_fresh() -> None:
    """Write anew what an empty SQLite database is laid out from: after each change of a file."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'schema.db'}"
        with migrate.transaction(url) as connection:
            revisions.upgrade(connection, migrate.SCRIPTS)
        revisions.write_fresh(url, migrate.SCRIPTS)


if __name__ == "__main__":
    if sys.argv[1:]:
        write_migration(sys.argv[1])
    write_fresh()
