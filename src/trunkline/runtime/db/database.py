"""`Database`: the one object through which the program reads and writes."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from trunkline.runtime.db.announce import Listener
from trunkline.runtime.db.engine import normalise, open_engine
from trunkline.runtime.db.errors import DatabaseUnavailable
from trunkline.runtime.db.transaction import Transactions, Turn, first_line, translated
from trunkline.runtime.db.writer import GroupWriter

T = TypeVar("T")
I = TypeVar("I")  # noqa: E741 - item


class Database:
    """Reads on threads of their own, writes in group commits; open between `start` and `close`."""

    def __init__(self, url: str, *, readers: int = 4, synchronous: str = "FULL") -> None:
        self.url = normalise(url)
        self.is_sqlite = self.url.drivername.startswith("sqlite")
        self.engine = open_engine(self.url, readers=readers, synchronous=synchronous)
        self._readers = ThreadPoolExecutor(readers, thread_name_prefix="db-reader")
        turn = Turn(_turn_file(self.url)) if self.is_sqlite else None
        self.writer = GroupWriter(Transactions(self.engine, turn), inline=self.is_sqlite)
        self._idle: list[Connection] = []
        self._followers: list[Callable[[], Awaitable[None]]] = []

    def start(self) -> None:
        """Begin to serve writes on the running loop."""
        self.writer.start()

    async def close(self) -> None:
        """Commit what waits, then close every connection."""
        await self.writer.close()
        self._readers.shutdown(wait=True)
        for connection in self._idle:
            connection.close()
        self._idle.clear()
        self.engine.dispose()

    def add_follower(self, caught_up: Callable[[], Awaitable[None]]) -> None:
        """Let `followed` wait for `caught_up`, which ends soon even if the other side does not."""
        self._followers.append(caught_up)

    async def followed(self) -> None:
        """Wait until the processes beside this one know of all changes committed here."""
        for caught_up in self._followers:
            await caught_up()

    async def read(self, query: Callable[[Connection], T]) -> T:
        """Run `query` on a reader's connection; it sees every commit made before the call.

        Raises:
            DatabaseUnavailable: the database cannot be reached.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, self._read, query)

    async def glance(self, query: Callable[[Connection], T]) -> T:
        """Do as `read` does, for a query of a few rows: SQLite's runs on the loop, in microseconds.

        Raises:
            DatabaseUnavailable: the database cannot be reached.
        """
        return self._read(query) if self.is_sqlite else await self.read(query)

    async def write(self, unit: Callable[[Connection], T], *, patient: bool = False) -> T:
        """Run `unit` in the next group commit and return its result once that is durable.

        Raises:
            DatabaseUnavailable: nothing was written (unless `patient`, which waits instead).
            WriterFull: too much is waiting already.
        """
        return await self.writer.submit(_run_unit, unit, patient=patient)

    def submit(
        self,
        batch: Callable[[Connection, list[I]], Sequence[T] | None],
        item: I,
        *,
        patient: bool = False,
    ) -> asyncio.Future[T]:
        """Queue `item` for `batch`, which gets all waiting items of its kind: see `GroupWriter`."""
        return self.writer.submit(batch, item, patient=patient)

    def listen(self, topic: str, listener: Listener) -> None:
        """Call `listener` on the loop with the keys that commits of this process announce."""
        self.writer.listen(topic, listener)

    def forget(self, topic: str, listener: Listener) -> None:
        """Call `listener` no more."""
        self.writer.forget(topic, listener)

    def _read(self, query: Callable[[Connection], T]) -> T:
        try:
            connection = self._idle.pop()
        except IndexError:
            return self._read_on(self._connect(), query)
        try:
            return self._read_on(connection, query)
        except DatabaseUnavailable:  # since it was used last the server may have been restarted
            return self._read_on(self._connect(), query)

    def _connect(self) -> Connection:
        try:
            return self.engine.connect()
        except DBAPIError as error:
            raise DatabaseUnavailable(first_line(error)) from error

    def _read_on(self, connection: Connection, query: Callable[[Connection], T]) -> T:
        try:
            connection.begin()  # so that the rollback also ends what went below SQLAlchemy
            result = query(connection)
            connection.rollback()
        except BaseException as error:
            known = translated(error)
            if known is error and not isinstance(error, DBAPIError):
                connection.rollback()
                self._idle.append(connection)
                raise
            connection.invalidate()
            connection.close()
            if known is error:
                raise
            raise known from error
        self._idle.append(connection)
        return result

    async def ping(self) -> None:
        """Prove that the database answers.

        Raises:
            DatabaseUnavailable: it does not.
        """
        await self.read(lambda conn: conn.execute(text("SELECT 1")).scalar_one())


def _run_unit(conn: Connection, units: list[Callable[[Connection], Any]]) -> list[Any]:
    return [unit(conn) for unit in units]


def _turn_file(url: URL) -> Path:
    if not url.database or url.database == ":memory:":
        raise ValueError("a database in memory cannot be shared by readers and the writer")
    return Path(f"{url.database}-turn")
