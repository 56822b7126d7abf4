"""An adaptive jitter buffer: packets in whenever they come, one cell out for each tick.

It holds when there is nothing (the play pointer never overtakes the sender), primes anew after a
pause, skips when it is too deep, and follows the difference of both clocks by merging two cells
into one or holding for one tick. What to hear for a gap is the caller's; here is only decided which
gap it is.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final, Generic, NamedTuple, TypeVar, cast

from trunkline.protocols.rtp.grid import Grid
from trunkline.protocols.rtp.sequence import TIMESTAMP_BITS, Unwrapped

T = TypeVar("T")

LEAST_CELLS: Final = 2
_WINDOW: Final = 50  # ticks between decisions about depth
_HOLDS: Final = 5  # ticks without a packet after which a pause is assumed: prime anew
_DECAY: Final = 1 / 256  # of the peak of lateness, for each packet
_BASE_PACKETS: Final = 250  # for the least transit time, which follows the clocks' drift
_RESYNC: Final = 10  # late packets in a row after which the sender's clock has jumped
_FAR: Final = 150  # cells: so far off is a jump of the clock, not lateness
_SLACK: Final = 10  # cells above the target that are skipped at once


class GapKind(Enum):
    LOST = "lost"
    """Later packets are here: this one will not come in time. Time goes on."""
    HOLD = "hold"
    """Nothing is here: the sender is late, pauses, or has gone. Its time stands still."""


class Gap(NamedTuple):
    """Nothing to play in this tick; `run` counts gaps in a row from 1."""

    kind: GapKind
    run: int


class Merge(NamedTuple, Generic[T]):
    """Two cells to be played in the time of one: the buffer is deeper than it need be."""

    first: T
    second: T


@dataclass(slots=True)
class JitterStats:
    """Counted in packets (late, duplicate) and in ticks (the others)."""

    late: int = 0
    duplicate: int = 0
    lost: int = 0
    held: int = 0
    underruns: int = 0
    skipped: int = 0
    resyncs: int = 0


class JitterBuffer(Generic[T]):
    """Not thread-safe. Arrival times are in timestamp units of any origin."""

    __slots__ = (
        *("_base", "_base_next", "_cells", "_grid", "_held", "_late_run", "_low", "_missed"),
        *("_most", "_newest", "_next", "_next_size", "_origin", "_packets", "_peak", "_play"),
        *("_playing", "_run", "_span", "_stress", "_stretch", "_ticks", "_unwrap", "_waited"),
        "stats",
    )

    def __init__(self, grid: Grid[T], most_cells: int = 12) -> None:
        """`most_cells`: how deep the target may become; 12 of 20 ms are 240 ms."""
        self._grid = grid
        self._most = most_cells
        self._unwrap = Unwrapped(TIMESTAMP_BITS)
        self.stats = JitterStats()
        self._peak = 0.0
        self._restart()

    def _restart(self) -> None:
        self._cells: dict[int, T] = {}
        self._grid.clear()
        self._origin: int | None = None
        self._play: int | None = None  # the next cell to play; earlier ones come too late
        self._newest = 0
        self._span = 1  # cells of a packet
        self._playing = False
        self._waited = 0
        self._run = 0
        self._held = False  # the last gap was a hold
        self._missed = 0  # ticks that were never played
        self._late_run = 0
        self._base: float | None = None
        self._base_next: float | None = None
        self._packets = 0
        self._next = -1  # the timestamp that would follow in order, and the size it then has
        self._next_size = 0
        self._new_window()

    def _new_window(self) -> None:
        self._ticks = 0
        self._low = 1 << 30
        self._stress = 0
        self._stretch = False

    # -- in --------------------------------------------------------------------------------------

    def put(self, timestamp: int, payload: bytes, arrival: int | None) -> None:
        """Take a packet of a 32-bit timestamp that arrived at `arrival`; None: who knows when."""
        if timestamp == self._next and len(payload) == self._next_size and self._playing:
            self._follow(timestamp, cast("T", payload), arrival)
            return
        self._next = -1
        duration = self._grid.duration(payload)
        if duration <= 0:
            return
        start = self._unwrap(timestamp)
        if arrival is not None:
            self._measure(arrival - start)
        if self._origin is None or (self._is_idle and not self._behind(start)):
            self._move_origin(start)
        position = start - (self._origin or 0)
        last = (position + duration - 1) // self._grid.frame
        if self._play is not None and last < self._play:
            self._too_late(timestamp, payload, self._play - last)
            return
        self._late_run = 0
        self._span = -(-duration // self._grid.frame)
        if self._cells and last - self._newest > _FAR:
            self._resync(timestamp, payload)
            return
        for cell, content in self._grid.place(position, payload):
            self._store(cell, content)
        self._bound()
        if last == self._newest and self._cells.get(last) is payload:
            self._next, self._next_size = (timestamp + duration) & 0xFFFFFFFF, duration

    def _follow(self, timestamp: int, cell: T, arrival: int | None) -> None:
        """Take a packet that is one cell, the one after the newest: what nearly all of them are."""
        size = self._next_size
        newest = self._newest + 1
        start = self._unwrap.follow(size)
        if arrival is not None:
            self._measure(arrival - start)
        play = self._play
        if play is not None and newest < play:  # we have gone on without it
            self._next = -1
            self._too_late(timestamp, cast("bytes", cell), play - newest)
            return
        self._next = (timestamp + size) & 0xFFFFFFFF
        self._late_run = 0
        self._newest = newest
        self._cells[newest] = cell
        if play is not None and newest - play >= LEAST_CELLS + _SLACK:
            self._bound()

    @property
    def _is_idle(self) -> bool:
        return not (self._playing or self._cells or self._grid.pending)

    def _behind(self, start: int) -> bool:
        """Whether a packet that comes after a pause is from before it."""
        if self._play is None or self._origin is None:
            return False
        return start < self._origin + self._play * self._grid.frame

    def _move_origin(self, start: int) -> None:
        """Begin the cells anew with this packet, so that those of a talkspurt are not cut.

        Packets before it may follow: it may have overtaken them.
        """
        self._grid.clear()
        if self._play is not None and self._origin is not None:
            played = self._origin + self._play * self._grid.frame
            self._play = -min((start - played) // self._grid.frame, self._most)
        self._origin = start
        self._newest = 0

    def _store(self, cell: int, content: T) -> None:
        if self._play is not None and cell < self._play:
            return
        if cell in self._cells:
            self.stats.duplicate += 1
            return
        self._cells[cell] = content
        self._newest = max(self._newest, cell) if len(self._cells) > 1 else cell

    def _measure(self, transit: float) -> None:
        base, following = self._base, self._base_next
        if base is None or transit < base:
            self._base = base = transit
        if following is None or not self._packets or transit < following:
            self._base_next = following = transit
        self._packets += 1
        if self._packets >= _BASE_PACKETS:
            self._base, self._packets = following, 0
            base = following
        late = transit - base
        if late > self._peak:
            self._peak = min(late, self._most * self._grid.frame)  # more cannot be waited for
        else:
            self._peak *= 1 - _DECAY

    def _too_late(self, timestamp: int, payload: bytes, cells: int) -> None:
        self.stats.late += 1
        self._stress += 1
        self._late_run += _RESYNC // 2 if cells > _FAR else 1
        if self._late_run >= _RESYNC:
            self._resync(timestamp, payload)

    def _resync(self, timestamp: int, payload: bytes) -> None:
        self.stats.resyncs += 1
        self._restart()
        self._peak = 0.0
        start = self._unwrap(timestamp)
        self._origin = start
        for cell, content in self._grid.place(0, payload):
            self._store(cell, content)

    def _bound(self) -> None:
        """Skip at once what a stall has piled up."""
        wanted = self._wanted
        if self._cells and self._playing and self.depth > wanted + _SLACK + self._missed:
            self._skip_to(self._newest - wanted + 1)

    def _skip_to(self, cell: int) -> None:
        play = cell if self._play is None else self._play
        self.stats.skipped += max(0, cell - play)
        self._play = cell
        for old in [c for c in self._cells if c < cell]:
            del self._cells[old]

    # -- out -------------------------------------------------------------------------------------

    @property
    def target(self) -> int:
        """Cells that should lie here when a tick begins."""
        wanted = int(self._peak // self._grid.frame) + LEAST_CELLS
        return min(wanted, self._most)

    @property
    def _wanted(self) -> int:
        """The target just after a packet of several cells has come."""
        return self.target + self._span - 1

    @property
    def depth(self) -> int:
        """Cells from the next to play to the newest, lost ones counted."""
        if not self._cells:
            return 0
        first = min(self._cells) if self._play is None else self._play
        return max(0, self._newest - first + 1)

    def miss(self, ticks: int) -> None:
        """Note that so many ticks were never played, before the packets of that time are put.

        The sender's time went on: what would have been played then is not played later.
        """
        self._missed += ticks

    def _catch_up(self) -> None:
        missed, self._missed = self._missed, 0
        if self._playing and self._cells and self._play is not None:
            self._skip_to(max(self._play, min(self._play + missed, self._newest - self.target + 1)))

    def get(self) -> T | Gap | Merge[T]:
        """What to play in this tick."""
        if self._missed:
            self._catch_up()
        if not self._playing and not self._prime():
            return self._gap(GapKind.HOLD)
        if self._stretch:
            self._new_window()
            return self._gap(GapKind.HOLD)
        play = self._play if self._play is not None else min(self._cells)
        found = self._cells.pop(play, None)
        if found is None:
            return self._missing(play)
        return self._deliver(play, found)

    def _prime(self) -> bool:
        if not self._cells:
            return False
        self._waited += 1
        first, wanted = min(self._cells), self._wanted
        if self._newest - first + 1 < wanted and self._waited <= self.target:
            return False
        self._playing, self._waited = True, 0
        self._play = max(first, self._play or first)
        if self._newest - self._play + 1 > wanted + self._span:
            self._skip_to(self._newest - wanted + 1)
        self._new_window()
        return True

    def _deliver(self, play: int, found: T) -> T | Merge[T]:
        self._run = 0
        self._play = play + 1
        depth = self._newest - play if self._cells else 0
        if depth < self._low:
            self._low = depth
        self._ticks += 1
        if self._ticks < _WINDOW:
            return found
        low, stress, target = self._low, self._stress, self.target
        self._new_window()
        if low < target - 2 or (stress and low < target):
            self._stretch = True
        elif low >= target and not stress:
            second = self._cells.pop(play + 1, None)
            if second is not None:
                self._play = play + 2
                self.stats.skipped += 1
                return Merge(found, second)
        return found

    def _missing(self, play: int) -> T | Gap | Merge[T]:
        part = self._grid.partial(play)
        if part is not None and (self._cells or self._run):
            return self._deliver(play, part)
        if not self._cells:
            return self._underrun()
        first = min(self._cells)
        if self._run and self._held:
            play = min(first, play + self._run)  # we waited as long as these would have taken
        if first - play > self._most:
            play = first  # silence was not sent: go on with what comes after it
        if play == first:
            return self._deliver(play, self._cells.pop(play))
        self._play = play + 1
        return self._gap(GapKind.LOST)

    def _underrun(self) -> Gap:
        if self._run == 0 or not self._held:
            self.stats.underruns += 1
            self._stress += 1
        gap = self._gap(GapKind.HOLD)
        if gap.run >= _HOLDS:
            self._playing, self._waited = False, 0
        return gap

    def _gap(self, kind: GapKind) -> Gap:
        self._run += 1
        self._held = kind is GapKind.HOLD
        if kind is GapKind.LOST:
            self.stats.lost += 1
        else:
            self.stats.held += 1
        return Gap(kind, self._run)
