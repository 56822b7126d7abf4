"""What the fragment of a URL says about how it is to be asked (PLIVO voice: callback tuning).

`https://example.com/answer#ct=2000&rt=5000&rc=2&rp=ct,rt,5xx`: the fragment is neither sent nor
signed. Values that are out of range or cannot be read leave the default.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import parse_qsl

_RANGES: Mapping[str, tuple[int, int, int]] = MappingProxyType(
    {
        "ct": (100, 10_000, 2_000),
        "rt": (100, 40_000, 40_000),
        "tt": (100, 55_000, 55_000),
        "rc": (0, 5, 1),
    }
)
_POLICIES = frozenset({"4xx", "5xx", "ct", "rt", "all"})
_DEFAULT_POLICIES = frozenset({"ct", "rt"})
MOST_FRAGMENT_CHARS = 200


@dataclass(frozen=True, slots=True)
class Tuning:
    """Limits of one request in seconds, how often it is repeated, and after which failures."""

    connect_s: float
    read_s: float
    total_s: float
    retries: int
    policies: frozenset[str]

    def repeats_after(self, failure: str) -> bool:
        """Tell whether a failure (ct, rt, 4xx, 5xx) is worth another attempt."""
        return "all" in self.policies or failure in self.policies


def split(url: str) -> tuple[str, Tuning]:
    """Return a URL without its fragment, and what the fragment says."""
    address, _, fragment = url.partition("#")
    return address, read(fragment)


def read(fragment: str) -> Tuning:
    """Read a fragment; the first of repeated keys counts."""
    written: dict[str, str] = {}
    for key, value in parse_qsl(fragment[:MOST_FRAGMENT_CHARS]):
        written.setdefault(key, value)
    numbers = {key: _number(written.get(key, ""), *limits) for key, limits in _RANGES.items()}
    asked = frozenset(written.get("rp", "").lower().replace(" ", "").split(",")) & _POLICIES
    return Tuning(
        numbers["ct"] / 1000,
        numbers["rt"] / 1000,
        numbers["tt"] / 1000,
        numbers["rc"],
        asked or _DEFAULT_POLICIES,
    )


def _number(written: str, low: int, high: int, default: int) -> int:
    if not (written.isascii() and written.isdigit()) or len(written) > 6:
        return default
    return int(written) if low <= int(written) <= high else default
