"""Whether an account can pay for its calls, before they begin and while they last."""

from dataclasses import dataclass

from trunkline.billing.balances import Balances
from trunkline.voice import rating
from trunkline.voice.rating import MINUTE_S

_MOST_MOMENTS = 2_000  # that are looked back at
LEAD_S = 1.0  # that much before a minute begins it has to be paid


@dataclass(slots=True)
class _Meter:
    payer: str
    rate: int
    answered_at: float | None = None
    ends_at: float | None = None  # it is to end, or was


class CallCredit:
    """Balances less what the calls in hand cost by now; one object a control process.

    A call is paid when it has ended, so each holds its first minute from the beginning, and each
    further one a second before that begins: whoever cannot pay it is cut off before it is owed.
    Amounts are in 0.00001 dollar; times in seconds since 1970.
    """

    def __init__(self, balances: Balances) -> None:
        self._balances = balances
        self._meters: dict[str, _Meter] = {}
        self._of_payer: dict[str, set[str]] = {}
        self._looked_at = float("inf")

    def can_call(self, payer: str, rate: int, now: float) -> bool:
        """Tell whether one more call at that price has its first minute paid.

        When it has not, the call ends before it begins: 1010, `records.model.OUT_OF_CREDIT`.
        """
        return rate == 0 or self.left(payer, now) >= rate

    def open(self, call_uuid: str, payer: str, rate: int) -> None:
        """Hold the first minute of a call that begins."""
        if rate:
            self._meters[call_uuid] = _Meter(payer, rate)
            self._of_payer.setdefault(payer, set()).add(call_uuid)

    def answered(self, call_uuid: str, at: float) -> None:
        """From now on its minutes count."""
        meter = self._meters.get(call_uuid)
        if meter is not None and meter.answered_at is None:
            meter.answered_at = at

    def close(self, call_uuid: str) -> None:
        """The call has ended; what it cost is charged by `records.store.calls.finish`."""
        meter = self._meters.pop(call_uuid, None)
        if meter is not None:
            theirs = self._of_payer[meter.payer]
            theirs.discard(call_uuid)
            if not theirs:
                del self._of_payer[meter.payer]

    def left(self, payer: str, now: float) -> int:
        """Return what a payer may still spend, all its calls in hand considered."""
        held = sum(_held(self._meters[one], now) for one in self._of_payer.get(payer, ()))
        return self._balances.spendable(payer) - held

    def overdrawn(self, now: float) -> dict[str, float | None]:
        """Return the calls to be ended with 1010: the newest first, until the rest can be paid.

        Only those whose end saves something: the next minute, or the first of one that rings. Time
        may have been moved over the beginning of a minute that nobody could pay: such a call has
        ended then, and that is its value; None: it ends now.
        """
        ending: dict[str, float | None] = {}
        since, self._looked_at = min(self._looked_at, now), now
        for payer, theirs in self._of_payer.items():
            if self.left(payer, now) < 0:
                for at in self._moments(theirs, since, now):
                    self._end_what_cannot_be_paid(payer, theirs, at)
            for call_uuid in theirs:
                ends_at = self._meters[call_uuid].ends_at
                if ends_at is not None:
                    ending[call_uuid] = ends_at if ends_at < now else None
        return ending

    def _moments(self, theirs: set[str], since: float, now: float) -> list[float]:
        """Return when further minutes had to be paid, and now, in their order."""
        found: set[float] = {now}
        for call_uuid in theirs:
            begun = self._meters[call_uuid].answered_at
            if begun is not None:
                due = begun + _minutes(begun, since) * MINUTE_S - LEAD_S
                while due < now and len(found) < _MOST_MOMENTS:
                    found.add(due)
                    due += MINUTE_S
        return sorted(found)

    def _end_what_cannot_be_paid(self, payer: str, theirs: set[str], at: float) -> None:
        missing = -self.left(payer, at)
        for call_uuid in sorted(theirs, key=lambda one: self._begun(one, at), reverse=True):
            if missing <= 0:
                return
            meter = self._meters[call_uuid]
            saved = _held(meter, at) - _owed(meter, at)
            if saved > 0:
                missing -= saved
                meter.ends_at = _next_minute_at(meter.answered_at, at)

    def next_look(self, now: float) -> float | None:
        """Return when the next minute of any call is held; None when none is answered."""
        begun = [one.answered_at for one in self._meters.values() if one.answered_at is not None]
        if not begun:
            return None
        return min(at + _minutes(at, now) * MINUTE_S - LEAD_S for at in begun)

    def _begun(self, call_uuid: str, now: float) -> tuple[float, str]:
        return self._meters[call_uuid].answered_at or now, call_uuid


def _held(meter: _Meter, now: float) -> int:
    at = meter.answered_at
    if meter.ends_at is not None:
        return _owed(meter, now)
    return meter.rate * (1 if at is None else _minutes(at, now))


def _owed(meter: _Meter, now: float) -> int:
    ends_at = now if meter.ends_at is None else min(now, meter.ends_at)
    return rating.cost(meter.rate, meter.answered_at, ends_at).amount


def _next_minute_at(answered_at: float | None, now: float) -> float:
    """Return when the minute begins that is to be paid by now, the first one at once."""
    return now if answered_at is None else answered_at + (_minutes(answered_at, now) - 1) * MINUTE_S


def _minutes(answered_at: float, now: float) -> int:
    """Count the minutes that have begun or are about to."""
    return int(max(0.0, now + LEAD_S - answered_at) // MINUTE_S) + 1
