"""A recording under way: frames gathered in the tick, handed to the writer in pieces."""

from typing import Final

import numpy as np

from trunkline.engines.media.dsp.frames import FRAME, TICK_MS, Samples, clip
from trunkline.engines.media.messages import Record, RecordingFinished
from trunkline.engines.media.sound.writer import Closed, Writer

_PIECE: Final = 25  # frames: half a second


class Recording:
    """`reason` is set once it is over; `asked` once the writer was told."""

    def __init__(self, record: Record, writer: Writer) -> None:
        self.record: Final = record
        self._writer = writer
        self._frames: list[bytes] = []
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

    def _take(self, frame: bytes) -> None:
        if self.paused or self.reason:
            return
        self._frames.append(frame)
        self._taken += 1
        limit_ms = self.record.limit_ms
        if limit_ms and self.duration_ms >= limit_ms:
            self.stop("limit")
        elif len(self._frames) >= _PIECE:
            self._hand_over()

    def _hand_over(self) -> bool:
        if not self._frames and not self._missed:
            return True
        piece = self._silence * min(self._missed, 50 * 60) + b"".join(self._frames)
        if self._writer.write(self.record.recording, piece):
            self._missed = 0
            self._frames.clear()
            return True
        if len(self._frames) >= _PIECE * 10:  # 5 s wait here, what comes then is silence
            self._missed += len(self._frames)
            self._frames.clear()
        return False

    def stop(self, reason: str) -> None:
        """End it; the file is closed by the writer."""
        if not self.reason:
            self.reason = reason

    def settle(self) -> None:
        """Tell the writer the end, once; called each tick after `stop`."""
        if not self._asked and self._hand_over():
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
