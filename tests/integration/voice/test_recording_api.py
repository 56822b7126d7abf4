"""Recordings: kept with their audio, listed, deleted, saved when their node died."""

from pathlib import Path
from typing import Any

import pytest
from voice_desk import Desk, ids

from trunkline.contract.errors import Conflict, InvalidParameter, NotFound
from trunkline.runtime.blobs import BlobsError
from trunkline.runtime.blobs.folder import FolderBlobs
from trunkline.voice.recordings.library import RecordingLibrary, of_call
from trunkline.voice.recordings.links import path_of
from trunkline.voice.recordings.model import Recording, Transcription, TranscriptState
from trunkline.voice.recordings.store import recordings as store
from trunkline.voice.recordings.store import transcriptions


async def listed(desk: Desk, auth_id: str = "", **fields: Any) -> list[str]:
    page = await desk.call("recording.list", auth_id or desk.main, **fields)
    assert page["meta"]["total_count"] == len(page["objects"])
    return ids(page, "recording_id")


async def test_the_recording_object_is_plivos(desk: Desk) -> None:
    desk.clock.advance(0.852059)
    one = await desk.recorded()
    answer = await desk.call("recording.get", desk.main, recording_id=one.recording_id)
    assert answer.pop("api_id")
    url = answer.pop("recording_url")
    path = path_of(desk.main, one.file_name)
    assert url.startswith(f"https://api.example.com{path}?expires=")
    expires, signature = (part.partition("=")[2] for part in url.partition("?")[2].split("&"))
    now = desk.clock.now()
    assert desk.links.is_address(path, expires, signature, now)
    assert not desk.links.is_address(path, expires, signature, now + 3601)
    assert not desk.links.is_address(path_of(desk.other, one.file_name), expires, signature, now)
    assert answer == {
        "recording_id": one.recording_id,
        "add_time": "2026-01-01 05:30:00.852059+05:30",
        "call_uuid": one.call_uuid,
        "conference_name": None,
        "recording_type": "normal",
        "recording_format": "mp3",
        "recording_start_ms": "1767225539852.00000",
        "recording_end_ms": "1767225600852.00000",
        "recording_duration_ms": "61000.00000",
        "rounded_recording_duration": 120,
        "recording_storage_duration": 1,
        "recording_storage_rate": 0.0,
        "monthly_recording_storage_amount": 0.0,
        "from_number": "14155550100",
        "to_number": "14155550123",
        "resource_uri": f"/v1/Account/{desk.main}/Recording/{one.recording_id}/",
    }


async def test_filters(desk: Desk) -> None:
    made: dict[str, Recording] = {}
    kinds: dict[str, dict[str, Any]] = {
        "plain": {},
        "sub": {"account_id": desk.sub},
        "conference": {"conference_name": "sales", "conference_uuid": "c-1"},
        "party": {"mpc_name": "crew", "mpc_uuid": "m-1", "format_": "wav"},
        "phone": {"sender": "sip:desk@phone.plivo.com", "recipient": "442071838750"},
    }
    for name, fields in kinds.items():
        desk.clock.advance(60)
        made[name] = await desk.recorded(**fields)
    await desk.recorded(desk.other)
    names = {one.recording_id: name for name, one in made.items()}
    everything = "phone party conference sub plain"
    cases: list[tuple[dict[str, Any], str]] = [
        ({}, everything),
        ({"call_uuid": made["plain"].call_uuid.upper()}, "plain"),
        ({"subaccount": desk.sub}, "sub"),
        ({"conference_name": "sales"}, "conference"),
        ({"conference_uuid": "C-1"}, "conference"),
        ({"mpc_name": "crew"}, "party"),
        ({"mpc_uuid": "m-1"}, "party"),
        ({"from_number": "sip:desk@phone.plivo.com"}, "phone"),
        ({"from_number": "+1415"}, "party conference sub plain"),
        ({"to_number": "442071838750"}, "phone"),
        ({"add_time": "2026-01-01 00:03:00"}, "conference"),
        ({"add_time__gt": "2026-01-01 00:03:00"}, "phone party"),
        ({"add_time__gte": "2026-01-01 00:03:00.000000"}, "phone party conference"),
        ({"add_time__lt": "2026-01-01 00:02"}, "plain"),
        ({"add_time__lte": "2026-01-01 05:32:00+05:30"}, "sub plain"),
        ({"recording_storage_duration": "1"}, everything),
        ({"recording_storage_duration__gt": "1"}, ""),
        ({"recording_storage_duration__lt": "2"}, everything),
        ({"recording_storage_duration__gte": "1", "conference_name": "sales"}, "conference"),
        ({"conference_name": "nobody"}, ""),
    ]
    for filters, expected in cases:
        found = [names[one] for one in await listed(desk, **filters)]
        assert found == expected.split(), filters
    page = await desk.call("recording.list", desk.main, limit=2, offset=1)
    assert [names[one] for one in ids(page, "recording_id")] == ["party", "conference"]
    kinds_of = [(one["recording_type"], one["recording_format"]) for one in page["objects"]]
    assert kinds_of == [("conference", "wav"), ("conference", "mp3")]
    assert page["objects"][1]["conference_name"] == "sales"


