"""A leg as an engine would have it, played by a script: it keeps what was asked of it."""

import asyncio
import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from math import inf

from trunkline.runtime.clock import ControlledClock
from trunkline.voice.causes import NORMAL, Cause, Source
from trunkline.voice.events import (
    Answered,
    Beeped,
    Digit,
    Ended,
    Heard,
    LegEvent,
    MachineJudged,
    PlaybackEnded,
    RecordingEnded,
    Ringing,
    Sink,
    StreamTold,
    Voice,
)
from trunkline.voice.telephony import (
    Destination,
    File,
    Layer,
    LegGone,
    ListenSpec,
    MachineSpec,
    RecordingSpec,
    Refused,
    Silence,
    Sound,
    Speech,
    StreamSpec,
    Tone,
)

_numbers = itertools.count(1)
SPEECH_S, FILE_S, BEEP_S = 2.0, 3.0, 0.2


def length_s(sound: Sound) -> float:
    match sound:
        case Silence(seconds=seconds):
            return seconds
        case Tone(name=name):
            return inf if name == "ring" else BEEP_S
        case Speech(times=times):
            return SPEECH_S * times if times else inf
        case File(times=times):
            return FILE_S * times if times else inf


class ScriptedLeg:
    """Playbacks and recordings take their time on the clock."""

    def __init__(self, uuid: str, clock: ControlledClock, *, inbound: bool = True) -> None:
        self.uuid = uuid
        self.clock = clock
        self.inbound = inbound
        self.state = "ringing"
        self.unheard = ""  # keys that have come, but are told only when asked for
        self.said: list[str] = []  # what was asked, in words
        self.playing: dict[str, tuple[Sound, ...]] = {}
        self.heard: list[tuple[Sound, ...]] = []  # all that was ever begun to play
        self.layers: list[Layer] = []
        self.recording: dict[str, tuple[RecordingSpec, float]] = {}
        self.connected: ScriptedLeg | None = None
        self.listening: ListenSpec | None = None
        self.deaf_languages: set[str] = set()
        self.streams: dict[str, StreamSpec] = {}
        self.sent = ""
        self.tone_ms = 0
        self.destination: Destination | None = None
        self.broken_files: set[str] = set()
        self.cause: Cause | None = None
        self.files_take_time = False  # recordings that are stopped end with the call
        self.keeping_s = 0.0  # how long recordings take to be kept, once it has ended
        self.watching = False
        self.unjudged = False
        self._sink: Sink | None = None
        self._kept: list[LegEvent] = []
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._leaving: asyncio.Task[None] | None = None

    @property
    def over(self) -> bool:
        return self.state == "ended"

    # --- what the far end does -------------------------------------------------------------------

    def press(self, digits: str, *, audible: bool = False) -> None:
        for digit in digits:
            for recording, (spec, _) in list(self.recording.items()):
                if digit in spec.finish_on:
                    self._recorded(recording, "key", digit)
            self.tell(Digit(self.uuid, digit, audible))

    def rings(self, *, early_media: bool = False) -> None:
        self.tell(Ringing(self.uuid, early_media))

    def answers(self) -> None:
        self.state = "answered"
        self.tell(Answered(self.uuid))

    def leaves(self, cause: Cause | None = None) -> None:
        """Hang up, refuse, or whatever the cause says."""
        source = Source.CALLER if self.inbound else Source.CALLEE
        self._ended(cause or NORMAL.by(source), "hangup")

    def speaks(self, text: str, *, confidence: float = 0.9) -> None:
        self.tell(Heard(self.uuid, text, confidence))

    def mumbles(self, stable: str, unstable: str = "") -> None:
        self.tell(Heard(self.uuid, stable, final=False, unstable=unstable, stability=0.5))

    def sounds(self, *, active: bool) -> None:
        self.tell(Voice(self.uuid, active))

    def beeps(self) -> None:
        self.tell(Beeped(self.uuid))

    def judged(self, *, machine: bool) -> None:
        self.tell(MachineJudged(self.uuid, machine))

    def fails_to_record(self) -> None:
        for recording in list(self.recording):
            del self.recording[recording]
            self.tell(
                RecordingEnded(
                    self.uuid, recording, "https://f.test/r", 0, 0, error="nothing was recorded"
                )
            )

    def falls_silent(self) -> None:
        for recording in list(self.recording):
            self._recorded(recording, "silence")

    def stream_told(self, what: str, reason: str = "") -> None:
        (stream_id,) = self.streams
        if what == "StopStream":
            del self.streams[stream_id]
        self.tell(StreamTold(self.uuid, stream_id, what, reason))  # type: ignore[arg-type]

    def tell(self, event: LegEvent) -> None:
        if self._sink is None:
            self._kept.append(event)
        else:
            self._sink(event)

    # --- the port --------------------------------------------------------------------------------

    def deliver_to(self, sink: Sink) -> None:
        self._sink = sink
        kept, self._kept = self._kept, []
        for event in kept:
            sink(event)

    async def ring(self) -> None:
        self._alive("ring")

    async def open_early(self) -> None:
        self._alive("early")
        self.state = "early"

    async def answer(self) -> None:
        self._alive("answer")
        self.state = "answered"

    async def hang_up(self, cause: Cause) -> None:
        if self.state != "ended":
            self.said.append(f"hang up {cause.code}")
            self._ended(cause, "stopped")

    async def play(self, sounds: Sequence[Sound], *, layer: Layer = "main") -> str:
        self._alive("play")
        if layer == "main":
            assert self.state in ("answered", "early") or self.destination, "nobody could hear it"
        playback = f"playback-{next(_numbers)}"
        self.playing[playback] = tuple(sounds)
        self.heard.append(tuple(sounds))
        self.layers.append(layer)
        broken = all(isinstance(one, File) and one.url in self.broken_files for one in sounds)
        seconds = 0.0 if broken else sum(map(length_s, sounds))
        self._after(playback, seconds, lambda: self._played(playback, "404" if broken else ""))
        return playback

    async def stop_playing(self, playback: str) -> None:
        self._alive(f"stop {playback}")
        self._played(playback, "")

    async def send_digits(self, digits: str, *, tone_ms: int = 0, inband: bool = False) -> None:
        self._alive("send in band" if inband else "send")
        self.sent += digits
        self.tone_ms = tone_ms

    async def hear(self) -> None:
        if self.state == "ended":
            raise LegGone("hear")
        self.press(self.unheard)
        self.unheard = ""

    async def record(self, spec: RecordingSpec) -> str:
        self._alive("record")
        self.recording[spec.recording_id] = (spec, self.clock.now())
        self._after(
            spec.recording_id,
            spec.max_s or inf,
            lambda: self._recorded(spec.recording_id, "length"),
        )
        return f"https://files.test/{spec.recording_id}.{spec.format}"

    async def stop_recording(self, recording_id: str) -> None:
        self._alive("stop recording")
        if not self.files_take_time:
            self._recorded(recording_id, "stopped")

    async def pause_recording(self, recording_id: str, *, paused: bool) -> None:
        self._alive(f"{'pause' if paused else 'resume'} {recording_id}")

    async def listen(self, spec: ListenSpec) -> None:
        self._alive("listen")
        if spec.language in self.deaf_languages:
            raise Refused(f"There is no model for {spec.language}.")
        self.listening = spec

    async def stop_listening(self) -> None:
        self._alive("stop listening")
        self.listening = None

    async def watch_voice(self, *, on: bool) -> None:
        self._alive("watch voice")
        self.watching = on

    async def judge_machine(self, spec: MachineSpec) -> None:
        self._alive("judge")
        if self.unjudged:
            raise Refused("nothing can be judged here")

    async def await_beep(self, *, on: bool) -> None:
        self._alive("await a beep" if on else "no beep")

    async def start_stream(self, spec: StreamSpec) -> None:
        self._alive("stream")
        self.streams[spec.stream_id] = spec

    async def stop_stream(self, stream_id: str) -> None:
        self._alive("stop stream")
        self.stream_told("StopStream", "API request")

    async def connect(self, other: "ScriptedLeg") -> None:
        self._alive("connect")
        if other.state == "ended":
            raise LegGone
        self.connected, other.connected = other, self

    async def disconnect(self) -> None:
        self._alive("disconnect")
        if self.connected is not None:
            self.connected.connected = None
            self.connected = None

    # --- inside ----------------------------------------------------------------------------------

    def _alive(self, asked: str) -> None:
        if self.state == "ended":
            raise LegGone(asked)
        self.said.append(asked)

    def _after(self, key: str, seconds: float, what: Callable[[], None]) -> None:
        async def later() -> None:
            if seconds == inf:
                return
            await self.clock.sleep(seconds)
            what()

        self._tasks[key] = asyncio.create_task(later())

    def _played(self, playback: str, error: str) -> None:
        if self.playing.pop(playback, None) is not None:
            self.tell(PlaybackEnded(self.uuid, playback, error))

    def _recorded(self, recording_id: str, why: str, digit: str = "") -> None:
        found = self.recording.pop(recording_id, None)
        if found is None:
            return
        spec, started = found
        url = f"https://files.test/{recording_id}.{spec.format}"
        event = RecordingEnded(
            self.uuid, recording_id, url, round(started * 1000), round(self.clock.now() * 1000),
            digit=digit,
        )  # fmt: skip
        self.tell(replace(event, why=why))  # type: ignore[arg-type]

    def _ended(self, cause: Cause, why: str) -> None:
        if self.state == "ended":
            return
        over = Ended(self.uuid, cause, self.clock.now())
        self.state = "ended"
        self.cause = cause
        if self.keeping_s and self.recording:
            self._leaving = asyncio.create_task(self._kept_late(why, over))
        else:
            self._keep_all(why)
        if self.connected is not None:
            self.connected.connected = None
            self.connected = None
        for task in self._tasks.values():
            task.cancel()
        if self.streams:
            self.stream_told("StopStream", "Call hangup")
        if self._leaving is None:
            self.tell(over)

    def _keep_all(self, why: str) -> None:
        for recording in list(self.recording):
            self._recorded(recording, why)

    async def _kept_late(self, why: str, over: Ended) -> None:
        await self.clock.sleep(self.keeping_s)
        self._keep_all(why)
        self.tell(over)


