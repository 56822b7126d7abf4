"""What US networks demand of a sender, asked for every message: memory only, a few microseconds.

Registered numbers send at their campaign's rate, the surplus waits; unregistered long codes have
a small rate and a daily cap; toll-free numbers send only once they are verified.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

from trunkline.compliance.directory import Directory

COUNTRIES: Final = frozenset({"US", "CA"})
TOLL_FREE: Final = frozenset({"800", "833", "844", "855", "866", "877", "888"})  # NANPA
UNREGISTERED: Final = "-"  # in the place of a campaign's id
NOT_APPLICABLE: Final = ""
DAY_S: Final = 86_400.0

# PLIVO messaging: error codes. 950 is the one known for unregistered senders.
PROHIBITED: Final = 100
TOLLFREE_TO_CANADA: Final = 201
UNREGISTERED_CAP: Final = 950


@dataclass(frozen=True, slots=True)
class Limits:
    """PLIVO messaging: unregistered long codes send 1 a second and 2,000 a day."""

    unregistered_per_minute: int = 60
    unregistered_per_day: int = 2_000
    tollfree_per_minute: int = 1_500  # 25 a second


class Standing(NamedTuple):
    """What a message is by its sender: campaign, why it is refused (0: not), when it may go."""

    campaign_id: str
    error_code: int
    due_at: float


NOT_JUDGED: Final = Standing(NOT_APPLICABLE, 0, 0.0)


@dataclass(slots=True)
class _Bucket:
    """A minute's worth of messages that fills up evenly; below 0 messages are waiting."""

    left: float
    at: float

    def take(self, amount: int, per_minute: int, now: float) -> float:
        """Take `amount` and return when it may go."""
        rate = per_minute / 60.0
        if now > self.at:
            self.left = min(float(per_minute), self.left + (now - self.at) * rate)
            self.at = now
        self.left -= amount
        return self.at if self.left >= 0 else self.at - self.left / rate


class Enforcement:
    """Judges messages; one object a process, whose counts are that process's alone."""

    def __init__(self, directory: Directory, limits: Limits | None = None) -> None:
        self._directory = directory
        self._limits = limits or Limits()
        self._buckets: dict[str, _Bucket] = {}
        self._day = -1
        self._today: dict[str, int] = {}  # messages of unregistered numbers since midnight UTC

    def judge(
        self, main_auth_id: str, sender: str, country: str, units: int, now: float
    ) -> Standing:
        """Judge a message of an account to a handset in `country`."""
        if country not in COUNTRIES or len(sender) != 11 or sender[0] != "1":
            return Standing(NOT_APPLICABLE, 0, now)
        if sender[1:4] in TOLL_FREE:
            return self._toll_free(main_auth_id, sender, country, units, now)
        if country != "US" or not sender.isdigit():
            return Standing(NOT_APPLICABLE, 0, now)
        campaign = self._directory.active_campaign(sender, main_auth_id)
        if campaign is None:
            return self._unregistered(sender, units, now)
        due_at = self._due(campaign.campaign_id, campaign.per_minute, units, now)
        return Standing(campaign.campaign_id, 0, due_at)

    @staticmethod
    def midnight(now: float) -> float:
        """Return when the day of the caps began, in UTC."""
        return now // DAY_S * DAY_S

    def remember(self, counts: dict[str, int], now: float) -> None:
        """Take over what unregistered numbers sent today, after a restart."""
        self._day, self._today = int(now // DAY_S), dict(counts)

    def _toll_free(
        self, main_auth_id: str, sender: str, country: str, units: int, now: float
    ) -> Standing:
        if country == "CA":  # PLIVO messaging: 201
            return Standing(NOT_APPLICABLE, TOLLFREE_TO_CANADA, now)
        if not self._directory.is_verified(sender, main_auth_id):
            return Standing(NOT_APPLICABLE, PROHIBITED, now)
        due_at = self._due(sender, self._limits.tollfree_per_minute, units, now)
        return Standing(NOT_APPLICABLE, 0, due_at)

    def _unregistered(self, sender: str, units: int, now: float) -> Standing:
        day = int(now // DAY_S)
        if day != self._day:
            self._day, self._today = day, {}
            self._buckets = {key: one for key, one in self._buckets.items() if one.left < 0}
        sent = self._today.get(sender, 0)
        if sent >= self._limits.unregistered_per_day:
            return Standing(UNREGISTERED, UNREGISTERED_CAP, now)
        self._today[sender] = sent + 1
        due_at = self._due(sender, self._limits.unregistered_per_minute, units, now)
        return Standing(UNREGISTERED, 0, due_at)

    def _due(self, key: str, per_minute: int, units: int, now: float) -> float:
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = _Bucket(float(per_minute), now)
        return bucket.take(units, per_minute, now)
