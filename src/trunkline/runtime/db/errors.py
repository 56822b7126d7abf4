"""What can go wrong with the database.

DatabaseError
├── DatabaseUnavailable   it cannot be reached or refuses work now; nothing was written
├── WriterFull            too many writes wait already; nothing was written
└── SchemaUnknown         the database is newer than this program
"""

from trunkline.values.errors import TrunklineError


class DatabaseError(TrunklineError):
    """The database did not do what was asked; nothing of the unit was written."""


class DatabaseUnavailable(DatabaseError):
    """The database cannot be reached, is shutting down, locked or out of disk."""


class WriterFull(DatabaseError):
    """The writer's queue is full: the caller must slow down or refuse new work."""


class SchemaUnknown(DatabaseError):
    """The database's schema is of a newer version of the program."""
