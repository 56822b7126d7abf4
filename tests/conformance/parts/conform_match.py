"""Which operation a request is: documented paths against what was sent."""

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, urlsplit

from conform_facts import Fact

_TELL_APART = {("status", "live"), ("status", "queued")}


def operation_of(facts: Iterable[Fact], method: str, target: str) -> Fact:
    """Return the documented operation; literal words of a path beat placeholders.

    Raises:
        LookupError: there is none.
    """
    found = [one for one in facts if is_of(one, method, target)]
    if not found:
        raise LookupError(f"no documented operation is {method} {target}")
    return min(found, key=lambda one: one.path.count("{"))


def is_of(fact: Fact, method: str, target: str) -> bool:
    """Whether a request is of that operation."""
    asked = urlsplit(target)
    if fact.method != method.upper() or _pattern(fact).fullmatch(_plain(asked.path)) is None:
        return False
    told_apart = {pair for pair in parse_qsl(asked.query) if pair in _TELL_APART}
    return told_apart == set(parse_qsl(fact.query))


def _pattern(fact: Fact) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(_plain(fact.path))))


def _plain(path: str) -> str:
    return re.sub(r"/+", "/", path).rstrip("/")
