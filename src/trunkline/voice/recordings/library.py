"""Keeps recordings: the row says what there is, the blob holds the audio.

A row is written when recording begins, as pending; when it has ended the file is kept as a blob,
then the row is made ready. So a recording that accounts see can always be fetched, and one whose
node died in between can be saved by `salvage`, in several processes at once: the first counts.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path

import structlog

from trunkline.runtime.blobs import Blobs, BlobsError
from trunkline.runtime.clock import Clock
from trunkline.runtime.db import Connection, Database
from trunkline.runtime.sweep import keep_sweeping
from trunkline.values.ids import new_uuid
from trunkline.voice.recordings import audio
from trunkline.voice.recordings.model import Format, Recording, Standing
from trunkline.voice.recordings.store import recordings as store
from trunkline.voice.records.model import Call

log = structlog.get_logger(__name__)

CHUNK = 256 * 1024
SALVAGE_S = 10.0
OnKept = Callable[[Connection, Recording], None]
"""Told of a recording as it is kept; of no size when it came to nothing."""


class RecordingLibrary:
    """One object a process."""

    def __init__(self, *, db: Database, clock: Clock, blobs: Blobs) -> None:
        self._db = db
        self._clock = clock
        self._blobs = blobs

    async def begin(self, one: Recording) -> None:
        """Note that `one.node` writes `one.draft`; see `of_call`. Raises DatabaseError."""
        await self._db.write(partial(store.insert, one=one))

    async def finish(
        self,
        one: Recording,
        *,
        duration_ms: int | None = None,
        ended_at: float | None = None,
        tell: OnKept | None = None,
    ) -> Recording | None:
        """Keep what was recorded and make it visible; durable on return, the draft may go then.

        `duration_ms` None: as the file says. None if it was deleted meanwhile, or is kept by
        somebody else, or has no audio.
        `tell` runs in the transaction that makes it visible, or forgets it for want of audio.

        Raises:
            BlobsError, DatabaseError: it is still pending, to be tried again.
        """
        path = Path(one.draft)
        try:
            size = (await asyncio.to_thread(path.stat)).st_size
            if duration_ms is None:
                duration_ms = await asyncio.to_thread(audio.duration_ms, path)
        except OSError as error:
            if duration_ms != 0:  # else it has not even begun
                log.warning("recording.lost", recording_id=one.recording_id, error=str(error))
            size = 0
        if not size:
            await self._db.write(partial(_forget, one=one._replace(duration_ms=0), tell=tell))
            return None
        await self._blobs.put_file(one.recording_id, path)
        ready = one._replace(
            state=Standing.READY.value,
            draft="",
            duration_ms=duration_ms or 0,
            ended_at=ended_at or one.started_at + (duration_ms or 0) / 1000,
            size=size,
            added_at=self._clock.now(),
        )
        if not await self._db.write(partial(_keep, one=ready, tell=tell)):
            if await self._db.read(partial(store.find, recording_id=one.recording_id)) is None:
                await self._forget(one.recording_id)
            return None
        return ready

    async def let_go(self, one: Recording, tell: OnKept) -> None:
        """Leave to `salvage` what could not be kept in time, once the database can be written.

        If it was kept after all, when nobody waited any more, `tell` runs now.

        Raises:
            DatabaseError: the program ends; the next one salvages it.
        """
        await self._db.write(partial(_let_go, one=one, tell=tell), patient=True)

    async def find(self, recording_id: str) -> Recording | None:
        """Return a recording that is ready, whoever owns it."""
        found = await self._db.read(partial(store.find, recording_id=recording_id))
        return None if found is None or found.state != Standing.READY else found

    async def audio(self, one: Recording, start: int, end: int) -> AsyncIterator[bytes]:
        """Give the octets from `start` up to but without `end`, in chunks. Raises BlobsError."""
        while start < end:
            part = await self._blobs.part(one.recording_id, start, min(CHUNK, end - start))
            if not part:
                raise BlobsError(f"recording {one.recording_id} ends before octet {start}")
            start += len(part)
            yield part

    async def delete(self, recording_id: str) -> None:
        """Forget a recording, its audio and what was said in it."""
        await self._db.write(partial(store.remove, recording_id=recording_id))
        await self._forget(recording_id)

    async def salvage(
        self, is_dead: Callable[[str], Awaitable[bool]], tell: OnKept | None = None
    ) -> int:
        """Finish the recordings of dead nodes whose drafts are on this machine; return how many."""
        saved = 0
        for one in await self._db.read(store.pending):
            here = await asyncio.to_thread(Path(one.draft).exists)
            if not here or not await is_dead(one.node):
                continue
            try:
                saved += await self.finish(one, tell=tell) is not None
            except BlobsError as error:
                log.warning("recording.not_salvaged", id=one.recording_id, error=str(error))
                continue
            with contextlib.suppress(OSError):
                await asyncio.to_thread(Path(one.draft).unlink, missing_ok=True)
        return saved

    async def salvage_for_ever(
        self, is_dead: Callable[[str], Awaitable[bool]], tell: OnKept
    ) -> None:
        """Look for recordings of dead nodes; cancel to stop."""

        async def sweep() -> None:
            await self.salvage(is_dead, tell)

        await keep_sweeping(self._clock, SALVAGE_S, sweep)

    async def _forget(self, recording_id: str) -> None:
        try:
            await self._blobs.delete(recording_id)
        except BlobsError as error:  # it is in no table any more: lost space, nothing else
            log.warning("recording.not_deleted", recording_id=recording_id, error=str(error))


def _keep(conn: Connection, one: Recording, tell: OnKept | None) -> bool:
    kept = store.finish(conn, one)
    if kept and tell is not None:
        tell(conn, one)
    return kept


def _let_go(conn: Connection, one: Recording, tell: OnKept) -> None:
    if store.let_go(conn, one.recording_id):
        return
    kept = store.find(conn, one.recording_id)
    if kept is not None:
        tell(conn, kept._replace(aftermath=one.aftermath))


def _forget(conn: Connection, one: Recording, tell: OnKept | None) -> None:
    if store.give_up(conn, one.recording_id) and tell is not None:
        tell(conn, one)


def of_call(call: Call, format_: Format, draft: Path, at: float) -> Recording:
    """Return the row of a new recording of a call, which its node writes to `draft`.

    Of a conference or multiparty call its name and uuid are to be added.
    """
    return Recording(
        recording_id=new_uuid(),
        main_id=call.main_id,
        account_id=call.account_id,
        call_uuid=call.call_uuid,
        state=Standing.PENDING.value,
        format=format_,
        started_at=at,
        sender=call.sender,
        recipient=call.recipient,
        node=call.node,
        draft=str(draft),
    )
