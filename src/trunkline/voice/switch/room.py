"""Rooms, as call control has them."""

from collections.abc import Callable, Sequence
from typing import Final

from trunkline.engines.media.messages import Command, Result
from trunkline.voice.events import Sink
from trunkline.voice.switch.audio.player import Player
from trunkline.voice.switch.audio.recorder import Recorder
from trunkline.voice.switch.core import Core
from trunkline.voice.switch.legs.leg import SwitchLeg
from trunkline.voice.switch.legs.outbox import Outbox
from trunkline.voice.switch.mix import Mix
from trunkline.voice.telephony import Leg, RecordingSpec, Refused, Room, Sound


class SwitchRoom(Room):
    """A mix with a player and a recorder of its own. When all have left, what it plays ends."""

    def __init__(
        self, core: Core, uuid: str, sink: Sink, forget: Callable[["SwitchRoom"], None]
    ) -> None:
        self.mix: Final = Mix(core, uuid, is_bridge=False)
        self._core = core
        self._uuid = uuid
        self._forget = forget
        self._outbox = Outbox(sink)
        self._player = Player(core, uuid, self._do, self._outbox.tell, room=uuid)
        self._recorder = Recorder(core, uuid, self._do, self._outbox.tell, room=uuid)
        self._closed = False
        self.mix.on_hub_lost = self._lost

    @property
    def uuid(self) -> str:
        """Of the room."""
        return self._uuid

    async def add(self, leg: Leg, *, muted: bool = False, deaf: bool = False) -> None:
        """Let a leg in, or change what it may do there."""
        self._check()
        await _of_switch(leg).enter(self.mix, muted=muted, deaf=deaf)

    async def remove(self, leg: Leg) -> None:
        """Let a leg out."""
        found = _of_switch(leg)
        if found.mix is self.mix:
            await self.mix.remove(found.channel)

    async def set(self, leg: Leg, *, muted: bool, deaf: bool, heard_by: Sequence[Leg] = ()) -> None:
        """Change what a member says and hears."""
        self._check()
        hearers = tuple(_of_switch(one).channel.id for one in heard_by)
        await self.mix.set(_of_switch(leg).channel, muted=muted, deaf=deaf, heard_by=hearers)

    async def play(self, sounds: Sequence[Sound]) -> str:
        """Play to everybody."""
        self._check()
        return await self._player.play(sounds, "mix")

    async def stop_playing(self, playback: str) -> None:
        """End a playback."""
        await self._player.stop(playback)

    async def record(self, spec: RecordingSpec) -> str:
        """Record the mix; it ends when all have left."""
        self._check()
        if spec.silence_s or spec.finish_on or spec.tracks != "both":
            raise Refused("a room is recorded whole, until it is stopped")
        return await self._recorder.record(spec)

    async def stop_recording(self, recording_id: str) -> None:
        """End a recording."""
        await self._recorder.stop(recording_id)

    async def pause_recording(self, recording_id: str, *, paused: bool) -> None:
        """Let a recording pause, or go on."""
        await self._recorder.pause(recording_id, paused=paused)

    async def close(self) -> None:
        """Let all out; recordings are kept and told first."""
        if self._closed:
            return
        self._closed = True
        await self.mix.close()
        self._player.close()
        await self._recorder.settled(self._core.config.farewell_s)
        self._forget(self)

    def _lost(self) -> None:
        """A media process died: what the room played and recorded there is over."""
        self._player.lost("the media process died")
        self._recorder.lost()

    async def _do(self, command: Command) -> Result:
        return await self.mix.do(command)

    def _check(self) -> None:
        if self._closed:
            raise Refused("the room is closed")


def _of_switch(leg: Leg) -> SwitchLeg:
    if not isinstance(leg, SwitchLeg):
        raise Refused("only legs of this switch can be in its rooms")
    return leg
