"""The platform's side of calls with the simulated phones: real SIP, real RTP, all written down."""

import asyncio
import wave
from collections.abc import Callable
from itertools import count
from pathlib import Path

import numpy as np

from trunkline.engines.media import ALL, MediaConfig, MediaProcess, stream_of
from trunkline.engines.media import messages as m
from trunkline.engines.sip import (
    AgentConfig,
    Ended,
    Failed,
    Hop,
    Listener,
    Placing,
    Trunk,
    UserAgent,
)
from trunkline.protocols import sdp

LOOPBACK = "127.0.0.1"
WAIT_S = 15.0
NUMBERS = count(1)


async def until(condition: Callable[[], object], timeout_s: float = WAIT_S) -> None:
    """Wait for a condition; fails the test when it does not come."""
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110  it looks at what others write down
            await asyncio.sleep(0.01)


class Talk:
    """One call: its SIP events, its leg, what the leg told."""

    def __init__(self, caller: "Caller", call, leg: str, local: sdp.LocalAudio) -> None:
        self.caller, self.call, self.leg, self.local = caller, call, leg, local
        self.events: list = []
        self.media: list = []
        self.recording = caller.folder / f"{leg}.wav"

    def seen(self, kind) -> list:
        return [event for event in self.events if isinstance(event, kind)]

    def told(self, kind) -> list:
        return [event for event in self.media if isinstance(event, kind)]

    async def got(self, kind):
        await until(lambda: self.seen(kind) or self.seen((Ended, Failed)))
        assert self.seen(kind), self.events
        return self.seen(kind)[-1]

    async def hears(self, answer: bytes) -> None:
        """Take the peer's answer, and record what comes."""
        agreed = sdp.accept(self.local, sdp.parse(answer))
        assert await self.caller.media.set_stream(self.leg, stream_of(agreed)) is None
        await self.do(
            m.Record(recording=self.leg, path=str(self.recording), leg=self.leg,
                     tracks=("inbound",))
        )  # fmt: skip

    async def do(self, command) -> None:
        result = await self.caller.media.request(command)
        assert not isinstance(result, m.Refused), result

    async def play(self, frequency: float, duration_ms: int) -> None:
        tone = m.ToneItem((frequency,), duration_ms)
        await self.do(m.Play(playback=f"tone {next(NUMBERS)}", items=(tone,), leg=self.leg))

    async def hears_now(self, right: Callable[[np.ndarray], object], seconds: float = 0.4) -> None:
        """Wait until the end of what was heard so far is as it should be."""
        samples = round(seconds * 8_000)

        def last() -> np.ndarray:
            octets = self.recording.read_bytes()[44:] if self.recording.exists() else b""
            return np.frombuffer(octets[: len(octets) // 2 * 2], np.int16)[-samples:]

        await until(lambda: len(last()) == samples and right(last()))

    async def recorded(self) -> np.ndarray:
        """Close the recording and give what was heard."""
        await self.caller.media.request(m.StopRecord(leg=self.leg))
        await until(lambda: self.told(m.RecordingFinished))
        with wave.open(str(self.recording)) as file:
            return np.frombuffer(file.readframes(file.getnframes()), np.int16)


class Caller:
    """A user agent with a media process that calls the simulator, and is called by it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.talks: list[Talk] = []
        self.on_call: Callable[[Talk], object] = lambda talk: None
        self._tasks: set[asyncio.Task] = set()
        self.agent = UserAgent(
            AgentConfig(listeners=(Listener("udp", LOOPBACK, 0),)),
            on_call=self._came,
            trunks=[Trunk("simulator", (LOOPBACK,))],
        )
        self.media = MediaProcess(MediaConfig(first_port=20_000, last_port=24_999), self._on_media)

    async def start(self) -> None:
        await self.media.start()
        await self.agent.start()

    async def close(self) -> None:
        await self.agent.close(drain_s=1.0)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.media.close()

    async def place(self, port: int, number: str, *, late: bool = False, **more) -> Talk:
        leg, local = await self._open()
        described = b"" if late else sdp.serialize(sdp.offer(local))
        call = self.agent.place(
            Placing(f"sip:{number}@{LOOPBACK}:{port}", "sip:+14155550100@here",
                    more.pop("sdp", described), hop=Hop("udp", LOOPBACK, port), **more)
        )  # fmt: skip
        return self._own(Talk(self, call, leg, local))

    async def answer(self, talk: Talk) -> None:
        """Answer a call that came."""
        answered, agreed = sdp.answer(sdp.parse(talk.call.offer), talk.local)
        assert await self.media.set_stream(talk.leg, stream_of(agreed)) is None
        assert talk.call.answer(sdp.serialize(answered))

    async def _open(self) -> tuple[str, sdp.LocalAudio]:
        leg = f"leg{next(NUMBERS)}"
        opened = await self.media.open_leg(leg)
        assert isinstance(opened, m.LegOpened), opened
        return leg, sdp.LocalAudio(opened.address, opened.port, ALL, rtcp_port=opened.rtcp_port)

    def _came(self, call) -> None:
        self._spawn(self._take(call))

    async def _take(self, call) -> None:
        leg, local = await self._open()
        result = self.on_call(self._own(Talk(self, call, leg, local)))
        if asyncio.iscoroutine(result):
            await result

    def _own(self, talk: Talk) -> Talk:
        self.talks.append(talk)
        self._spawn(self._watch(talk))
        return talk

    async def _watch(self, talk: Talk) -> None:
        while (event := await talk.call.next()) is not None:
            talk.events.append(event)
        await self.media.request(m.CloseLeg(talk.leg))

    def _spawn(self, work) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)

    def _on_media(self, event) -> None:
        leg = getattr(event, "leg", "")
        for talk in self.talks:
            if talk.leg == leg:
                talk.media.append(event)


def level_at(audio: np.ndarray, frequency: float) -> float:
    """Level of one frequency in dBFS."""
    x = audio.astype(np.float64) * np.hanning(len(audio))
    spectrum = np.abs(np.fft.rfft(x)) / (len(x) / 4) / 32767
    at = round(frequency * len(x) / 8000)
    return float(20 * np.log10(spectrum[max(0, at - 2) : at + 3].max() + 1e-9))
