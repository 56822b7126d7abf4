"""Waits for a beep on a leg: frames of its tap go to the finder until it has one."""

import asyncio
import contextlib

from trunkline.voice.events import Beeped
from trunkline.voice.senses.beeps import BeepFinder
from trunkline.voice.senses.levels import Loudness
from trunkline.voice.switch.ports import Tell
from trunkline.voice.switch.taps import Tap, TapFrame, Tapped
from trunkline.voice.telephony import TelephonyError


class Awaiting:
    """One wait; `over` is true once the beep was told."""

    def __init__(self, leg: Tapped, tap: Tap, tell: Tell) -> None:
        self.over = False
        self._leg = leg
        self._tap = tap
        self._tell = tell
        self._task = asyncio.create_task(self._run(), name=f"beep {leg.uuid}")

    async def close(self) -> None:
        """Give up; nothing is told any more."""
        self._task.cancel()
        await asyncio.wait({self._task})
        await self._leave()

    async def _run(self) -> None:
        finder, loudness = BeepFinder(), Loudness()
        while (item := await self._tap.next()) is not None:
            if not isinstance(item, TapFrame):
                continue
            if finder.hear(item.audio, sounds=loudness.sounds(item.audio)):
                self.over = True
                self._tell(Beeped(self._leg.uuid))
                await self._leave()
                return

    async def _leave(self) -> None:
        with contextlib.suppress(TelephonyError):  # it went with its leg
            await self._tap.close()


async def await_beep(leg: Tapped, tell: Tell) -> Awaiting:
    """Begin to wait. Raises LegGone, Refused."""
    return Awaiting(leg, await leg.open_tap(), tell)
