"""Judges a leg: frames of its tap to the model, once."""

import asyncio
import contextlib
from typing import Final

import structlog

from trunkline.voice.events import MachineJudged
from trunkline.voice.senses.machine import MachineJudge
from trunkline.voice.switch.ports import Tell
from trunkline.voice.switch.taps import Tap, TapFrame, Tapped
from trunkline.voice.telephony import MachineSpec, TelephonyError

log = structlog.get_logger(__name__)

_LATE_S: Final = 1.0  # a tap gives a frame every 20 ms, whatever the far end sends


class Judging:
    """One judgement; `over` is true once it was told."""

    def __init__(self, leg: Tapped, spec: MachineSpec, tap: Tap, tell: Tell) -> None:
        self.over = False
        self._leg = leg
        self._tap = tap
        self._tell = tell
        self._spec = spec
        self._task = asyncio.create_task(self._run(), name=f"judge {leg.uuid}")

    async def close(self) -> None:
        """Give up; nothing is told any more."""
        self._task.cancel()
        await asyncio.wait({self._task})
        await self._leave()

    async def _run(self) -> None:
        judge = MachineJudge(self._spec)
        verdict: bool | None = None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._spec.time_ms / 1000 + _LATE_S):
                while verdict is None and (item := await self._tap.next()) is not None:
                    if isinstance(item, TapFrame):
                        verdict = judge.hear(item.audio)
        if verdict is None:
            if self._leg.over:
                return
            verdict = judge.end()
        self.over = True
        log.info("leg.judged", leg=self._leg.uuid, machine=verdict)
        self._tell(MachineJudged(self._leg.uuid, verdict))
        await self._leave()

    async def _leave(self) -> None:
        with contextlib.suppress(TelephonyError):  # it went with its leg
            await self._tap.close()


async def judge(leg: Tapped, spec: MachineSpec, tell: Tell) -> Judging:
    """Begin to judge. Raises LegGone, Refused."""
    return Judging(leg, spec, await leg.open_tap(), tell)
