"""Which time zone names are known."""

from functools import lru_cache
from zoneinfo import available_timezones


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    return frozenset(available_timezones()) | {"UTC"}


def is_timezone(name: str) -> bool:
    """Tell whether `name` is in the IANA Time Zone Database, in its exact spelling."""
    return name in _names()
