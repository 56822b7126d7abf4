"""One unit of work on the database of the settings."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from trunkline.runtime.db import Connection, Database
from trunkline.runtime.db.migrate import pending
from trunkline.runtime.settings import Settings
from trunkline.values.errors import TrunklineError

T = TypeVar("T")


class NotMigrated(TrunklineError):
    """The database lacks what this version needs."""


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
