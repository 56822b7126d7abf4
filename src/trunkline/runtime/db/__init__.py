"""One schema on two engines: SQLite (WAL) for one process, PostgreSQL for many.

Stores are plain synchronous functions of a `Connection`; `Database` decides where they run:
reads on reader threads, writes together in the next group commit.
"""

from sqlalchemy import Connection

from trunkline.runtime.db.announce import announce
from trunkline.runtime.db.bulk import (
    BulkDelete,
    BulkInsert,
    BulkSelect,
    BulkTake,
    BulkUpdate,
)
from trunkline.runtime.db.database import Database
from trunkline.runtime.db.errors import DatabaseError, DatabaseUnavailable, WriterFull
from trunkline.runtime.db.schema import metadata

__all__ = [
    "BulkDelete",
    "BulkInsert",
    "BulkSelect",
    "BulkTake",
    "BulkUpdate",
    "Connection",
    "Database",
    "DatabaseError",
    "DatabaseUnavailable",
    "WriterFull",
    "announce",
    "metadata",
]
