"""Who misbehaves is not heard for a while: an address, a phone at its port, a user guessed at."""

from collections import OrderedDict
from typing import Final

from trunkline.engines.sip.config import BanPolicy

_MAX_KEPT: Final = 20_000
"""Addresses remembered; the one that misbehaved longest ago is forgotten first."""


class _Record:
    __slots__ = ("banned_until", "challenges", "failures", "since")

    def __init__(self, now: float) -> None:
        self.since = now
        self.failures = 0
        self.challenges = 0
        self.banned_until = 0.0


class Bans:
    """Counts failures by who is at fault. `now` is the seconds of any steady clock."""

    def __init__(self, policy: BanPolicy) -> None:
        self._policy = policy
        self._records: OrderedDict[str, _Record] = OrderedDict()
        self._last_ends = 0.0

    def any_at(self, now: float) -> bool:
        """Whether anybody may be banned."""
        return now < self._last_ends

    def is_banned(self, host: str, now: float) -> bool:
        record = self._records.get(host)
        return record is not None and now < record.banned_until

    def failed(self, host: str, now: float, *, patience: int = 1) -> bool:
        """Count a failure; True when it brought a ban. `patience`: so many times as many may be."""
        record = self._record(host, now)
        record.failures += 1
        return self._judge(record, record.failures >= self._policy.failures * patience, now)

    def challenged(self, host: str, now: float) -> bool:
        """Count a challenge; True when there were so many that it brought a ban."""
        record = self._record(host, now)
        record.challenges += 1
        return self._judge(record, record.challenges >= self._policy.challenges, now)

    def passed(self, host: str) -> None:
        """The address proved who it is: its challenges were no guessing."""
        record = self._records.get(host)
        if record is not None:
            record.challenges = 0

    def lift(self, host: str) -> bool:
        """Forget an address; False when there was nothing to forget."""
        return self._records.pop(host, None) is not None

    def banned(self, now: float) -> list[str]:
        return [host for host, record in self._records.items() if now < record.banned_until]

    def _record(self, host: str, now: float) -> _Record:
        record = self._records.get(host)
        if record is None:
            record = self._records[host] = _Record(now)
            if len(self._records) > _MAX_KEPT:
                self._records.popitem(last=False)
        else:
            self._records.move_to_end(host)
            if now - record.since > self._policy.window_s:
                record.since, record.failures, record.challenges = now, 0, 0
        return record

    def _judge(self, record: _Record, too_many: bool, now: float) -> bool:
        if not too_many or now < record.banned_until:
            return False
        record.banned_until = self._last_ends = now + self._policy.ban_s
        record.since, record.failures, record.challenges = now, 0, 0
        return True
