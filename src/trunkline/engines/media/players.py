"""All playbacks of a process, in the order they were asked for."""

from collections.abc import Callable
from typing import Final

from trunkline.engines.media.dsp.frames import Samples
from trunkline.engines.media.messages import (
    Count,
    Done,
    Event,
    Play,
    PlaybackFinished,
    Refused,
    StopPlay,
)
from trunkline.engines.media.sound.clips import Clips
from trunkline.engines.media.sound.playback import Playback, Source, make_source, wrong_with

Target = tuple[str, str]
"""Leg or "", room or ""."""
_MOST_EACH: Final = 64


class Players:
    """Playbacks by their target."""

    def __init__(self, clips: Clips, emit: Callable[[Event], None]) -> None:
        self._clips = clips
        self._emit = emit
        self.targets: dict[Target, list[Playback]] = {}
        self._names: dict[str, Target] = {}

    def play(self, play: Play) -> Done | Refused:
        """Begin, or queue; the target is known to exist."""
        wrong = wrong_with(play)
        if wrong:
            return Refused("invalid", wrong)
        if play.playback in self._names:
            return Refused("exists", play.playback)
        target = (play.leg, play.room)
        if len(self.targets.get(target, ())) >= _MOST_EACH:
            return Refused("full", f"{_MOST_EACH} playbacks wait there")
        sources: list[Source] = []
        for item in play.items:
            source = make_source(item, self._clips)
            if source is None:
                return Refused("busy", "too many files wait to be read")
            sources.append(source)
        self._names[play.playback] = target
        self.targets.setdefault(target, []).append(Playback(play, sources))
        return Done()

    def stop(self, stop: StopPlay) -> Count:
        """Stop one, or all of a target."""
        target = (stop.leg, stop.room)
        if stop.playback:
            target = self._names.get(stop.playback, target)
        found = [
            playback
            for playback in self.targets.get(target, ())
            if stop.playback in ("", playback.play.playback)
        ]
        for playback in found:
            self._finish(playback, "stopped")
        return Count(len(found))

    def close(self, target: Target) -> None:
        """The leg or room is gone."""
        for playback in list(self.targets.get(target, ())):
            self._finish(playback, "closed")

    def frames(self, target: Target) -> list[tuple[Playback, Samples]]:
        """What sounds there in this tick."""
        found: list[tuple[Playback, Samples]] = []
        sounding = False
        for playback in tuple(self.targets[target]):
            if playback.play.queue and sounding:
                continue
            frame = playback.next()
            if isinstance(frame, str):
                self._finish(playback, frame)
                continue
            sounding = True
            found.append((playback, frame))
        return found

    def _finish(self, playback: Playback, reason: str) -> None:
        play = playback.play
        target = self._names.pop(play.playback)
        rest = self.targets[target]
        rest.remove(playback)
        if not rest:
            del self.targets[target]
        self._emit(PlaybackFinished(
            playback=play.playback, leg=play.leg, room=play.room, reason=reason,
            played_ms=playback.played_ms, error=playback.error,
        ))  # fmt: skip


Sounding = list[tuple[Playback, Samples]]


def uncovered(frames: Sounding) -> Sounding:
    """Those that are heard: the ones that cover the others, if there are any."""
    if len(frames) < 2:
        return frames
    covering = [each for each in frames if each[0].play.cover]
    return covering or frames
