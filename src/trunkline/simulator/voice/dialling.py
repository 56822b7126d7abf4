"""A call that a handset dials to the platform."""

import asyncio
from dataclasses import dataclass
from typing import Final

from trunkline.engines.sip import Answered, Failed, OutgoingCall, Progress
from trunkline.engines.sip import Event as SipEvent
from trunkline.protocols.sdp import NotAcceptable, SdpError
from trunkline.simulator.voice.audio import Line
from trunkline.simulator.voice.conversation import Conversation, Surroundings
from trunkline.simulator.voice.log import Entry
from trunkline.simulator.voice.outcomes import Behaviour, Does


@dataclass(frozen=True, slots=True)
class Dialling:
    """What the handset does in a call it dials; times in seconds after the answer.

    `digits` are 0-9 * # A-D, w (0.5 s) and W (1 s). `hang_up_after_s` None leaves that to the
    platform.
    """

    digits: str = ""
    digits_after_s: float = 1.0
    hang_up_after_s: float | None = None
    does: Does = Does.LISTEN
    sound_s: float = 3.0
    caller_name: str = ""

    def behaviour(self) -> Behaviour:
        return Behaviour(
            does=self.does,
            sound_s=self.sound_s,
            digits=self.digits,
            digits_after_s=self.digits_after_s,
            hang_up_after_s=self.hang_up_after_s,
        )


class Dialled(Conversation):
    """The leg is open and offered before the call is placed."""

    def __init__(
        self, call: OutgoingCall, entry: Entry, dialling: Dialling, around: Surroundings, line: Line
    ) -> None:
        super().__init__(call, entry, dialling.behaviour(), around)
        self._line = line
        line.listener = self._on_media
        self._outgoing = call
        self._connected = asyncio.Event()
        self.moved: Final = asyncio.Event()
        """Somebody rings, has answered or has refused."""

    async def _script(self) -> None:
        await self._connected.wait()
        await self._perform(await self._open_line())

    async def _on_event(self, event: SipEvent) -> None:
        entry, now = self.entry, self._around.clock.now()
        match event:
            case Progress(status=status) if status > 100:
                entry.state = "ringing"
                await self._take(event.sdp)
                self.moved.set()
            case Answered():
                await self._take(event.sdp)
                if not self._outgoing.over:
                    entry.answered(now)
                    self._connected.set()
                self.moved.set()
            case _:
                await super()._on_event(event)
                if isinstance(event, Failed):
                    self.moved.set()

    async def _take(self, sdp: bytes) -> None:
        if not sdp or self._line is None:
            return
        try:
            await self._line.accept(sdp)
        except (NotAcceptable, SdpError) as error:
            self._fail(488, f"not acceptable: {error}".replace('"', "'"))
