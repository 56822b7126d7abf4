"""The shelf: what is recorded is pending while it is written, and kept when it is done."""

import asyncio
import wave
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import text
from voice_desk import Desk

from trunkline.runtime.blobs import BlobsError
from trunkline.runtime.blobs.folder import FolderBlobs
from trunkline.voice.aftermath import Aftermath, Transcribing
from trunkline.voice.recordings.library import RecordingLibrary, of_call
from trunkline.voice.recordings.model import Recording
from trunkline.voice.recordings.shelf import TRIES, RecordingShelf
from trunkline.voice.recordings.store import recordings as store
from trunkline.voice.records.closing import Closer
from trunkline.voice.switch.ports import Draft
from trunkline.voice.telephony import KeptLater, RecordingSpec, Refused

SPEC = RecordingSpec("5b40a428-bfc7-4daf-9d06-726c558bf3b8", "wav")
START_MS = 1_767_225_600_000
AFTERMATH = Aftermath(transcribing=Transcribing("https://app.test/text"))


class FullDisk(FolderBlobs):
    """Blobs that can be kept again after so many failures."""

    failures = 0

    async def put_file(self, key: str, path: Path) -> None:
        if self.failures:
            self.failures -= 1
            raise BlobsError("the disk is full")
        await super().put_file(key, path)


@pytest.fixture
def disk(tmp_path: Path) -> FullDisk:
    return FullDisk(tmp_path / "kept")


@pytest.fixture
def told() -> list[Recording]:
    """Recordings that were told of by who kept them when nobody waited any more."""
    return []


@pytest.fixture
def shelf(desk: Desk, disk: FullDisk, told: list[Recording], tmp_path: Path) -> RecordingShelf:
    return new_shelf(desk, disk, told, tmp_path)


def new_shelf(
    desk: Desk, disk: FullDisk, told: list[Recording], tmp_path: Path, **more: float
) -> RecordingShelf:
    row = of_call(desk.new_call(), "wav", tmp_path, 0.0)

    def owner_of(uuid: str) -> Recording | None:
        return row if uuid == "leg" else None

    return RecordingShelf(
        library=RecordingLibrary(db=desk.db, clock=desk.clock, blobs=disk),
        links=desk.links,
        clock=desk.clock,
        folder=tmp_path / "drafts",
        owner_of=owner_of,
        tell=lambda _, one: told.append(one),
        pause_s=0.001,
        **more,
    )


async def pending(desk: Desk) -> list[str]:
    return [one.recording_id for one in await desk.db.read(store.pending)]


async def test_a_recording_is_kept_and_its_draft_goes(desk: Desk, shelf: RecordingShelf) -> None:
    draft = await shelf.begin("leg", SPEC, START_MS)
    assert await pending(desk) == [SPEC.recording_id]
    assert SPEC.recording_id in draft.url
    draft.path.write_bytes(b"RIFF" + bytes(100))
    assert await shelf.finish(draft, START_MS + 500, 1_500) == 1_500
    assert not draft.path.exists()
    kept = await desk.library.find(SPEC.recording_id)
    assert kept is not None
    assert (kept.duration_ms, kept.started_at, kept.size) == (1_500, START_MS / 1000 + 0.5, 104)
    assert await pending(desk) == []


async def test_nothing_recorded_leaves_nothing(desk: Desk, shelf: RecordingShelf) -> None:
    draft = await shelf.begin("leg", SPEC, START_MS)
    assert await shelf.finish(draft, START_MS, None) == 0
    assert await pending(desk) == []
    assert await shelf.finish(draft, START_MS, None) == 0  # said twice


async def test_a_call_that_has_ended_is_not_recorded(desk: Desk, shelf: RecordingShelf) -> None:
    with pytest.raises(Refused, match="has ended"):
        await shelf.begin("nobody", SPEC, START_MS)
    assert await pending(desk) == []


@pytest.mark.parametrize("failures", [2, 99])
async def test_a_store_that_fails(
    desk: Desk, shelf: RecordingShelf, disk: FullDisk, failures: int
) -> None:
    disk.failures = failures
    draft = await shelf.begin("leg", SPEC, START_MS)
    draft.path.write_bytes(b"RIFF" + bytes(100))
    if failures < TRIES:
        assert await shelf.finish(draft, START_MS, 1_000) == 1_000
        return
    with pytest.raises(KeptLater):
        await shelf.finish(draft, START_MS, 1_000)
    assert draft.path.exists()
    assert await pending(desk) == [SPEC.recording_id]


async def salvaged(desk: Desk, told: list[Recording]) -> list[str]:
    """Salvage as the program does, until a recording was told of; return what was."""
    closer = Closer(db=desk.db, clock=desk.clock, balances=desk.balances)
    async with asyncio.timeout(20):
        while not told:
            await desk.library.salvage(closer.is_dead, lambda _, one: told.append(one))
            await asyncio.sleep(0.01)
    assert await desk.library.salvage(closer.is_dead, lambda _, one: told.append(one)) == 0
    assert await pending(desk) == []
    return [one.aftermath for one in told]


def write_wav(draft: Draft) -> None:
    with wave.open(str(draft.path), "wb") as audio:
        audio.setnchannels(1)
        audio.setsampwidth(2)
        audio.setframerate(8000)
        audio.writeframes(bytes(16_000))


async def test_what_cannot_be_kept_in_time_is_kept_later_by_a_node_that_lives(
    desk: Desk, shelf: RecordingShelf, disk: FullDisk, told: list[Recording]
) -> None:
    disk.failures = TRIES
    spec = replace(SPEC, aftermath=AFTERMATH)
    draft = await shelf.begin("leg", spec, START_MS)
    write_wav(draft)
    with pytest.raises(KeptLater):
        await shelf.finish(draft, START_MS, 1_000)
    assert await salvaged(desk, told) == [msgspec.json.encode(AFTERMATH).decode()]
    kept = await desk.library.find(spec.recording_id)
    assert kept is not None
    assert (kept.duration_ms, kept.started_at) == (1_000, START_MS / 1000)


async def test_what_is_kept_when_nobody_waits_any_more_is_told_once(
    desk: Desk, disk: FullDisk, told: list[Recording], tmp_path: Path
) -> None:
    shelf = new_shelf(desk, disk, told, tmp_path, patience_s=0.2)
    spec = replace(SPEC, aftermath=AFTERMATH)
    draft = await shelf.begin("leg", spec, START_MS)
    write_wav(draft)
    with desk.db.engine.connect() as other:
        other.execute(text("BEGIN IMMEDIATE" if desk.db.is_sqlite else "LOCK TABLE recordings"))
        with pytest.raises(KeptLater):
            await shelf.finish(draft, START_MS, 1_000)
        other.rollback()
    assert await salvaged(desk, told) == [msgspec.json.encode(AFTERMATH).decode()]
