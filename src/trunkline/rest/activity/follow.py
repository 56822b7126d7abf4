"""Follows the rows of one table: tells each event once, and misses none that was committed late."""

from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from trunkline.rest.activity.events import Event
from trunkline.runtime.db import Connection

K = TypeVar("K", str, int)
R = TypeVar("R")

LATE_S = 10.0  # a row may be committed so long after one with a higher key
MOST_NEW = 2_000  # rows of one look
MOST_OPEN = 5_000  # rows that are not over and are looked at again
RECENT = 500  # rows from before the start that are followed if they are not over


@dataclass(frozen=True, slots=True)
class Rows(Generic[K, R]):
    """How a table is read; keys rise with time, apart from rows committed late."""

    key: Callable[[R], K]
    is_over: Callable[[R], bool]
    newest: Callable[[Connection], K]
    after: Callable[[Connection, K, int], list[R]]
    last: Callable[[Connection, int], list[R]]
    keys: Callable[[Connection, K, K], list[K]]
    of: Callable[[Connection, Sequence[K]], list[R]]
    events: Callable[[Connection, Sequence[R]], Iterable[tuple[R, list[Event]]]]


@dataclass(slots=True)
class Follow(Generic[K, R]):
    """One watcher's view of one table; `start` is the key it begins after, None for now.

    Of more than MOST_OPEN open rows the oldest are let go and counted in `dropped`.
    """

    rows: Rows[K, R]
    start: K | None = None
    dropped: int = 0
    _high: Any = None
    _edges: deque[tuple[float, K]] = field(default_factory=deque[tuple[float, Any]])
    _told: dict[K, frozenset[str]] = field(default_factory=dict[Any, frozenset[str]])
    _open: OrderedDict[K, None] = field(default_factory=OrderedDict[Any, None])

    @property
    def resume(self) -> Any:
        """The key to start after so that nothing is missed; what was told may come again."""
        lowest = self._edges[0][1] if self._edges else self._high
        return min([lowest, *(_before(key) for key in self._open)])

    def look(self, conn: Connection, now: float) -> list[Event]:
        """Return what happened since the last look; `now` is any clock that only rises."""
        if self._high is None:
            self._begin(conn, now)
        high: Any = self._high
        found = self.rows.after(conn, high, MOST_NEW)
        late = self.rows.keys(conn, self._edges[0][1], high)
        again = [key for key in late if key not in self._told]
        known = [key for key in self._open if key not in again]
        found = self.rows.of(conn, [*again, *known]) + found
        events = self._news(conn, found)
        self._move(now, found)
        return events

    def _begin(self, conn: Connection, now: float) -> None:
        edge = self.start
        self._high = self.start
        if edge is None:
            recent = self.rows.last(conn, RECENT)
            self._news(conn, recent)
            keys = [self.rows.key(row) for row in recent]
            self._high = max(keys) if keys else self.rows.newest(conn)
            edge = _before(min(keys)) if keys else self._high
        self._edges.append((now, edge))

    def _news(self, conn: Connection, found: Sequence[R]) -> list[Event]:
        events: list[Event] = []
        for row, steps in self.rows.events(conn, found):
            key = self.rows.key(row)
            told = self._told.get(key, frozenset())
            events += [one for one in steps if one["step"] not in told]
            self._told[key] = told.union(one["step"] for one in steps)
            if self.rows.is_over(row):
                self._open.pop(key, None)
            else:
                self._open[key] = None
        while len(self._open) > MOST_OPEN:
            self._open.popitem(last=False)
            self.dropped += 1
        return events

    def _move(self, now: float, found: Sequence[R]) -> None:
        self._high = max([self._high, *map(self.rows.key, found)])
        self._edges.append((now, self._high))
        while len(self._edges) > 1 and self._edges[1][0] <= now - LATE_S:
            self._edges.popleft()
        low = self._edges[0][1]
        for key in [key for key in self._told if key <= low and key not in self._open]:
            del self._told[key]


def _before(key: Any) -> Any:
    """Return a key that sorts just before another."""
    if isinstance(key, int):
        return key - 1
    return key[:-1] + chr(ord(key[-1]) - 1)
