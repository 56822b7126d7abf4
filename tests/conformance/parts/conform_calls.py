"""What calls leave behind, written beside the program: no phone is called for it."""

import asyncio
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from e2e_program import Program

from trunkline.runtime.blobs.folder import FolderBlobs
from trunkline.runtime.clock import SystemClock
from trunkline.runtime.db import Connection, Database
from trunkline.values.ids import new_uuid
from trunkline.voice.endpoints.model import Registration
from trunkline.voice.endpoints.registrations import StoredRegistrations
from trunkline.voice.recordings.library import RecordingLibrary, of_call
from trunkline.voice.recordings.model import Recording, Transcription, TranscriptState
from trunkline.voice.recordings.store import transcriptions
from trunkline.voice.records.model import Answered, Call, CallState, Ended, Hangup
from trunkline.voice.records.store import calls, nodes

NODE = "elsewhere:1:conformance"
_DAY_S = 86_400.0


def _new_call(program: Program, state: CallState, **fields: Any) -> Call:
    uuid = new_uuid()
    return Call(
        call_uuid=uuid,
        main_id=program.auth_id,
        account_id=program.auth_id,
        direction="outbound",
        state=state.value,
        sender="14155550100",
        recipient="14155550123",
        initiated_at=time.time() - 90,
        request_uuid=uuid,
        rate=850,
        node="" if state is CallState.QUEUED else NODE,
        network_group="United States All Networks",
        **fields,
    )


def _write(program: Program, unit: Callable[[Connection], Any]) -> None:
    asyncio.run(program.beside(lambda database: database.write(unit)))


def _live_call(program: Program, _endpoint: str) -> str:
    call = _new_call(program, CallState.RINGING)

    def write(conn: Connection) -> None:
        nodes.seen(conn, NODE, time.time() + _DAY_S)  # nobody is to end its calls
        calls.insert(conn, [call])
        calls.answer(conn, [Answered(call.call_uuid, time.time())])

    _write(program, write)
    return call.call_uuid


def _queued_call(program: Program, _endpoint: str) -> str:
    call = _new_call(program, CallState.QUEUED)._replace(node=NODE)  # else it would be placed

    def write(conn: Connection) -> None:
        nodes.seen(conn, NODE, time.time() + _DAY_S)
        calls.insert(conn, [call])

    _write(program, write)
    return call.call_uuid


def _ended_call(program: Program, _endpoint: str) -> str:
    call = _new_call(program, CallState.RINGING, parent_uuid=new_uuid())
    hangup = Hangup(4000, "Normal Hangup", "Callee", "NORMAL_CLEARING")

    def write(conn: Connection) -> None:
        calls.insert(conn, [call])
        calls.answer(conn, [Answered(call.call_uuid, time.time() - 85)])
        calls.finish(conn, [Ended(call.call_uuid, time.time(), hangup)])

    _write(program, write)
    return call.call_uuid


def _recording(program: Program, _endpoint: str) -> str:
    draft = program.folder / new_uuid()
    draft.write_bytes(b"\xff\xfb\x58\xc4" + bytes(24_000))
    call = _new_call(program, CallState.RINGING)
    new = of_call(call, "mp3", draft, time.time() - 85)
    new = new._replace(conference_name="sales", conference_uuid=new_uuid())

    async def keep(database: Database) -> Recording | None:
        blobs = FolderBlobs(Path(program.folder) / "data" / "media")
        library = RecordingLibrary(db=database, clock=SystemClock(), blobs=blobs)
        await library.begin(new)
        return await library.finish(new)

    assert asyncio.run(program.beside(keep)) is not None
    return new.recording_id


def _transcription(program: Program, endpoint: str) -> str:
    recording_id = _recording(program, endpoint)
    made = Transcription(
        transcription_id=new_uuid(),
        recording_id=recording_id,
        main_id=program.auth_id,
        account_id=program.auth_id,
        state=TranscriptState.SUCCESS.value,
        text="Hello",
        parts="[]",
        rate=5_000,
        amount=10_000,
        created_at=time.time(),
        updated_at=time.time(),
    )
    _write(program, lambda conn: transcriptions.insert(conn, made))
    return made.transcription_id


def _registered_endpoint(program: Program, endpoint: str) -> str:
    now = time.time()
    contact = Registration(
        endpoint_id=endpoint,
        contact="sip:desk@192.0.2.10:57563;ob",
        received="udp:192.0.2.10:57563",
        user_agent="Telephone 1.1.4",
        q=1.0,
        call_id="a84b4c76e66710",
        cseq=1826,
        node=NODE,
        registered_at=now,
        expires_at=now + _DAY_S,
    )
    asyncio.run(
        program.beside(
            lambda database: StoredRegistrations(database, SystemClock()).replace(
                endpoint, [contact]
            )
        )
    )
    return endpoint


CALLS: Mapping[str, Callable[[Program, str], str]] = {
    "live_call": _live_call,
    "queued_call": _queued_call,
    "ended_call": _ended_call,
    "recording": _recording,
    "transcription": _transcription,
    "registered_endpoint": _registered_endpoint,
}
