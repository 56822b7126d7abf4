"""One tap: the audio of a leg for the control process, and what is fed to the leg."""

from collections import deque
from collections.abc import Sequence
from typing import Final, cast

import numpy as np

from trunkline.engines.media.dsp.frames import FRAME, RATE, TICK_MS, Samples
from trunkline.engines.media.dsp.g711 import FROM_ULAW, ulaw_encode
from trunkline.engines.media.dsp.rates import Downsampler, Upsampler
from trunkline.engines.media.messages import Feed, OpenTap, Piece, Track

RATES: Final = (8000, 16000, 24000)
_MOST_FED: Final = 60 * 1000 // TICK_MS  # PLIVO Stream: playback buffer 40 s, by another page 60 s


class Tap:
    """`open` says what goes out; `next` gives what was fed, a frame each tick."""

    def __init__(self, opened: OpenTap, row: int, now: float) -> None:
        """`row` is that of its leg."""
        self.open: Final = opened
        self.name: Final = opened.tap
        self.row: Final = row
        self.opened_at = now
        self._up = {
            track: Upsampler(opened.rate // RATE) for track in opened.tracks if opened.rate != RATE
        }
        self._down: tuple[int, Downsampler] | None = None
        self.tracks: Final = opened.tracks
        self.exclusive: Final = opened.exclusive
        self.plain: Final = opened.encoding == "mulaw" and opened.rate == RATE
        """Whether its frames may be encoded together with those of other taps."""
        self._fed: deque[Samples | bytes | str] = deque()  # frames, μ-law frames, checkpoints
        self._frames = 0
        self._rest: Samples = np.zeros(0, np.int16)

    def encode(self, track: Track, frame: Samples) -> bytes:
        """A frame in the tap's encoding and rate."""
        samples = self._up[track].convert(frame) if track in self._up else frame
        if self.open.encoding == "mulaw":
            return ulaw_encode(np.ascontiguousarray(samples)).tobytes()
        return samples.tobytes()

    @property
    def silent(self) -> bool:
        """Whether there is nothing to play."""
        return not self._fed and not len(self._rest)

    def feed(self, fed: Feed | Piece) -> str:
        """Append audio; why it is refused, or ""."""
        audio = fed.audio
        if (
            len(audio) == FRAME
            and fed.encoding == "mulaw"
            and fed.rate == RATE
            and self._frames < _MOST_FED
            and not len(self._rest)
        ):  # what nearly all pieces are
            self._fed.append(audio)
            self._frames += 1
            return ""
        if fed.rate not in RATES:
            return "invalid"
        if fed.encoding == "l16" and len(fed.audio) % 2:
            return "invalid"
        if self._frames >= _MOST_FED:
            return "full"
        samples = self._decode(fed)
        joined = np.concatenate((self._rest, samples))
        whole = len(joined) // FRAME * FRAME
        self._rest = joined[whole:]
        self._fed.extend(joined[:whole].reshape(-1, FRAME))
        self._frames += whole // FRAME
        return ""

    def _decode(self, fed: Feed | Piece) -> Samples:
        if fed.encoding == "mulaw":
            samples = FROM_ULAW[np.frombuffer(fed.audio, np.uint8)]
        else:
            samples = np.frombuffer(fed.audio, np.dtype("<i2")).astype(np.int16)
        if fed.rate == RATE:
            return samples
        return self._stream(fed.rate).convert(samples)

    def _stream(self, rate: int) -> Downsampler:
        if self._down is None or self._down[0] != rate:
            self._down = (rate, Downsampler(rate // RATE))
        return self._down[1]

    @property
    def waiting_ms(self) -> int:
        """Fed and not yet played."""
        return self._frames * TICK_MS

    def checkpoint(self, name: str) -> None:
        """Mark the end of what was fed until now."""
        self._flush()
        self._fed.append(name)

    def _flush(self) -> None:
        """Fill the last frame with silence: nothing may follow it soon."""
        if len(self._rest):
            self._fed.append(np.pad(self._rest, (0, FRAME - len(self._rest))))
            self._frames += 1
            self._rest = self._rest[:0]

    def clear(self) -> int:
        """Drop all that waits, checkpoints too; its ms."""
        dropped = self.waiting_ms
        self._fed.clear()
        self._frames = 0
        self._rest = self._rest[:0]
        return dropped

    def next(self) -> tuple[Samples | bytes | None, Sequence[str]]:
        """The frame to play now, bytes are μ-law, and the checkpoints that come before it."""
        fed = self._fed
        if fed and not isinstance(fed[0], str):
            self._frames -= 1
            return cast("Samples | bytes", fed.popleft()), ()
        reached: list[str] = []
        while fed:
            first = fed.popleft()
            if isinstance(first, str):
                reached.append(first)
                continue
            self._frames -= 1
            return first, reached
        if len(self._rest):
            self._flush()
            return self.next()[0], reached
        return None, reached
