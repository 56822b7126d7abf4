"""The switch itself: places calls, takes calls, opens rooms."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

import structlog

from trunkline.engines.media import MediaPool
from trunkline.engines.media.messages import Event
from trunkline.engines.sip import IncomingCall, UserAgent
from trunkline.protocols.sdp import NotAcceptable
from trunkline.protocols.sip import Malformed, readable
from trunkline.protocols.sip.grammar import quote
from trunkline.values.ids import new_uuid
from trunkline.voice.causes import INTERNAL_ERROR, INVALID_DESTINATION, NORMAL, Source
from trunkline.voice.events import Sink
from trunkline.voice.switch.channel import Channel, open_channel
from trunkline.voice.switch.core import Core, Surroundings, SwitchConfig
from trunkline.voice.switch.hearing import Hearing
from trunkline.voice.switch.legs.incoming import Arrival, IncomingLeg, arrival_of
from trunkline.voice.switch.legs.leg import INCOMPATIBLE, SwitchLeg
from trunkline.voice.switch.legs.outgoing import OutgoingLeg
from trunkline.voice.switch.room import SwitchRoom
from trunkline.voice.telephony import Destination, Leg, Refused, Room, Telephony

log = structlog.get_logger(__name__)

CLOSE_S: Final = 6.0
_LONGEST_WHY: Final = 120


class Switch(Telephony):
    """All legs and rooms of a process. `attach` comes before the first call."""

    def __init__(
        self,
        around: Surroundings,
        arrived: Callable[[Arrival], None],
        config: SwitchConfig | None = None,
    ) -> None:
        self._core = Core(around, config or SwitchConfig())
        self._arrived = arrived
        self._legs: set[SwitchLeg] = set()
        self._rooms: set[SwitchRoom] = set()
        self._closing = False
        self.media_up: Callable[[], Awaitable[bool]] | None = None
        """Waits until media processes that are started when they are needed are attached."""

    def attach(self, agent: UserAgent, pool: MediaPool) -> None:
        """Use these engines, which are started; their callbacks are this object's methods."""
        self._core.agent, self._core.pool = agent, pool

    # --- for the engines -------------------------------------------------------------------------

    def on_media(self, event: Event) -> None:
        """Take an event of a media process."""
        self._core.wiring.on_media(event)

    def on_call(self, call: IncomingCall) -> None:
        """Take a call that came; it is handed over once its audio is agreed on."""
        self._core.spawn(self._take(call), "call that came")

    def admit(self) -> bool:
        """Whether there is room for another call, so that it may ring at all."""
        return self.room > 0

    @property
    def room(self) -> int:
        """For how many further legs there is room."""
        pool = self._core.pool
        return 0 if self._closing or pool is None else pool.room

    # --- figures ---------------------------------------------------------------------------------

    @property
    def legs(self) -> int:
        """Legs that are not over, or whose ports are not free yet."""
        return len(self._legs)

    @property
    def rooms(self) -> int:
        """Rooms that are open."""
        return len(self._rooms)

    @property
    def hearing(self) -> Hearing:
        """What was heard of legs that are over."""
        return self._core.hearing

    @property
    def skipped_ms(self) -> int:
        """How long the audio of calls stood still for want of CPU."""
        pool = self._core.pool
        return pool.skipped_ms if pool is not None else 0

    @property
    def idle(self) -> bool:
        """Whether nothing is left of any call: no leg, no room, no work, nothing awaited."""
        return not (self._legs or self._rooms or self._core.tasks or len(self._core.wiring))

    # --- the port --------------------------------------------------------------------------------

    async def place(self, uuid: str, destination: Destination, sink: Sink) -> Leg:
        """Call somebody; see the port."""
        core = self._core
        if self._closing:
            raise Refused("the switch is being closed")
        ways = await core.around.router.ways(destination)
        channel = await self._channel()
        if self._closing:  # meanwhile
            await channel.close()
            raise Refused("the switch is being closed")
        leg = OutgoingLeg(core, uuid, channel, sink)
        self._keep(leg)
        core.spawn(self._run(leg, leg.run(ways)), f"leg {uuid}")
        return leg

    async def _channel(self) -> Channel:
        if self._core.pool is None and self.media_up is not None:
            await self.media_up()
        try:
            return await open_channel(self._core.pool)
        except Refused as refusal:
            raise Refused(str(refusal), INTERNAL_ERROR) from refusal

    async def open_room(self, uuid: str, sink: Sink) -> Room:
        """Open an empty room."""
        room = SwitchRoom(self._core, uuid, sink, self._rooms.discard)
        self._rooms.add(room)
        return room

    async def close(self) -> None:
        """Hang up all legs, close all rooms; the engines are to be closed after it."""
        self._closing = True
        for leg in list(self._legs):
            await leg.hang_up(NORMAL.by(Source.PLATFORM))
        for room in list(self._rooms):
            await room.close()
        await self._core.close(CLOSE_S)

    # --- inside ----------------------------------------------------------------------------------

    async def _take(self, call: IncomingCall) -> None:
        """Take a call that came: 488 when nobody could hear anybody, 503 when there is no room."""
        core = self._core
        try:
            channel = await open_channel(core.pool)
        except Refused as refusal:
            log.warning("leg.no_room", sip=call.call_id, reason=str(refusal))
            call.reject(503)
            return
        leg = IncomingLeg(core, new_uuid(), channel, call)
        self._keep(leg)
        status, why = self._hand_over(leg, call)
        if status:
            # RFC 3261 13.3.1.3: who is refused is told why.
            warning = f"399 trunkline {quote(readable(why)[:_LONGEST_WHY])}"
            call.reject(status, headers=[("Warning", warning)] if why else None)
        await self._run(leg, leg.run())

    def _hand_over(self, leg: IncomingLeg, call: IncomingCall) -> tuple[int, str]:
        """Agree on audio and hand the leg over; else return the status of the refusal, and why."""
        try:
            leg.agree()
            self._arrived(arrival_of(leg, call))
        except NotAcceptable as refusal:
            log.info("leg.unspeakable", sip=call.call_id, reason=str(refusal))
            leg.end(INCOMPATIBLE)
            return 488, str(refusal)
        except Malformed as malformed:
            log.info("leg.unreadable", sip=call.call_id, reason=str(malformed))
            leg.end(INVALID_DESTINATION)
            return 400, str(malformed)
        except Exception:  # the edge of a call: what takes it over has failed
            log.exception("leg.not_taken", sip=call.call_id)
            leg.end(INTERNAL_ERROR)
            return 500, ""
        leg.handed_over()
        return 0, ""

    async def _run(self, leg: SwitchLeg, life: Coroutine[Any, Any, None]) -> None:
        """Let a leg live; it ends with its call, whatever happens to it."""
        try:
            await life
        finally:
            leg.end_with(INTERNAL_ERROR)  # it has ended already, unless something broke

    def _keep(self, leg: SwitchLeg) -> None:
        self._legs.add(leg)

        async def forget() -> None:
            await leg.ended()
            self._legs.discard(leg)

        self._core.spawn(forget(), f"remembering leg {leg.uuid}")
