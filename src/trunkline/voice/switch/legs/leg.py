"""What both kinds of legs share: audio, events, and one end."""

import asyncio
from collections.abc import Sequence
from typing import Final

import structlog

from trunkline.engines.media import messages as m
from trunkline.engines.media import stream_of
from trunkline.engines.sip import Call, Confirmed, Offered
from trunkline.engines.sip import Digit as SipDigit
from trunkline.engines.sip import Ended as SipEnded
from trunkline.engines.sip import Event as SipEvent
from trunkline.protocols.sdp import Negotiated, NotAcceptable
from trunkline.values.ids import new_uuid
from trunkline.voice.causes import (
    CAUSES,
    INTERNAL_ERROR,
    MEDIA_TIMEOUT,
    NETWORK_ERROR,
    NORMAL,
    Cause,
    Source,
)
from trunkline.voice.switch.audio.player import Player
from trunkline.voice.switch.audio.recorder import Recorder
from trunkline.voice.switch.channel import Channel
from trunkline.voice.switch.core import Core
from trunkline.voice.switch.legs.attending import Attending
from trunkline.voice.switch.legs.description import Description
from trunkline.voice.switch.legs.outbox import Outbox
from trunkline.voice.switch.mix import Mix
from trunkline.voice.switch.taps import Tap, Taps
from trunkline.voice.telephony import (
    Digit,
    Ended,
    Layer,
    Leg,
    LegEvent,
    LegGone,
    ListenSpec,
    MachineSpec,
    RecordingSpec,
    Refused,
    Sink,
    Sound,
    StreamSpec,
    TelephonyError,
    Voice,
)

log = structlog.get_logger(__name__)

DIGIT_MS: Final = 100  # and the pause between two
INCOMPATIBLE: Final = CAUSES[2070]


