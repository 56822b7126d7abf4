"""How many calls an account may start now: so many a second, counted by itself."""

from dataclasses import dataclass

_MOST_ACCOUNTS = 100_000


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Pace:
    """A bucket each account, of one second's calls (at least one); times are the clock's."""

    def __init__(self, per_second: float) -> None:
        self._rate = per_second
        self._most = max(1.0, per_second)
        self._buckets: dict[str, _Bucket] = {}

    def allowed(self, account: str, now: float) -> int:
        """Return how many calls may start at once."""
        return int(self._left(account, now) + 1e-9)

    def spend(self, account: str, count: int, now: float) -> None:
        """Note that so many start."""
        if len(self._buckets) >= _MOST_ACCOUNTS and account not in self._buckets:
            self._forget(now)
        self._buckets[account] = _Bucket(self._left(account, now) - count, now)

    def wait_s(self, account: str, now: float) -> float:
        """Return after how many seconds one more may start."""
        return max(0.0, (1.0 - self._left(account, now)) / self._rate)

    def _left(self, account: str, now: float) -> float:
        bucket = self._buckets.get(account)
        if bucket is None:
            return self._most
        return min(self._most, bucket.left + max(0.0, now - bucket.at) * self._rate)

    def _forget(self, now: float) -> None:
        """Forget whose bucket is full again: to know nothing of them is the same."""
        for account in [one for one in self._buckets if self._left(one, now) >= self._most]:
            del self._buckets[account]
