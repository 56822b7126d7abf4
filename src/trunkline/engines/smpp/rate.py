"""How fast to submit to one carrier: a token bucket whose rate learns the carrier's limit.

The rate starts at the agreed one (`tps`), or unlimited. Time is cut into epochs of about a second
by the moment of *sending*: answers to what was sent before the last change of rate do not count,
so a long response time delays the learning but does not falsify it. After an epoch
- with throttles the rate falls to the share of it that was accepted, but not below a rate that the
  epoch before went through with (then the limit was only touched);
- without throttles, when the bucket held us back, it rises: doubling while searching (at the start
  and after a deep fall), else by nothing, half a percent, a whole one, one and a half...
A flood of throttles at more than four times what was accepted in the last second cuts the rate at
once to twice that.

Pure: every call is given the time, in seconds, never going back.
"""

from typing import Final

UNLIMITED: Final = float("inf")
_NO_LIMIT_COUNT: Final = 1 << 30

_EPOCH_S: Final = 1.0  # carriers count by the second: a whole one sees any fixed window once
_SEARCH_EPOCH_S: Final = 0.5  # shorter while nothing is known, to get there soon
_EPOCH_SAMPLES: Final = 8.0  # at a few messages a second an epoch lasts until these are sent
_SEARCH_SAMPLES: Final = 2.0
_EPOCH_MAX_S: Final = 4.0
_FAR: Final = 0.9  # accepted share below which the carrier has to settle first
_SETTLE_S: Final = 1.0  # then: what a second-counting carrier still refuses says nothing
_SLOTS: Final = 10  # accepted messages of the last second, by tenths
_FLOOD: Final = 10  # throttles in one epoch, outnumbering the accepted, that cut at once
_EDGE: Final = 0.02  # throttled share that means: just at the limit
_EDGE_STEP: Final = 0.0025  # so little, lest throttling at random wear the rate away
_DEEP: Final = 0.5  # accepted share below which the limit is searched for again
_WORST_SHARE: Final = 0.1  # one epoch never cuts deeper than to this
_PROBE_STEP: Final = 0.005
_PROBE_MAX: Final = 0.10
_FLOOR: Final = 1.0  # messages a second that go on however often we are throttled
_MIN_SEARCH: Final = 5.0
_BURST_S: Final = 0.05  # default bucket: what the rate gives in this time
_WAKE_S: Final = 0.005  # do not wake more often than this for tokens


