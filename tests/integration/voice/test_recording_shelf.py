"""The shelf: what is recorded is pending while it is written, and kept when it is done."""

from pathlib import Path

import pytest
from voice_desk import Desk

from trunkline.runtime.blobs import BlobsError
from trunkline.runtime.blobs.folder import FolderBlobs
from trunkline.voice.recordings.library import RecordingLibrary, of_call
from trunkline.voice.recordings.model import Recording
from trunkline.voice.recordings.shelf import TRIES, RecordingShelf
from trunkline.voice.recordings.store import recordings as store
from trunkline.voice.telephony import RecordingSpec, Refused

SPEC = RecordingSpec("5b40a428-bfc7-4daf-9d06-726c558bf3b8", "wav")
START_MS = 1_767_225_600_000


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
def shelf(desk: Desk, disk: FullDisk, tmp_path: Path) -> RecordingShelf:
    row = of_call(desk.new_call(), "wav", tmp_path, 0.0)

    def owner_of(uuid: str) -> Recording | None:
        return row if uuid == "leg" else None

    return RecordingShelf(
        library=RecordingLibrary(db=desk.db, clock=desk.clock, blobs=disk),
        links=desk.links,
        clock=desk.clock,
        folder=tmp_path / "drafts",
        owner_of=owner_of,
        pause_s=0.001,
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
    with pytest.raises(Refused, match="could not be kept"):
        await shelf.finish(draft, START_MS, 1_000)
    assert draft.path.exists()  # to be salvaged when this node is gone
    assert await pending(desk) == [SPEC.recording_id]
