"""Taps: a leg's audio as frames, and audio back into it.

tap = await leg.open_tap(tracks=("inbound",), encoding="l16", rate=16000)
while (item := await tap.next()) is not None:  # TapFrame | Reached | Pressed; None: closed
    ...
tap.pour(audio, "mulaw", 8000, refused) -> bool
await tap.feed(audio);  await tap.checkpoint("name");  await tap.clear();  await tap.close()
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

from trunkline.engines.media.messages import (
    Checkpoint,
    CheckpointReached,
    ClearFeed,
    CloseTap,
    Count,
    Encoding,
    Feed,
    Notice,
    OpenTap,
    Piece,
    TapAudio,
    TapClosed,
    Track,
)
from trunkline.values.ids import new_uuid
from trunkline.voice.switch.channel import Channel
from trunkline.voice.switch.wiring import Wiring
from trunkline.voice.telephony import Refused, TelephonyError

MOST_FRAMES: Final = 500
"""10 s of one track: who is further behind loses the oldest."""

MOST_POURING: Final = 64
"""Pieces of audio under way to the media process whose answer nobody waits for."""


TapFrame = TapAudio
"""20 ms of one track in the tap's encoding and rate; `at_ms` since the tap was opened."""


class Reached(NamedTuple):
    """All that was fed before this checkpoint has been played."""

    name: str


class Pressed(NamedTuple):
    """The far end pressed a key."""

    digit: str


TapItem = TapFrame | Reached | Pressed


class Tap:
    """One tap, read by one task, or by whom it is attached to."""

    def __init__(
        self, name: str, channel: Channel, encoding: Encoding, rate: int,
        forget: Callable[[str], None],
    ) -> None:  # fmt: skip
        self.name: Final = name
        self.dropped = 0
        """Frames that nobody took in time."""
        self._channel = channel
        self._encoding: Encoding = encoding
        self._rate = rate
        self._forget = forget
        self._items: deque[TapItem] = deque()
        self._frames = 0
        self._woken = asyncio.Event()
        self._closed = False
        self._pouring = 0
        self._refused: Callable[[Refused], None] | None = None
        self._heard: Callable[[TapItem | None], None] | None = None

    async def next(self) -> TapItem | None:
        """Wait for what comes next; None once the tap is closed, or the leg is gone."""
        while not self._items:
            if self._closed:
                return None
            self._woken.clear()
            await self._woken.wait()
        item = self._items.popleft()
        if isinstance(item, TapFrame):
            self._frames -= 1
        return item

    def attach(self, heard: Callable[[TapItem | None], None]) -> None:
        """Let `heard` have each item as it comes, instead of `next`; None once it is over."""
        self._heard = heard
        while self._items:
            heard(self._items.popleft())
        self._frames = 0
        if self._closed:
            heard(None)

    async def feed(
        self, audio: bytes, *, encoding: Encoding | None = None, rate: int | None = None
    ) -> None:
        """Append audio to what the leg hears, in the tap's encoding and rate if not said otherwise.

        Raises:
            Refused: more than 60 s wait, or it is no such audio.
            LegGone: the leg has ended.
        """
        encoding, rate = encoding or self._encoding, rate or self._rate
        await self._channel.do(Feed(tap=self.name, audio=audio, encoding=encoding, rate=rate))

    def pour(
        self, audio: bytes, encoding: Encoding, rate: int, refused: Callable[[Refused], None]
    ) -> bool:
        """Append audio and go on: `refused`, always the same, hears later why it was not taken.

        False: so much is under way that nothing was done; `feed` waits until there is room.
        Raises LegGone, Refused: it was not even asked.
        """
        if self._pouring >= MOST_POURING:
            return False
        self._refused = refused
        self._channel.pour(Piece(self.name, audio, encoding, rate), self._poured)
        self._pouring += 1
        return True

    def _poured(self, why: str | None) -> None:
        self._pouring -= 1
        if why and self._refused is not None and not self._closed:
            self._refused(Refused(f"{why}: {self.name}"))

    async def checkpoint(self, name: str) -> None:
        """Have `Reached` told once what was fed until now has been played; not if cleared."""
        await self._channel.do(Checkpoint(self.name, name))

    async def clear(self) -> int:
        """Drop what was fed and has not been played; return how many ms."""
        result = await self._channel.do(ClearFeed(self.name))
        return result.count if isinstance(result, Count) else 0

    async def close(self) -> None:
        """End the tap; may be called twice."""
        if self._closed:
            return
        self._end()
        try:
            await self._channel.do(CloseTap(self.name))
        except TelephonyError:
            return  # it went with its leg

    def on_media(self, event: Notice) -> None:
        """Take what the media process tells of this tap."""
        if isinstance(event, TapAudio):
            heard = self._heard
            if heard is not None and not self._closed:
                heard(event)  # shorter than by `_put`, 50 times a second
            else:
                self._put(event)
            return
        match event:
            case CheckpointReached(name=name):
                self._put(Reached(name))
            case TapClosed():
                self._end()
            case _:
                pass  # there are no others of a tap

    def pressed(self, digit: str) -> None:
        """Take a key of the leg."""
        self._put(Pressed(digit))

    def lost(self) -> None:
        """The leg is gone, and nobody told the tap."""
        self._end()

    def _put(self, item: TapItem) -> None:
        if self._closed:
            return
        if self._heard is not None:
            self._heard(item)
            return
        if isinstance(item, TapFrame):
            if self._frames >= MOST_FRAMES:
                self._drop_oldest()
            self._frames += 1
        self._items.append(item)
        self._woken.set()

    def _drop_oldest(self) -> None:
        for at, item in enumerate(self._items):
            if isinstance(item, TapFrame):
                del self._items[at]
                self._frames -= 1
                self.dropped += 1
                return

    def _end(self) -> None:
        if self._heard is not None and not self._closed:
            self._heard(None)
        self._closed = True
        self._forget(self.name)
        self._woken.set()


