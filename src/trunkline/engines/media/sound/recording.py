"""A recording under way: frames gathered in the tick, handed to the writer in pieces."""

from typing import Final

import numpy as np

from trunkline.engines.media.dsp.frames import FRAME, TICK_MS, Samples, clip
from trunkline.engines.media.messages import Record, RecordingFinished
from trunkline.engines.media.sound.writer import Closed, Writer

_PIECE: Final = 25  # frames: half a second
MOST_TAIL_MS: Final = 2000
_MOST_SILENCE: Final = 50 * 60  # frames, a minute: what is written for frames that were missed


class Recording:
    """`reason` is set once it is over; `asked` once the writer was told."""

    def __init__(self, record: Record, writer: Writer) -> None:
        self.record: Final = record
        self._writer = writer
        self._frames: list[bytes] = []
        self._tail = record.tail_ms // TICK_MS  # frames that are held back
        self._channels = 2 if record.stereo and record.leg else 1
        self._silence = bytes(2 * FRAME * self._channels)
        self._missed = 0  # frames that found the queue full
        self._taken = 0
        self.paused = False
        self.reason = ""
        self._asked = False

    def begin(self) -> bool:
        """Open the file; False when the writer has too much to do."""
        record = self.record
        return self._writer.open(record.recording, record.path, record.format, self._channels)

    @property
    def duration_ms(self) -> int:
        return self._taken * TICK_MS

    def take_leg(self, inbound: Samples, outbound: Samples) -> None:
        """A frame of what the peer said and of what it heard."""
        tracks = self.record.tracks
        left = inbound if "inbound" in tracks else np.zeros_like(inbound)
        right = outbound if "outbound" in tracks else np.zeros_like(outbound)
        if self._channels == 2:
            self._take(np.stack((left, right), axis=1).tobytes())
        else:
            self._take(clip(left.astype(np.int32) + right).tobytes())

    def take_room(self, total: Samples) -> None:
        """A frame of all that is said and played in a room."""
        self._take(total.tobytes())

    def skip(self, frames: int) -> None:
        """Frames that were never made: a recording is as long as what it is of."""
        for _ in range(min(frames, _MOST_SILENCE)):
            self._take(self._silence)

    def let_begin(self) -> None:
        """Have a frame at least: who asks for a recording, and has enough at once, gets a file."""
        if not self._taken:
            self._take(self._silence)

    def _take(self, frame: bytes) -> None:
        if self.paused or self.reason:
            return
        self._frames.append(frame)
        self._taken += 1
        limit_ms = self.record.limit_ms
        if limit_ms and self.duration_ms >= limit_ms:
            self.stop("limit")
        elif len(self._frames) >= _PIECE + self._tail:
            self._hand_over(len(self._frames) - self._tail)

    def _hand_over(self, count: int) -> bool:
        """Give the writer what it missed and so many frames."""
        if not count and not self._missed:
            return True
        piece = self._silence * min(self._missed, _MOST_SILENCE) + b"".join(self._frames[:count])
        if self._writer.write(self.record.recording, piece):
            self._missed = 0
            del self._frames[:count]
            return True
        if count >= _PIECE * 10:  # 5 s wait here, what comes then is silence
            self._missed += count
            del self._frames[:count]
        return False

    def stop(self, reason: str, cut_ms: int = 0) -> None:
        """End it, without its last `cut_ms`; the file is closed by the writer."""
        if self.reason:
            return
        self.reason = reason
        cut = min(max(0, cut_ms) // TICK_MS, self._tail, len(self._frames))
        if cut:
            del self._frames[-cut:]
            self._taken -= cut

    def settle(self) -> None:
        """Tell the writer the end, once; called each tick after `stop`."""
        if not self._asked and self._hand_over(len(self._frames)):
            self._asked = self._writer.finish(self.record.recording)

    def finished(self, closed: Closed) -> RecordingFinished:
        """What to say when the file is closed."""
        record = self.record
        return RecordingFinished(
            recording=record.recording,
            leg=record.leg,
            room=record.room,
            path=record.path,
            reason="failed" if closed.error else self.reason,
            duration_ms=self.duration_ms,
            size_bytes=closed.size_bytes,
            error=closed.error,
        )
