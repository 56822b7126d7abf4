"""Playbacks of one leg or room: sounds after one another, in layers, each ended by an event."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from trunkline.engines.media.messages import (
    Command,
    FileItem,
    Item,
    Notice,
    Play,
    PlaybackFinished,
    Result,
    SilenceItem,
    StopPlay,
)
from trunkline.values.ids import new_uuid
from trunkline.voice.events import PlaybackEnded
from trunkline.voice.switch.audio.tones import TONES
from trunkline.voice.switch.core import Core
from trunkline.voice.switch.ports import Unheard
from trunkline.voice.telephony import (
    File,
    Layer,
    Refused,
    Silence,
    Sound,
    Speech,
    TelephonyError,
    Tone,
)

MOST_PLAYBACKS: Final = 64
_MS: Final = 1000

Do = Callable[[Command], Awaitable[Result]]


class Player:
    """All playbacks of a target; `do` has a command done where the target is."""

    def __init__(
        self,
        core: Core,
        owner: str,
        do: Do,
        tell: Callable[[PlaybackEnded], None],
        *,
        leg: str = "",
        room: str = "",
    ) -> None:
        self.core: Final = core
        self.owner: Final = owner
        self.do: Final = do
        self.leg: Final = leg
        self.room: Final = room
        self._tell = tell
        self._playing: dict[str, Playback] = {}
        self._main = ""
        self._closed = False

    async def play(self, sounds: Sequence[Sound], layer: Layer) -> str:
        """Begin a playback, in the place of the main one if it is main; return its id."""
        if len(self._playing) >= MOST_PLAYBACKS:
            raise Refused(f"{MOST_PLAYBACKS} playbacks are under way")
        if layer == "main":
            before, self._main = self._main, ""
            await self.stop(before)
        playback = Playback(self, sounds, layer)
        self._playing[playback.id] = playback
        if layer == "main":
            self._main = playback.id
        self.core.spawn(playback.run(), f"playback {playback.id}")
        return playback.id

    async def stop(self, playback_id: str) -> None:
        """End a playback at once."""
        playback = self._playing.get(playback_id)
        if playback is not None:
            await playback.stop()

    def close(self) -> None:
        """The target is gone: nothing of its playbacks is told any more."""
        self._closed = True
        for playback in self._playing.values():
            playback.abandon("the leg has ended")

    def lost(self, why: str) -> None:
        """All that sounded has fallen silent; the target itself lives on."""
        for playback in list(self._playing.values()):
            playback.abandon(why)

    def over(self, playback: "Playback", error: str) -> None:
        """Take a playback that came to its end."""
        del self._playing[playback.id]
        if not self._closed:
            self._tell(PlaybackEnded(self.owner, playback.id, error))


class Playback:
    """One playback: its task gets sound after sound and has it played."""

    def __init__(self, player: Player, sounds: Sequence[Sound], layer: Layer) -> None:
        self.id: Final = new_uuid()
        self._player = player
        self._sounds = tuple(sounds)
        self._layer: Layer = layer
        self._over = asyncio.Event()
        self._finished: asyncio.Future[PlaybackFinished] | None = None
        self._part = ""
        self._why = ""
        self._played = False

    async def run(self) -> None:
        """Play to the end."""
        error = ""
        ahead = self._resolving(0)
        try:
            for index, sound in enumerate(self._sounds):
                resolving, ahead = ahead, self._resolving(index + 1)
                try:
                    path = await self._unless_over(resolving)
                    error = await self._sound(sound, path) or error
                except TelephonyError as unheard:
                    error = str(unheard)
                if self._over.is_set():
                    break
        finally:
            if ahead is not None:
                await _dropped(ahead)
            done = self._played or not self._sounds or (self._over.is_set() and not self._why)
            self._player.over(self, self._why or ("" if done else error))

    async def stop(self) -> None:
        """End it; returns once it is silent."""
        if self._over.is_set():
            return
        self._over.set()
        if self._part:
            with contextlib.suppress(TelephonyError):
                await self._player.do(StopPlay(self._part))

    def abandon(self, why: str) -> None:
        """Its target is gone, or lost; there is nothing to be stopped."""
        self._why = why
        self._over.set()
        if self._finished is not None and not self._finished.done():
            self._finished.cancel()

    def _resolving(self, index: int) -> "asyncio.Task[str] | None":
        """Begin to get a sound before it is needed."""
        if index >= len(self._sounds):
            return None
        return asyncio.create_task(self._path(self._sounds[index]))

    async def _path(self, sound: Sound) -> str:
        if not isinstance(sound, File | Speech):
            return ""
        return str(await self._player.core.around.sounds.path_of(sound))

    async def _unless_over(self, resolving: "asyncio.Task[str] | None") -> str:
        """Wait for a sound, but no longer than the playback lasts."""
        if resolving is None:
            return ""
        over = asyncio.create_task(self._over.wait())
        try:
            await asyncio.wait((resolving, over), return_when=asyncio.FIRST_COMPLETED)
            if not resolving.done():
                raise Unheard("it was stopped")
            return resolving.result()
        finally:
            over.cancel()
            if not resolving.done():
                await _dropped(resolving)

    async def _sound(self, sound: Sound, path: str) -> str:
        """Have one sound played; return why it was not heard."""
        if self._over.is_set():
            return ""
        item, loop = _item_of(sound, path)
        if item is None:
            self._played = True
            return ""
        player, wiring = self._player, self._player.core.wiring
        part = self._part = new_uuid()
        self._finished = asyncio.get_running_loop().create_future()
        wiring.connect(part, self._on_media)
        try:
            await player.do(self._command(part, item, loop))
            if self._over.is_set():  # it was stopped while the command was under way
                await player.do(StopPlay(part))
            finished = await self._finished
        except asyncio.CancelledError:
            if self._why:
                return self._why
            raise
        finally:
            self._part = ""
            wiring.disconnect(part)
        if finished.reason == "failed":
            return finished.error or "it cannot be played"
        self._played = True
        return ""

    def _command(self, part: str, item: Item, loop: int) -> Play:
        player = self._player
        return Play(
            playback=part,
            items=(item,),
            leg=player.leg,
            room=player.room,
            loop=loop,
            mix=self._layer != "cover",
            cover=self._layer == "cover",
        )

    def _on_media(self, event: Notice) -> None:
        future = self._finished
        if future is None or future.done():
            return
        if isinstance(event, PlaybackFinished):
            future.set_result(event)


def _item_of(sound: Sound, path: str) -> tuple[Item | None, int]:
    match sound:
        case File(times=times) | Speech(times=times):
            return FileItem(path), times
        case Silence(seconds=seconds):
            return (SilenceItem(round(seconds * _MS)) if seconds > 0 else None), 1
        case Tone(name=name):
            return TONES[name], 1


async def _dropped(task: "asyncio.Task[str]") -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