async def test_each_bad_filter_is_named(desk: Desk) -> None:
    for field, value in (
        ("add_time", "yesterday"),
        ("add_time__gt", "2026-02-30 10:00"),
        ("recording_storage_duration", "-1"),
        ("recording_storage_duration__lte", "long"),
        ("subaccount", "SA1"),
        ("limit", "21"),
        ("offset", "x"),
    ):
        with pytest.raises(InvalidParameter, match=f"^{field} parameter is invalid"):
            await listed(desk, **{field: value})
    with pytest.raises(InvalidParameter, match=r"^add_time parameter .*30 days"):
        await listed(desk, add_time__gt="2025-11-01 00:00", add_time__lt="2026-01-01 00:00")


async def test_days_are_counted_from_the_first(desk: Desk) -> None:
    one = await desk.recorded()
    for day, after in ((1, 86_399.0), (2, 1.0), (2, 86_399.0), (3, 1.0), (10, 7 * 86_400.0)):
        desk.clock.advance(after)
        answer = await desk.call("recording.get", desk.main, recording_id=one.recording_id)
        assert answer["recording_storage_duration"] == day
        found = {
            form: await listed(desk, **{f"recording_storage_duration{form}": value})
            for form, value in (
                ("", day), ("__gte", day), ("__lte", day), ("__gt", day - 1), ("__lt", day + 1),
            )
        }  # fmt: skip
        assert set(map(tuple, found.values())) == {(one.recording_id,)}, (day, found)
        for form, value in (("", day + 1), ("__gt", day), ("__lt", day), ("__gte", day + 1)):
            assert await listed(desk, **{f"recording_storage_duration{form}": value}) == []
    assert await listed(desk) == []  # the last 7 days, unless asked for by time, age or call
    assert await listed(desk, call_uuid=one.call_uuid) == [one.recording_id]
    assert await listed(desk, add_time__lte="2026-01-20 00:00") == [one.recording_id]


async def test_whose_recordings_are_seen(desk: Desk) -> None:
    mine, subs, others = [await desk.recorded(one) for one in ("", desk.sub, desk.other)]
    assert await listed(desk, desk.sub) == [subs.recording_id]
    assert await listed(desk, desk.sibling) == []
    for auth_id, id_ in (
        (desk.sub, mine.recording_id),
        (desk.sibling, subs.recording_id),
        (desk.main, others.recording_id),
        (desk.main, "5b40a428-bfc7-4daf-9d06-726c558bf3b8"),
        (desk.main, "../../etc/passwd"),
    ):
        for verb in ("get", "delete"):
            with pytest.raises(NotFound):
                await desk.call(f"recording.{verb}", auth_id, recording_id=id_)
    with pytest.raises(NotFound):
        await listed(desk, desk.sub, subaccount=desk.sibling)
    assert len(await listed(desk)) == 2