class Taps:
    """The taps of one leg."""

    def __init__(self, channel: Channel, wiring: Wiring) -> None:
        self._channel = channel
        self._wiring = wiring
        self._taps: dict[str, Tap] = {}

    async def open(
        self, tracks: tuple[Track, ...], encoding: Encoding, rate: int, *, exclusive: bool
    ) -> Tap:
        """Open one. Raises LegGone, Refused."""
        name = new_uuid()
        tap = Tap(name, self._channel, encoding, rate, self._forget)
        self._taps[name] = tap
        self._wiring.connect(name, tap.on_media)
        opening = OpenTap(
            tap=name,
            leg=self._channel.id,
            tracks=tracks,
            encoding=encoding,
            rate=rate,
            exclusive=exclusive,
        )
        try:
            await self._channel.do(opening)
        except BaseException:
            tap.lost()
            raise
        return tap

    def pressed(self, digit: str) -> None:
        """Tell all taps of a key."""
        for tap in self._taps.values():
            tap.pressed(digit)

    def lost(self) -> None:
        """The leg is gone, and all its taps with it."""
        for tap in list(self._taps.values()):
            tap.lost()

    def _forget(self, name: str) -> None:
        self._taps.pop(name, None)
        self._wiring.disconnect(name)


class Tapped(Protocol):
    """A leg, as those who listen to it see it."""

    @property
    def uuid(self) -> str:
        """Of the call."""
        ...

    @property
    def over(self) -> bool:
        """Whether the leg has ended."""
        ...

    async def send_digits(self, digits: str, *, tone_ms: int = 0) -> None:
        """Send keys to the far end: 0-9 * # A-D, w and W wait. Raises LegGone, Refused."""
        ...

    async def open_tap(
        self,
        *,
        tracks: tuple[Track, ...] = ("inbound",),
        encoding: Encoding = "mulaw",
        rate: int = 8000,
        exclusive: bool = True,
    ) -> Tap:
        """Open a tap; with `exclusive`, what is fed is heard alone and not with the room.

        `inbound` is what the far end says, `outbound` what it hears; `rate` is 8000, 16000 or
        24000 Hz. Raises LegGone, Refused.
        """
        ...
