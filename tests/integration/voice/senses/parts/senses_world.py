"""A leg, somebody who speaks, and what is told."""

import asyncio
import wave
from pathlib import Path

import numpy as np
from media_rig import Rig
from stream_rig import StreamLeg

from trunkline.engines.http.guard import AddressPolicy
from trunkline.engines.media import messages as m
from trunkline.engines.speech import (
    Recogniser,
    RecogniserConfig,
    Synthesiser,
    SynthesiserConfig,
    Utterance,
)
from trunkline.engines.websocket import Dialler
from trunkline.runtime.clock import SystemClock
from trunkline.voice.events import LegEvent
from trunkline.voice.senses.ears import Ears
from trunkline.voice.streams.stream import Around
from trunkline.voice.streams.streamer import Streamer

WAIT_S = 60.0
SILENCE = np.zeros(160, np.int16)


class World:
    """A leg on an engine whose ticks the test calls, somebody who speaks, and what is told."""

    def __init__(self, folder: Path) -> None:
        self.rig = Rig()
        self.leg = StreamLeg(self.rig)
        self.synthesiser = Synthesiser(SynthesiserConfig(folder=folder, timeout_s=60))
        self.recogniser = Recogniser(RecogniserConfig())
        self.dialler = Dialler(AddressPolicy())
        streamer = Streamer(Around(self.dialler, SystemClock()))
        self.ears = Ears(recogniser=self.recogniser, streamer=streamer)
        self.told: list[LegEvent] = []
        self._more = asyncio.Event()

    def tell(self, event: LegEvent) -> None:
        self.told.append(event)
        self._more.set()

    async def hears(self, kind: type[LegEvent], count: int = 1) -> LegEvent:
        async with asyncio.timeout(WAIT_S):
            while len(found := [one for one in self.told if isinstance(one, kind)]) < count:
                self._more.clear()
                await self._more.wait()
        return found[count - 1]

    async def spoken(self, text: str, gender: str = "female") -> np.ndarray:
        """Return what a voice says."""
        path = await self.synthesiser.speak(Utterance(text=text, gender=gender))  # type: ignore[arg-type]
        with wave.open(str(path)) as file:
            return np.frombuffer(file.readframes(file.getnframes()), "<i2")

    async def send(self, audio: np.ndarray) -> None:
        """Let the far end say this, in the engine's time."""
        frames = np.pad(audio, (0, -len(audio) % 160)).reshape(-1, 160)
        for number, frame in enumerate(frames):
            self.leg.peer.send_audio(frame.astype(np.int16))
            self.rig.tick()
            for event in self.rig.events:
                if isinstance(event, m.TapAudio) and event.tap in self.leg.taps:
                    self.leg.taps[event.tap].on_media(event)
            self.rig.events.clear()
            if number % 50 == 0:
                await asyncio.sleep(0)

    async def silence(self, seconds: float) -> None:
        await self.send(np.zeros(int(seconds * 8000), np.int16))

    async def close(self) -> None:
        await self.synthesiser.close()
        await self.recogniser.close()
        await self.dialler.close()
        self.rig.close()
