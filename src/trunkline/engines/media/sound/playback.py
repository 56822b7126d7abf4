"""Items played in turn to a leg or a room: files, tones, silence."""

from typing import Final, Protocol

from trunkline.engines.media.dsp.frames import FRAME, RATE, SILENCE, TICK_MS, Samples
from trunkline.engines.media.dsp.tones import ramped, tone
from trunkline.engines.media.messages import FileItem, Item, Play, SilenceItem, ToneItem
from trunkline.engines.media.sound.clips import Clip, Clips

_LOAD_S: Final = 10  # a file that has no first frame after that is given up


class Wait:
    """The next frame is not there yet."""


WAIT: Final = Wait()


class Source(Protocol):
    def frame(self, index: int) -> Samples | Wait | None:
        """Frame `index`, WAIT, or None after the last one."""
        ...

    @property
    def error(self) -> str: ...


class ClipSource:
    def __init__(self, clip: Clip) -> None:
        self._clip = clip

    def frame(self, index: int) -> Samples | Wait | None:
        found = self._clip.frame(index)
        if found is not None:
            return found
        return None if self._clip.complete and index >= self._clip.frames else WAIT

    @property
    def error(self) -> str:
        return self._clip.error


class ToneSource:
    """A frame sounds or not as a whole: cadences are cut to 20 ms."""

    error = ""

    def __init__(self, item: ToneItem) -> None:
        self._item = item
        self._frames = -(-item.duration_ms // TICK_MS)
        self._on = item.on_ms // TICK_MS
        self._period = (item.on_ms + item.off_ms) // TICK_MS

    def frame(self, index: int) -> Samples | Wait | None:
        if self._frames and index >= self._frames:
            return None
        cadenced = 0 < self._on < self._period
        at = index % self._period if cadenced else index
        if cadenced and at >= self._on:
            return SILENCE
        ends = index + 1 == self._frames or (cadenced and at + 1 == self._on)
        start = index * FRAME % (RATE * 3600)
        wave = tone(self._item.frequencies, start, FRAME, self._item.level)
        return ramped(wave, begins=at == 0, ends=ends)


class SilenceSource:
    error = ""

    def __init__(self, item: SilenceItem) -> None:
        self._frames = -(-item.duration_ms // TICK_MS)

    def frame(self, index: int) -> Samples | Wait | None:
        return SILENCE if index < self._frames else None


def make_source(item: Item, clips: Clips) -> Source | None:
    """None when too many files wait to be loaded."""
    if isinstance(item, FileItem):
        clip = clips.load(item.path)
        return None if clip is None else ClipSource(clip)
    return ToneSource(item) if isinstance(item, ToneItem) else SilenceSource(item)


def wrong_with(play: Play) -> str:
    """Why this cannot be played, or ""."""
    if not play.items:
        return "nothing to play"
    if bool(play.leg) == bool(play.room):
        return "either a leg or a room"
    for item in play.items:
        if isinstance(item, ToneItem):
            if not item.frequencies or len(item.frequencies) > 4:
                return "a tone has one to four frequencies"
            if not all(0 < f < RATE / 2 for f in item.frequencies):
                return "a frequency must be between 0 and 4000 Hz"
            if min(item.duration_ms, item.on_ms, item.off_ms) < 0:
                return "durations are not negative"
    if min(play.loop, play.limit_ms) < 0:
        return "loop and limit_ms are not negative"
    return ""


class Playback:
    """Where a `Play` is. `next` gives a frame each tick until it gives a reason to end."""

    def __init__(self, play: Play, sources: list[Source]) -> None:
        self.play: Final = play
        self._sources = sources
        self._at = 0
        self._frame = 0
        self._rounds = 0
        self._sounded = False  # in this round
        self._waited = 0
        self.played_ms = 0
        self.error = ""

    def next(self) -> Samples | str:
        """What sounds now, or "ended", "limit", "failed"."""
        play = self.play
        if play.limit_ms and self.played_ms >= play.limit_ms:
            return "limit"
        while True:
            source = self._sources[self._at]
            found = source.frame(self._frame)
            if isinstance(found, Wait):
                return self._wait()
            if found is not None:
                self._frame += 1
                self._sounded = True
                self._waited = 0
                self.played_ms += TICK_MS
                return found
            if source.error:
                self.error = source.error
                return "failed"
            if not self._advance():
                return "ended"

    def _wait(self) -> Samples | str:
        self._waited += 1
        if self._waited > _LOAD_S * 1000 // TICK_MS:
            self.error = "the file is not read in time"
            return "failed"
        return SILENCE

    def _advance(self) -> bool:
        """Go on to the next item or round; False at the end."""
        self._frame = 0
        self._at += 1
        if self._at < len(self._sources):
            return True
        self._at = 0
        self._rounds += 1
        sounded, self._sounded = self._sounded, False
        # A round without sound would be followed by endless others.
        return sounded and (not self.play.loop or self._rounds < self.play.loop)
