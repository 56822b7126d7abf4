"""Session timers (RFC 4028): how long a session lives without a refresh, and who refreshes."""

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from trunkline.protocols.sip.errors import Malformed
from trunkline.protocols.sip.grammar import parse_number, parse_params
from trunkline.protocols.sip.headers import Headers
from trunkline.protocols.sip.message import Request

SMALLEST_S: Final = 90  # RFC 4028 5
_LARGEST_S: Final = 2**31 - 1
Refresher = Literal["uac", "uas"]


class SessionExpires(NamedTuple):
    interval_s: int
    refresher: Refresher | None


@dataclass(frozen=True, slots=True)
class TimerPolicy:
    """What we want: `interval_s`, 0 for none of our own, and `min_s`, the smallest we take."""

    interval_s: int = 1800
    min_s: int = SMALLEST_S


class TooSmall(NamedTuple):
    """Refuse with 422 and this Min-SE (RFC 4028 6)."""

    min_s: int


class Agreed(NamedTuple):
    """The session ends `interval_s` after its last refresh; `ours` says that we refresh."""

    interval_s: int
    ours: bool

    def refresh_after_s(self) -> float:
        """Seconds until we ought to refresh: half of the interval (RFC 4028 7.2)."""
        return self.interval_s / 2

    def expires_after_s(self) -> float:
        """Seconds without a refresh until BYE: a third or 32 s before the end (RFC 4028 10)."""
        return self.interval_s - min(32.0, self.interval_s / 3)


class Accepted(NamedTuple):
    """What the UAS puts into its 2xx: a header, Require: timer or not.

    None for no session timer.
    """

    agreed: Agreed | None
    header: str = ""
    require: bool = False


def parse_session_expires(text: str | None) -> SessionExpires | None:
    """Read the header; None for none or rubbish, which is passed over as if not there."""
    if text is None:
        return None
    number, _, rest = text.partition(";")
    interval = parse_number(number.strip(), _LARGEST_S)
    if not interval:
        return None
    try:
        refresher = (parse_params(rest).get("refresher") or "").lower()
    except Malformed:
        return None
    if refresher == "uac":
        return SessionExpires(interval, "uac")
    return SessionExpires(interval, "uas" if refresher == "uas" else None)


def parse_min_se(text: str | None) -> int:
    """Read Min-SE; 90 for none, less or rubbish (RFC 4028 5)."""
    if text is None:
        return SMALLEST_S
    return max(parse_number(text.partition(";")[0].strip(), _LARGEST_S) or 0, SMALLEST_S)


def accept(request: Request, policy: TimerPolicy) -> Accepted | TooSmall:
    """Decide as UAS about an INVITE or UPDATE (RFC 4028 9, table 2)."""
    asked = parse_session_expires(request.headers.get("session-expires"))
    knows = "timer" in request.headers.tokens("supported")
    min_s = max(policy.min_s, SMALLEST_S)
    if asked is not None and asked.interval_s < min_s and knows:
        return TooSmall(min_s)
    least = max(min_s, parse_min_se(request.headers.get("min-se")))
    if asked is None:
        if not policy.interval_s or not knows:
            return Accepted(None)
        interval = max(policy.interval_s, least)
        return _accepted(interval, "uac", knows)
    interval = max(min(asked.interval_s, policy.interval_s or asked.interval_s), least)
    if not knows:
        return _accepted(interval, "uas", knows)  # a proxy asked; only we can refresh
    return _accepted(interval, asked.refresher or "uac", knows)


def _accepted(interval_s: int, refresher: Refresher, knows: bool) -> Accepted:
    agreed = Agreed(interval_s, refresher == "uas")
    return Accepted(agreed, f"{interval_s};refresher={refresher}", knows and refresher == "uac")


def agreed(headers: Headers) -> Agreed | None:
    """Read as UAC what a 2xx says; None when the session has no end (RFC 4028 7.2)."""
    answered = parse_session_expires(headers.get("session-expires"))
    if answered is None:
        return None
    interval = max(answered.interval_s, SMALLEST_S)
    return Agreed(interval, answered.refresher != "uas")
