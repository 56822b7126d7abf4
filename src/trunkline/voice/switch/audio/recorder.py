"""Recordings of one leg or room: begun, ended by key, silence, length or the end, and kept."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, Literal

import structlog

from trunkline.engines.media.messages import (
    Command,
    Notice,
    PauseRecord,
    Record,
    RecordingFinished,
    Result,
    StopRecord,
    Track,
)
from trunkline.voice.events import RecordingEnded
from trunkline.voice.switch.core import Core
from trunkline.voice.switch.ports import Draft
from trunkline.voice.telephony import KeptLater, RecordingSpec, Refused, TelephonyError

log = structlog.get_logger(__name__)

MOST_RECORDINGS: Final = 8
TAIL_MS: Final = 600
"""The longest key that is kept out of a recording's end, and the time until it is noticed."""
NOTICED_MS: Final = 100
HANGOVER_S: Final = 0.3
"""How much quiet the media process waits for before it tells that a sound has ended."""
Why = Literal["key", "silence", "length", "stopped", "hangup"]
_REASONS: Final[dict[str, Why]] = {"stopped": "stopped", "limit": "length", "closed": "hangup"}
_BOTH: Final[tuple[Track, ...]] = ("inbound", "outbound")


@dataclass(slots=True)
class _Recording:
    spec: RecordingSpec
    draft: Draft
    start_ms: int = 0
    why: Why | None = None
    digit: str = ""
    finished: bool = False
    quiet: asyncio.TimerHandle | None = field(default=None, repr=False)


