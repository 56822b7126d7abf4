"""The carriers one simulator plays, each under its own system_id."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from trunkline.simulator.outcomes import Ids

_RBINDFAIL: Final = 0x0D  # SMPP34 5.1.3


@dataclass(frozen=True, slots=True)
class Personality:
    """How a carrier behaves towards everyone who binds with its system_id.

    `tps` throttles above that many submits a second. `drop_every` cuts the link in place of
    answering each n-th submit, and loses that message. None in a delay: the simulator's own.
    """

    system_id: str
    summary: str
    bind_status: int = 0
    tps: int | None = None
    response_delay_s: float | None = None
    receipt_delay_s: float | None = None
    silent: bool = False
    early: bool = False
    ids: Ids = Ids.DECIMAL
    drop_every: int = 0


_ALL: Final = (
    Personality("sim", "well behaved"),
    Personality("sim-throttled", "100 submits a second, RTHROTTLED above", tps=100),
    Personality("sim-slow", "answers after 50 ms", response_delay_s=0.05),
    Personality("sim-refusing", "refuses every bind with RBINDFAIL", bind_status=_RBINDFAIL),
    Personality("sim-silent", "never answers a submit, and loses it", silent=True),
    Personality("sim-early", "every receipt before its response", early=True),
    Personality("sim-hex", "id hex in responses, decimal in receipts", ids=Ids.HEX_DECIMAL),
    Personality("sim-dec", "id decimal in responses, hex in receipts", ids=Ids.DECIMAL_HEX),
    Personality(
        "sim-flaky", "cuts the link at every 50th submit, and loses that message", drop_every=50
    ),
)
PERSONALITIES: Final[Mapping[str, Personality]] = MappingProxyType(
    {personality.system_id: personality for personality in _ALL}
)
