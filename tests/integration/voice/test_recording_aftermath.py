"""Recordings that were under way when their process died: saved, and told of in one transaction."""

import asyncio
import wave
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from sqlalchemy import text
from voice_desk import Desk

from trunkline.runtime.db import Connection
from trunkline.voice.aftermath import Aftermath, Promise, Shape, Transcribing
from trunkline.voice.orphans import RecordingsTold
from trunkline.voice.recordings.library import of_call
from trunkline.voice.recordings.model import Recording
from trunkline.voice.recordings.shelf import RecordingShelf
from trunkline.voice.recordings.store import recordings as store
from trunkline.voice.telephony import RecordingSpec

NAME = "5b40a428-bfc7-4daf-9d06-726c558bf3b8"
START_MS = 1_767_225_600_000


async def begin(
    desk: Desk, folder: Path, shape: Shape, seconds: float, wanted: Transcribing | None = None
) -> None:
    """Record so long, and die."""
    row = of_call(desk.new_call(node="dead"), "wav", folder, 0.0)
    shelf = RecordingShelf(
        library=desk.library,
        links=desk.links,
        clock=desk.clock,
        folder=folder,
        owner_of=lambda _: row,
        tell=RecordingsTold(desk.links, desk.clock).tell,
    )
    promise = Promise(
        "voice.record", row.account_id, row.call_uuid, "POST", "https://app.test/told",
        {"EventName": "MPCRecordingCompleted", "api_id": "one"}, shape,
    )  # fmt: skip
    draft = await shelf.begin(
        "leg", RecordingSpec(NAME, "wav", aftermath=Aftermath((promise,), wanted)), START_MS
    )
    if seconds:
        with wave.open(str(draft.path), "wb") as audio:
            audio.setnchannels(1)
            audio.setsampwidth(2)
            audio.setframerate(8000)
            audio.writeframes(bytes(round(seconds * 16_000)))
    else:
        draft.path.touch()


async def everybody(_: str) -> bool:
    return True


async def told(desk: Desk) -> list[dict[str, str]]:
    query = text("SELECT body FROM webhooks WHERE kind = 'voice.record'")
    bodies = await desk.db.read(lambda conn: [row[0] for row in conn.execute(query)])
    return [dict(parse_qsl(one, keep_blank_values=True)) for one in bodies]


@pytest.mark.parametrize(
    ("shape", "url", "ms"),
    [
        ("record", "RecordUrl", "RecordingDurationMs"),
        ("conference", "RecordUrl", "RecordingDurationMs"),
        ("api", "record_url", "recordingDurationMs"),
        ("api_conference", "record_url", "recording_duration_ms"),
        ("multiparty", "RecordingURL", ""),
    ],
)
async def test_what_was_promised_is_told_once_with_the_length_of_the_file(
    desk: Desk, tmp_path: Path, shape: Shape, url: str, ms: str
) -> None:
    await begin(desk, tmp_path, shape, 1.5)
    (row,) = await desk.db.read(store.pending)
    tell = RecordingsTold(desk.links, desk.clock).tell
    assert await desk.library.salvage(everybody, tell) == 1
    (params,) = await told(desk)
    assert NAME in params[url]
    assert params.get(ms) == ("1500" if ms else None)
    assert params["EventName"] == "MPCRecordingCompleted"
    if shape == "multiparty":
        path = urlsplit(params["RecordingResourceURL"]).path
        assert path == f"/v1/Account/{row.account_id}/Recording/{NAME}/"
        assert params["RecordingFormat"] == "wav"
        assert params["RecordingDuration"] == "1"
        assert params["RecordingStartTime"] == "2026-01-01 00:00:00+00:00"
        assert params["RecordingEndTime"] == "2026-01-01 00:00:01+00:00"
    assert await desk.library.salvage(everybody, tell) == 0
    assert len(await told(desk)) == 1
    kept = await desk.library.find(NAME)
    assert kept is not None
    assert (kept.duration_ms, kept.aftermath) == (1_500, "")


async def test_several_processes_save_one_recording(desk: Desk, tmp_path: Path) -> None:
    """Also one that comes when the other is through with it."""
    await begin(desk, tmp_path, "record", 1.5)
    (row,) = await desk.db.read(store.pending)
    tell = RecordingsTold(desk.links, desk.clock).tell
    saved = await asyncio.gather(*(desk.library.salvage(everybody, tell) for _ in range(3)))
    assert sum(saved) == 1
    assert not await asyncio.to_thread(Path(row.draft).exists)
    assert await desk.library.finish(row, tell=tell) is None
    assert len(await told(desk)) == 1
    kept = await desk.library.find(NAME)
    assert kept is not None
    assert kept.size > 24_000
    octets = [part async for part in desk.library.audio(kept, 0, kept.size)]
    assert sum(map(len, octets)) == kept.size


async def test_neither_is_without_the_other(desk: Desk, tmp_path: Path) -> None:
    await begin(desk, tmp_path, "record", 1.5)

    def fail(_: Connection, __: Recording) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await desk.library.salvage(everybody, fail)
    assert [one.recording_id for one in await desk.db.read(store.pending)] == [NAME]


@pytest.mark.parametrize(
    ("shape", "expected"),
    [("record", None), ("api", {"record_url": "", "recording_duration": "0"}),
     ("multiparty", {"EventName": "MPCRecordingFailed", "RecordUrl": ""})],
)  # fmt: skip
async def test_what_came_to_nothing(
    desk: Desk, tmp_path: Path, shape: Shape, expected: dict[str, str] | None
) -> None:
    await begin(desk, tmp_path, shape, 0)
    assert await desk.library.salvage(everybody, RecordingsTold(desk.links, desk.clock).tell) == 0
    found = await told(desk)
    assert len(found) == (expected is not None)
    for params in found:
        assert expected is not None
        assert {name: params[name] for name in expected} == expected


@pytest.mark.parametrize("seconds", [1.5, 0])
async def test_what_was_said_is_asked_for(desk: Desk, tmp_path: Path, seconds: float) -> None:
    await begin(desk, tmp_path, "record", seconds, Transcribing("https://app.test/text", "GET"))
    tell = RecordingsTold(desk.links, desk.clock).tell
    await desk.library.salvage(everybody, tell)
    query = text("SELECT recording_id, state, callback_url, callback_method FROM transcriptions")
    asked = await desk.db.read(lambda conn: [tuple(row) for row in conn.execute(query)])
    expected = (NAME, "in-progress", "https://app.test/text", "GET")
    assert asked == ([expected] if seconds else [])


async def test_what_another_release_promised_is_let_go(desk: Desk, tmp_path: Path) -> None:
    await begin(desk, tmp_path, "record", 1.5)
    change = text("UPDATE recordings SET aftermath = '[]'")
    await desk.db.write(lambda conn: conn.execute(change))
    tell = RecordingsTold(desk.links, desk.clock).tell
    assert await desk.library.salvage(everybody, tell) == 1
    assert await told(desk) == []
