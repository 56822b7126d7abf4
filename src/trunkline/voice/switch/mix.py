"""A mixing room that may span media processes, and the bridge of two legs, which is one.

Each process mixes the legs it has. If they are in several, one is the hub; each of the others has a
pair of channels to it, over which it sends the sum of its own and gets the sum of all others.
"""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import structlog

from trunkline.engines.media import MediaProcess
from trunkline.engines.media.messages import Command, Join, Leave, Result, SetMember
from trunkline.values.ids import new_uuid
from trunkline.voice.switch.channel import Channel, open_in
from trunkline.voice.switch.core import Core
from trunkline.voice.switch.links import towards
from trunkline.voice.switch.whispers import Whispers
from trunkline.voice.telephony import Refused, TelephonyError

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Member:
    channel: Channel
    left: Callable[[], None]


class Mix:
    """Members by the id of their channel; `left` of each is called when it is out."""

    def __init__(self, core: Core, name: str, *, is_bridge: bool = True) -> None:
        self.name: Final = name
        self.is_bridge: Final = is_bridge
        self.on_hub_lost: Callable[[], None] | None = None
        """Called when what the room itself played and recorded is gone with its process."""
        self._core = core
        self._members: dict[str, _Member] = {}
        self._whispers = Whispers(name)
        self._links: dict[MediaProcess, tuple[Channel, Channel]] = {}
        self._hub: MediaProcess | None = None
        self._lock = asyncio.Lock()

    async def add(
        self, channel: Channel, left: Callable[[], None], *, muted: bool, deaf: bool
    ) -> None:
        """Let a channel in, or change what it may do. Raises LegGone, Refused."""
        async with self._lock:
            self._core.wiring.on_lost(self._lost)
            whispering = self._whispers.of(channel.id)
            await self._reach(channel.process)
            # Nobody hears a coach who should not, not even for a moment.
            join = Join(channel.id, self.name, muted or bool(whispering), deaf)
            try:
                await channel.do(join)
            except TelephonyError:
                self._members.pop(channel.id, None)
                await self._tidy()
                raise
            self._members[channel.id] = _Member(channel, left)
            if whispering:
                await channel.do(SetMember(channel.id, muted, deaf, whispering))

    async def remove(self, channel: Channel, *, leaving: bool = True) -> None:
        """Let a channel out; without `leaving` it goes by itself, as it is closed."""
        async with self._lock:
            await self._remove(channel, leaving=leaving)
            await self._tidy()

    async def set(
        self, channel: Channel, *, muted: bool, deaf: bool, heard_by: tuple[str, ...]
    ) -> None:
        """Change what a member says and hears. Raises LegGone, Refused."""
        async with self._lock:
            if channel.id not in self._members:
                raise Refused("the leg is not in the room")
            if heard_by:  # nobody else hears it, not even for a moment
                await channel.do(SetMember(channel.id, muted=True, deaf=deaf))
            here = await self._whispers.let(channel, self._by_process(heard_by))
            silent = muted or bool(heard_by and not here)
            await channel.do(SetMember(channel.id, silent, deaf, here))

    async def do(self, command: Command) -> Result:
        """Have a command done on the room itself. Raises Refused when nobody is in it."""
        async with self._lock:
            for channel in self._at_hub():
                return await channel.do(command)
        raise Refused("nobody is in the room")

    async def close(self) -> None:
        """Let all out."""
        async with self._lock:
            for member in list(self._members.values()):
                await self._remove(member.channel, leaving=True)
            await self._tidy()

    @property
    def channels(self) -> list[Channel]:
        """Who is in."""
        return [member.channel for member in self._members.values()]

    # --- inside ----------------------------------------------------------------------------------

    async def _remove(self, channel: Channel, *, leaving: bool) -> None:
        member = self._members.pop(channel.id, None)
        await self._whispers.forget(channel.id)
        if member is None:
            return
        if leaving:
            with contextlib.suppress(TelephonyError):  # gone already
                await channel.do(Leave(channel.id))
        member.left()

    def _by_process(self, channel_ids: tuple[str, ...]) -> dict[MediaProcess, tuple[str, ...]]:
        """Those of them that are in, by where they are."""
        found: dict[MediaProcess, tuple[str, ...]] = {}
        for channel_id in channel_ids:
            member = self._members.get(channel_id)
            if member is not None:
                process = member.channel.process
                found[process] = (*found.get(process, ()), channel_id)
        return found

    def _at_hub(self) -> list[Channel]:
        """The channels that are in the room at the hub: members, and ends of links."""
        found = [channel for channel in self.channels if channel.process is self._hub]
        return found + [here for here, _ in self._links.values()]

    async def _reach(self, process: MediaProcess) -> None:
        """Make the room span this process too."""
        if self._hub is None:
            self._hub = process
        if process is self._hub or process in self._links:
            return
        here = await open_in(self._hub, new_uuid())
        try:
            there = await open_in(process, new_uuid())
        except Refused:
            await here.close()
            raise
        self._links[process] = here, there
        for one, other in ((here, there), (there, here)):
            await one.set_stream(towards(other))
            await one.do(Join(one.id, self.name))

    async def _tidy(self) -> None:
        """Take down what links nobody any more."""
        needed = {channel.process for channel in self.channels}
        for process in [one for one in self._links if one not in needed]:
            for end in self._links.pop(process):
                await end.close()
        if not self._members:
            self._hub = None
            self._core.wiring.forget(self._lost)

    def _lost(self) -> None:
        hub_lost = self._hub is not None and not self._hub.ready
        if hub_lost and self.on_hub_lost is not None:
            self.on_hub_lost()
        self._core.spawn(self._mend(hub_lost=hub_lost), f"mending of room {self.name}")

    async def _mend(self, *, hub_lost: bool) -> None:
        """A media process died: its members are out, its links are replaced."""
        async with self._lock:
            for channel in self.channels:
                if channel.closed:
                    await self._remove(channel, leaving=False)
            if not hub_lost and not self._has_broken_links():
                await self._tidy()
                return
            for ends in self._links.values():
                for end in ends:
                    await end.close()
            self._links.clear()
            self._hub = None
            for channel in self.channels:
                await self._reach(channel.process)
            await self._tidy()

    def _has_broken_links(self) -> bool:
        ends = (end for pair in self._links.values() for end in pair)
        return any(end.id not in end.process.legs for end in ends)
