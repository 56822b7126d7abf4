"""Waiting for something that happens in another process: looked at often, never for ever."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE_S = 20.0  # far more than anything takes on a busy machine
LOOK_S = 0.02


def until(look: Callable[[], T], what: str = "it", timeout_s: float = PATIENCE_S) -> T:
    """Look until the answer is true, and return it.

    Raises:
        AssertionError: it was not in time; tells the last answer.
    """
    end = time.monotonic() + timeout_s
    while True:
        seen = look()
        if seen:
            return seen
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not happen in {timeout_s:g} s; last seen: {seen!r}")
        time.sleep(LOOK_S)
