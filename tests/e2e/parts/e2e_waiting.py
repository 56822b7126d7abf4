"""Waiting for something that happens in another process: looked at often, never for ever."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE_S = 20.0  # far more than anything takes on a busy machine
# Looks cost the program and us; who waits long looks seldom, and is late by a tenth at most.
SOON_S, SELDOM_S, SHARE = 0.02, 0.1, 0.1


def until(look: Callable[[], T], what: str = "it", timeout_s: float = PATIENCE_S) -> T:
    """Look until the answer is true, and return it.

    Raises:
        AssertionError: it was not in time; tells the last answer.
    """
    began = time.monotonic()
    while True:
        seen = look()
        if seen:
            return seen
        waited_s = time.monotonic() - began
        if waited_s > timeout_s:
            raise AssertionError(f"{what} did not happen in {timeout_s:g} s; last seen: {seen!r}")
        time.sleep(min(SELDOM_S, max(SOON_S, waited_s * SHARE)))
