"""One connection on which one transaction after the other is made."""

import fcntl
import os
from pathlib import Path
from typing import cast

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from trunkline.runtime.db.announce import Notes, take
from trunkline.runtime.db.errors import DatabaseError, DatabaseUnavailable

# PostgreSQL appendix A: serialization_failure, deadlock_detected.
_AGAIN = frozenset({"40001", "40P01"})


class LostToAnother(DatabaseError):
    """Another transaction stood in the way (a deadlock); the same work will do now."""


class Turn:
    """Whose turn it is to write to an SQLite file, among the processes of this machine.

    SQLite's own waiting polls with sleeps of up to 100 ms; waiting for this lock costs nothing and
    ends at once. The file stays beside the database.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

    def take(self) -> None:
        """Wait for the turn."""
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def give(self) -> None:
        """Let the next one write."""
        fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Give up the file."""
        os.close(self._file)


class Transactions:
    """Begins, commits and rolls back on one connection, made anew when it broke.

    SQLite (given `turn`) gets its BEGIN IMMEDIATE and COMMIT here; its driver is in autocommit.
    """

    def __init__(self, engine: Engine, turn: Turn | None) -> None:
        self._engine = engine
        self._turn = turn
        self._connection: Connection | None = None
        self._proved = False

    @property
    def connection(self) -> Connection:
        """The connection of the transaction under way."""
        return cast("Connection", self._connection)

    def begin(self) -> None:
        """Start a transaction.

        Raises:
            DatabaseUnavailable: the database cannot be reached or written now.
        """
        if self._turn is not None:
            self._turn.take()
        try:
            if self._connection is None or self._connection.closed:
                self._connection = self._engine.connect()
                self._proved = False
            self._connection.begin()
            if self._turn is not None:
                self._connection.connection.cursor().execute("BEGIN IMMEDIATE")
            elif not self._proved:
                self._connection.execute(text("SELECT 1"))
            self._proved = True
        except Exception as error:
            self.drop()
            raise DatabaseUnavailable(first_line(error)) from error

    def commit(self) -> Notes:
        """Make the transaction durable; return what it announced.

        Raises:
            DatabaseUnavailable: it is not known to be durable.
        """
        connection = self.connection
        notes = take(connection)
        try:
            if self._turn is not None:
                connection.connection.cursor().execute("COMMIT")
            connection.commit()
        except Exception as error:
            self.drop()
            raise DatabaseUnavailable(f"commit failed: {first_line(error)}") from error
        self._give()
        return notes

    def rollback(self) -> None:
        """Undo the transaction."""
        connection = self.connection
        take(connection)
        try:
            if self._turn is not None:
                connection.connection.cursor().execute("ROLLBACK")
            connection.rollback()
        except Exception:  # noqa: BLE001 - edge: the connection is gone, so is its transaction
            self.drop()
        self._give()

    def drop(self) -> None:
        """Forget the connection; the next `begin` makes another."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()
        self._give()

    def close(self) -> None:
        """End for good."""
        self.drop()
        if self._turn is not None:
            self._turn.close()

    def _give(self) -> None:
        if self._turn is not None:
            self._turn.give()


def translated(error: BaseException) -> BaseException:
    """Tell a dead or refusing database, or a lost race, from a unit that is wrong in itself."""
    if isinstance(error, DatabaseError):
        return error
    origin: object = error.orig if isinstance(error, DBAPIError) else error
    if getattr(origin, "sqlstate", None) in _AGAIN:
        return LostToAnother(first_line(error))
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return DatabaseUnavailable(first_line(error))
    if isinstance(error, InterfaceError | OperationalError):
        return DatabaseUnavailable(first_line(error))
    # The driver's own errors, from statements that went below SQLAlchemy.
    names = {kind.__name__ for kind in type(error).__mro__}
    if names & {"OperationalError", "InterfaceError"}:
        return DatabaseUnavailable(first_line(error))
    return error


def first_line(error: BaseException) -> str:
    """Return what an error says, without SQLAlchemy's appendix."""
    return (str(error).splitlines() or [type(error).__name__])[0]
