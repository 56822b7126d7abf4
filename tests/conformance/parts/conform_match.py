"""Which operation a request is: documented paths against what was sent."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from conform_facts import Fact


def operation_of(facts: Iterable[Fact], method: str, target: str) -> Fact:
    """Return the documented operation; literal words of a path beat placeholders.

    Raises:
        LookupError: there is none.
    """
    path = _plain(urlsplit(target).path)
    found = [one for one in facts if one.method == method.upper() and _pattern(one).fullmatch(path)]
    if not found:
        raise LookupError(f"no documented operation is {method} {path}")
    return min(found, key=lambda one: one.path.count("{"))


def is_of(fact: Fact, method: str, target: str) -> bool:
    """Whether a request is of that operation."""
    path = _plain(urlsplit(target).path)
    return fact.method == method.upper() and _pattern(fact).fullmatch(path) is not None


def _pattern(fact: Fact) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(_plain(fact.path))))


def _plain(path: str) -> str:
    return re.sub(r"/+", "/", path).rstrip("/")
