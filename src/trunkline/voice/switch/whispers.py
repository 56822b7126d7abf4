"""Who is heard by some alone, where these are in other media processes.

For each such process there is a pair of channels: one is in the room of the speaker's process and
hears the speaker alone, the other is in the hearers' and is heard by them alone.
"""

from typing import Final

from trunkline.engines.media import MediaProcess
from trunkline.engines.media.messages import Join, SetMember
from trunkline.values.ids import new_uuid
from trunkline.voice.switch.channel import Channel, open_in
from trunkline.voice.switch.links import towards
from trunkline.voice.telephony import TelephonyError

_Pair = tuple[Channel, Channel]


class Whispers:
    """Those of one room. Its owner sees to it that only one method runs at a time."""

    def __init__(self, room: str) -> None:
        self._room: Final = room
        self._pairs: dict[str, dict[MediaProcess, _Pair]] = {}
        self._heard_by: dict[str, tuple[str, ...]] = {}

    def of(self, channel_id: str) -> tuple[str, ...]:
        """Who alone hears a member in its own process, pairs' ends among them; (): everybody."""
        return self._heard_by.get(channel_id, ())

    async def let(
        self, channel: Channel, hearers: dict[MediaProcess, tuple[str, ...]]
    ) -> tuple[str, ...]:
        """Have a member heard by these alone, by process; return what `of` will say.

        Raises Refused, LegGone; then nobody hears it beyond its own process.
        """
        await self.forget(channel.id)
        here = hearers.get(channel.process, ())
        try:
            for process, there in hearers.items():
                if process is not channel.process:
                    here = (*here, await self._carry(channel, process, there))
        except TelephonyError:
            await self.forget(channel.id)
            raise
        if here:
            self._heard_by[channel.id] = here
        return here

    async def forget(self, channel_id: str) -> None:
        """A member is heard by everybody again, or is gone."""
        self._heard_by.pop(channel_id, None)
        for pair in self._pairs.pop(channel_id, {}).values():
            for end in pair:
                await end.close()

    async def _carry(
        self, channel: Channel, process: MediaProcess, hearers: tuple[str, ...]
    ) -> str:
        """Take a member's voice to another process; return the id of the end that hears it."""
        ear = await open_in(channel.process, new_uuid())
        pair = self._pairs.setdefault(channel.id, {})
        try:
            mouth = await open_in(process, new_uuid())
        except TelephonyError:
            await ear.close()
            raise
        pair[process] = ear, mouth
        for one, other in ((ear, mouth), (mouth, ear)):
            await one.set_stream(towards(other))
            await one.do(Join(one.id, self._room, muted=True, deaf=True))
        await mouth.do(SetMember(mouth.id, muted=False, heard_by=hearers))
        await ear.do(SetMember(ear.id, attentive=True))
        return ear.id