class SwitchLeg(Leg):
    """A party: one channel, and a SIP call once there is one. `far_end` is who hangs up there."""

    far_end: Source = Source.CALLEE

    def __init__(self, core: Core, uuid: str, channel: Channel, sink: Sink | None = None) -> None:
        self.core: Final = core
        self.channel: Final = channel
        self.mix: Mix | None = None  # the room or bridge it is in
        self._uuid = uuid
        self._outbox = Outbox(sink)
        self._description = Description(channel.at, core.config.codecs)
        self._player = Player(core, uuid, self.do, self._outbox.tell, leg=channel.id)
        self._recorder = Recorder(core, uuid, self.do, self._outbox.tell, leg=channel.id)
        self._attending = Attending(core, self, self._tell)
        self._taps = Taps(channel, core.wiring)
        self._cause: Cause | None = None
        self._done = asyncio.Event()
        self._watched = self._wants_voice = self._sounding = False
        self._digits_by = ""
        self._unheard = False  # no audio came for long, before the answer
        self.answered = False
        core.wiring.connect(channel.id, self._on_media)

    # --- the port --------------------------------------------------------------------------------

    @property
    def uuid(self) -> str:
        """Of the call."""
        return self._uuid

    def deliver_to(self, sink: Sink) -> None:
        """Hand events to this sink."""
        self._outbox.deliver_to(sink)

    async def ring(self) -> None:
        """Tell the caller that it rings; a leg that we call does so itself."""
        self._check()

    async def open_early(self) -> None:
        """Let the caller hear us before the answer."""
        self._check()

    async def answer(self) -> None:
        """Answer an inbound call."""
        self._check()

    async def hang_up(self, cause: Cause) -> None:
        """End the leg; Ended follows, if it has not ended."""
        self.end_with(cause)

    async def play(self, sounds: Sequence[Sound], *, layer: Layer = "main") -> str:
        """Play to the leg."""
        self._check()
        return await self._player.play(sounds, layer)

    async def stop_playing(self, playback: str) -> None:
        """End a playback."""
        self._check()
        await self._player.stop(playback)

    async def send_digits(self, digits: str, *, tone_ms: int = 0) -> None:
        """Send keys, as events if the far end knows them, else as tones."""
        self._check()
        if digits:
            await self.do(m.SendDigits(self.channel.id, digits, tone_ms or DIGIT_MS, DIGIT_MS))

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

    async def start_stream(self, spec: StreamSpec) -> None:
        """Stream audio to a WebSocket."""
        self._check()
        await self._attending.stream(spec)

    async def stop_stream(self, stream_id: str) -> None:
        """End a stream."""
        self._check()
        await self._attending.stop(stream_id)

    async def connect(self, other: Leg) -> None:
        """Let two legs hear each other."""
        self._check()
        if not isinstance(other, SwitchLeg) or other is self:
            raise Refused("only two legs of one switch can be connected")
        other._check()  # noqa: SLF001 - it is of this class
        bridge = Mix(self.core, new_uuid())
        try:
            for leg in (self, other):
                await leg.enter(bridge)
        except TelephonyError:
            await bridge.close()
            raise

    async def disconnect(self) -> None:
        """Undo `connect`."""
        self._check()
        mix = self.mix
        if mix is not None and mix.is_bridge:
            await mix.close()

    # --- for rooms and taps ----------------------------------------------------------------------

    async def enter(self, mix: Mix, *, muted: bool = False, deaf: bool = False) -> None:
        """Go into a room or bridge, out of the one it was in. Raises LegGone, Refused."""
        self._check()
        before = self.mix
        if before is not None and before is not mix:
            await before.remove(self.channel)
            if before.is_bridge:
                await before.close()
        self.mix = mix
        try:
            await mix.add(self.channel, self._left, muted=muted, deaf=deaf)
        except TelephonyError:
            self.mix = None
            raise
        if self._cause is not None:  # it ended meanwhile
            await mix.remove(self.channel)
            raise LegGone("the leg has ended")

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

    # --- the end ---------------------------------------------------------------------------------

    @property
    def over(self) -> bool:
        """Whether it has ended, told or not."""
        return self._cause is not None

    async def ended(self) -> None:
        """Wait until its Ended was told and its ports are free."""
        await self._done.wait()

    def end(self, cause: Cause) -> None:
        """Let everything of it end, once; whoever comes later is too late."""
        if self._cause is not None:
            return
        self._cause = cause
        self._player.close()
        if not self._recorder.busy and not self._attending.busy:
            self._outbox.tell(Ended(self._uuid, cause))
        self.core.spawn(self._wind_up(cause), f"end of leg {self._uuid}")

    async def _wind_up(self, cause: Cause) -> None:
        try:
            await self._attending.close()
            self._taps.lost()
            mix = self.mix
            if mix is not None:
                await mix.remove(self.channel, leaving=False)
            await self.channel.close()
            await self._recorder.settled(self.core.config.farewell_s)
        finally:
            self.core.wiring.disconnect(self.channel.id)
            self._outbox.tell(Ended(self._uuid, cause))
            self._done.set()

    def _check(self) -> None:
        if self._cause is not None:
            raise LegGone("the leg has ended")

    def _let_go(self, cause: Cause) -> None:
        """Tell the far end that it is over."""
        raise NotImplementedError

    # --- what the far end does -------------------------------------------------------------------

    async def on_sip(self, call: Call, event: SipEvent) -> None:
        """Take an event of the call that any leg may have."""
        match event:
            case SipDigit(digit=digit):
                self._pressed(digit, "info")
            case Offered():
                await self._offered(event)
            case Confirmed(sdp=described):
                if described:
                    await self.take_answer(described)
            case SipEnded(side=side) if side != "local":
                self.end(self._cause_of(event))
            case SipEnded():
                self.end(NETWORK_ERROR)  # not by us: the user agent was closed under it
            case _:
                log.debug("leg.unheeded", leg=self._uuid, sip=call.call_id, sip_event=event)

    def _cause_of(self, event: SipEnded) -> Cause:
        return NORMAL.by(self.far_end) if event.side == "remote" else NETWORK_ERROR

    async def _offered(self, event: Offered) -> None:
        """Follow a change of the session: hold, another address, other codecs."""
        try:
            if not event.sdp:
                event.offer.accept(self._description.offer())  # its answer comes as Confirmed
                return
            described, agreed = self._description.answer(event.sdp)
            await self.stream(agreed)
        except (NotAcceptable, Refused, LegGone) as refusal:
            log.info("leg.change_refused", leg=self._uuid, reason=str(refusal))
            event.offer.reject(488)
            return
        event.offer.accept(described)

    async def take_answer(self, described: bytes) -> None:
        """The far end has answered an offer of ours; without a codec in common it is over."""
        try:
            await self.stream(self._description.accept(described))
        except (NotAcceptable, Refused) as refusal:
            log.info("leg.answer_refused", leg=self._uuid, reason=str(refusal))
            self.end_with(INCOMPATIBLE)
        except LegGone:
            return  # its end is told elsewhere

    async def stream(self, agreed: Negotiated) -> None:
        """Send and receive as was agreed. Raises LegGone, Refused."""
        await self.channel.set_stream(stream_of(agreed))

    def was_answered(self) -> None:
        """From now on silence ends it (PLIVO hangup cause 6020)."""
        self.answered = True
        if self._unheard:
            later = asyncio.get_running_loop().call_later
            later(self.core.config.media_timeout_s, self._still_unheard)

    def _still_unheard(self) -> None:
        if self._unheard:
            self.end_with(MEDIA_TIMEOUT)

    def end_with(self, cause: Cause) -> None:
        """Let the far end go, and end."""
        if self._cause is None:
            self._let_go(cause)
            self.end(cause)

    # --- what the media process tells ------------------------------------------------------------

    def _on_media(self, event: m.Event) -> None:
        match event:
            case m.Digit(digit=digit, duration_ms=duration_ms, method=method):
                self._pressed(digit, "media", duration_ms if method == "inband" else 0)
            case m.SpeechStarted():
                self._sounds(active=True)
            case m.SpeechStopped():
                self._sounds(active=False)
            case m.MediaTimeout():
                self._unheard = True
                if self.answered:
                    self.end_with(MEDIA_TIMEOUT)
            case m.MediaStarted():
                self._unheard = False
            case m.LegFailed(error=error):
                log.error("leg.media_failed", leg=self._uuid, error=error)
                self.end_with(INTERNAL_ERROR)
            case m.Lost(reason=reason):
                log.error("leg.media_lost", leg=self._uuid, reason=reason)
                self._recorder.lost()
                self.channel.closed = True
                self.end_with(INTERNAL_ERROR)
            case _:
                pass  # MediaStarted from elsewhere, DigitsSent

    def _pressed(self, digit: str, by: str, audible_ms: int = 0) -> None:
        """A key; some phones send each twice, in RTP and by INFO: the first way counts."""
        self._digits_by = self._digits_by or by
        if self._digits_by != by or self._cause is not None:
            return
        self._tell(Digit(self._uuid, digit.upper()))
        self._recorder.pressed(digit.upper(), audible_ms)
        self._taps.pressed(digit.upper())

    def _sounds(self, *, active: bool) -> None:
        self._recorder.sounded(active=active)
        if self._wants_voice and active != self._sounding:
            self._sounding = active
            self._tell(Voice(self._uuid, active))

    def _tell(self, event: LegEvent) -> None:
        self._outbox.tell(event)

    # --- inside ----------------------------------------------------------------------------------

    async def _watch(self, *, anew: bool = False) -> None:
        """Have sounds told as long as somebody minds them."""
        wanted = self._wants_voice or self._recorder.minds_silence
        if wanted != self._watched or anew:
            self._watched = wanted
            await self.do(m.Watch(leg=self.channel.id, speech=wanted))

    def _left(self) -> None:
        """The room or bridge is no more."""
        self.mix = None