class RateController:
    """A token bucket with feedback.

    tps: agreed rate, messages a second, never exceeded; None when there is none. burst: size of
    the bucket, messages; None makes it the tokens of 50 ms (at least one).
    """

    __slots__ = (
        *("_accepted", "_burst", "_calm", "_ceiling", "_end", "_epoch", "_held", "_proven"),
        *("_rate", "_refilled", "_slot", "_slots", "_throttled", "_tokens", "_search"),
    )

    def __init__(self, tps: float | None, burst: float | None, now: float) -> None:
        self._ceiling = UNLIMITED if tps is None else tps
        self._burst = burst
        self._rate = self._ceiling
        self._tokens = self._bucket()
        self._refilled = now
        self._proven = 0.0  # the rate that the last epoch went through with; 0 when it did not
        self._calm = 0
        self._search = True
        self._slots = [0] * _SLOTS
        self._slot = int(now * _SLOTS)
        self._begin(now)

    @property
    def rate(self) -> float:
        """Messages a second now; infinity while nothing limits."""
        return self._rate

    # -- tokens ----------------------------------------------------------------------------------

    def available(self, now: float) -> int:
        """How many messages may be sent now."""
        if self._rate == UNLIMITED:
            return _NO_LIMIT_COUNT
        self._refill(now)
        if self._tokens < 1.0:
            self._held = True
            return 0
        return int(self._tokens)

    def take(self, now: float) -> bool:
        """Take one token; False when there is none."""
        if self._rate == UNLIMITED:
            return True
        self._refill(now)
        if self._tokens < 1.0:
            self._held = True
            return False
        self._tokens -= 1.0
        return True

    def wait_s(self, now: float) -> float:
        """Seconds until it is worth asking again; 0.0 when there are tokens."""
        if self.available(now):
            return 0.0
        wanted = min(max(1.0, self._rate * _WAKE_S), self._bucket())
        return (wanted - self._tokens) / self._rate

    def _bucket(self) -> float:
        if self._burst is not None:
            return max(1.0, self._burst)
        return max(1.0, self._rate * _BURST_S)

    def _refill(self, now: float) -> None:
        elapsed = now - self._refilled
        if elapsed > 0.0:
            self._refilled = now
            self._tokens = min(self._bucket(), self._tokens + elapsed * self._rate)

    # -- feedback --------------------------------------------------------------------------------

    def accepted(self, sent_at: float, now: float) -> None:
        """The carrier took a message (or refused it for itself, not for the rate)."""
        slot = int(now * _SLOTS)
        if slot != self._slot:
            self._turn(slot)
        self._slots[slot % _SLOTS] += 1
        if sent_at >= self._end:
            self._evaluate(now)
        elif sent_at >= self._epoch:
            self._accepted += 1

    def throttled(self, sent_at: float, now: float) -> None:
        """The carrier answered ESME_RTHROTTLED or ESME_RMSGQFUL."""
        if sent_at >= self._end:
            self._evaluate(now)
            return
        if sent_at < self._epoch:
            return  # sent at a rate that is no longer ours
        self._throttled += 1
        self._end = self._epoch + self._epoch_s()
        if self._throttled >= _FLOOD and (
            self._rate == UNLIMITED or self._throttled > self._accepted
        ):
            self._cut(now)

    def _epoch_s(self) -> float:
        if self._search and not self._throttled:
            return max(_SEARCH_EPOCH_S, min(_SEARCH_SAMPLES / self._rate, _EPOCH_MAX_S))
        return max(_EPOCH_S, min(_EPOCH_SAMPLES / self._rate, _EPOCH_MAX_S))

    def _turn(self, slot: int) -> None:
        for gone in range(self._slot + 1, min(slot, self._slot + _SLOTS) + 1):
            self._slots[gone % _SLOTS] = 0
        self._slot = slot

    def _cut(self, now: float) -> None:
        slot = int(now * _SLOTS)
        if slot != self._slot:
            self._turn(slot)
        target = 2.0 * max(float(sum(self._slots)), _MIN_SEARCH)
        if self._rate > 2.0 * target:
            self._search = True
            self._proven = 0.0
            self._set(target, now)
            self._begin(now + _SETTLE_S)

    def _evaluate(self, now: float) -> None:
        answered = self._accepted + self._throttled
        begin = now
        if self._throttled:
            share = self._accepted / answered
            self._fall(share, now)
            if share < _FAR:
                begin += _SETTLE_S
        elif answered and self._held:
            self._rise(now)
        self._begin(begin)

    def _fall(self, share: float, now: float) -> None:
        target = self._rate * max(share, _WORST_SHARE)
        self._calm = 2  # an estimate: feel for the edge soon
        if 0.0 < self._proven < self._rate and not self._search:
            target = max(target, self._proven)
            self._calm = 0
        elif 1.0 - share <= _EDGE:
            self._calm = 0
            target = self._rate * (1.0 - _EDGE_STEP)
        self._search = share < (_WORST_SHARE if self._search else _DEEP) or self._rate <= _FLOOR
        self._proven = 0.0
        self._set(max(target, _FLOOR), now)

    def _rise(self, now: float) -> None:
        self._proven = self._rate
        if self._search:
            self._set(self._rate * 2.0, now)
            return
        step = min(_PROBE_STEP * self._calm, _PROBE_MAX)
        self._calm += 1
        self._set(self._rate * (1.0 + step), now)

    def _set(self, rate: float, now: float) -> None:
        if self._rate == UNLIMITED:
            self._tokens = 0.0
            self._refilled = now
        else:
            self._refill(now)
        self._rate = min(rate, self._ceiling)
        self._tokens = min(self._tokens, self._bucket())

    def _begin(self, now: float) -> None:
        self._epoch = now
        self._accepted = 0
        self._throttled = 0
        self._held = False
        self._end = now + self._epoch_s()
