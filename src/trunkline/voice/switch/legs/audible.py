"""A leg as its audio: what it is made to hear, what is recorded and known of what it says."""

from collections.abc import Sequence
from typing import Final

from trunkline.engines.media import messages as m
from trunkline.voice.causes import Cause
from trunkline.voice.events import Digit, LegEvent, Sink, Voice
from trunkline.voice.switch.audio.player import Player
from trunkline.voice.switch.audio.recorder import Recorder
from trunkline.voice.switch.channel import Channel
from trunkline.voice.switch.core import Core
from trunkline.voice.switch.legs.attending import Attending
from trunkline.voice.switch.legs.outbox import Outbox
from trunkline.voice.switch.taps import Tap, Taps
from trunkline.voice.telephony import (
    Layer,
    Leg,
    LegGone,
    ListenSpec,
    MachineSpec,
    RecordingSpec,
    Sound,
    StreamSpec,
)

DIGIT_MS: Final = 100


class Audible(Leg):
    """The half of a leg that is about its channel; it is over once there is a cause."""

    def __init__(self, core: Core, uuid: str, channel: Channel, sink: Sink | None = None) -> None:
        self.core: Final = core
        self.channel: Final = channel
        self._uuid = uuid
        self._outbox = Outbox(sink)
        self._player = Player(core, uuid, self.do, self._outbox.tell, leg=channel.id)
        self._recorder = Recorder(core, uuid, self.do, self._outbox.tell, leg=channel.id)
        self._attending = Attending(core, self, self._tell)
        self._taps = Taps(channel, core.wiring)
        self._cause: Cause | None = None
        self._watched = self._wants_voice = self._sounding = False
        self._digits_by = ""

    # --- the port --------------------------------------------------------------------------------

    @property
    def uuid(self) -> str:
        """Of the call."""
        return self._uuid

    @property
    def over(self) -> bool:
        """Whether it has ended, told or not."""
        return self._cause is not None

    def deliver_to(self, sink: Sink) -> None:
        """Hand events to this sink."""
        self._outbox.deliver_to(sink)

    async def play(self, sounds: Sequence[Sound], *, layer: Layer = "main") -> str:
        """Play to the leg."""
        self._check()
        return await self._player.play(sounds, layer)

    async def stop_playing(self, playback: str) -> None:
        """End a playback."""
        self._check()
        await self._player.stop(playback)

    async def send_digits(self, digits: str, *, tone_ms: int = 0, inband: bool = False) -> None:
        """Send keys, as events if the far end knows them and they are wanted, else as tones."""
        self._check()
        if digits:
            method = "inband" if inband else "auto"
            tone_ms = tone_ms or DIGIT_MS
            await self.do(m.SendDigits(self.channel.id, digits, tone_ms, DIGIT_MS, method))

    async def hear(self) -> None:
        """Have the keys told that have come."""
        self._check()
        await self.do(m.Hear(self.channel.id))

    async def record(self, spec: RecordingSpec) -> str:
        """Start a recording."""
        self._check()
        url = await self._recorder.record(spec)
        await self._watch()
        return url

    async def stop_recording(self, recording_id: str) -> None:
        """End a recording."""
        self._check()
        await self._recorder.stop(recording_id)

    async def pause_recording(self, recording_id: str, *, paused: bool) -> None:
        """Let a recording pause, or go on."""
        self._check()
        await self._recorder.pause(recording_id, paused=paused)

    async def listen(self, spec: ListenSpec) -> None:
        """Start to recognise speech."""
        self._check()
        await self._attending.listen(spec)

    async def stop_listening(self) -> None:
        """End recognition."""
        self._check()
        await self._attending.stop("listen")

    async def watch_voice(self, *, on: bool) -> None:
        """Tell Voice, or no longer."""
        self._check()
        self._wants_voice = on
        self._sounding = False
        if on:  # what sounds now is told anew
            self._recorder.sounded(active=False)
        await self._watch(anew=on)

    async def judge_machine(self, spec: MachineSpec) -> None:
        """Listen for a machine."""
        self._check()
        await self._attending.judge(spec)

    async def await_beep(self, *, on: bool) -> None:
        """Listen for a beep, or no longer."""
        self._check()
        await (self._attending.beep() if on else self._attending.stop("beep"))

    async def start_stream(self, spec: StreamSpec) -> None:
        """Stream audio to a WebSocket."""
        self._check()
        await self._attending.stream(spec)

    async def stop_stream(self, stream_id: str) -> None:
        """End a stream."""
        self._check()
        await self._attending.stop(stream_id)

    # --- for those who listen --------------------------------------------------------------------

    async def do(self, command: m.Command) -> m.Result:
        """Have a command done by the media process. Raises LegGone, Refused."""
        return await self.channel.do(command)

    async def open_tap(
        self,
        *,
        tracks: tuple[m.Track, ...] = ("inbound",),
        encoding: m.Encoding = "mulaw",
        rate: int = 8000,
        exclusive: bool = True,
    ) -> Tap:
        """Open a tap on its audio. Raises LegGone, Refused."""
        self._check()
        return await self._taps.open(tracks, encoding, rate, exclusive=exclusive)

    # --- what is heard of it ---------------------------------------------------------------------

    def _pressed(self, digit: str, by: str, audible_ms: int = 0) -> None:
        """A key; some phones send each twice, in RTP and by INFO: the first way counts."""
        self._digits_by = self._digits_by or by
        if self._digits_by != by or self._cause is not None:
            return
        self._tell(Digit(self._uuid, digit.upper(), audible=audible_ms > 0))
        self._recorder.pressed(digit.upper(), audible_ms)
        self._taps.pressed(digit.upper())

    def _sounds(self, *, active: bool) -> None:
        self._recorder.sounded(active=active)
        if self._wants_voice and active != self._sounding:
            self._sounding = active
            self._tell(Voice(self._uuid, active))

    def _tell(self, event: LegEvent) -> None:
        self._outbox.tell(event)

    async def _watch(self, *, anew: bool = False) -> None:
        """Have sounds told as long as somebody minds them."""
        wanted = self._wants_voice or self._recorder.minds_silence
        if wanted != self._watched or anew:
            self._watched = wanted
            if not wanted:
                self._recorder.unwatched()
            await self.do(m.Watch(leg=self.channel.id, speech=wanted))

    def _check(self) -> None:
        if self._cause is not None:
            raise LegGone("the leg has ended")
