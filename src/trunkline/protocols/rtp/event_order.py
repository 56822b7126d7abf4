"""Telephone events in the order they were sent, though a network mixes them up (RFC 4733, 3550)."""

from typing import Final, NamedTuple

from trunkline.protocols.rtp.events import EventReceiver, Pressed, TelephoneEvent
from trunkline.protocols.rtp.reception import Reception

_LOOK_BACK: Final = 15  # packets before an event: 300 ms of audio, longer than most keys
_SUSPECT: Final = 2  # so many missing ones may hide a key; one cannot: its end alone is sent thrice
_MOST: Final = 64  # packets held back; nobody presses so much in `patience`
_MOST_S: Final = 1.0  # the longest wait
_STEP_S: Final = 0.04  # what a packet adds to the time in which something came
_JUMP: Final = 0xFFFF  # timestamp units back, in a later packet: the sender's clock began anew


class _Held(NamedTuple):
    number: int  # the extended sequence number: they sort by it
    timestamp: int
    event: TelephoneEvent
    until: float  # seconds
    until_flow: float  # seconds in which packets came


class OrderedEvents:
    """Tells each digit once, in order: `EventReceiver` behind a queue by sequence number.

    A key whose packets are all overtaken by the next key's would be taken for an old one. So an
    event that begins after a gap in the sequence waits until the gap is filled, for `patience`
    seconds at most; one without a gap before it, as nearly all are, does not wait. While nothing
    comes at all, the network may stall, and the patience lasts up to a second. What comes later is
    lost: told out of order it would make a wrong number instead of a short one.
    """

    __slots__ = (
        *("_came_at", "_flow_s"),
        *("_held", "_highest", "_patience", "_receiver", "_reception", "_restarts"),
    )

    def __init__(self, reception: Reception, patience: float = 0.24) -> None:
        """`reception` counts the packets of the same source, before they are given here."""
        self._reception = reception
        self._restarts = reception.restarts
        self._patience = patience
        self._receiver = EventReceiver()
        self._held: list[_Held] = []
        self._came_at = self._flow_s = 0.0
        self._highest = -1  # of the numbers that were passed on

    @property
    def holding(self) -> bool:
        """Whether `pass_on` wants to be called with each packet that comes, events or not."""
        return bool(self._held)

    def receive(
        self, sequence: int, timestamp: int, event: TelephoneEvent, now: float
    ) -> list[Pressed]:
        """Take a packet that was counted, at `now` (seconds); the digits that are complete now."""
        told = self._follow_restart()
        number = self._reception.extended(sequence)
        if not self._held:
            self._came_at = now
        until = (now + _MOST_S, self._flow_s + self._patience)
        self._held.append(_Held(number, timestamp, event, *until))
        self._held.sort(key=lambda held: held.number)
        return told + self.pass_on(now)

    def pass_on(self, now: float) -> list[Pressed]:
        """Tell what waits no longer, now that a packet has come at `now`."""
        self._flow_s += min(now - self._came_at, _STEP_S)
        self._came_at = now
        return self._release(now)

    def _release(self, now: float) -> list[Pressed]:
        """Tell what has nothing missing before it, or has waited enough."""
        told = self._follow_restart()
        flow_s = self._flow_s
        enough = (one.number for one in self._held if now >= one.until or flow_s >= one.until_flow)
        forced = max(enough, default=-1)
        while self._held:
            first = self._held[0]
            if (
                first.number > forced
                and len(self._held) <= _MOST
                and not self._receiver.knows(first.timestamp)
                and self._reception.missing(first.number, self._highest, _LOOK_BACK) >= _SUSPECT
            ):
                break
            told += self._pass(self._held.pop(0), now)
        return told

    def expire(self, now: float) -> list[Pressed]:
        """Tell what waits no longer, and an event whose end was lost."""
        return self._release(now) + self._receiver.expire(now)

    def flush(self) -> list[Pressed]:
        """Tell all that is known: the source ends."""
        told: list[Pressed] = []
        for held in self._held:
            told += self._pass(held, held.until)
        self._held.clear()
        return told + self._receiver.expire(float("inf"))

    def _follow_restart(self) -> list[Pressed]:
        """The numbers have begun anew: those from before say nothing any more."""
        if self._restarts == self._reception.restarts:
            return []
        self._restarts = self._reception.restarts
        told = self.flush()
        self._receiver, self._highest = EventReceiver(), -1
        return told

    def _pass(self, held: _Held, now: float) -> list[Pressed]:
        told: list[Pressed] = []
        if held.number > self._highest:
            back = self._receiver.behind(held.timestamp)
            if self._highest >= 0 and back > _JUMP:
                told = self._receiver.expire(float("inf"))
                self._receiver = EventReceiver()
            self._highest = held.number
        return told + self._receiver.receive(held.timestamp, held.event, now)
