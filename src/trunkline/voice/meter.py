"""Ends calls that can be paid no longer: 1010."""

from trunkline.runtime.clock import Clock
from trunkline.voice.causes import OUT_OF_CREDITS
from trunkline.voice.credit import CallCredit
from trunkline.voice.live import LiveCalls
from trunkline.voice.session.orders import HangUp, OrderError

LOOK_S = 1.0  # the balance may fall by something else than calls
_LEAST_S = 0.05


class Meter:
    """Looks at the credit of calls in hand; `run` is its task."""

    def __init__(self, *, clock: Clock, credit: CallCredit, live: LiveCalls) -> None:
        self._clock = clock
        self._credit = credit
        self._live = live

    async def run(self) -> None:
        """Look before each begun minute, and each second; cancel to stop."""
        while True:
            await self.look()
            now = self._clock.now()
            due = self._credit.next_look(now)
            wait_s = LOOK_S if due is None else min(LOOK_S, max(_LEAST_S, due - now))
            await self._clock.sleep(wait_s)

    async def look(self) -> int:
        """End what cannot be paid; return how many calls."""
        ended = 0
        for call_uuid, at in self._credit.overdrawn(self._clock.now()).items():
            try:
                await self._live.do(call_uuid, HangUp(cause=OUT_OF_CREDITS, at=at))
            except OrderError:
                continue  # it ends by itself
            ended += 1
        return ended
