"""What both kinds of legs share: audio, events, and one end."""

import asyncio
from abc import abstractmethod
from typing import Final

import structlog

from trunkline.engines.media import messages as m
from trunkline.engines.media import stream_of
from trunkline.engines.sip import Confirmed, IncomingCall, Offered, OutgoingCall
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
from trunkline.voice.events import Ended, Sink
from trunkline.voice.switch.channel import Channel
from trunkline.voice.switch.core import Core
from trunkline.voice.switch.legs.audible import Audible
from trunkline.voice.switch.legs.description import Description
from trunkline.voice.switch.legs.parting import Parting
from trunkline.voice.switch.mix import Mix
from trunkline.voice.telephony import Leg, LegGone, Refused, TelephonyError

log = structlog.get_logger(__name__)

DIGIT_MS: Final = 100  # and the pause between two
INCOMPATIBLE: Final = CAUSES[2070]


class SwitchLeg(Audible):
    """A party: one channel, and a SIP call once there is one. `far_end` is who hangs up there."""

    far_end: Source = Source.CALLEE

    def __init__(self, core: Core, uuid: str, channel: Channel, sink: Sink | None = None) -> None:
        super().__init__(core, uuid, channel, sink)
        self.mix: Mix | None = None  # the room or bridge it is in
        self.answered = False
        self._description = Description(channel.at, core.config.codecs)
        self._parting = Parting(core, uuid)
        self._done = asyncio.Event()
        self._unheard = False  # no audio came for long, before the answer
        core.wiring.connect(channel.id, self._on_media)

    # --- the port --------------------------------------------------------------------------------

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

    # --- for rooms -------------------------------------------------------------------------------

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

    # --- the end ---------------------------------------------------------------------------------

    async def ended(self) -> None:
        """Wait until its Ended was told and its ports are free."""
        await self._done.wait()

    def end(self, cause: Cause) -> None:
        """Let everything of it end, once; whoever comes later is too late."""
        if self._cause is not None:
            return
        self._cause = cause
        self._parting.forget()
        over = Ended(self._uuid, cause, self.core.around.clock.now())
        self._player.close()
        if not self._recorder.busy and not self._attending.busy:
            self._outbox.tell(over)
        self.core.spawn(self._wind_up(over), f"end of leg {self._uuid}")

    async def _wind_up(self, over: Ended) -> None:
        try:
            await self._attending.close()
            self._taps.lost()
            mix = self.mix
            if mix is not None:
                await mix.remove(self.channel, leaving=False)
            stats = await self.channel.close()
            if stats is not None:
                self.core.hearing.count(self._uuid, stats)
            await self._recorder.settled(self.core.config.farewell_s)
        finally:
            self.core.wiring.disconnect(self.channel.id)
            self._outbox.tell(over)
            self._done.set()

    @abstractmethod
    def _let_go(self, cause: Cause) -> None:
        """Tell the far end that it is over."""

    # --- what the far end does -------------------------------------------------------------------

    async def on_sip(self, call: OutgoingCall | IncomingCall, event: SipEvent) -> None:
        """Take an event of the call that any leg may have."""
        match event:
            case SipDigit(digit=digit):
                self._pressed(digit, "info")
            case Offered():
                await self._offered(event)
                if self.answered:  # the far end may have moved
                    self._parting.keep([call])
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

    def was_answered(self, call: OutgoingCall | IncomingCall, way: str = "") -> None:
        """From now on silence ends it (PLIVO hangup cause 6020), or a BYE, whoever sends it."""
        self.answered = True
        self._parting.keep([call], way)
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

    def _on_media(self, event: m.Notice) -> None:
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

    def _left(self) -> None:
        """The room or bridge is no more."""
        self.mix = None
