"""How many requests a key may make: one number of memory per key, and a bounded number of keys."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """`count` requests within `seconds`, all at once or spread."""

    count: int
    seconds: float


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """What the surface permits; a rate of None permits everything.

    `max_body_bytes` bounds a request, `body_timeout_s` the wait for all of it,
    `max_background_calls` the calls with a `callback_url` under way (one more is answered 429).
    """

    account_rate: Rate | None = Rate(300, 5.0)  # PLIVO rate limits: 300 requests in 5 s
    failed_login_rate: Rate | None = Rate(100, 60.0)
    max_keys: int = 50_000
    max_body_bytes: int = 1024 * 1024
    body_timeout_s: float = 30.0
    max_background_calls: int = 1000


_SHARE_FORGOTTEN = 10


class RateLimiter:
    """Generic cell rate algorithm: each key owns the time at which its allowance is whole again.

    When `max_keys` are known, those whose allowance is whole are forgotten, and if that does not
    make room the tenth that came first: so a flood of new keys costs a sweep only now and then.
    """

    def __init__(self, rate: Rate, max_keys: int) -> None:
        self._interval_s = rate.seconds / rate.count
        self._burst_s = rate.seconds - self._interval_s
        self._max_keys = max_keys
        self._whole_at: dict[str, float] = {}

    def wait_s(self, key: str, now: float) -> float:
        """Return how many seconds until `key` may make a request; 0.0 if it may now."""
        whole_at = self._whole_at.get(key)
        return 0.0 if whole_at is None else max(0.0, whole_at - now - self._burst_s)

    def take(self, key: str, now: float) -> float:
        """Count a request of `key` if it is allowed; return 0.0, or the seconds to wait."""
        known = self._whole_at
        whole_at = known.get(key)
        if whole_at is None:
            if len(known) >= self._max_keys:
                known = self._forget(now)
            whole_at = now
        elif whole_at < now:
            whole_at = now
        elif whole_at - now > self._burst_s:
            return whole_at - now - self._burst_s
        known[key] = whole_at + self._interval_s
        return 0.0

    def __len__(self) -> int:
        return len(self._whole_at)

    def _forget(self, now: float) -> dict[str, float]:
        kept = {key: at for key, at in self._whole_at.items() if at > now}
        room = max(1, self._max_keys // _SHARE_FORGOTTEN)
        for key in list(kept)[: max(0, len(kept) - self._max_keys + room)]:
            del kept[key]
        self._whole_at = kept
        return kept