class ScriptedRoom:
    """Who is in it, and what they hear."""

    def __init__(self, uuid: str, clock: ControlledClock, sink: Sink) -> None:
        self.uuid = uuid
        self.clock = clock
        self.sink = sink
        self.members: dict[str, dict[str, object]] = {}
        self.heard: list[tuple[Sound, ...]] = []
        self.playing: dict[str, tuple[Sound, ...]] = {}
        self.recording: dict[str, float] = {}
        self._urls: dict[str, str] = {}
        self.paused: dict[str, bool] = {}
        self.files_take_time = False  # until `finishes_files`, once a recording was stopped
        self.closed = False

    async def add(self, leg: ScriptedLeg, *, muted: bool = False, deaf: bool = False) -> None:
        await asyncio.sleep(0)  # others come in meanwhile
        if leg.state == "ended":
            raise LegGone
        self.members[leg.uuid] = {"muted": muted, "deaf": deaf}

    async def remove(self, leg: ScriptedLeg) -> None:
        await asyncio.sleep(0)  # others go meanwhile
        self.members.pop(leg.uuid, None)
        if not self.members:  # what it records ends with the last leg
            for recording_id in list(self.recording):
                asyncio.get_running_loop().call_soon(self._recorded, recording_id)

    async def set(
        self,
        leg: ScriptedLeg,
        *,
        muted: bool,
        deaf: bool,
        heard_by: Sequence[ScriptedLeg] = (),
    ) -> None:
        told = [one.uuid for one in heard_by]
        self.members[leg.uuid] = {"muted": muted, "deaf": deaf} | (
            {"heard_by": told} if told else {}
        )

    async def play(self, sounds: Sequence[Sound]) -> str:
        self.heard.append(tuple(sounds))
        playback = f"playback-{next(_numbers)}"
        self.playing[playback] = tuple(sounds)  # until it is stopped
        return playback

    async def stop_playing(self, playback: str) -> None:
        self.playing.pop(playback, None)

    def has_played(self, error: str = "") -> None:
        """Let what it plays come to its end."""
        for playback in list(self.playing):
            del self.playing[playback]
            self.sink(PlaybackEnded(self.uuid, playback, error))

    async def record(self, spec: RecordingSpec) -> str:
        if not self.members:
            raise Refused("Nobody is in the room.")
        self.recording[spec.recording_id] = self.clock.now()
        url = f"https://files.test/{spec.recording_id}.{spec.format}"
        self._urls[spec.recording_id] = url
        return url

    async def stop_recording(self, recording_id: str) -> None:
        if not self.members:
            raise Refused("Nobody is in the room.")
        if not self.files_take_time:
            self._recorded(recording_id)

    def finishes_files(self) -> None:
        """Let the files of what it recorded be there."""
        for recording_id in list(self.recording):
            self._recorded(recording_id)

    def _recorded(self, recording_id: str) -> None:
        started = self.recording.pop(recording_id)
        self.sink(
            RecordingEnded(
                self.uuid, recording_id, self._urls[recording_id],
                round(started * 1000), round(self.clock.now() * 1000),
            )
        )  # fmt: skip

    async def pause_recording(self, recording_id: str, *, paused: bool) -> None:
        self.paused[recording_id] = paused

    async def close(self) -> None:
        self.closed = True
