"""Which legs have packets waiting: asked of the kernel once for all of them."""

import select
from collections.abc import Callable
from typing import Final

from trunkline.engines.media.legs.leg import Leg

Fault = Callable[[Leg, Exception], None]


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

    def read(self, now: float) -> None:
        """Give each leg that takes part what has come for it: mostly one packet."""
        legs, fault = self._legs, self._fault
        for number, _ in self._poll.poll(0):
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
                    leg.read(now)
                except Exception as error:  # noqa: BLE001 - the edge of a leg
                    fault(leg, error)