def files(desk: Desk) -> list[Path]:
    return [path for path in (desk.folder / "media").rglob("*") if path.is_file()]


async def octets(desk: Desk, one: Recording, start: int = 0, end: int | None = None) -> bytes:
    parts = desk.library.audio(one, start, one.size if end is None else end)
    return b"".join([part async for part in parts])


async def test_the_audio_is_there_until_it_is_deleted(desk: Desk) -> None:
    body = bytes(range(256)) * 3000  # more than a chunk
    one, other = await desk.recorded(body=body), await desk.recorded()
    assert await octets(desk, one) == body
    assert await octets(desk, one, 100, 300_000) == body[100:300_000]
    await spoken(desk, one)
    await desk.call("recording.delete", desk.main, recording_id=one.recording_id)
    assert await listed(desk) == [other.recording_id]
    assert [path.name for path in files(desk)] == [other.recording_id]
    with pytest.raises(BlobsError):
        await octets(desk, one)
    for verb in ("recording.get", "recording.delete"):
        with pytest.raises(NotFound):
            await desk.call(verb, desk.main, recording_id=one.recording_id)
    with pytest.raises(NotFound):
        await desk.call("transcription.get", desk.main, transcription_id=one.recording_id)


async def test_nobody_sees_it_before_it_is_whole(desk: Desk, tmp_path: Path) -> None:
    draft = tmp_path / "draft"
    draft.write_bytes(b"x" * 100)
    one = of_call(desk.new_call(), "mp3", draft, desk.clock.now())
    await desk.library.begin(one)
    assert await listed(desk) == []
    assert await desk.library.find(one.recording_id) is None
    with pytest.raises(NotFound):
        await desk.call("recording.get", desk.main, recording_id=one.recording_id)

    broken = RecordingLibrary(
        db=desk.db, clock=desk.clock, blobs=FolderBlobs(draft / "not a folder")
    )
    with pytest.raises(BlobsError):
        await broken.finish(one, duration_ms=5)
    assert len(await desk.db.read(store.pending)) == 1  # to be tried again
    kept = await desk.library.finish(one, duration_ms=5)
    assert kept is not None
    assert await desk.library.find(one.recording_id) == kept
    assert await desk.library.finish(one, duration_ms=5) is None  # it is no more pending


