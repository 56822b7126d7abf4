"""Transcriptions: asked for by a row, done one after the other, told to who asked.

The row is the queue: what a process that died had in hand is taken again when its lease is over.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, Final

import msgspec
import structlog

from trunkline.engines.speech import Recogniser, SpeechError, Understood
from trunkline.runtime.blobs import BlobsError
from trunkline.runtime.clock import Clock
from trunkline.runtime.db import Connection, Database, DatabaseError
from trunkline.runtime.sweep import DOWN_S
from trunkline.values.form import form_encoded
from trunkline.values.ids import new_uuid
from trunkline.values.money import format_amount
from trunkline.voice.recordings.library import RecordingLibrary
from trunkline.voice.recordings.model import Recording, Transcription, TranscriptState
from trunkline.voice.recordings.store import transcriptions as store
from trunkline.voice.session.ports import Recorded
from trunkline.webhooks import NewWebhook, enqueue

log = structlog.get_logger(__name__)

_LOOK_S: Final = 30.0  # for what was asked elsewhere, and for leases that are over
_LEASE_S: Final = 120.0
_KIND: Final = "voice.transcription"


class Transcriber:
    """One object a process that has a recogniser."""

    def __init__(
        self, *, db: Database, clock: Clock, library: RecordingLibrary, recogniser: Recogniser
    ) -> None:
        self._db = db
        self._clock = clock
        self._library = library
        self._recogniser = recogniser
        self._woken = asyncio.Event()
        self._asking: set[asyncio.Task[None]] = set()
        db.listen(store.REQUESTED, self._wake)

    def recorded(self, recorded: Recorded) -> None:
        """A recording is there; have it transcribed if its document wants that."""
        if recorded.transcription:
            task = asyncio.create_task(self._ask(recorded), name="ask for a transcription")
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)

    async def run(self) -> None:
        """Transcribe what is asked for; cancel to stop."""
        while True:
            try:
                while (one := await self._lease()) is not None:
                    await self._do(one)
            except DatabaseError as error:
                log.warning("transcription.database", error=str(error))
                await asyncio.sleep(DOWN_S)
                continue
            await self._clock.wait(self._woken, _LOOK_S)
            self._woken.clear()

    async def close(self) -> None:
        """Let what is being asked for be stored."""
        self._db.forget(store.REQUESTED, self._wake)
        if self._asking:
            await asyncio.wait(self._asking, timeout=DOWN_S)

    def _wake(self, _ids: set[str]) -> None:
        self._woken.set()

    async def _ask(self, recorded: Recorded) -> None:
        try:
            recording = await self._library.find(recorded.event.recording_id)
            if recording is None:
                return  # it is deleted already, or there was nothing in it
            one = transcription_of(
                recording,
                self._clock.now(),
                recorded.transcription_url,
                recorded.transcription_method,
            )
            await self._db.write(partial(store.request, one=one), patient=True)
        except DatabaseError as error:
            log.warning("transcription.unasked", reason=str(error))

    async def _lease(self) -> Transcription | None:
        now = self._clock.now()
        return await self._db.write(partial(store.lease, now=now, until=now + _LEASE_S))

    async def _do(self, one: Transcription) -> None:
        recording = await self._library.find(one.recording_id)
        if recording is None:
            await self._finish(one, None, Understood(error="The recording was deleted."))
            return
        renewing = asyncio.create_task(self._keep(one), name="lease of a transcription")
        try:
            understood = await self._understand(recording)
        finally:
            renewing.cancel()
            await asyncio.wait({renewing})
        await self._finish(one, recording, understood)

    async def _keep(self, one: Transcription) -> None:
        while True:
            await self._clock.sleep(_LEASE_S / 3)
            until = self._clock.now() + _LEASE_S
            with contextlib.suppress(DatabaseError):  # the next renewal is in time too
                await self._db.write(
                    partial(store.renew, transcription_id=one.transcription_id, until=until)
                )

    async def _understand(self, recording: Recording) -> Understood:
        with TemporaryDirectory(prefix="trunkline-") as folder:
            path = Path(folder) / recording.file_name
            try:
                with path.open("wb") as file:
                    async for octets in self._octets(recording):
                        await asyncio.to_thread(_write, file, octets)
                return await self._recogniser.transcribe(path)
            except (SpeechError, BlobsError, OSError) as error:
                return Understood(error=str(error))

    def _octets(self, recording: Recording) -> AsyncIterator[bytes]:
        return self._library.audio(recording, 0, recording.size)

    async def _finish(
        self, one: Transcription, recording: Recording | None, understood: Understood
    ) -> None:
        now = self._clock.now()
        failed = bool(understood.error)
        done = one._replace(
            state=(TranscriptState.FAILED if failed else TranscriptState.SUCCESS).value,
            text=understood.text,
            parts=msgspec.json.encode(understood.parts).decode(),
            updated_at=now,
        )
        told = [] if recording is None else _callback(done, recording, understood.error, now)

        def write(conn: Connection) -> None:
            if store.finish(conn, done):
                enqueue(conn, told)

        await self._db.write(write, patient=True)
        log.info(
            "transcription.done",
            recording_id=one.recording_id,
            parts=len(understood.parts),
            error=understood.error,
        )


def transcription_of(
    recording: Recording, now: float, callback_url: str = "", callback_method: str = "POST"
) -> Transcription:
    """Return the row that asks for a transcription."""
    return Transcription(
        transcription_id=new_uuid(),
        recording_id=recording.recording_id,
        main_id=recording.main_id,
        account_id=recording.account_id,
        state=TranscriptState.IN_PROGRESS.value,
        text="",
        parts="",
        rate=0,
        amount=0,
        created_at=now,
        updated_at=now,
        callback_url=callback_url,
        callback_method=callback_method,
    )


def _callback(one: Transcription, recording: Recording, error: str, now: float) -> list[NewWebhook]:
    """PLIVO XML Record: transcription_url is told the text and what it costs, or an error."""
    if not one.callback_url:
        return []
    params = {
        "transcription": one.text,
        "transcription_charge": format_amount(one.amount),
        "transcription_rate": format_amount(one.rate),
        "duration": str(recording.duration_ms // 1000),
        "call_uuid": recording.call_uuid,
        "recording_id": recording.recording_id,
        **({"error": error} if error else {}),
    }
    return [
        NewWebhook(
            one.account_id,
            _KIND,
            recording.call_uuid,
            one.callback_method,
            one.callback_url,
            form_encoded(params),
            now,
        )
    ]


def _write(file: BinaryIO, octets: bytes) -> None:
    file.write(octets)