class Recorder:
    """All recordings of a target; `do` has a command done where the target is."""

    def __init__(
        self,
        core: Core,
        owner: str,
        do: Callable[[Command], Awaitable[Result]],
        tell: Callable[[RecordingEnded], None],
        *,
        leg: str = "",
        room: str = "",
    ) -> None:
        self._core: Final = core
        self._owner: Final = owner
        self._do = do
        self._tell = tell
        self._leg = leg
        self._room = room
        self._recordings: dict[str, _Recording] = {}
        self._sounding = False  # what was told last
        self._open = 0
        self._settled = asyncio.Event()
        self._settled.set()

    @property
    def busy(self) -> bool:
        """Whether a recording runs, begins, or is being kept."""
        return self._open > 0

    @property
    def minds_silence(self) -> bool:
        """Whether one is to be ended by silence, so that sounds must be watched."""
        return any(one.spec.silence_s for one in self._recordings.values() if not one.finished)

    async def record(self, spec: RecordingSpec) -> str:
        """Begin; return the URL. Raises Refused, LegGone."""
        if spec.recording_id in self._recordings or self._open >= MOST_RECORDINGS:
            raise Refused("it is recorded already, or too often")
        self._count(1)
        try:
            draft = await self._core.around.shelf.begin(self._owner, spec, self._core.now_ms)
        except BaseException:
            self._count(-1)
            raise
        recording = _Recording(spec, draft, self._core.now_ms)
        self._recordings[spec.recording_id] = recording
        self._core.wiring.connect(spec.recording_id, self._on_media)
        try:
            await self._do(self._command(recording))
        except BaseException:
            await self._discard(recording)
            raise
        recording.start_ms = self._core.now_ms
        if not self._sounding:  # else its quiet begins when the sound is told to have ended
            self._arm(recording, spec.silence_s)
        return draft.url

    async def stop(
        self, recording_id: str, why: Why = "stopped", digit: str = "", cut_ms: int = 0
    ) -> None:
        """End one, without its last `cut_ms`; its RecordingEnded follows."""
        recording = self._recordings.get(recording_id)
        if recording is None or recording.finished:
            return
        if recording.why is None:
            recording.why, recording.digit = why, digit
        await self._do(StopRecord(recording_id, cut_ms=cut_ms))

    async def pause(self, recording_id: str, *, paused: bool) -> None:
        """Leave out what follows, or go on; unknown ones are ignored."""
        recording = self._recordings.get(recording_id)
        if recording is not None and not recording.finished:
            await self._do(PauseRecord(recording_id, paused))

    def pressed(self, digit: str, audible_ms: int) -> None:
        """A key: it ends the recordings that wait for it.

        So long it sounded in what is recorded; 0 when it came beside the audio.
        """
        for recording in list(self._recordings.values()):
            if digit in recording.spec.finish_on and recording.why is None:
                cut_ms = audible_ms + NOTICED_MS if audible_ms else 0
                self._end(recording, "key", digit, cut_ms)

    def sounded(self, *, active: bool) -> None:
        """The far end has begun or ceased to make sounds."""
        self._sounding = active
        for recording in self._recordings.values():
            self._disarm(recording)
            if not active:
                self._arm(recording, recording.spec.silence_s - HANGOVER_S)

    def unwatched(self) -> None:
        """Nobody tells of sounds any more."""
        self._sounding = False

    def lost(self) -> None:
        """The media process is gone: what it wrote is kept."""
        for recording in list(self._recordings.values()):
            if not recording.finished:
                self._finish(recording, "hangup", None, "")

    async def settled(self, within_s: float) -> None:
        """Wait until all are kept and told, or the time has passed."""
        try:
            async with asyncio.timeout(within_s):
                await self._settled.wait()
        except TimeoutError:
            log.warning("recording.slow", owner=self._owner, waiting=self._open)

    # --- inside ----------------------------------------------------------------------------------

    def _command(self, recording: _Recording) -> Record:
        spec = recording.spec
        return Record(
            recording=spec.recording_id,
            path=str(recording.draft.path),
            format=spec.format,
            leg=self._leg,
            room=self._room,
            tracks=self._tracks(spec),
            stereo=spec.channels == "stereo" and not self._room,
            limit_ms=round(spec.max_s * 1000),
            tail_ms=TAIL_MS if spec.finish_on else 0,
        )

    def _tracks(self, spec: RecordingSpec) -> tuple[Track, ...]:
        if self._room or (spec.session and spec.tracks == "both"):
            return _BOTH
        return ("outbound",) if spec.session and spec.tracks == "outbound" else ("inbound",)

    def _arm(self, recording: _Recording, seconds: float) -> None:
        if not recording.spec.silence_s or recording.finished:
            return
        self._disarm(recording)
        loop = asyncio.get_running_loop()
        recording.quiet = loop.call_later(max(0.0, seconds), self._end, recording, "silence")

    def _disarm(self, recording: _Recording) -> None:
        if recording.quiet is not None:
            recording.quiet.cancel()
            recording.quiet = None

    def _end(self, recording: _Recording, why: Why, digit: str = "", cut_ms: int = 0) -> None:
        if recording.finished:
            return

        async def stop() -> None:
            try:
                await self.stop(recording.spec.recording_id, why, digit, cut_ms)
            except TelephonyError:
                return  # the leg has ended, and its recordings with it

        self._core.spawn(stop(), "recording's end")

    def _on_media(self, event: Notice) -> None:
        if not isinstance(event, RecordingFinished):
            return
        recording = self._recordings.get(event.recording)
        if recording is not None and not recording.finished:
            why = _REASONS.get(event.reason, "stopped")
            failed = event.error if event.reason == "failed" else ""
            self._finish(recording, why, event.duration_ms, failed)

    def _finish(self, recording: _Recording, why: Why, duration_ms: int | None, error: str) -> None:
        recording.finished = True
        self._disarm(recording)
        if recording.why is None or why == "length":
            recording.why, recording.digit = why, ""
        self._core.wiring.disconnect(recording.spec.recording_id)
        self._core.spawn(self._keep(recording, duration_ms, error), "recording kept")

    async def _keep(self, recording: _Recording, duration_ms: int | None, error: str) -> None:
        draft, kept_ms, later = recording.draft, 0, False
        try:
            # What was written until something failed is kept as well.
            wanted = None if error else duration_ms
            kept_ms = await self._core.around.shelf.finish(draft, recording.start_ms, wanted)
        except Refused as refusal:
            error, later = error or str(refusal), isinstance(refusal, KeptLater)
        finally:
            self._recordings.pop(draft.recording_id, None)
            self._tell_ended(recording, kept_ms, error, later=later)
            self._count(-1)

    def _tell_ended(self, recording: _Recording, kept_ms: int, error: str, *, later: bool) -> None:
        start_ms = recording.start_ms if kept_ms else 0
        self._tell(
            RecordingEnded(
                self._owner,
                recording.spec.recording_id,
                recording.draft.url,
                start_ms,
                start_ms + kept_ms,
                recording.why or "stopped",
                recording.digit,
                "" if kept_ms else error or "nothing was recorded",
                later,
            )
        )

    async def _discard(self, recording: _Recording) -> None:
        """It did not begin: the shelf forgets it."""
        recording.finished = True
        self._core.wiring.disconnect(recording.spec.recording_id)
        self._recordings.pop(recording.spec.recording_id, None)
        try:
            await self._core.around.shelf.finish(recording.draft, recording.start_ms, 0)
        except Refused as refusal:
            log.warning("recording.not_discarded", reason=str(refusal))
        finally:
            self._count(-1)

    def _count(self, change: int) -> None:
        self._open += change
        if self._open:
            self._settled.clear()
        else:
            self._settled.set()
