"""A leg in an engine whose ticks the test calls, and an application with a real WebSocket."""

import asyncio
import contextlib
import json
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np
from media_rig import Audio, Rig, sine
from picows import (
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    WSUpgradeRequest,
    ws_create_server,
)

from trunkline.engines.http.guard import AddressPolicy
from trunkline.engines.media import messages as m
from trunkline.engines.websocket import Dialler
from trunkline.runtime.clock import ControlledClock
from trunkline.voice.events import LegEvent, StreamTold
from trunkline.voice.streams.stream import Around, AudioStream
from trunkline.voice.streams.streamer import Streamer
from trunkline.voice.switch.taps import Tap
from trunkline.voice.telephony import LegGone, Refused, StreamSpec

WAIT_S = 30.0


class Channel:
    """What a tap needs of a channel."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self.closed = False

    def pour(self, piece: m.Piece, done: Callable[[str | None], None]) -> None:
        result = self._do(m.Pour((piece,)))
        assert isinstance(result, m.Poured)
        why = dict(result.refused).get(0, "")
        asyncio.get_running_loop().call_soon(done, why)

    async def do(self, command: m.Command) -> m.Result:
        return self._do(command)

    def _do(self, command: m.Command) -> m.Result:
        if self.closed:
            raise LegGone("the leg has ended")
        result = self._rig.do(command)
        if isinstance(result, m.Refused):
            raise Refused(f"{result.reason}: {result.detail}")
        return result


class StreamLeg:
    """A leg as streams see it, on the engine of `media_rig`."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.uuid = "11111111-2222-3333-4444-555555555555"
        self.over = False
        self.peer = rig.open("leg")
        self.digits: list[str] = []
        self.taps: dict[str, Tap] = {}
        self._channel = Channel(rig)

    async def send_digits(self, digits: str, *, tone_ms: int = 0) -> None:
        self.digits.append(digits)

    async def open_tap(
        self,
        *,
        tracks: tuple[m.Track, ...] = ("inbound",),
        encoding: m.Encoding = "mulaw",
        rate: int = 8000,
        exclusive: bool = True,
    ) -> Tap:
        name = f"tap{len(self.taps)}"
        tap = Tap(name, self._channel, encoding, rate, lambda _: None)
        await self._channel.do(
            m.OpenTap(
                tap=name,
                leg="leg",
                tracks=tracks,
                encoding=encoding,
                rate=rate,
                exclusive=exclusive,
            )
        )
        self.taps[name] = tap
        return tap

    def end(self) -> None:
        """The call is hung up."""
        self.over = self._channel.closed = True
        for tap in self.taps.values():
            tap.lost()


class Application(WSListener):
    """Takes one stream and keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.more = asyncio.Event()
        self.transport: WSTransport | None = None
        self.closed = asyncio.Event()
        self.headers: dict[str, str] = {}

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport
        self.headers = {key.lower(): value for key, value in transport.request.headers.items()}

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.CLOSE:
            transport.send_close(frame.get_close_code())
            transport.disconnect()
        elif frame.msg_type == WSMsgType.TEXT:
            self.told.append(json.loads(frame.get_payload_as_bytes()))
            self.more.set()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self.closed.set()
        self.more.set()

    def say(self, **message: object) -> None:
        assert self.transport is not None
        self.transport.send(WSMsgType.TEXT, json.dumps(message).encode())

    def of(self, event: str) -> list[dict[str, Any]]:
        return [one for one in self.told if one["event"] == event]

    async def hears(self, event: str, count: int = 1) -> list[dict[str, Any]]:
        async with asyncio.timeout(WAIT_S):
            while len(self.of(event)) < count:
                self.more.clear()
                await self.more.wait()
        return self.of(event)


class StreamRig:
    """All of it; `now` of the engine moves 20 ms a tick, that of the clock by hand."""

    def __init__(self) -> None:
        self.media = Rig()
        self.leg = StreamLeg(self.media)
        self.clock = ControlledClock(1_700_000_000.0)
        self.dialler = Dialler(AddressPolicy(allow_loopback=True))
        self.streamer = Streamer(Around(self.dialler, self.clock))
        self.told: list[StreamTold] = []
        self.streams: list[AudioStream] = []
        self._more = asyncio.Event()
        self._servers: list[asyncio.Server] = []
        self._taken: dict[str, int] = defaultdict(int)

    async def application(self) -> tuple[Application, str]:
        """Start an application, and return it with its URL."""
        application = Application()

        def arrives(request: WSUpgradeRequest) -> WSListener:
            application.path = request.path.decode()
            return application

        server = await ws_create_server(arrives, "127.0.0.1", 0)
        self._servers.append(server)
        return application, f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/audio?x=1"

    async def stream(self, url: str, **spec: Any) -> AudioStream:
        made = await self.streamer.begin(self.leg, StreamSpec("s-1", url, **spec), self._tell)
        self.streams.append(made)
        return made

    async def started(self, **spec: Any) -> Application:
        """Return an application that has been told of the start."""
        application, url = await self.application()
        await self.stream(url, **spec)
        await application.hears("start")
        return application

    def _tell(self, event: LegEvent) -> None:
        assert isinstance(event, StreamTold)
        self.told.append(event)
        self._more.set()

    async def hears(self, what: str) -> StreamTold:
        """Wait until the leg is told this of its stream."""
        async with asyncio.timeout(WAIT_S):
            while True:
                for event in self.told:
                    if event.what == what:
                        return event
                self._more.clear()
                await self._more.wait()

    def tick(self, count: int = 1, each: Callable[[int], None] | None = None) -> None:
        self.media.tick(count, each)
        for event in self.media.events:
            if isinstance(event, m.TapAudio | m.CheckpointReached | m.TapClosed):
                self.leg.taps[event.tap].on_media(event)
        self.media.events.clear()

    def speak(self, count: int, frequency: float) -> None:
        def each(index: int) -> None:
            self.leg.peer.send_audio(sine(frequency, 160, start=index * 160))

        self.tick(count, each)

    async def settle(self) -> None:
        """Let what was sent be done: some round trips of the loop and of loopback."""
        for _ in range(20):
            await asyncio.sleep(0.005)

    async def close(self) -> None:
        for one in self.streams:
            await one.close()
        for server in self._servers:
            server.close()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await server.wait_closed()
        await self.dialler.close()
        self.media.close()


def spectrum_peak(audio: Audio, rate: int = 8000) -> float:
    """Return the loudest frequency."""
    found = np.abs(np.fft.rfft(audio.astype(float) * np.hanning(len(audio))))
    return float(np.argmax(found) * rate / len(audio))
