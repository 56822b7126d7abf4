"""What is sent again until the peer acknowledges it."""

from collections.abc import Callable

from trunkline.engines.sip.core import Core
from trunkline.engines.sip.transaction import ServerTransaction, Timer
from trunkline.protocols.sip.transactions import Resender


class Repetition:
    """Sends a 2xx until its ACK, or a reliable provisional response until its PRACK.

    `on_lost` is called when nothing came for 64*T1 (RFC 3261 13.3.1.4, RFC 3262 3).
    """

    __slots__ = ("_core", "_on_lost", "_resender", "_timer", "_transaction")

    def __init__(
        self,
        core: Core,
        transaction: ServerTransaction,
        octets: bytes,
        on_lost: Callable[[], None],
        *,
        ceiling: bool = True,
    ) -> None:
        self._core = core
        self._transaction = transaction
        self._on_lost = on_lost
        timing = core.config.timing
        self._resender = Resender(octets, timing, core.loop.time(), ceiling=ceiling)
        self._timer = Timer(core.loop, self._wake)
        self._timer.arm(self._resender.wake_at)

    def stop(self) -> None:
        self._timer.stop()

    def _wake(self) -> None:
        octets = self._resender.wake(self._core.loop.time())
        if octets is not None:
            self._transaction.send_again(octets)
        if self._resender.expired:
            self._on_lost()
        else:
            self._timer.arm(self._resender.wake_at)
