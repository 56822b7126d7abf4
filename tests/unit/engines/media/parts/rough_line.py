"""A bad network in made-up time: what happens to the packets of a phone, and when they arrive.

It loses, copies and delays as the relay of `impaired` does. Besides, as on a machine that has too
little CPU, the phone, the network and the ears (the media process) may stall: a phone says all at
once what it should have said meanwhile, so that delays mix up whole keys.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count

from trunkline.protocols.rtp import DIGITS, Packet, TelephoneEvent, serialize, serialize_event

FRAME, TICK_S = 160, 0.02
AUDIO = bytes([0xE0]) * FRAME  # μ-law


@dataclass(frozen=True)
class Rough:
    """Shares of packets, seconds, and stalls a second; `burst` packets at most are lost at once."""

    loss: float = 0.02
    burst: int = 1
    copies: float = 0.01
    late_s: float = 0.08
    phone_stalls: float = 0.0
    network_stalls: float = 0.0
    ear_stalls: float = 0.0
    stall_s: tuple[float, float] = (0.1, 0.6)


@dataclass(frozen=True)
class Sent:
    """A packet of key number `key` (None: of audio) that should leave at `at_s`."""

    at_s: float
    octets: bytes
    key: int | None = None


@dataclass
class Keys:
    """A phone that presses `typed`, a key each `each` ticks, for `press` ticks, and says audio."""

    typed: str
    each: int = 10
    press: int = 5
    ends_at_once: bool = False
    first: int = 50

    @property
    def seconds(self) -> float:
        return (self.first + self.each * len(self.typed)) * TICK_S + 1

    def say(self) -> Iterable[Sent]:
        numbers = count(65_000)
        for tick in range(int(self.seconds / TICK_S)):
            for key, packet in self._packets(tick):
                body, timestamp, kind = packet
                head = Packet(kind, next(numbers) & 0xFFFF, timestamp & 0xFFFFFFFF, 9, body)
                yield Sent(tick * TICK_S, serialize(head), key)

    def _packets(self, tick: int) -> Iterable[tuple[int | None, tuple[bytes, int, int]]]:
        key, phase = divmod(tick - self.first, self.each)
        more = self.press + (0 if self.ends_at_once else 2)
        pressed = 0 <= key < len(self.typed) and phase < more
        if pressed:
            end = phase >= self.press - 1
            duration = min(phase + 1, self.press) * FRAME
            event = TelephoneEvent(DIGITS.index(self.typed[key]), duration, end)
            copies = 3 if end and self.ends_at_once else 1  # RFC 4733 2.5.1.4
            begun = (tick - phase) * FRAME + 0xFFFF0000
            yield from [(key, (serialize_event(event), begun, 101))] * copies
        if not pressed or phase >= self.press:
            yield None, (AUDIO, tick * FRAME + 0xFFFF0000, 0)


@dataclass
class RoughLine:
    how: Rough
    seed: int
    came: set[int] = field(default_factory=set[int])
    """Keys of which a packet arrives."""

    def carry(self, sent: Iterable[Sent], seconds: float) -> list[tuple[float, bytes]]:
        """Give what arrives, by time."""
        how, pick = self.how, random.Random(self.seed)
        phone = self._stalls(how.phone_stalls, seconds, 1)
        network = self._stalls(how.network_stalls, seconds, 2)
        arriving: list[tuple[float, int, bytes]] = []
        left = 0  # packets of a burst that are still to be lost
        for one in sent:
            left = pick.randint(1, how.burst) if not left and pick.random() < how.loss else left
            if left:
                left -= 1
                continue
            if one.key is not None:
                self.came.add(one.key)
            taken = _after(_after(one.at_s, phone), network)
            for _ in range(1 + (pick.random() < how.copies)):
                due = _after(taken + pick.uniform(0.0, how.late_s), network)
                arriving.append((due, len(arriving), one.octets))
        return [(due, octets) for due, _, octets in sorted(arriving)]

    def ticks(self, seconds: float) -> Iterable[float]:
        """When the ears tick: five ticks at once after a stall, the others are skipped."""
        stalls = self._stalls(self.how.ear_stalls, seconds, 3)
        due = now = 0.0
        while due < seconds:
            now = _after(max(due, now), stalls)
            for _ in range(5):
                if due <= now:
                    yield now
                    due += TICK_S
            due += max(0, int((now - due) / TICK_S) + 1) * TICK_S if due <= now else 0

    def _stalls(self, rate: float, seconds: float, salt: int) -> list[tuple[float, float]]:
        pick, at, found = random.Random(self.seed * 10 + salt), 0.0, list[tuple[float, float]]()
        while rate and at < seconds:
            begin = at + pick.expovariate(rate)
            at = begin + pick.uniform(*self.how.stall_s)
            found.append((begin, at))
        return found


def _after(at: float, stalls: list[tuple[float, float]]) -> float:
    """`at`, or the end of the stall it falls into."""
    return next((end for begin, end in stalls if begin <= at < end), at)
