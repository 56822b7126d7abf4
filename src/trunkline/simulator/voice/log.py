"""The calls of the handsets, and what was heard in them."""

from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal

PER_NUMBER: Final = 100
NUMBERS: Final = 10_000
_MOST_DIGITS: Final = 1_000

State = Literal["calling", "ringing", "answered", "ended"]
By = Literal["", "handset", "platform", "network"]


@dataclass(frozen=True, slots=True)
class HandsetCall:
    """A call as its handset had it; times on the clock, durations in seconds.

    `placed` tells calls the handset dialled from those it got; `other` is the number at the other
    end. `sip_status` is how it was answered or refused, 0 before. `digits` were heard (RFC 4733, in
    the audio or by INFO), `sound_s` is how long anything could be heard at all. `headers` are the
    X-PH ones that came.
    """

    call_id: str
    number: str
    other: str
    placed: bool
    state: State
    at: float
    answered_at: float | None
    ended_at: float | None
    duration_s: float
    sip_status: int
    ended_by: By
    reason: str
    digits: str
    sound_s: float
    caller_name: str
    headers: dict[str, str]


@dataclass(slots=True)
class Entry:
    """A line of the log that its call still writes; `shown` is what others see."""

    call_id: str
    number: str
    other: str
    placed: bool
    at: float
    caller_name: str = ""
    headers: dict[str, str] = field(default_factory=dict[str, str])
    state: State = "calling"
    answered_at: float | None = None
    ended_at: float | None = None
    sip_status: int = 0
    ended_by: By = ""
    reason: str = ""
    digits: str = ""
    sound_s: float = 0.0

    def answered(self, now: float) -> None:
        self.state, self.answered_at, self.sip_status = "answered", now, 200

    def ended(self, now: float, by: By, reason: str = "", status: int = 0) -> None:
        """Close the entry; what is said first counts."""
        if self.state != "ended":
            self.state, self.ended_at, self.ended_by, self.reason = "ended", now, by, reason
            self.sip_status = self.sip_status or status

    def heard(self, digit: str) -> None:
        if len(self.digits) < _MOST_DIGITS:
            self.digits += digit

    def shown(self, now: float) -> HandsetCall:
        """Give the entry as it is."""
        until = now if self.ended_at is None else self.ended_at
        lasted = 0.0 if self.answered_at is None else max(0.0, until - self.answered_at)
        return HandsetCall(
            call_id=self.call_id,
            number=self.number,
            other=self.other,
            placed=self.placed,
            state=self.state,
            at=self.at,
            answered_at=self.answered_at,
            ended_at=self.ended_at,
            duration_s=round(lasted, 3),
            sip_status=self.sip_status,
            ended_by=self.ended_by,
            reason=self.reason,
            digits=self.digits,
            sound_s=round(self.sound_s, 2),
            caller_name=self.caller_name,
            headers=dict(self.headers),
        )


class CallLog:
    """The last 100 calls of each of the last 10,000 numbers that had one."""

    def __init__(
        self, now: Callable[[], float], per_number: int = PER_NUMBER, numbers: int = NUMBERS
    ) -> None:
        self._now = now
        self._per_number = per_number
        self._numbers = numbers
        self._calls: OrderedDict[str, deque[Entry]] = OrderedDict()

    def open(self, entry: Entry) -> Entry:
        """Keep a new call; above either bound the oldest goes."""
        calls = self._calls.get(entry.number)
        if calls is None:
            if len(self._calls) >= self._numbers:
                self._calls.popitem(last=False)
            calls = self._calls[entry.number] = deque(maxlen=self._per_number)
        else:
            self._calls.move_to_end(entry.number)
        calls.append(entry)
        return entry

    def of(self, number: str) -> list[HandsetCall]:
        """Calls of a number (with or without plus), the oldest first."""
        now = self._now()
        return [entry.shown(now) for entry in self._calls.get(number.removeprefix("+"), ())]
