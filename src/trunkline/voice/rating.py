"""What calls cost: a price for a minute, minutes rounded up, the price of the whole.

Outbound the longest prefix of the called number decides, then that of the caller's; inbound the
account's own number does. Amounts are in 0.00001 dollar.
"""

import math
from typing import NamedTuple

from trunkline.billing.model import Direction
from trunkline.billing.rates import Rates
from trunkline.values.countries import country_name
from trunkline.values.phone import country_of

MINUTE_S = 60
_LEAST_S = 1e-6  # what a clock's fractions add up to is no second more


class CallPrice(NamedTuple):
    """The price of a minute, and the group of networks it is for."""

    rate: int
    group: str


class Cost(NamedTuple):
    """Seconds that a call lasted, the same in whole minutes, and what it costs."""

    duration: int
    billed: int
    amount: int


FREE = CallPrice(0, "")


def outbound(rates: Rates, recipient: str, caller: str = "") -> CallPrice:
    """Return what a call to a number or SIP URI costs; `caller` is the number that is shown."""
    if not recipient.isdigit():
        return CallPrice(rates.voice("", Direction.OUTBOUND, "ip") or 0, "")
    country = country_of(recipient)
    found = rates.call(recipient, country, caller if caller.isdigit() else "")
    return CallPrice(found.rate, found.group or _all_networks(country))


def inbound(rates: Rates, number: str, number_type: str = "local") -> CallPrice:
    """Return what a call to an own number (`number_type` local, tollfree …) or endpoint costs."""
    if not number.isdigit():
        return CallPrice(rates.voice("", Direction.INBOUND, "ip") or 0, "")
    country = country_of(number)
    end = "tollfree" if number_type == "tollfree" else "local"
    return CallPrice(rates.voice(country, Direction.INBOUND, end) or 0, _all_networks(country))


def cost(rate: int, answered_at: float | None, ended_at: float) -> Cost:
    """Return what a call costs; one that was not answered costs nothing.

    PLIVO call: 85 s are billed as 120 s; begun seconds and minutes count.
    """
    if answered_at is None:
        return Cost(0, 0, 0)
    duration = max(0, math.ceil(ended_at - answered_at - _LEAST_S))
    billed = begun_minutes_s(duration)
    return Cost(duration, billed, billed // MINUTE_S * rate)


def _all_networks(country: str) -> str:
    # PLIVO call: "India All Networks"
    return f"{country_name(country)} All Networks" if country else ""


def begun_minutes_s(seconds: int) -> int:
    """Return seconds as they are billed: by the minute, one that has begun as a whole."""
    return -(-seconds // MINUTE_S) * MINUTE_S