async def test_a_recording_of_nothing_is_none(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    for name in ("empty", "missing"):
        one = of_call(desk.new_call(), "wav", tmp_path / name, desk.clock.now())
        await desk.library.begin(one)
        assert await desk.library.finish(one, duration_ms=0) is None
    assert await desk.db.read(store.pending) == []


async def test_what_a_dead_node_wrote_is_saved(desk: Desk, tmp_path: Path) -> None:
    started = desk.clock.now()
    rows: dict[str, Recording] = {}
    for node, name in (("dead", "a"), ("alive", "b"), ("dead", "elsewhere")):
        draft = tmp_path / f"{name}.mp3"
        if name != "elsewhere":
            draft.write_bytes(b"\xff\xfb\x58\xc4" + bytes(8 * 3_000 - 4))  # 3 s of 64 kbit/s
        call = desk.new_call(node=node)
        rows[name] = of_call(call, "mp3", draft, started)
        await desk.library.begin(rows[name])
    desk.clock.advance(20)

    async def is_dead(node: str) -> bool:
        return node == "dead"

    assert await desk.library.salvage(is_dead) == 1
    assert await listed(desk) == [rows["a"].recording_id]
    answer = await desk.call("recording.get", desk.main, recording_id=rows["a"].recording_id)
    assert answer["recording_duration_ms"] == "3000.00000"
    assert answer["recording_end_ms"] == f"{(started + 3) * 1000:.0f}.00000"
    assert await desk.library.salvage(is_dead) == 0


async def spoken(desk: Desk, one: Recording) -> Transcription:
    now = desk.clock.now()
    made = Transcription(
        transcription_id="0198a428-bfc7-7daf-9d06-726c558bf3b8",
        recording_id=one.recording_id,
        main_id=one.main_id,
        account_id=one.account_id,
        state=TranscriptState.IN_PROGRESS.value,
        text="",
        parts="",
        rate=5_000,
        amount=0,
        created_at=now,
        updated_at=now,
    )
    assert await desk.db.write(lambda conn: transcriptions.insert(conn, made))
    return made


async def test_a_transcription(desk: Desk) -> None:
    one = await desk.recorded(desk.sub)
    made = await spoken(desk, one)
    again = made._replace(transcription_id="0198a428-bfc7-7daf-9d06-000000000000")
    assert not await desk.db.write(lambda conn: transcriptions.insert(conn, again))

    async def get(auth_id: str, id_: str, **fields: Any) -> dict[str, Any]:
        return await desk.call("transcription.get", auth_id, transcription_id=id_, **fields)

    assert (await get(desk.main, made.transcription_id))["status"] == "in-progress"
    done = made._replace(
        state=TranscriptState.SUCCESS.value, text="Hello", parts='[{"word":"Hello"}]', amount=10_000
    )
    assert await desk.db.write(lambda conn: transcriptions.finish(conn, done))
    for id_ in (made.transcription_id, one.recording_id.upper()):
        answer = await get(desk.sub, id_)
        assert answer.pop("api_id")
        assert answer == {
            "status": "success",
            "transcription": "Hello",
            "cost": 0.1,
            "rate": 0.05,
            "recording_duration_ms": 61_000,
            "recording_start_ms": 1_767_225_539_000,
        }
    assert (await get(desk.sub, one.recording_id, type="raw"))["transcription"] == [
        {"word": "Hello"}
    ]
    for auth_id in (desk.other, desk.sibling):
        with pytest.raises(NotFound):
            await get(auth_id, made.transcription_id)
        with pytest.raises(NotFound):
            await desk.call("transcription.delete", auth_id, transcription_id=made.transcription_id)
    answer = await desk.call(
        "transcription.delete", desk.main, transcription_id=made.transcription_id
    )
    assert answer["message"] == "request accepted"
    with pytest.raises(NotFound):
        await get(desk.main, made.transcription_id)
    assert not await desk.db.write(lambda conn: transcriptions.finish(conn, done))
    assert await listed(desk) == [one.recording_id]


async def test_a_transcription_is_asked_for_once(desk: Desk) -> None:
    one = await desk.recorded(desk.sub)
    url = "https://app.example.com/transcribed"

    async def ask(auth_id: str, **fields: Any) -> dict[str, Any]:
        return await desk.call("transcription.create", auth_id, **fields)

    for auth_id, recording_id in ((desk.other, one.recording_id), (desk.main, "absent")):
        with pytest.raises(NotFound, match=r"recording .* not found"):
            await ask(auth_id, recording_id=recording_id)
    with pytest.raises(InvalidParameter, match="transcription_callback_url"):
        await ask(desk.sub, recording_id=one.recording_id, transcription_callback_url="elsewhere")
    answer = await ask(desk.sub, recording_id=one.recording_id, transcription_callback_url=url)
    assert answer["message"] == "transcription in progress"
    now = desk.clock.now()
    taken = await desk.db.write(lambda conn: transcriptions.lease(conn, now, now + 60))
    assert taken is not None
    assert (taken.recording_id, taken.account_id) == (one.recording_id, desk.sub)
    assert (taken.callback_url, taken.callback_method) == (url, "POST")
    with pytest.raises(Conflict):
        await ask(desk.main, recording_id=one.recording_id)
    await desk.call("transcription.delete", desk.main, transcription_id=one.recording_id)
    await ask(desk.main, recording_id=one.recording_id)
