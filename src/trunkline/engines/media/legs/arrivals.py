"""Which legs have packets waiting: asked of the kernel once for all of them."""

import select
from collections.abc import Callable
from typing import Final

from trunkline.engines.media.legs.leg import Leg

Fault = Callable[[Leg, Exception], None]
HeldUp = Callable[[], bool]
"""Asked when packets are about to be read: whether nobody knows any more when they came."""


def in_time() -> bool:
    """For clocks that move when they are told to: never held up."""
    return False


class Arrivals:
    """Reads the legs' RTP sockets; one call of poll() costs as much as to find a few empty."""

    def __init__(self, fault: Fault) -> None:
        """`fault` is told of a leg that broke: the others are read on."""
        self._fault: Final = fault
        self._poll = select.poll()
        self._legs: dict[int, Leg] = {}

    def add(self, leg: Leg) -> None:
        """Watch a leg's socket."""
        number = leg.pair.rtp.fileno()
        self._legs[number] = leg
        self._poll.register(number, select.POLLIN)

    def remove(self, leg: Leg) -> None:
        """Forget a leg, while its socket is still open."""
        number = leg.pair.rtp.fileno()
        del self._legs[number]
        self._poll.unregister(number)

    def read(self, now: float, held_up: HeldUp = in_time) -> bool:
        """Give each leg that takes part what has come for it by `now`: mostly one packet.

        False: nothing was read, it is much later by now. What waits may have come since.
        """
        legs, fault = self._legs, self._fault
        waiting = self._poll.poll(0)
        if held_up():
            return False
        for number, _ in waiting:
            leg = legs[number]
            if leg.active:
                try:
                    leg.read_one(now)
                except Exception as error:  # noqa: BLE001 - the edge of a leg
                    fault(leg, error)
        for number, _ in self._poll.poll(0):
            leg = legs[number]
            if leg.active:
                try:
                    if held_up():
                        leg.read_late(now)
                    else:
                        leg.read(now)
                except Exception as error:  # noqa: BLE001 - the edge of a leg
                    fault(leg, error)
        return True

    def read_late(self, now: float) -> None:
        """Give each leg that takes part all that waits: it came at a time that nobody knows."""
        for leg in self._legs.values():
            if leg.active:
                try:
                    leg.read_late(now)
                except Exception as error:  # noqa: BLE001 - the edge of a leg
                    self._fault(leg, error)
