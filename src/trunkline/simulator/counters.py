"""What the simulator counts, for tests and measurements."""

from dataclasses import dataclass, field
from typing import Final

TRACKED: Final = 500_000
"""Messages and destinations remembered when tracking; above it the oldest is forgotten."""


@dataclass(slots=True)
class Counters:
    """Running totals; a submit is one PDU, so a long message counts once per part.

    `duplicates` counts submits seen before with the same sender, destination and octets, and
    needs tracking, as `to` does.
    """

    binds: int = 0
    binds_refused: int = 0
    submits: int = 0
    accepted: int = 0
    refused: int = 0
    throttled: int = 0
    unanswered: int = 0
    links_cut: int = 0
    receipts_sent: int = 0
    receipts_acked: int = 0
    mo_sent: int = 0
    mo_acked: int = 0
    refused_by_client: int = 0
    redelivered: int = 0
    dropped: int = 0
    duplicates: int = 0
    _to: dict[str, int] = field(default_factory=dict[str, int])
    _seen: dict[int, None] = field(default_factory=dict[int, None])

    def to(self, destination: str) -> int:
        """Count the submits to a destination, when tracking."""
        return self._to.get(destination.removeprefix("+"), 0)

    def track(self, source: str, destination: str, body: bytes) -> None:
        tag = hash((source, destination, body))
        if tag in self._seen:
            self.duplicates += 1
        else:
            self._seen[tag] = None
        self._to[destination] = self._to.get(destination, 0) + 1
        if len(self._seen) > TRACKED:
            del self._seen[next(iter(self._seen))]
        if len(self._to) > TRACKED:
            del self._to[next(iter(self._to))]


class Attempts:
    """How often the same message was submitted to a magic destination; the last 10,000 messages."""

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._counts: dict[tuple[str, str, bytes], int] = {}

    def bump(self, source: str, destination: str, body: bytes) -> int:
        """Count this submit; 1 for the first."""
        key = (source, destination, body)
        count = self._counts.get(key, 0) + 1
        self._counts[key] = count
        if len(self._counts) > self._most:
            del self._counts[next(iter(self._counts))]
        return count


class Bucket:
    """A rate limit of `rate` a second with room for a fifth of a second's worth at once."""

    def __init__(self, rate: int, now: float) -> None:
        self._rate = rate
        self._room = max(1.0, rate / 5)
        self._left = self._room
        self._at = now

    def take(self, now: float) -> bool:
        """Take one if there is one."""
        self._left = min(self._room, self._left + max(0.0, now - self._at) * self._rate)
        self._at = now
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True
