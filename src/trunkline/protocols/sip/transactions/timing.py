"""The timers' values (RFC 3261 table 4)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds. t1: estimated round trip; t2: longest wait between retransmissions.

    T4: life of a message in the net.
    """

    t1: float = 0.5
    t2: float = 4.0
    t4: float = 5.0

    @property
    def limit(self) -> float:
        """64*T1, after which the peer is taken for dead: timers B, F, H, J, L, M (RFC 6026 8)."""
        return 64 * self.t1
