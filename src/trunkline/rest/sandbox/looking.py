"""How a test looks at a simulated phone: only what is its account's, and waiting for more.

`?account=MA…` shows what came from or went to numbers of that main account and its subaccounts;
`?beyond=3&wait_s=5` is answered once there are more than 3, or after 5 seconds with what there is.
"""

import asyncio
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

MOST_WAIT_S: Final = 60.0
_TICK_S: Final = 0.01
_MOST_TICK_S: Final = 0.05
_DIGITS: Final = 9

Shown = list[dict[str, Any]]


class WrongLook(ValueError):
    """A parameter of the query cannot be read; the text names it."""


@dataclass(frozen=True, slots=True)
class Look:
    """`account` "" is everybody's; without `beyond` nothing is waited for."""

    account: str = ""
    beyond: int = -1
    wait_s: float = 0.0

    def mine(self, shown: Shown, other: str, owner_of: Callable[[str], str]) -> Shown:
        """Leave those whose field `other` is a number of the account."""
        if not self.account:
            return shown
        return [one for one in shown if owner_of(str(one[other]).removeprefix("+")) == self.account]


def parse_look(query: Mapping[str, str]) -> Look:
    """Read the parameters; raises WrongLook."""
    beyond, wait = query.get("beyond", "-1"), query.get("wait_s", "0")
    if not (beyond.removeprefix("-").isdecimal() and len(beyond) <= _DIGITS):
        raise WrongLook("beyond must be a whole number")
    try:
        wait_s = float(wait)
    except ValueError:
        wait_s = math.nan
    if not 0.0 <= wait_s <= MOST_WAIT_S:
        raise WrongLook(f"wait_s must be a number of seconds from 0 to {MOST_WAIT_S:g}")
    return Look(query.get("account", ""), int(beyond), wait_s)


async def until_more(look: Look, find: Callable[[], Shown]) -> Shown:
    """Return what `find` gives once it is more than was asked for, or time is out.

    In real time: who asks waits in real time, whatever the program's clock is.
    """
    found = find()
    if look.wait_s == 0.0:
        return found
    tick_s = _TICK_S
    try:
        async with asyncio.timeout(look.wait_s):
            while len(found) <= look.beyond:
                await asyncio.sleep(tick_s)
                tick_s = min(tick_s * 1.3, _MOST_TICK_S)
                found = find()
    except TimeoutError:
        pass
    return found
