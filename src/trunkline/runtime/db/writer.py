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
from typing import Any

import structlog
from sqlalchemy import Connection

from trunkline.runtime.db.announce import Listener, Notes
from trunkline.runtime.db.errors import DatabaseUnavailable, WriterFull
from trunkline.runtime.db.transaction import LostToAnother, Transactions, translated

BatchFn = Callable[[Connection, list[Any]], Sequence[Any] | None]

log = structlog.get_logger(__name__)

RETRY_PATIENT_S = 0.25
ROUND_LIMIT = 2_000  # items in one transaction: bounds the wait of the first
LOST_RACES = 5  # deadlocks in a row after which the database counts as unavailable


@dataclass(slots=True)
class _Item:
    batch: BatchFn
    value: Any
    future: asyncio.Future[Any]
    patient: bool


_Groups = dict[BatchFn, list[_Item]]


class GroupWriter:
    """Collects units of work and commits them together, in the order of their kinds' arrival."""

    def __init__(self, transactions: Transactions, *, inline: bool, limit: int = 50_000) -> None:
        self._transactions = transactions
        self._inline = inline
        self._limit = limit
        self._waiting: deque[_Item] = deque()
        self._arrived = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="db-writer")
        self._task: asyncio.Task[None] | None = None
        self._closing = False
        self._listeners: dict[str, list[Listener]] = {}
        self.commits = 0
        self.items = 0

    def listen(self, topic: str, listener: Listener) -> None:
        """Call `listener` on the loop, after each commit, with the keys announced on `topic`."""
        self._listeners.setdefault(topic, []).append(listener)

    def forget(self, topic: str, listener: Listener) -> None:
        """Call `listener` no more."""
        self._listeners[topic].remove(listener)

    def tell(self, notes: Notes) -> None:
        """Call the listeners; also for what another process committed."""
        for topic, keys in notes.items():
            for listener in self._listeners.get(topic, ()):
                try:
                    listener(keys)
                except Exception:  # edge: who listens badly must not stop the writer
                    log.exception("database.listener_failed", topic=topic)

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
        await self._in_thread(self._transactions.close)
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
            DatabaseUnavailable: closed.
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
            groups: _Groups = {}
            self._join(groups)
            await self._round(groups, join=True)

    def _join(self, groups: _Groups) -> None:
        """Take what waits into `groups`, up to the limit of a round."""
        room = ROUND_LIMIT - sum(map(len, groups.values()))
        for _ in range(min(len(self._waiting), room)):
            item = self._waiting.popleft()
            groups.setdefault(item.batch, []).append(item)

    async def _round(self, groups: _Groups, *, join: bool) -> None:
        """Commit `groups`; with `join`, also what arrives until the transaction has begun."""
        try:
            results, notes = await self._persist(groups, join=join)
        except DatabaseUnavailable as error:
            await self._unavailable([item for items in groups.values() for item in items], error)
            return
        except Exception as error:  # noqa: BLE001 - edge: a unit's own error must not hurt others
            await self._one_by_one(groups, error)
            return
        self.commits += 1
        self.items += sum(map(len, groups.values()))
        for group, values in zip(groups.values(), results, strict=True):
            _resolve(group, values)
        self.tell(notes)

    async def _one_by_one(self, groups: _Groups, error: Exception) -> None:
        if len(groups) > 1:
            for batch, items in groups.items():
                await self._round({batch: items}, join=False)
            return
        ((batch, items),) = groups.items()
        if len(items) > 1:
            for item in items:
                await self._round({batch: [item]}, join=False)
        elif not items[0].future.done():
            items[0].future.set_exception(error)

    async def _unavailable(self, items: list[_Item], error: DatabaseUnavailable) -> None:
        log.warning("database.unavailable", waiting=len(self._waiting), error=str(error))
        patient = [item for item in items if item.patient and not self._closing]
        for item in items:
            if (not item.patient or self._closing) and not item.future.done():
                item.future.set_exception(error)
        self._waiting.extendleft(reversed(patient))
        if patient:
            await asyncio.sleep(RETRY_PATIENT_S)

    async def _persist(self, groups: _Groups, *, join: bool) -> tuple[list[Sequence[Any]], Notes]:
        for _ in range(LOST_RACES):
            try:
                if self._inline:
                    return await self._transact_inline(groups, join=join)
                return await self._in_thread(self._transact, groups)
            except LostToAnother as lost:
                log.info("database.lost_race", error=str(lost))
        raise DatabaseUnavailable(f"deadlocked {LOST_RACES} times in a row")

    async def _transact_inline(
        self, groups: _Groups, *, join: bool
    ) -> tuple[list[Sequence[Any]], Notes]:
        transactions = self._transactions
        await self._in_thread(transactions.begin)
        if join:  # waiting for the turn took a while
            self._join(groups)
        try:
            results = _run(transactions.connection, groups)
        except BaseException as error:
            await self._in_thread(transactions.rollback)
            raise translated(error) from error
        return results, await self._in_thread(transactions.commit)

    def _transact(self, groups: _Groups) -> tuple[list[Sequence[Any]], Notes]:
        transactions = self._transactions
        transactions.begin()
        try:
            results = _run(transactions.connection, groups)
        except BaseException as error:
            transactions.rollback()
            raise translated(error) from error
        return results, transactions.commit()

    async def _in_thread(self, call: Callable[..., Any], *args: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call, *args)


def _run(conn: Connection, groups: _Groups) -> list[Sequence[Any]]:
    results: list[Sequence[Any]] = []
    for batch, items in groups.items():
        values = batch(conn, [item.value for item in items])
        if values is not None and len(values) != len(items):
            raise TypeError(f"{batch} gave {len(values)} results for {len(items)} values")
        results.append(values if values is not None else (None,) * len(items))
    return results


def _resolve(items: list[_Item], values: Sequence[Any]) -> None:
    for item, value in zip(items, values, strict=True):
        if not item.future.done():
            item.future.set_result(value)
