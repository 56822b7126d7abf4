"""Named telephone events: digits in RTP, sent and received (RFC 4733)."""

import struct
from dataclasses import dataclass
from typing import Final, NamedTuple

from trunkline.protocols.rtp.packet import Malformed
from trunkline.protocols.rtp.sequence import TIMESTAMP_BITS, difference

DIGITS: Final = "0123456789*#ABCD"  # RFC 4733 3.2, table 3
END_COPIES: Final = 3  # RFC 4733 2.5.1.4
_BODY: Final = struct.Struct("!BBH")
_MAX_DURATION: Final = 0xFFFF


@dataclass(frozen=True, slots=True)
class TelephoneEvent:
    """`volume` 0-63 is the level below 0 dBm0; `duration` so far in timestamp units."""

    event: int
    duration: int
    end: bool = False
    volume: int = 10

    @property
    def digit(self) -> str:
        """0-9 * # A-D, or "" for another event."""
        return DIGITS[self.event] if self.event < len(DIGITS) else ""


def parse_event(payload: bytes) -> TelephoneEvent:
    """Read the first event of a payload (RFC 4733 2.3).

    Raises:
        Malformed: shorter than four octets.
    """
    if len(payload) < _BODY.size:
        raise Malformed("an event has four octets")
    event, flags, duration = _BODY.unpack_from(payload)
    return TelephoneEvent(event, duration, flags & 0x80 != 0, flags & 0x3F)


def serialize_event(event: TelephoneEvent) -> bytes:
    """Write one.

    Raises:
        ValueError: a value that does not fit its field.
    """
    if not 0 <= event.volume <= 63:
        raise ValueError("volume must be 0-63")
    try:
        return _BODY.pack(event.event, event.end << 7 | event.volume, event.duration)
    except struct.error as error:
        raise ValueError(str(error)) from None


class Pressed(NamedTuple):
    """A digit was received; `duration` in timestamp units as far as it is known."""

    digit: str
    duration: int


class EventReceiver:
    """Tells each digit once: at its end, when a later event begins, or after silence.

    Packets of one event share a timestamp (2.2.1); copies, reordered and late ones are known by it.
    An event longer than 0xFFFF units goes on in segments, each beginning where the last one ended
    (2.5.1.3); they are one digit, even if it was told too early, in a silence between them.
    """

    __slots__ = ("_at", "_current", "_expired", "_lost_after", "_seen_until", "_timestamp")

    def __init__(self, lost_after: float = 0.24) -> None:
        """`lost_after`: seconds without a packet after which an end counts as lost."""
        self._lost_after = lost_after
        self._current: TelephoneEvent | None = None
        self._expired: TelephoneEvent | None = None  # the last one, if its end was never seen
        self._timestamp = 0  # of the current event, or of the last one
        self._seen_until: int | None = None  # timestamps up to here are told
        self._at = 0.0

    def receive(self, timestamp: int, event: TelephoneEvent, now: float) -> list[Pressed]:
        """Take a packet of `timestamp` at `now` (seconds); the digits that are complete now."""
        if not event.digit:
            return []
        told: list[Pressed] = []
        current = self._current
        if self._seen_until is not None:
            ahead = difference(timestamp, self._seen_until, TIMESTAMP_BITS)
            if ahead <= 0 and (current is None or timestamp != self._timestamp):
                return []  # a copy of what was told, or older
        if self._was_expired(timestamp, event):
            return []
        if current is not None and timestamp != self._timestamp:
            if self._goes_on(current, timestamp, event):
                return self._continue(timestamp, event, now)
            told.append(self._tell(current))  # its end was lost
            current = None
        if current is None or event.duration > current.duration:
            self._current = event if current is None else _longer(current, event)
        self._timestamp, self._at = timestamp, now
        self._seen_until = timestamp
        if event.end:
            told.append(self._tell(self._current or event))
        return told

    def behind(self, timestamp: int) -> int:
        """Timestamp units from this one to that of the newest event; negative: it is newer."""
        if self._seen_until is None:
            return -1
        return -difference(timestamp, self._seen_until, TIMESTAMP_BITS)

    def knows(self, timestamp: int) -> bool:
        """Whether an event of this timestamp is not news: it began already, or is too old."""
        return self.behind(timestamp) >= 0

    def wake_at(self) -> float | None:
        """When `expire` wants to be called; None: no event is open."""
        return None if self._current is None else self._at + self._lost_after

    def expire(self, now: float) -> list[Pressed]:
        """Complete an event whose end was lost."""
        if self._current is None or now < self._at + self._lost_after:
            return []
        self._expired = self._current
        return [self._tell(self._current)]

    def _was_expired(self, timestamp: int, event: TelephoneEvent) -> bool:
        """Whether it only continues what was told after a silence."""
        expired, self._expired = self._expired, None
        if expired is None or not self._goes_on(expired, timestamp, event):
            return False
        self._expired = None if event.end else event
        self._timestamp = self._seen_until = timestamp
        return True

    def _tell(self, event: TelephoneEvent) -> Pressed:
        self._current = None
        return Pressed(event.digit, event.duration)

    def _goes_on(self, current: TelephoneEvent, timestamp: int, event: TelephoneEvent) -> bool:
        if event.event != current.event:
            return False
        ahead = difference(timestamp, self._timestamp, TIMESTAMP_BITS)
        if abs(ahead - _MAX_DURATION) <= 1:
            return True
        # Some senders let the timestamp run during an event, as the duration does.
        return ahead > 0 and ahead == event.duration - current.duration

    def _continue(self, timestamp: int, event: TelephoneEvent, now: float) -> list[Pressed]:
        self._current, self._timestamp, self._at = event, timestamp, now
        self._seen_until = timestamp
        return [self._tell(event)] if event.end else []


def _longer(current: TelephoneEvent, event: TelephoneEvent) -> TelephoneEvent:
    return TelephoneEvent(current.event, event.duration, event.end, event.volume)


class EventFrame(NamedTuple):
    """What goes out in one tick: the payload, and whether it begins the event (marker)."""

    payload: bytes
    first: bool
    timestamp_offset: int
    """Of the event's timestamp to that of its first tick: 0, but for segments."""
    last: bool
    copies: int = 1


class EventSender:
    """The packets of one digit, one call of `tick` for each tick of `step` timestamp units.

    The last tick sends the end three times at once (2.5.1.4 permits it; nothing is later than the
    audio that follows).
    """

    __slots__ = ("_digit", "_length", "_sent", "_step", "_volume")

    def __init__(self, digit: str, length: int, step: int, volume: int = 10) -> None:
        """`length` and `step` in timestamp units.

        Raises:
            ValueError: not a digit, or nothing to send.
        """
        self._digit = DIGITS.index(digit.upper())
        if length <= 0 or step <= 0:
            raise ValueError("length and step must be positive")
        self._length = -(-length // step) * step
        self._step = step
        self._volume = volume
        self._sent = 0

    def tick(self) -> EventFrame:
        """The next packet; not to be called after `last`."""
        first = self._sent == 0
        self._sent += self._step
        last = self._sent >= self._length
        segment = (self._sent - 1) // _MAX_DURATION  # 2.5.1.3
        offset = segment * _MAX_DURATION
        event = TelephoneEvent(self._digit, self._sent - offset, last, self._volume)
        return EventFrame(serialize_event(event), first, offset, last, END_COPIES if last else 1)
