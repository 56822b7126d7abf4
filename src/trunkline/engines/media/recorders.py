"""All recordings of a process."""

from collections.abc import Callable
from typing import Final

from trunkline.engines.media.messages import (
    Count,
    Done,
    Event,
    PauseRecord,
    Record,
    Refused,
    StopRecord,
)
from trunkline.engines.media.sound.recording import MOST_TAIL_MS, Recording
from trunkline.engines.media.sound.writer import Writer

_MOST: Final = 1000


class Recorders:
    """Those that were stopped stay until their file is closed."""

    def __init__(self, writer: Writer, emit: Callable[[Event], None]) -> None:
        self._writer = writer
        self._emit = emit
        self._all: dict[str, Recording] = {}

    def record(self, record: Record) -> Done | Refused:
        """Begin; the target is known to exist."""
        if bool(record.leg) == bool(record.room):
            return Refused("invalid", "either a leg or a room")
        if not record.recording or not record.path or not record.tracks:
            return Refused("invalid", "a name, a path and tracks")
        if record.limit_ms < 0 or not 0 <= record.tail_ms <= MOST_TAIL_MS:
            return Refused("invalid", f"a limit not below 0, a tail of 0 to {MOST_TAIL_MS} ms")
        if record.recording in self._all:
            return Refused("exists", record.recording)
        recording = Recording(record, self._writer)
        if len(self._all) >= _MOST or not recording.begin():
            return Refused("busy", "too much is recorded")
        self._all[record.recording] = recording
        return Done()

    def stop(self, stop: StopRecord) -> Count:
        """Stop one, or all of a leg or room."""
        if stop.recording:
            found = [r for r in self._live() if r.record.recording == stop.recording]
        else:
            found = self._of(stop.leg, stop.room)
        for recording in found:
            recording.let_begin()
            recording.stop("stopped", stop.cut_ms)
        return Count(len(found))

    def pause(self, pause: PauseRecord) -> Done | Refused:
        """Leave out what comes, or go on."""
        recording = self._all.get(pause.recording)
        if recording is None or recording.reason:
            return Refused("unknown", pause.recording)
        recording.paused = pause.paused
        return Done()

    def close(self, leg: str, room: str) -> None:
        """The leg or room is gone."""
        for recording in self._of(leg, room):
            recording.stop("closed")

    def _live(self) -> list[Recording]:
        return [recording for recording in self._all.values() if not recording.reason]

    def _of(self, leg: str, room: str) -> list[Recording]:
        return [r for r in self._live() if (r.record.leg, r.record.room) == (leg, room)]

    @property
    def active(self) -> list[Recording]:
        """Those that take frames now."""
        return self._live() if self._all else []

    def skip(self, ticks: int) -> None:
        """So many frames could not be had: silence is in their place."""
        for recording in self.active:
            recording.skip(ticks)

    def settle(self) -> None:
        """End what was stopped, tell what is closed."""
        if not self._all:
            return
        for recording in self._all.values():
            if recording.reason:
                recording.settle()
        while self._writer.closed:
            closed = self._writer.closed.popleft()
            recording = self._all.pop(closed.recording, None)
            if recording is not None:
                self._emit(recording.finished(closed))
