"""How well the far ends of calls were heard: counted when a leg ends, told of when it was bad."""

from dataclasses import dataclass
from typing import Final

import structlog

from trunkline.engines.media.messages import LegStats

log = structlog.get_logger(__name__)

_BAD_SHARE: Final = 0.03  # of packets; ITU-T G.113 counts G.711 as impaired from there on
_LEAST: Final = 250  # packets: five seconds


@dataclass(slots=True)
class Hearing:
    """Packets of all legs that are over; `late` ones came, but after their time to be played."""

    packets: int = 0
    lost: int = 0
    late: int = 0
    duplicates: int = 0

    def count(self, uuid: str, stats: LegStats) -> None:
        """Add a leg that has ended; of a bad one the log has the figures."""
        self.packets += stats.packets_received
        self.lost += stats.packets_lost
        self.late += stats.late
        self.duplicates += stats.duplicates
        expected = stats.packets_received + stats.packets_lost
        if expected < _LEAST or stats.packets_lost + stats.late < _BAD_SHARE * expected:
            return
        log.info(
            "leg.heard_badly", leg=uuid, packets=stats.packets_received, lost=stats.packets_lost,
            late=stats.late, jitter_ms=round(stats.jitter_ms, 1), peer=stats.remote,
        )  # fmt: skip
