"""One lane per target: how many of its webhooks may be under way, and how many are held for it.

A target that cannot be reached loses half of its width with each failure, down to one probe at a
time; each answer, of whatever status, doubles it again. So a dead target costs one connection, and
no other target waits for it.
"""

import heapq
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from trunkline.webhooks.model import Claimed, DeliverySettings

NEVER = float("inf")
_HOLD_S = 2.0  # no more is claimed than will be sent within about this time
_MOST_EACH = 16  # held for each one under way
_LEAST_EACH = 2


@dataclass(slots=True, eq=False)
class Lane:
    """What the worker knows about one target; the worker alone changes it."""

    target: str
    most: int  # width of a healthy target
    width: int
    in_flight: int = 0
    # In hand, not settled yet: waiting here, under way, or being stored.
    held: set[int] = field(default_factory=set[int])
    lease_until: float = 0.0  # ours
    theirs_until: float = 0.0  # another worker's, as far as known
    waiting: deque[Claimed] = field(default_factory=deque[Claimed])
    busy: set[str] = field(default_factory=set[str])  # resources one of whose webhooks is under way
    behind: dict[str, list[Claimed]] = field(default_factory=dict[str, list[Claimed]])
    claiming: bool = False
    woken: bool = False  # while claiming: there may be more than the claim will find
    dry: bool = True  # nothing is due in the database as far as known
    hungry: bool = False  # has something to send and found the worker full
    next_due: float = NEVER
    latency_s: float = 0.05

    @property
    def failing(self) -> bool:
        """Down to one probe at a time."""
        return self.width == 1 < self.most

    @property
    def unused(self) -> bool:
        """Nothing is held or asked for."""
        return self.dry and not self.claiming and not self.held and not self.in_flight

    def take(self) -> Claimed | None:
        """Return the next webhook to send, never two of one resource at once: they keep order."""
        while self.waiting:
            row = self.waiting.popleft()
            if row.resource_uuid not in self.busy:
                self.busy.add(row.resource_uuid)
                return row
            self.behind.setdefault(row.resource_uuid, []).append(row)
        return None

    def tried(self, row: Claimed) -> None:
        """Let what waited behind this one go next."""
        self.busy.discard(row.resource_uuid)
        if self.behind and (later := self.behind.pop(row.resource_uuid, None)):
            self.waiting.extendleft(reversed(later))

    def answered(self, seconds: float) -> None:
        """The target answered."""
        self.latency_s += (seconds - self.latency_s) * 0.1
        if self.width < self.most:
            self.width = min(self.most, self.width * 2)

    def unreachable(self) -> None:
        """The target did not answer."""
        self.width = max(1, self.width // 2)

    def to_claim(self, settings: DeliverySettings) -> int:
        """Return how many webhooks to claim now; 0 when enough are held or none are due."""
        if self.dry or self.claiming:
            return 0
        each = min(_MOST_EACH, max(_LEAST_EACH, int(_HOLD_S / max(self.latency_s, 0.001))))
        wanted = 1 if self.failing else min(settings.rows_per_target, self.width * each)
        room = wanted - len(self.held)
        # In good portions: each claim is a statement.
        return room if room * 4 >= wanted else 0


class Lanes:
    """The lanes by target, and which of them is due next. Bounded: the database knows the rest."""

    def __init__(self, *, width: int, most: int) -> None:
        self._width = width
        self._most = most
        self._by_target: dict[str, Lane] = {}
        self._due: list[tuple[float, str]] = []  # heap; a lane's next_due says what still holds

    def __len__(self) -> int:
        return len(self._by_target)

    def get(self, target: str) -> Lane | None:
        """Return the lane of a target, a new one if need be; None when there are too many."""
        lane = self._by_target.get(target)
        if lane is None and len(self._by_target) < self._most:
            lane = self._by_target[target] = Lane(target, self._width, self._width)
        return lane

    def plan(self, lane: Lane, due: float) -> bool:
        """Note that the lane has work at a time; False when it was planned for earlier already."""
        if due >= lane.next_due:
            return False
        lane.next_due = due
        heapq.heappush(self._due, (due, lane.target))
        return True

    def pop_due(self, now: float) -> Iterator[Lane]:
        """Yield the lanes whose time has come."""
        while self._due and self.next_due() <= now:
            lane = self._by_target[heapq.heappop(self._due)[1]]
            lane.next_due = NEVER
            yield lane

    def next_due(self) -> float:
        """Return when the next lane is due."""
        while self._due:
            due, target = self._due[0]
            lane = self._by_target.get(target)
            if lane is not None and lane.next_due == due:
                return due
            heapq.heappop(self._due)
        return NEVER

    def forget_unused(self, later_than: float) -> None:
        """Drop the lanes that have nothing to do until then."""
        unused = [
            lane for lane in self._by_target.values() if lane.unused and lane.next_due > later_than
        ]
        for lane in unused:
            del self._by_target[lane.target]
