"""One call of a handset: its SIP events, its leg of audio, and what it does in its own time."""

import asyncio
import logging
from abc import ABC, abstractmethod
from typing import Final, NamedTuple

from trunkline.engines.media import messages as m
from trunkline.engines.sip import Call, Confirmed, Digit, Ended, Failed, Offered
from trunkline.engines.sip import Event as SipEvent
from trunkline.protocols.sdp import NotAcceptable, SdpError
from trunkline.runtime.clock import Clock
from trunkline.simulator.voice.audio import Audio, Line, NoAudio
from trunkline.simulator.voice.log import By, Entry
from trunkline.simulator.voice.outcomes import Behaviour, Does
from trunkline.simulator.voice.sounds import Speak, sounds_of

logger = logging.getLogger(__name__)

_ECHO_FRAMES: Final = 500  # of 20 ms: what comes while nothing can be said is dropped
_SIDES: Final[dict[str, By]] = {"local": "handset", "remote": "platform", "network": "network"}


class Surroundings(NamedTuple):
    """What all conversations share."""

    audio: Audio
    clock: Clock
    speak: Speak | None


class Conversation(ABC):
    """Owns one call: `run` is its task. `entry` is written until the end."""

    def __init__(
        self, call: Call, entry: Entry, behaviour: Behaviour, around: Surroundings
    ) -> None:
        self.entry: Final = entry
        self._call = call
        self._behaviour = behaviour
        self._around = around
        self._line: Line | None = None
        self._opening = asyncio.Lock()
        self._offered_late = False
        self._echo: asyncio.Queue[bytes] = asyncio.Queue(_ECHO_FRAMES)
        self._sound_since: float | None = None

    async def run(self) -> None:
        """Live through the call; cancelled, it hangs up. Its leg is given back at the end."""
        script = asyncio.create_task(self._guarded(), name=f"handset {self.entry.number}")
        try:
            while (event := await self._call.next()) is not None:
                await self._on_event(event)
        finally:
            script.cancel()
            await asyncio.gather(script, return_exceptions=True)
            self._call.hang_up()
            self.entry.ended(self._around.clock.now(), "handset")
            self._quiet()
            if self._line is not None:
                await self._line.close()

    # -- what the handset does ---------------------------------------------------------------------

    @abstractmethod
    async def _script(self) -> None:
        """Do what this kind of call does by itself."""

    def _fail(self, status: int, reason: str) -> None:
        """End the call for a fault of ours."""
        self.entry.reason = self.entry.reason or reason
        self._call.hang_up(reason=f'SIP;cause={status};text="{reason}"')

    async def _guarded(self) -> None:
        try:
            await self._script()
        except (NotAcceptable, SdpError) as error:
            self._fail(488, f"not acceptable: {error}".replace('"', "'"))
        except NoAudio as error:
            self._fail(503, f"no audio: {error}".replace('"', "'"))
        except Exception:
            logger.exception("the handset %s failed", self.entry.number)
            self._fail(500, "the handset failed")

    async def _open_line(self) -> Line:
        async with self._opening:
            if self._line is None:
                mute = self._behaviour.does is Does.MUTE
                self._line = await Line.open(self._around.audio, mute=mute)
                self._line.listener = self._on_media
            return self._line

    async def _perform(self, line: Line) -> None:
        """Do what is done after the answer; the call's end ends it."""
        await line.play(*await sounds_of(self._behaviour, self._around.speak))
        doing = [
            asyncio.create_task(each)
            for each in (self._press(line), self._repeat(line), self._leave())
        ]
        try:
            await asyncio.gather(*doing)
        finally:
            for task in doing:
                task.cancel()
            await asyncio.gather(*doing, return_exceptions=True)

    async def _leave(self) -> None:
        if self._behaviour.hang_up_after_s is not None:
            await self._around.clock.sleep(self._behaviour.hang_up_after_s)
            self._call.hang_up()

    async def _press(self, line: Line) -> None:
        if self._behaviour.digits:
            await self._around.clock.sleep(self._behaviour.digits_after_s)
            await line.press(self._behaviour.digits)

    async def _repeat(self, line: Line) -> None:
        if self._behaviour.does is Does.ECHO:
            await line.listen()
            await line.echo(self._echo)

    # -- what happens to it ------------------------------------------------------------------------

    async def _on_event(self, event: SipEvent) -> None:
        now = self._around.clock.now()
        match event:
            case Offered():
                await self._on_offer(event)
            case Confirmed(sdp=sdp) if self._offered_late and sdp:
                await self._on_late_answer(sdp)
            case Digit(digit=digit):
                self.entry.heard(digit)
            case Ended(side=side, status=status, cause=cause):
                self.entry.ended(now, _SIDES[side], cause, status)
            case Failed(status=status, reason=reason, local=local):
                self.entry.ended(now, "network" if local else "platform", reason, status)
            case _:
                pass

    async def _on_offer(self, event: Offered) -> None:
        """Take part in a change of the session: hold, another address, other codecs."""
        try:
            line = await self._open_line()
            if event.sdp:
                event.offer.accept(await line.answer(event.sdp))
            else:
                self._offered_late = True
                event.offer.accept(line.offer())
        except (NotAcceptable, SdpError):
            event.offer.reject(488)
        except NoAudio:
            event.offer.reject(503)

    async def _on_late_answer(self, sdp: bytes) -> None:
        self._offered_late = False
        if self._line is None:
            return
        try:
            await self._line.accept(sdp)
        except (NotAcceptable, SdpError, NoAudio) as error:
            self._fail(488, f"not acceptable: {error}".replace('"', "'"))

    def _on_media(self, event: m.Notice) -> None:
        match event:
            case m.Digit(digit=digit):
                self.entry.heard(digit)
            case m.SpeechStarted():
                self._sound_since = asyncio.get_running_loop().time()
            case m.SpeechStopped(spoke_ms=spoke_ms):
                self._sound_since = None
                self.entry.sound_s += spoke_ms / 1000
            case m.TapAudio(audio=audio):
                if not self._echo.full():
                    self._echo.put_nowait(audio)
            case m.Lost() | m.LegFailed():
                self._fail(503, "the audio is lost")
            case m.MediaTimeout(silent_ms=silent_ms):
                self._fail(408, f"no audio came for {silent_ms // 1000} s")
            case _:
                pass

    def _quiet(self) -> None:
        """Count what sounded to the end."""
        if self._sound_since is not None:
            self.entry.sound_s += asyncio.get_running_loop().time() - self._sound_since
            self._sound_since = None
