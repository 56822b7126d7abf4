"""The handsets' media process, and the one leg that a call has in it."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from trunkline.engines.media import (
    ALL,
    MediaBusy,
    MediaConfig,
    MediaGone,
    MediaProcess,
    stream_of,
)
from trunkline.engines.media import messages as m
from trunkline.protocols import sdp
from trunkline.values.ids import new_uuid

Listener = Callable[[m.Notice], None]


class NoAudio(Exception):
    """There is no room for a leg, or its media process is gone."""


class Audio:
    """The media process of all handsets; the first call starts it."""

    def __init__(self, config: MediaConfig) -> None:
        self._config = config
        self._process: MediaProcess | None = None
        self._starting: asyncio.Task[str] | None = None
        self.lines: Final[dict[str, Line]] = {}

    async def open(self, leg: str) -> m.LegOpened:
        """Reserve a leg. NoAudio."""
        process = await self._started()
        try:
            opened = await process.open_leg(leg)
        except (MediaGone, MediaBusy) as error:
            raise NoAudio(str(error)) from error
        if isinstance(opened, m.Refused):
            raise NoAudio(f"{opened.reason}: {opened.detail}")
        return opened

    async def do(self, command: m.Command) -> None:
        """Have something done. NoAudio."""
        process = self._process
        if process is None:
            raise NoAudio("there is no media process")
        try:
            result = await process.request(command)
        except (MediaGone, MediaBusy) as error:
            raise NoAudio(str(error)) from error
        if isinstance(result, m.Refused):
            raise NoAudio(f"{result.reason}: {result.detail}")

    async def stream(self, leg: str, stream: m.Stream) -> None:
        """Start or change a leg's RTP. NotAcceptable: what was agreed on cannot be; NoAudio."""
        if self._process is None:
            raise NoAudio("there is no media process")
        try:
            refused = await self._process.set_stream(leg, stream)
        except (MediaGone, MediaBusy) as error:
            raise NoAudio(str(error)) from error
        if refused is not None:
            raise sdp.NotAcceptable(refused.detail or refused.reason)

    async def close(self, leg: str) -> None:
        """Give a leg back; whatever has become of it."""
        self.lines.pop(leg, None)
        if self._process is not None:
            with contextlib.suppress(MediaGone, MediaBusy):
                await self._process.close_leg(leg)

    async def stop(self) -> None:
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.gather(self._starting, return_exceptions=True)
        process, self._process = self._process, None
        if process is not None:
            await process.close()

    async def _started(self) -> MediaProcess:
        while self._process is None:
            if self._starting is None or self._starting.done():
                self._starting = asyncio.create_task(self._start(), name="handsets' media process")
            # A call that ends meanwhile does not end it: others may wait for it too.
            if why := await asyncio.shield(self._starting):
                raise NoAudio(why)
        return self._process

    async def _start(self) -> str:
        """Start the process; return why it does not come up, or ""."""
        process = MediaProcess(self._config, self._on_event)
        try:
            await process.start()
        except MediaGone as error:
            return str(error)
        except asyncio.CancelledError:
            await process.close()
            raise
        self._process = process
        return ""

    def _on_event(self, event: m.Event) -> None:
        match event:
            case m.Lost(legs=legs):
                for leg in legs:
                    self._tell(leg, event)
            case m.Heard(frames=frames):
                for frame in frames:
                    self._tell(frame.tap, frame)
            case m.TapClosed(tap=leg) | m.CheckpointReached(tap=leg):
                self._tell(leg, event)
            case m.Ready() | m.Stalled():
                pass
            case _:
                self._tell(event.leg, event)

    def _tell(self, leg: str, event: m.Notice) -> None:
        line = self.lines.get(leg)
        if line is not None:
            line.listener(event)


class Line:
    """One call's leg: its descriptions, and what it plays and sends."""

    def __init__(self, audio: Audio, opened: m.LegOpened, *, mute: bool) -> None:
        self.leg: Final = opened.leg
        self.listener: Listener = lambda _: None
        """Gets the leg's events, none of which comes before a description was agreed on."""
        self._audio = audio
        self._mute = mute
        self._playbacks = 0
        self._local = sdp.LocalAudio(
            opened.address, opened.port, ALL, rtcp_port=opened.rtcp_port, version=0
        )

    @classmethod
    async def open(cls, audio: Audio, *, mute: bool = False) -> "Line":
        """Reserve a leg; `mute` never sends anything. NoAudio."""
        leg = new_uuid()
        try:
            line = audio.lines[leg] = cls(audio, await audio.open(leg), mute=mute)
            await audio.do(m.Watch(leg=leg, speech=True))
        except BaseException:  # a call that ends meanwhile cancels this, and leaves no leg behind
            await audio.close(leg)
            raise
        return line

    def offer(self) -> bytes:
        """Describe what we can."""
        self._next_version()
        return sdp.serialize(sdp.offer(self._local))

    async def answer(self, offer: bytes) -> bytes:
        """Answer the peer's offer. NotAcceptable, SdpError, NoAudio."""
        self._next_version()
        answered, agreed = sdp.answer(sdp.parse(offer), self._local)
        await self._agree(agreed)
        return sdp.serialize(answered)

    async def accept(self, answer: bytes) -> None:
        """Take the peer's answer to `offer`. NotAcceptable, SdpError, NoAudio."""
        await self._agree(sdp.accept(self._local, sdp.parse(answer)))

    async def play(self, *items: m.Item) -> None:
        """Play to the peer, instead of what was played before."""
        await self._audio.do(m.StopPlay(leg=self.leg))
        if items:
            self._playbacks += 1
            name = f"{self.leg} {self._playbacks}"
            await self._audio.do(m.Play(playback=name, items=items, leg=self.leg))

    async def press(self, digits: str) -> None:
        """Send digits as the peer wants them: RFC 4733, else in the audio."""
        await self._audio.do(m.SendDigits(self.leg, digits))

    async def echo(self, frames: "asyncio.Queue[bytes]") -> None:
        """Say again what is put into `frames`, until cancelled."""
        while True:
            heard = await frames.get()
            while not frames.empty():
                heard += frames.get_nowait()
            await self._audio.do(m.Feed(tap=self.leg, audio=heard))

    async def listen(self) -> None:
        """Have what is heard told as TapAudio."""
        await self._audio.do(m.OpenTap(tap=self.leg, leg=self.leg))

    async def close(self) -> None:
        await self._audio.close(self.leg)

    async def _agree(self, agreed: sdp.Negotiated) -> None:
        if not self._mute:
            await self._audio.stream(self.leg, stream_of(agreed))

    def _next_version(self) -> None:
        self._local = replace(self._local, version=self._local.version + 1)
