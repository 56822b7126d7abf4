"""All tables the program declares; run as a module it writes the migration they lack.

python -m trunkline.cli.tables "what changes"        (`make migration m="what changes"`)
"""

import importlib
import pkgutil
import sys
import tempfile
from pathlib import Path

import trunkline
from trunkline.runtime.db import migrate


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
        migrate.write_revision(url, message)


if __name__ == "__main__":
    write_migration(sys.argv[1])
