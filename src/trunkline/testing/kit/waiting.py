"""Waiting for what another process does: looked at often, never for ever."""

import threading
import time
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")

FIRST_LOOK_S: Final = 0.01
MOST_LOOK_S: Final = 0.1
TIMEOUT_S: Final = 5.0
"""How long expectations wait unless told."""


class Unmet(AssertionError):
    """What was expected did not come in time; the text tells what came instead."""


def until(look: Callable[[], T | None], timeout_s: float) -> T | None:
    """Look until there is something, less and less often; None when time is out.

    In real time, whatever the clock of the program is.
    """
    pause, interval = threading.Event(), FIRST_LOOK_S
    end = time.monotonic() + timeout_s
    while True:
        found = look()
        left = end - time.monotonic()
        if found is not None or left <= 0:
            return found
        pause.wait(min(interval, left))
        interval = min(interval * 1.5, MOST_LOOK_S)
