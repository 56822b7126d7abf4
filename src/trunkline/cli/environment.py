"""What every command needs: settings, a place to print, and the database for one question."""

import asyncio
import os
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console

from trunkline.runtime.db import Connection, Database
from trunkline.runtime.db.migrate import pending
from trunkline.runtime.settings import Settings, load
from trunkline.values.errors import TrunklineError

T = TypeVar("T")

_PIPED = 1_000  # columns: what another program reads is not cut to a screen

output = Console(width=None if sys.stdout.isatty() else _PIPED)
errors = Console(stderr=True)

DataOption = Annotated[
    Path | None, typer.Option("--data", help="The data folder (TRUNKLINE_DATA).")
]


class NotMigrated(TrunklineError):
    """The database lacks what this version needs."""


class Refused(TrunklineError):
    """The command does not do what was asked, and says why."""


def settings_for(data: Path | None = None, more: Mapping[str, object] | None = None) -> Settings:
    """Read the settings; what was given on the command line wins.

    Raises:
        SettingError: one of them is wrong.
    """
    overrides = {"data": None if data is None else str(data), **(more or {})}
    return load(os.environ, overrides=overrides)


def ask_database(settings: Settings, unit: Callable[[Connection], T]) -> T:
    """Run one unit of work on the database and commit it.

    Raises:
        NotMigrated: its schema is older than this program.
        DatabaseUnavailable: it cannot be reached.
    """
    if pending(settings.database):
        raise NotMigrated("the database lacks the newest schema: run `trunkline migrate` first")

    async def run() -> T:
        database = Database(settings.database, readers=1)
        database.start()
        try:
            return await database.write(unit)
        finally:
            await database.close()

    return asyncio.run(run())


def version_text() -> str:
    """Return the installed version of the program."""
    return version("trunkline")
