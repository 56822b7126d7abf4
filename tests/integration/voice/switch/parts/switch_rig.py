"""Switches with engines of their own on loopback, that call each other by real SIP and RTP."""

import asyncio
import wave
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from trunkline.engines.media import MediaConfig, MediaPool
from trunkline.engines.sip import AgentConfig, Hop, Listener, Trunk, UserAgent
from trunkline.protocols.sip.transactions import Timing
from trunkline.runtime.clock import SystemClock
from trunkline.values.ids import new_uuid
from trunkline.voice.causes import NORMAL
from trunkline.voice.events import Ended, LegEvent
from trunkline.voice.switch import (
    Arrival,
    Draft,
    Surroundings,
    Switch,
    SwitchConfig,
    Target,
    Unheard,
    Way,
)
from trunkline.voice.telephony import Destination, File, Leg, RecordingSpec, Refused, Speech

LOOPBACK = "127.0.0.1"
WAIT_S = 20.0
RATE = 8000
TIMING = Timing(t1=0.1, t2=0.4, t4=0.5)
IMPATIENT = Timing(t1=0.03, t2=0.3, t4=0.5)
E = TypeVar("E", bound=LegEvent)
Audio = NDArray[np.int16]


async def until(condition: Callable[[], object], timeout_s: float = WAIT_S) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110  it looks at what the switch shows
            await asyncio.sleep(0.005)


def sine(frequency: float, seconds: float, amplitude: float = 8000.0) -> Audio:
    at = np.arange(round(seconds * RATE))
    return (amplitude * np.sin(2 * np.pi * frequency * at / RATE)).astype(np.int16)


def write_wav(path: Path, audio: Audio) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(audio.tobytes())


def read_wav(path: Path, channel: int = 0) -> Audio:
    with wave.open(str(path), "rb") as file:
        count = file.getnchannels()
        return np.frombuffer(file.readframes(file.getnframes()), np.int16)[channel::count]


def power_at(audio: Audio, frequency: float) -> float:
    """Level of one frequency in dBFS."""
    if len(audio) < RATE // 10:
        return -90.0
    x = audio.astype(np.float64) * np.hanning(len(audio))
    spectrum = np.abs(np.fft.rfft(x)) / (len(x) / 4) / 32767
    at = round(frequency * len(x) / RATE)
    return float(20 * np.log10(spectrum[max(0, at - 2) : at + 3].max() + 1e-9))


class FolderShelf:
    """Keeps recordings in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kept: dict[str, Path] = {}
        self.refuses = ""

    async def begin(self, owner: str, spec: RecordingSpec, start_ms: int) -> Draft:
        if self.refuses == "begin":
            raise Refused("the disk is full")
        path = self.folder / f"{spec.recording_id}.{spec.format}"
        return Draft(spec.recording_id, path, f"https://files.test/{path.name}")

    async def finish(self, draft: Draft, start_ms: int, duration_ms: int | None) -> int:
        if self.refuses == "finish":
            raise Refused("the disk is full")
        if duration_ms is None:
            size = draft.path.stat().st_size if draft.path.exists() else 0
            duration_ms = max(0, size - 44) // (2 * RATE // 1000)
        if duration_ms:
            self.kept[draft.recording_id] = draft.path
        return duration_ms


class ToneSounds:
    """`tone:440/1.5` is a sine of that frequency and length; other URLs cannot be had."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.held: asyncio.Event | None = None

    async def path_of(self, sound: File | Speech) -> Path:
        url = sound.url if isinstance(sound, File) else sound.text
        if self.held is not None:
            await self.held.wait()
        if not url.startswith("tone:"):
            raise Unheard(f"{url}: 404")
        frequency, _, seconds = url.removeprefix("tone:").partition("/")
        path = self.folder / f"{frequency}-{seconds}.wav"
        if not path.exists():
            write_wav(path, sine(float(frequency), float(seconds)))
        return path


class Events:
    """A sink that keeps what it is told."""

    def __init__(self) -> None:
        self.all: list[LegEvent] = []

    def __call__(self, event: LegEvent) -> None:
        self.all.append(event)

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.all if isinstance(event, kind)]

    async def got(self, kind: type[E], count: int = 1) -> E:
        """Wait for the count-th event of a kind; fails at once when the leg has ended instead."""
        await until(lambda: len(self.of(kind)) >= count or bool(self.of(Ended)))
        found = self.of(kind)
        assert len(found) >= count, self.all
        return found[count - 1]

    @property
    def cause(self) -> int:
        return self.of(Ended)[0].cause.code


