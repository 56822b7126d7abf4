"""The group-commit writer: everything that waits at a moment shares one transaction.

One transaction at a time. PostgreSQL's statements run in the writer's thread, since they wait for
the network. SQLite's run on the event loop (measured: 15 µs a row there, 40–900 µs in a thread that
fights the loop for the interpreter lock), and only BEGIN (may wait for another process) and COMMIT
(waits for the disk) go to the thread.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, cast

import structlog
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from trunkline.runtime.db.announce import Listener, Notes, take
from trunkline.runtime.db.errors import DatabaseError, DatabaseUnavailable, WriterFull

BatchFn = Callable[[Connection, list[Any]], Sequence[Any] | None]

log = structlog.get_logger(__name__)

RETRY_PATIENT_S = 0.25
ROUND_LIMIT = 2_000  # items in one transaction: bounds the wait of the first


@dataclass(slots=True)
class _Item:
    batch: BatchFn
    value: Any
    future: asyncio.Future[Any]
    patient: bool


class GroupWriter:
    """Collects units of work and commits them together, in the order of their kinds' arrival."""

    def __init__(self, engine: Engine, *, inline: bool, limit: int = 50_000) -> None:
        self._engine = engine
        self._inline = inline
        self._limit = limit
        self._waiting: deque[_Item] = deque()
        self._arrived = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="db-writer")
        self._connection: Connection | None = None
        self._task: asyncio.Task[None] | None = None
        self._closing = False
        self._listeners: dict[str, list[Listener]] = {}
        self._notes: Notes = {}
        self.commits = 0
        self.items = 0

    def listen(self, topic: str, listener: Listener) -> None:
        """Call `listener` on the loop, after each commit, with the keys announced on `topic`."""
        self._listeners.setdefault(topic, []).append(listener)

    @property
    def depth(self) -> int:
        """How many units wait."""
        return len(self._waiting)

    def start(self) -> None:
        """Begin to serve; must be called on the loop that submits."""
        self._task = asyncio.get_running_loop().create_task(self._serve(), name="db-writer")

    async def close(self) -> None:
        """Finish what waits, then stop."""
        self._closing = True
        self._arrived.set()
        if self._task is not None:
            await self._task
        await self._in_thread(self._drop_connection)
        self._thread.shutdown()

    def submit(self, batch: BatchFn, value: Any, *, patient: bool = False) -> asyncio.Future[Any]:
        """Queue `value` for `batch`; the future resolves after the commit that holds it.

        Args:
            batch: called with all values of this kind that wait; returns one result per value, or
                None when there is nothing to tell. Run again with single values when a batch
                fails, so it must not keep state.
            value: the unit of work.
            patient: wait for a dead database instead of failing; for work that must not be lost.

        Raises:
            WriterFull: more than the limit wait already.
        """
        if len(self._waiting) >= self._limit and not patient:
            raise WriterFull("the database cannot keep up: too many writes are waiting")
        if self._closing:
            raise DatabaseUnavailable("the database writer is closed")
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Item(batch, value, future, patient))
        self._arrived.set()
        return future

    async def _serve(self) -> None:
        while True:
            if not self._waiting:
                if self._closing:
                    return
                self._arrived.clear()
                await self._arrived.wait()
                continue
            count = min(len(self._waiting), ROUND_LIMIT)
            await self._round([self._waiting.popleft() for _ in range(count)])

    async def _round(self, items: list[_Item]) -> None:
        groups: dict[BatchFn, list[_Item]] = {}
        for item in items:
            groups.setdefault(item.batch, []).append(item)
        try:
            results = await self._transact(list(groups.items()))
        except DatabaseUnavailable as error:
            await self._unavailable(items, error)
            return
        except Exception as error:  # noqa: BLE001 - edge: a unit's own error must not hurt others
            await self._one_by_one(groups, error)
            return
        self.commits += 1
        self.items += len(items)
        for group, values in zip(groups.values(), results, strict=True):
            _resolve(group, values)
        self._tell()

    def _tell(self) -> None:
        notes, self._notes = self._notes, {}
        for topic, keys in notes.items():
            for listener in self._listeners.get(topic, ()):
                listener(keys)

    async def _one_by_one(self, groups: dict[BatchFn, list[_Item]], error: Exception) -> None:
        if len(groups) == 1:
            (items,) = groups.values()
            if len(items) == 1:
                if not items[0].future.done():
                    items[0].future.set_exception(error)
                return
            for item in items:
                await self._round([item])
            return
        for items in groups.values():
            await self._round(items)

    async def _unavailable(self, items: list[_Item], error: DatabaseUnavailable) -> None:
        log.warning("database.unavailable", waiting=len(self._waiting), error=str(error))
        await self._in_thread(self._drop_connection)
        patient = [item for item in items if item.patient and not self._closing]
        for item in items:
            if (not item.patient or self._closing) and not item.future.done():
                item.future.set_exception(error)
        self._waiting.extendleft(reversed(patient))
        if patient:
            await asyncio.sleep(RETRY_PATIENT_S)

    async def _transact(self, groups: list[tuple[BatchFn, list[_Item]]]) -> list[Sequence[Any]]:
        if not self._inline:
            return await self._in_thread(self._transact_in_thread, groups)
        await self._in_thread(self._begin)
        try:
            results = _run(self._connected(), groups)
        except BaseException as error:
            await self._in_thread(self._rollback)
            raise _translated(error) from error
        await self._in_thread(self._commit)
        return results

    def _transact_in_thread(self, groups: list[tuple[BatchFn, list[_Item]]]) -> list[Sequence[Any]]:
        self._begin()
        try:
            results = _run(self._connected(), groups)
        except BaseException as error:
            self._rollback()
            raise _translated(error) from error
        self._commit()
        return results

    async def _in_thread(self, call: Callable[..., Any], *args: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call, *args)

    def _connected(self) -> Connection:
        return cast(Connection, self._connection)

    def _begin(self) -> None:
        try:
            if self._connection is None or self._connection.closed:
                self._connection = self._engine.connect()
            self._connection.begin()
            if self._inline:
                self._connection.connection.cursor().execute("BEGIN IMMEDIATE")
            elif self.commits == 0:
                self._connection.execute(text("SELECT 1"))
        except DBAPIError as error:
            self._drop_connection()
            raise DatabaseUnavailable(_first_line(error)) from error
        except Exception as error:
            self._drop_connection()
            raise DatabaseUnavailable(str(error)) from error

    def _commit(self) -> None:
        connection = self._connected()
        self._notes = take(connection)
        try:
            if self._inline:
                connection.connection.cursor().execute("COMMIT")
            connection.commit()
        except Exception as error:
            self._drop_connection()
            raise DatabaseUnavailable(f"commit failed: {error}") from error

    def _rollback(self) -> None:
        connection = self._connected()
        take(connection)
        try:
            if self._inline:
                connection.connection.cursor().execute("ROLLBACK")
            connection.rollback()
        except Exception:  # noqa: BLE001 - edge: the connection is gone, so is its transaction
            self._drop_connection()

    def _drop_connection(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()


def _run(conn: Connection, groups: list[tuple[BatchFn, list[_Item]]]) -> list[Sequence[Any]]:
    results: list[Sequence[Any]] = []
    for batch, items in groups:
        values = batch(conn, [item.value for item in items])
        results.append(values if values is not None else (None,) * len(items))
    return results


def _resolve(items: list[_Item], values: Sequence[Any]) -> None:
    for item, value in zip(items, values, strict=True):
        if not item.future.done():
            item.future.set_result(value)


def _translated(error: BaseException) -> BaseException:
    """Tell a dead or refusing database from a unit that is wrong in itself."""
    if isinstance(error, DatabaseError):
        return error
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return DatabaseUnavailable(_first_line(error))
    if isinstance(error, InterfaceError | OperationalError):
        return DatabaseUnavailable(_first_line(error))
    name = type(error).__name__
    if name in ("OperationalError", "InterfaceError", "AdminShutdown"):  # raw driver errors
        return DatabaseUnavailable(str(error))
    return error


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
