"""Following rows: each step is told once, late rows are not missed, and there is a bound."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from trunkline.rest.activity import follow
from trunkline.rest.activity.events import Event
from trunkline.rest.activity.follow import LATE_S, Follow, Rows

CONN = cast(Any, None)


@dataclass
class Row:
    key: int
    steps: list[str]

    @property
    def over(self) -> bool:
        return self.steps[-1] == "end"


@dataclass
class Table:
    """A table in memory: keys may become visible in any order."""

    rows: dict[int, Row] = field(default_factory=dict[int, Row])

    def put(self, key: int, *steps: str) -> None:
        self.rows[key] = Row(key, list(steps))

    def _events(self, _: Any, rows: Sequence[Row]) -> Iterable[tuple[Row, list[Event]]]:
        return [(row, [{"id": row.key, "step": one} for one in row.steps]) for row in rows]

    def follow(self, start: int | None = None) -> Follow[int, Row]:
        ordered = lambda: [self.rows[key] for key in sorted(self.rows)]  # noqa: E731
        rows: Rows[int, Row] = Rows(
            key=lambda row: row.key,
            is_over=lambda row: row.over,
            newest=lambda _: max(self.rows, default=0),
            after=lambda _, key, limit: [row for row in ordered() if row.key > key][:limit],
            last=lambda _, limit: ordered()[-limit:],
            keys=lambda _, low, high: [key for key in self.rows if low < key <= high],
            of=lambda _, keys: [self.rows[key] for key in keys],
            events=self._events,
        )
        return Follow(rows, start)


def told(events: list[Event]) -> list[tuple[int, str]]:
    return [(one["id"], one["step"]) for one in events]


def test_each_step_is_told_once() -> None:
    table = Table()
    watcher = table.follow()
    assert watcher.look(CONN, 0.0) == []
    table.put(1, "queued")
    assert told(watcher.look(CONN, 0.3)) == [(1, "queued")]
    assert watcher.look(CONN, 0.6) == []
    table.put(1, "queued", "sent", "end")
    assert told(watcher.look(CONN, 0.9)) == [(1, "sent"), (1, "end")]
    for turn in range(100):
        assert watcher.look(CONN, 1.0 + turn) == []


def test_what_was_there_before_is_not_told_but_followed() -> None:
    table = Table()
    table.put(1, "queued", "end")
    table.put(2, "queued")
    watcher = table.follow()
    assert watcher.look(CONN, 0.0) == []
    table.put(2, "queued", "sent")
    assert told(watcher.look(CONN, 100.0)) == [(2, "sent")]


def test_a_row_committed_late_is_not_missed() -> None:
    table = Table()
    watcher = table.follow()
    watcher.look(CONN, 0.0)
    table.put(5, "queued", "end")
    assert told(watcher.look(CONN, 1.0)) == [(5, "queued"), (5, "end")]
    table.put(4, "queued", "end")
    assert told(watcher.look(CONN, 1.0 + LATE_S / 2)) == [(4, "queued"), (4, "end")]
    assert watcher.look(CONN, 50.0) == []


def test_another_watcher_goes_on_without_a_gap() -> None:
    table = Table()
    watcher = table.follow()
    watcher.look(CONN, 0.0)
    table.put(3, "queued")
    table.put(7, "queued", "end")
    watcher.look(CONN, 1.0)
    watcher.look(CONN, 100.0)
    table.put(3, "queued", "sent")
    table.put(8, "queued")
    again = table.follow(watcher.resume)
    assert {(3, "sent"), (8, "queued")} <= set(told(again.look(CONN, 200.0)))


def test_of_too_many_open_rows_the_oldest_are_let_go(monkeypatch: Any) -> None:
    monkeypatch.setattr(follow, "MOST_OPEN", 2)
    table = Table()
    watcher = table.follow()
    watcher.look(CONN, 0.0)
    for key in (1, 2, 3):
        table.put(key, "queued")
    watcher.look(CONN, 1.0)
    assert watcher.dropped == 1
    for key in (1, 2, 3):
        table.put(key, "queued", "end")
    assert told(watcher.look(CONN, 100.0)) == [(2, "end"), (3, "end")]


def test_a_key_of_text_can_be_gone_back_from() -> None:
    assert follow._before("0199-b0") < "0199-b0"
    assert follow._before("0199-b0") > "0199-a"
