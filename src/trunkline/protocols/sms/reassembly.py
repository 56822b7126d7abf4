"""Joining the parts of long inbound messages, in any order, in bounded memory."""

from collections import deque
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from trunkline.protocols.sms.decode import Alphabet, text_of
from trunkline.protocols.sms.udh import Concat

TIMEOUT_S: Final = 300.0  # ours: handsets send all parts within seconds, queues add minutes
MAX_PENDING: Final = 10_000

_Key = tuple[str, str, int, int, bool]


@dataclass(frozen=True, slots=True)
class Part:
    """One received part; `token` is the caller's own (a stored row's id, say) and comes back."""

    source: str
    destination: str
    concat: Concat
    body: bytes
    data_coding: int
    token: str = ""


@dataclass(frozen=True, slots=True)
class Joined:
    """The parts there are, in sequence; `missing` lists the sequence numbers that never came."""

    parts: tuple[Part, ...]
    missing: tuple[int, ...] = ()

    def text(self, alphabet: Alphabet = Alphabet.GSM) -> str | None:
        """Decode the whole; octets are joined first, so a character cut in two is whole again.

        None when any part is binary. A run of equal data_coding is one piece: some handsets
        change it between parts.
        """
        pieces: list[str] = []
        for coding, run in groupby(self.parts, key=lambda part: part.data_coding):
            piece = text_of(b"".join(part.body for part in run), coding, alphabet)
            if piece is None:
                return None
            pieces.append(piece)
        return "".join(pieces)


@dataclass(slots=True)
class _Pending:
    started: float
    parts: dict[int, Part] = field(default_factory=dict[int, Part])


class Reassembler:
    """Keeps parts by (source, destination, reference, total, width) until all are there.

    `now` is any steadily growing number of seconds. A part seen before (also of a message just
    completed) is dropped. A part with a known place but other content belongs to a newer message
    with a re-used reference: the older one is given up as incomplete. When `max_pending` messages
    wait, the oldest is given up. What is given up comes out of the next `expire`.
    """

    def __init__(self, timeout_s: float = TIMEOUT_S, max_pending: int = MAX_PENDING) -> None:
        self._timeout_s = timeout_s
        self._max_pending = max_pending
        self._pending: dict[_Key, _Pending] = {}
        self._done: dict[_Key, _Pending] = {}
        # Bounded like the table: a caller that never expires loses the oldest fragments.
        self._given_up: deque[Joined] = deque(maxlen=max_pending)
        self.duplicates = 0
        self.evicted = 0

    def __len__(self) -> int:
        return len(self._pending)

    def add(self, part: Part, now: float) -> Joined | None:
        """Take a part; give the message back when this one completes it."""
        place = part.concat
        if place.total == 1:
            return Joined((part,))
        key = (part.source, part.destination, place.reference, place.total, place.wide)
        if self._seen_done(key, part, now):
            self.duplicates += 1
            return None
        pending = self._open(key, part, now)
        if place.sequence in pending.parts:
            self.duplicates += 1
            return None
        pending.parts[place.sequence] = part
        if len(pending.parts) < place.total:
            return None
        del self._pending[key]
        self._remember(key, pending, now)
        return _join(pending.parts, place.total)

    def expire(self, now: float) -> list[Joined]:
        """Give out what waited longer than the time-out, and what was given up since last time."""
        for table in (self._pending, self._done):
            # Entries are in order of their start, so the walk ends at the first young one.
            while table:
                key = next(iter(table))
                if table[key].started + self._timeout_s > now:
                    break
                old = table.pop(key)
                if table is self._pending:
                    self._given_up.append(_join(old.parts, key[3]))
        out = list(self._given_up)
        self._given_up.clear()
        return out

    def _seen_done(self, key: _Key, part: Part, now: float) -> bool:
        done = self._done.get(key)
        if done is None or done.started + self._timeout_s <= now:
            return False
        return done.parts[part.concat.sequence].body == part.body

    def _open(self, key: _Key, part: Part, now: float) -> _Pending:
        pending = self._pending.get(key)
        if pending is not None:
            known = pending.parts.get(part.concat.sequence)
            if known is None or known.body == part.body:
                return pending
            self._give_up(key)
        elif len(self._pending) >= self._max_pending:
            self._give_up(next(iter(self._pending)))
        pending = self._pending[key] = _Pending(now)
        return pending

    def _give_up(self, key: _Key) -> None:
        self._given_up.append(_join(self._pending.pop(key).parts, key[3]))
        self.evicted += 1

    def _remember(self, key: _Key, pending: _Pending, now: float) -> None:
        self._done.pop(key, None)
        if len(self._done) >= self._max_pending:
            del self._done[next(iter(self._done))]
        pending.started = now
        self._done[key] = pending


def _join(parts: dict[int, Part], total: int) -> Joined:
    ordered = tuple(parts[at] for at in sorted(parts))
    if len(ordered) == total:
        return Joined(ordered)
    return Joined(ordered, tuple(at for at in range(1, total + 1) if at not in parts))
