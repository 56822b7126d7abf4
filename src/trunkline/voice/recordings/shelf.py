"""The switch's shelf over the library: drafts in a folder of this node, kept when they are done."""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec
import structlog

from trunkline.messaging.media.links import Links
from trunkline.runtime.blobs import BlobsError
from trunkline.runtime.clock import Clock
from trunkline.runtime.db import DatabaseError
from trunkline.voice.recordings.library import OnKept, RecordingLibrary
from trunkline.voice.recordings.links import url_of
from trunkline.voice.recordings.model import Recording, Standing
from trunkline.voice.switch.ports import Draft
from trunkline.voice.telephony import KeptLater, RecordingSpec, Refused

log = structlog.get_logger(__name__)

TRIES = 5
PAUSE_S = 1.0
PATIENCE_S = 15.0  # less than the end of a leg waits for its recordings

Owner = Callable[[str], Recording | None]
"""Give the row of a new recording of a leg or room by its uuid; None when there is no such."""


class RecordingShelf:
    """`owner_of` says whose a recording is: the ids, ends and names of its row."""

    def __init__(
        self,
        *,
        library: RecordingLibrary,
        links: Links,
        clock: Clock,
        folder: Path,
        owner_of: Owner,
        tell: OnKept,
        pause_s: float = PAUSE_S,
        patience_s: float = PATIENCE_S,
    ) -> None:
        """`tell` sees to what comes of recordings that are kept when nobody waits any more."""
        self._library = library
        self._links = links
        self._clock = clock
        self._folder = folder
        self._owner_of = owner_of
        self._tell = tell
        self._pause_s = pause_s
        self._patience_s = patience_s
        self._letting_go: set[asyncio.Task[None]] = set()
        self._rows: dict[str, Recording] = {}

    async def begin(self, owner: str, spec: RecordingSpec, start_ms: int) -> Draft:
        """Make room for a recording. Raises Refused."""
        whose = self._owner_of(owner)
        if whose is None:
            raise Refused("the call has ended")
        path = self._folder / f"{spec.recording_id}.{spec.format}"
        row = whose._replace(
            recording_id=spec.recording_id,
            state=Standing.PENDING.value,
            format=spec.format,
            started_at=start_ms / 1000,
            draft=str(path.absolute()),
            aftermath=msgspec.json.encode(spec.aftermath).decode() if spec.aftermath else "",
        )
        try:
            await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True)
            await self._library.begin(row)
        except (DatabaseError, OSError) as error:
            raise Refused(f"nothing can be recorded: {error}") from error
        self._rows[row.recording_id] = row
        return Draft(row.recording_id, path, url_of(self._links, row, self._clock.now()))

    async def finish(self, draft: Draft, start_ms: int, duration_ms: int | None) -> int:
        """Keep what was written; return how long it is in ms, 0: nothing is there to keep.

        Raises:
            KeptLater: not in time. It is salvaged from its draft as soon as that can be done.
        """
        row = self._rows.pop(draft.recording_id, None)
        if row is None:
            return 0
        row = row._replace(started_at=start_ms / 1000)
        kept: Recording | Literal[False] | None = False
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._patience_s):
                kept = await self._keep(row, duration_ms)
        if kept is False:
            task = asyncio.create_task(self._let_go(row), name="recording let go")
            self._letting_go.add(task)
            task.add_done_callback(self._letting_go.discard)
            raise KeptLater("the recording cannot be kept yet")
        with contextlib.suppress(OSError):
            await asyncio.to_thread(draft.path.unlink, missing_ok=True)
        return 0 if kept is None else kept.duration_ms

    async def _keep(
        self, row: Recording, duration_ms: int | None
    ) -> Recording | Literal[False] | None:
        """Try a few times; False when that was in vain."""
        for tried in range(TRIES):
            if tried:
                await asyncio.sleep(self._pause_s * tried)
            try:
                return await self._library.finish(row, duration_ms=duration_ms)
            except (BlobsError, DatabaseError) as error:
                log.warning("recording.unkept", id=row.recording_id, error=str(error))
        return False

    async def _let_go(self, row: Recording) -> None:
        with contextlib.suppress(DatabaseError):
            await self._library.let_go(row, self._tell)