class Station:
    """One switch with its engines; `ways` says where its calls go."""

    def __init__(self, folder: Path, processes: int, **more: object) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.arrivals: list[Arrival] = []
        self.on_arrival: Callable[[Arrival], None] = lambda arrival: None
        self.shelf = FolderShelf(folder)
        self.sounds = ToneSounds(folder)
        self.routes: list[Way] = []
        self.refusal: Refused | None = None
        media = more.pop("media", {})
        config = more.pop("switch", SwitchConfig(farewell_s=10.0))
        self.switch = Switch(
            Surroundings(SystemClock(), self, self.shelf, self.sounds, more.pop("senses", None)),  # type: ignore[arg-type]
            self._arrived,
            config,  # type: ignore[arg-type]
        )
        self.agent = UserAgent(
            AgentConfig(
                **{
                    "listeners": (Listener("udp", LOOPBACK, 0), Listener("tcp", LOOPBACK, 0)),
                    "timing": TIMING,
                    **more,  # type: ignore[arg-type]
                }
            ),
            on_call=self.switch.on_call,
            admit=self.switch.admit,
            trunks=[Trunk("peer", (LOOPBACK,))],
        )
        settings = {"first_port": 30000, "last_port": 39998, "most_legs": 40, **media}  # type: ignore[dict-item]
        self.pool = MediaPool(MediaConfig(**settings), processes, self.switch.on_media)

    async def start(self) -> None:
        await self.pool.start()
        await self.agent.start()
        self.switch.attach(self.agent, self.pool)

    async def close(self) -> None:
        await self.switch.close()
        assert self.switch.idle, "something of a call is left"
        await self.agent.close(drain_s=1.0)
        await self.pool.close()

    @property
    def hop(self) -> Hop:
        return Hop("udp", LOOPBACK, self.agent.port("udp"))

    @property
    def tcp(self) -> Hop:
        return Hop("tcp", LOOPBACK, self.agent.port("tcp"))

    async def ways(self, destination: Destination) -> Sequence[Way]:
        if self.refusal is not None:
            raise self.refusal
        return self.routes

    def _arrived(self, arrival: Arrival) -> None:
        self.arrivals.append(arrival)
        self.on_arrival(arrival)

    def target(self, other: "Station", user: str = "15550002", **more: object) -> Target:
        return Target(
            f"sip:{user}@{LOOPBACK}:{other.hop.port}",
            "sip:15550001@trunkline.test",
            hop=other.hop,
            **more,  # type: ignore[arg-type]
        )

    async def call(self, other: "Station") -> tuple[Leg, Events]:
        """Place a call to another station."""
        self.routes = [Way("other", (self.target(other),))]
        events = Events()
        leg = await self.switch.place(new_uuid(), Destination("15550002", "15550001"), events)
        return leg, events

    async def arrival(self) -> tuple[Leg, Events, Arrival]:
        """Wait for a call that comes, and take it out of the list."""
        await until(lambda: self.arrivals)
        arrival = self.arrivals.pop(0)
        events = Events()
        arrival.leg.deliver_to(events)
        return arrival.leg, events, arrival

    async def clear(self) -> None:
        """End what a test that failed has left, then be free."""
        for leg in list(self.switch._legs):
            await leg.hang_up(NORMAL)
        for room in list(self.switch._rooms):
            await room.close()
        await self.free()

    async def free(self) -> None:
        """Wait until nothing is left of any call, here and in the media processes."""
        await until(lambda: self.switch.idle)
        for process in self.pool.processes:
            stats = await process.stats()
            assert (stats.legs, stats.rooms) == (0, 0)
        assert self.agent.calls == 0


class Pair:
    """Two stations, and calls between them."""

    def __init__(self, near: Station, far: Station) -> None:
        self.near = near
        self.far = far

    async def talk(self) -> "Talk":
        """A call that is answered."""
        near, near_events = await self.near.call(self.far)
        far, far_events, _ = await self.far.arrival()
        await far.answer()
        return Talk(near, near_events, far, far_events)

    async def free(self) -> None:
        await self.near.free()
        await self.far.free()

    async def clear(self) -> None:
        await self.near.clear()
        await self.far.clear()


class Talk:
    """Both ends of a call."""

    def __init__(self, near: Leg, near_events: Events, far: Leg, far_events: Events) -> None:
        self.near, self.near_events = near, near_events
        self.far, self.far_events = far, far_events
