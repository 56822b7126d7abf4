"""Times as people give them: ages, or moments in UTC."""

import re
from datetime import UTC, datetime

from trunkline.cli.environment import Refused
from trunkline.client.client import Client
from trunkline.runtime.clock import SystemClock

_SPAN = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)(s|m|h|d|)")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400}


def wire_time(text: str, client: Client) -> str:
    """Turn an age (`30m`, `2h`, `7d`) or a time into what the API's filters take.

    An age counts from the program's own time, which a test may have moved.

    Raises:
        Refused: it is neither.
    """
    if not _SPAN.fullmatch(text.strip()):
        return moment(text).strftime("%Y-%m-%d %H:%M:%S")
    then = max(0.0, _now(client) - seconds_of(text))
    return datetime.fromtimestamp(then, UTC).strftime("%Y-%m-%d %H:%M:%S")


def seconds_of(text: str) -> float:
    """Read a span of time such as 90, 90s, 15m, 2h or 1d; Refused when it is none."""
    span = _SPAN.fullmatch(text.strip())
    if span is None:
        raise Refused(f"{text!r} is no span of time: write 90, 90s, 15m, 2h or 1d")
    return float(span[1]) * _SECONDS[span[2]]


def moment(text: str) -> datetime:
    """Read a time such as 2026-05-01, "2026-05-01 12:30" or 2026-05-01T12:30:00+02:00.

    Raises:
        Refused: it is none; without an offset it is UTC.
    """
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Refused(
            f"{text!r} is no time: write 2026-05-01 12:30 (UTC), or an age such as 2h"
        ) from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _now(client: Client) -> float:
    answer = client.ask("GET", "/admin/clock")
    if not answer.ok:
        return SystemClock().now()  # the operator's API is closed: then time is the system's
    return float(answer.body["now"])
