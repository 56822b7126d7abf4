"""Media are kept whole, seen by whom they belong to, and forgotten in time."""

from collections.abc import Callable
from pathlib import Path

import pytest

from trunkline.messaging.media import store
from trunkline.messaging.media.library import Library
from trunkline.messaging.media.model import UNUSED_LIFE_S, NewMedium, Origin
from trunkline.runtime.blobs import BlobsError
from trunkline.runtime.blobs.bucket import open_bucket
from trunkline.runtime.blobs.folder import FolderBlobs
from trunkline.runtime.clock import ControlledClock
from trunkline.runtime.db import Database
from trunkline.values.pages import Page

PNG = NewMedium("image/png", "a.png", b"\x89PNG")
OWNER = ("MA1", "MA1")


@pytest.fixture
def files(tmp_path: Path) -> Callable[[], list[Path]]:
    folder = tmp_path / "media"
    return lambda: [path for path in folder.rglob("*") if path.is_file()]


@pytest.fixture
def library(database: Database, clock: ControlledClock, tmp_path: Path) -> Library:
    return Library(db=database, clock=clock, blobs=FolderBlobs(tmp_path / "media"))


async def seen(library: Library, clock: ControlledClock, main: str, account: str) -> list[str]:
    rows, total = await library.db.read(
        lambda conn: store.page(conn, main, account, Page(20, 0), clock.now())
    )
    assert total == len(rows)
    return [row.media_id for row in rows]


async def test_an_upload_is_forgotten_after_six_hours_unless_it_was_used(
    library: Library, clock: ControlledClock, files: Callable[[], list[Path]]
) -> None:
    used, unused = await library.keep(OWNER, Origin.UPLOADED, [PNG, PNG])
    await library.db.write(
        lambda conn: store.link(conn, ["message-1"], [used.media_id], clock.now())
    )
    assert await library.body(unused.media_id) == b"\x89PNG"
    clock.advance(UNUSED_LIFE_S - 1)
    assert await library.sweep() == 0
    assert len(files()) == 2
    clock.advance(1)
    assert await seen(library, clock, "MA1", "MA1") == [used.media_id]  # before any sweep
    assert await library.find(unused.media_id) is None
    assert await library.sweep() == 1
    assert len(files()) == 1
    assert await library.body(unused.media_id) is None
    clock.advance(365 * 86_400)
    assert await library.sweep() == 0
    assert await library.find(used.media_id) is not None


async def test_subaccounts_see_their_own_and_the_main_account_all(
    library: Library, clock: ControlledClock
) -> None:
    (of_main,) = await library.keep(OWNER, Origin.UPLOADED, [PNG])
    clock.advance(1)
    (of_sub,) = await library.keep(("MA1", "SA1"), Origin.UPLOADED, [PNG])
    assert await seen(library, clock, "MA1", "MA1") == [of_sub.media_id, of_main.media_id]
    assert await seen(library, clock, "MA1", "SA1") == [of_sub.media_id]
    assert await seen(library, clock, "MA1", "SA2") == []
    assert await seen(library, clock, "MA2", "MA2") == []


async def test_what_is_not_to_be_logged_is_in_no_list_and_goes(
    library: Library, clock: ControlledClock, files: Callable[[], list[Path]]
) -> None:
    (fetched,) = await library.keep(OWNER, Origin.FETCHED, [PNG], hidden=True)
    (received,) = await library.keep(OWNER, Origin.RECEIVED, [PNG], hidden=True)
    for one in (fetched, received):
        await library.db.write(
            lambda conn, one=one: store.link(conn, ["m" + one.media_id], [one.media_id], 1.0)
        )
    assert await seen(library, clock, "MA1", "MA1") == []
    clock.advance(61)
    assert await library.sweep() == 1
    clock.advance(86_400)
    assert await library.sweep() == 1
    assert files() == []


async def test_what_a_message_alone_had_goes_with_it(
    library: Library, clock: ControlledClock
) -> None:
    (uploaded,) = await library.keep(OWNER, Origin.UPLOADED, [PNG])
    alone, shared = await library.keep(OWNER, Origin.FETCHED, [PNG, PNG])
    ids = [uploaded.media_id, alone.media_id, shared.media_id]
    await library.db.write(lambda conn: store.link(conn, ["message-1"], ids, clock.now()))
    await library.db.write(lambda conn: store.link(conn, ["message-2"], ids[2:], clock.now()))
    await library.forget_of("message-1")
    await library.forget_of("message-1")
    assert set(await seen(library, clock, "MA1", "MA1")) == {uploaded.media_id, shared.media_id}
    assert await library.body(alone.media_id) is None
    assert await library.db.read(lambda conn: store.of_message(conn, "message-1")) == []


@pytest.mark.parametrize("key", ["../../etc/passwd", "/etc/passwd", "a", "A" * 36, "a" * 80, ".."])
async def test_no_key_leads_out_of_the_folder(tmp_path: Path, key: str) -> None:
    blobs = FolderBlobs(tmp_path)
    attempts = (
        blobs.put(key, b"x"),
        blobs.put_file(key, tmp_path),
        blobs.get(key),
        blobs.part(key, 0, 1),
        blobs.delete(key),
    )
    for attempt in attempts:
        with pytest.raises(BlobsError, match="no key"):
            await attempt


async def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "media").write_bytes(b"a file in its place")
    with pytest.raises(BlobsError, match="cannot be written"):
        await FolderBlobs(tmp_path / "media").put("0178eb8a-461a", b"x")


async def test_files_are_kept_and_read_in_parts(tmp_path: Path) -> None:
    bucket = open_bucket("memory:///", endpoint="", region="", key_id="", secret="")
    body = bytes(range(256)) * 40_000
    (tmp_path / "long.wav").write_bytes(body)
    for blobs in (FolderBlobs(tmp_path / "media"), bucket):
        await blobs.put_file("0178eb8a-461a", tmp_path / "long.wav")
        assert await blobs.get("0178eb8a-461a") == body
        assert await blobs.part("0178eb8a-461a", 0, 10) == body[:10]
        assert await blobs.part("0178eb8a-461a", 10_000_000, 10) == body[10_000_000:10_000_010]
        assert await blobs.part("0178eb8a-461a", len(body) - 3, 10) == body[-3:]
        assert await blobs.part("0178eb8a-0000", 0, 10) is None
        with pytest.raises(BlobsError):
            await blobs.put_file("0178eb8a-0000", tmp_path / "missing.wav")
        assert await blobs.get("0178eb8a-0000") is None


async def test_a_bucket_keeps_them_too() -> None:
    blobs = open_bucket("memory:///", endpoint="", region="", key_id="", secret="")
    await blobs.put("0178eb8a-461a", b"\x00\xff")
    assert await blobs.get("0178eb8a-461a") == b"\x00\xff"
    await blobs.delete("0178eb8a-461a")
    await blobs.delete("0178eb8a-461a")
    assert await blobs.get("0178eb8a-461a") is None
    with pytest.raises(BlobsError):
        open_bucket("pigeon://x", endpoint="", region="", key_id="", secret="")
