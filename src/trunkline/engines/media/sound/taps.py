"""Audio to and from the control process: what a leg says and hears, and what is fed to it."""

from collections import deque
from typing import Final

import numpy as np

from trunkline.engines.media.dsp.frames import FRAME, RATE, TICK_MS, Samples
from trunkline.engines.media.dsp.g711 import FROM_ULAW, ulaw_encode
from trunkline.engines.media.dsp.rates import Downsampler, Upsampler
from trunkline.engines.media.messages import Feed, OpenTap, Track

RATES: Final = (8000, 16000, 24000)
_MOST_FED_S: Final = 60  # PLIVO Stream: playback buffer 40 s, by another page 60 s


class Tap:
    """`open` says what goes out; `next` gives what was fed, a frame each tick."""

    def __init__(self, opened: OpenTap, now: float) -> None:
        self.open: Final = opened
        self.opened_at = now
        self._up = {
            track: Upsampler(opened.rate // RATE) for track in opened.tracks if opened.rate != RATE
        }
        self._down: tuple[int, Downsampler] | None = None
        self._fed: deque[Samples | str] = deque()  # frames and names of checkpoints
        self._frames = 0
        self._rest: Samples = np.zeros(0, np.int16)

    def encode(self, track: Track, frame: Samples) -> bytes:
        """A frame in the tap's encoding and rate."""
        samples = self._up[track].convert(frame) if track in self._up else frame
        if self.open.encoding == "mulaw":
            return ulaw_encode(np.ascontiguousarray(samples)).tobytes()
        return samples.tobytes()

    def feed(self, fed: Feed) -> str:
        """Append audio; why it is refused, or ""."""
        if fed.rate not in RATES:
            return "invalid"
        if fed.encoding == "l16" and len(fed.audio) % 2:
            return "invalid"
        if self.waiting_ms >= _MOST_FED_S * 1000:
            return "full"
        samples = self._decode(fed)
        joined = np.concatenate((self._rest, samples))
        whole = len(joined) // FRAME * FRAME
        self._rest = joined[whole:]
        self._fed.extend(joined[:whole].reshape(-1, FRAME))
        self._frames += whole // FRAME
        return ""

    def _decode(self, fed: Feed) -> Samples:
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

    def next(self) -> tuple[Samples | None, list[str]]:
        """The frame to play now and the checkpoints that come before it."""
        reached: list[str] = []
        while self._fed:
            first = self._fed.popleft()
            if isinstance(first, str):
                reached.append(first)
                continue
            self._frames -= 1
            return first, reached
        if len(self._rest):
            self._flush()
            return self.next()[0], reached
        return None, reached
