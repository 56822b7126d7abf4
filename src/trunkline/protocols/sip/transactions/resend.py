"""What the transaction user sends again by itself until it is acknowledged."""

from trunkline.protocols.sip.transactions.timing import Timing


class Resender:
    """Sends octets again, waiting twice as long each time, for 64*T1 in all.

    A 2xx until its ACK, at most every T2 (RFC 3261 13.3.1.4), on every transport; a reliable
    provisional response until its PRACK, with no such ceiling (RFC 3262 3).
    """

    __slots__ = ("_ceiling", "_give_up_at", "_wait", "expired", "octets", "wake_at")

    def __init__(self, octets: bytes, timing: Timing, now: float, *, ceiling: bool = True) -> None:
        self.octets = octets
        self.expired = False
        self._wait = timing.t1
        self._ceiling = timing.t2 if ceiling else timing.limit
        self._give_up_at = now + timing.limit
        self.wake_at = now + timing.t1

    def wake(self, now: float) -> bytes | None:
        """Give what to send now; None when it is too early, or too late (`expired`)."""
        if now < self.wake_at:
            return None
        if now >= self._give_up_at:
            self.expired = True
            return None
        self._wait = min(self._wait * 2, self._ceiling)
        self.wake_at = min(now + self._wait, self._give_up_at)
        return self.octets
