"""Wire ↔ domain for recordings and transcriptions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import partial
from typing import Any

import msgspec

from trunkline.accounts.directory import Directory as Accounts
from trunkline.contract.context import Handler, RequestContext
from trunkline.contract.errors import Conflict, NotFound
from trunkline.contract.operation import Confirmation
from trunkline.contract.operations.voice.recordings import (
    RecordingAnswer,
    RecordingDelete,
    RecordingGet,
    RecordingList,
    RecordingPage,
)
from trunkline.contract.operations.voice.transcriptions import (
    TranscriptionAnswer,
    TranscriptionCreate,
    TranscriptionDelete,
    TranscriptionGet,
)
from trunkline.messaging.media.links import Links
from trunkline.runtime.db import Connection, Database
from trunkline.values.moments import Interval
from trunkline.values.money import UNITS_PER_DOLLAR
from trunkline.values.pages import Page, page_meta
from trunkline.voice.recordings.library import RecordingLibrary
from trunkline.voice.recordings.links import url_of
from trunkline.voice.recordings.model import (
    DAY_S,
    MINUTE_MS,
    Filters,
    Recording,
    Transcription,
    TranscriptState,
)
from trunkline.voice.recordings.store import recordings as store
from trunkline.voice.recordings.store import transcriptions
from trunkline.voice.recordings.transcribe import transcription_of
from trunkline.voice.records import wanted
from trunkline.voice.records.api import zone_of

_STORAGE_RATE = 0.0  # keeping recordings is charged by nobody here
_ALIKE = ("conference_name", "mpc_name")
_IDS = ("call_uuid", "conference_uuid", "mpc_uuid")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingApi:
    """What the operations of recordings and transcriptions work with."""

    db: Database
    accounts: Accounts
    library: RecordingLibrary
    links: Links

    async def list(self, context: RequestContext, request: RecordingList) -> RecordingPage:
        page = Page(request.limit, request.offset)
        filters = _filters(context, request)
        rows, total = await self.db.read(partial(store.page, filters=filters, wanted=page))
        zone = zone_of(self.accounts, context)
        path = f"/v1/Account/{context.account_id}/Recording/"
        return RecordingPage(
            meta=page_meta(page, total, path, wanted.repeated(request)),
            objects=[self._answer(row, context, zone) for row in rows],
        )

    async def get(self, context: RequestContext, request: RecordingGet) -> RecordingAnswer:
        row = await self._find(context, request.recording_id)
        return self._answer(row, context, zone_of(self.accounts, context))

    async def delete(self, context: RequestContext, request: RecordingDelete) -> None:
        row = await self._find(context, request.recording_id)
        await self.library.delete(row.recording_id)

    async def transcribe(
        self, context: RequestContext, request: TranscriptionCreate
    ) -> Confirmation:
        row = await self._find(context, request.recording_id)
        one = transcription_of(row, context.now, request.transcription_callback_url or "")
        if not await self.db.write(partial(transcriptions.request, one=one)):
            raise Conflict(
                "the recording has a transcription: get it, or delete it to have it made anew"
            )
        return Confirmation(message="transcription in progress")

    async def transcription(
        self, context: RequestContext, request: TranscriptionGet
    ) -> TranscriptionAnswer:
        main_id, id_ = context.principal.main_auth_id, request.transcription_id.lower()

        def read(conn: Connection) -> tuple[Transcription | None, Recording | None]:
            found = transcriptions.get(conn, main_id, context.account_id, id_)
            return found, None if found is None else store.find(conn, found.recording_id)

        found, recording = await self.db.read(read)
        if found is None or recording is None:
            raise NotFound(f"transcription {id_!r} not found", "transcription_id")
        raw = (request.type or "").lower() == "raw"
        return TranscriptionAnswer(
            status=TranscriptState(found.state).value,
            transcription=_parts(found) if raw else found.text,
            cost=found.amount / UNITS_PER_DOLLAR,
            rate=found.rate / UNITS_PER_DOLLAR,
            recording_duration_ms=recording.duration_ms,
            recording_start_ms=int(recording.started_at * 1000),
        )

    async def delete_transcription(
        self, context: RequestContext, request: TranscriptionDelete
    ) -> Confirmation:
        main_id, id_ = context.principal.main_auth_id, request.transcription_id.lower()
        gone = await self.db.write(
            lambda conn: transcriptions.remove(conn, main_id, context.account_id, id_)
        )
        if not gone:
            raise NotFound(f"transcription {id_!r} not found", "transcription_id")
        return Confirmation(message="request accepted")

    async def _find(self, context: RequestContext, recording_id: str) -> Recording:
        main_id = context.principal.main_auth_id
        row = await self.db.read(
            lambda conn: store.get(conn, main_id, context.account_id, recording_id.lower())
        )
        if row is None:
            raise NotFound(f"recording {recording_id!r} not found", "recording_id")
        return row

    def _answer(self, row: Recording, context: RequestContext, zone: tzinfo) -> RecordingAnswer:
        rounded = max(1, -(-row.duration_ms // MINUTE_MS)) * 60  # PLIVO recording: up to 60 s
        return RecordingAnswer(
            recording_id=row.recording_id,
            add_time=datetime.fromtimestamp(row.added_at, zone).isoformat(" ", "microseconds"),
            call_uuid=row.call_uuid,
            conference_name=row.conference_name or row.mpc_name or None,
            recording_type="conference" if row.conference_uuid or row.mpc_uuid else "normal",
            recording_format=row.format,
            recording_url=url_of(self.links, row, context.now),
            recording_start_ms=_milliseconds(row.started_at * 1000),
            recording_end_ms=_milliseconds(row.ended_at * 1000),
            recording_duration_ms=_milliseconds(row.duration_ms),
            rounded_recording_duration=rounded,
            recording_storage_duration=max(0, int((context.now - row.added_at) // DAY_S)) + 1,
            recording_storage_rate=_STORAGE_RATE,
            monthly_recording_storage_amount=_STORAGE_RATE * rounded / 60,
            from_number=row.sender,
            to_number=row.recipient,
            resource_uri=f"/v1/Account/{context.account_id}/Recording/{row.recording_id}/",
        )


def handlers(api: RecordingApi) -> Mapping[str, Handler]:
    """Return the handler of each operation of recordings and transcriptions by its id."""
    return {
        "recording.list": api.list,
        "recording.get": api.get,
        "recording.delete": api.delete,
        "transcription.create": api.transcribe,
        "transcription.get": api.transcription,
        "transcription.delete": api.delete_transcription,
    }


def _filters(context: RequestContext, request: RecordingList) -> Filters:
    equal = {name: value for name in _ALIKE if (value := getattr(request, name))}
    ids = {name: value.lower() for name in _IDS if (value := getattr(request, name))}
    times = wanted.given_moments(request, "add_time")
    kept = _kept(context, request)
    if times or (kept is None and not ids):
        added = wanted.window(times, context.now, "add_time")
    else:
        added = Interval()  # PLIVO recording: "unrestricted access to older recordings"
    return Filters(
        main_id=context.principal.main_auth_id,
        account_id=wanted.account_wanted(context, request.subaccount),
        equal=equal | ids,
        senders=wanted.ends_of("from_number", request.from_number),
        recipients=wanted.ends_of("to_number", request.to_number),
        added=added if kept is None else added.within(kept),
    )


def _kept(context: RequestContext, request: RecordingList) -> Interval | None:
    """Return when what was kept for the wanted numbers of days was added; None: any number.

    The day of adding is day 1; day n began (n - 1) × 24 h after it.
    """
    exactly = request.recording_storage_duration
    fewest = [exactly, request.recording_storage_duration__gte]
    most = [exactly, request.recording_storage_duration__lte]
    if request.recording_storage_duration__gt is not None:
        fewest.append(request.recording_storage_duration__gt + 1)
    if request.recording_storage_duration__lt is not None:
        most.append(request.recording_storage_duration__lt - 1)
    at_least = [one for one in fewest if one is not None]
    at_most = [one for one in most if one is not None]
    if not at_least and not at_most:
        return None
    found = Interval()
    if at_least:  # now - added >= (n - 1) days
        until = context.now - (max(at_least) - 1) * DAY_S
        found = found.within(Interval(until=until + _INSTANT_S))
    if at_most:  # now - added < n days
        found = found.within(Interval(since=context.now - min(at_most) * DAY_S + _INSTANT_S))
    return found


_INSTANT_S = 1e-6  # turns "at or before" into "before", as intervals end


def _milliseconds(value: float) -> str:
    return f"{value:.5f}" if isinstance(value, int) else f"{round(value)}.00000"


def _parts(one: Transcription) -> Any:
    return msgspec.json.decode(one.parts) if one.parts else []
