"""Recordings become text: asked for, understood, told, and taken again after a crash."""

import asyncio
import contextlib
import io
import json
import wave
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs

import numpy as np
import pytest
from voice_desk import Desk

from trunkline.contract.errors import NotFound
from trunkline.engines.speech import CannotUnderstand, Part, Understood
from trunkline.voice.events import RecordingEnded
from trunkline.voice.recordings.model import Recording
from trunkline.voice.recordings.store import transcriptions as store
from trunkline.voice.recordings.transcribe import Transcriber, transcription_of
from trunkline.voice.session.facts import Facts
from trunkline.voice.session.ports import Recorded
from trunkline.voice.telephony import RecordingSpec

URL = "http://127.0.0.1:9/transcribed"


def sound() -> bytes:
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(np.zeros(8000, np.int16).tobytes())
    return made.getvalue()


class Ears:
    """A recogniser that knows what will be said."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.error = ""
        self.go = asyncio.Event()
        self.go.set()

    async def transcribe(self, path: Path, *, language: str = "en-US") -> Understood:
        self.heard.append(await asyncio.to_thread(path.read_bytes))
        await self.go.wait()
        if self.error:
            raise CannotUnderstand(self.error)
        part = Part(start_ms=100, end_ms=900, text="good morning", confidence=0.75)
        return Understood(text="good morning", confidence=0.75, parts=(part,))


class World:
    def __init__(self, desk: Desk) -> None:
        self.desk, self.ears = desk, Ears()
        self.transcribers: list[tuple[Transcriber, asyncio.Task[None]]] = []

    def start(self) -> Transcriber:
        made = Transcriber(
            db=self.desk.db,
            clock=self.desk.clock,
            library=self.desk.library,
            recogniser=self.ears,  # type: ignore[arg-type]
        )
        self.transcribers.append((made, asyncio.create_task(made.run())))
        return made

    async def kill(self) -> None:
        """As if the process were gone."""
        for made, task in self.transcribers:
            task.cancel()
            await asyncio.wait({task})
            await made.close()
        self.transcribers.clear()

    async def got(self, recording: Recording, state: str) -> dict[str, object]:
        async with asyncio.timeout(30):
            while True:
                with contextlib.suppress(NotFound):  # it is being asked for
                    found = await self.desk.call(
                        "transcription.get", self.desk.main, transcription_id=recording.recording_id
                    )
                    if found["status"] == state:
                        return found
                await asyncio.sleep(0.02)

    async def callbacks(self) -> list[tuple[str, dict[str, str]]]:
        rows = await self.desk.db.read(
            lambda conn: conn.exec_driver_sql("SELECT kind, body FROM webhooks").fetchall()
        )
        return [
            (kind, {key: value for key, (value,) in parse_qs(body, True).items()})
            for kind, body in rows
        ]


@pytest.fixture
async def world(desk: Desk) -> AsyncIterator[World]:
    made = World(desk)
    yield made
    await made.kill()


def told(desk: Desk, one: Recording, kind: str = "auto", url: str = URL) -> Recorded:
    facts = Facts(one.call_uuid, desk.main, desk.main, "outbound", "1", "2", 0.0)
    event = RecordingEnded("leg", one.recording_id, "https://x/", 0, 1000)
    spec = RecordingSpec(one.recording_id)
    return Recorded(facts, spec, event, transcription=kind, transcription_url=url)


async def test_what_is_said_in_a_recording_is_kept_and_told(desk: Desk, world: World) -> None:
    one = await desk.recorded(body=sound(), format_="wav")
    world.start().recorded(told(desk, one))
    found = await world.got(one, "success")
    assert (found["transcription"], found["cost"]) == ("good morning", 0.0)
    raw = await desk.call(
        "transcription.get", desk.main, transcription_id=one.recording_id, type="raw"
    )
    assert raw["transcription"] == [
        {"start_ms": 100, "end_ms": 900, "text": "good morning", "confidence": 0.75}
    ]
    assert world.ears.heard == [sound()]
    assert await world.callbacks() == [
        (
            "voice.transcription",
            {
                "transcription": "good morning",
                "transcription_charge": "0.00000",
                "transcription_rate": "0.00000",
                "duration": "61",
                "call_uuid": one.call_uuid,
                "recording_id": one.recording_id,
            },
        )
    ]


async def test_what_cannot_be_understood_fails_and_says_why(desk: Desk, world: World) -> None:
    world.ears.error = "There is no model."
    one = await desk.recorded(body=sound())
    world.start().recorded(told(desk, one))
    await world.got(one, "failed")
    ((_, params),) = await world.callbacks()
    assert (params["error"], params["transcription"]) == ("There is no model.", "")


async def test_who_does_not_ask_gets_none(desk: Desk, world: World) -> None:
    first, second = await desk.recorded(body=sound()), await desk.recorded(body=sound())
    made = world.start()
    made.recorded(told(desk, first, kind=""))
    made.recorded(told(desk, second, url=""))
    await world.got(second, "success")
    assert len(world.ears.heard) == 1
    assert await world.callbacks() == []


async def test_a_recording_is_transcribed_once(desk: Desk, world: World) -> None:
    one = await desk.recorded(body=sound())
    made = world.start()
    for _ in range(3):
        made.recorded(told(desk, one))
    await world.got(one, "success")
    await world.kill()
    assert len(world.ears.heard) == 1


async def test_what_a_dead_process_had_in_hand_is_taken_again(desk: Desk, world: World) -> None:
    world.ears.go.clear()
    one = await desk.recorded(body=sound())
    world.start().recorded(told(desk, one))
    async with asyncio.timeout(30):
        while not world.ears.heard:  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(0.02)
    await world.kill()
    world.ears.go.set()
    world.start()
    await asyncio.sleep(0)
    assert await desk.db.write(partial(store.lease, now=desk.clock.now(), until=0.0)) is None
    desk.clock.advance(200)
    await world.got(one, "success")
    assert len(world.ears.heard) == 2


async def test_a_recording_that_is_deleted_meanwhile(desk: Desk, world: World) -> None:
    world.ears.go.clear()
    one = await desk.recorded(body=sound())
    world.start().recorded(told(desk, one))
    async with asyncio.timeout(30):
        while not world.ears.heard:  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(0.02)
    await desk.library.delete(one.recording_id)
    world.ears.go.set()
    other = await desk.recorded(body=sound())
    world.transcribers[0][0].recorded(told(desk, other))
    await world.got(other, "success")
    assert [params["recording_id"] for _, params in await world.callbacks()] == [other.recording_id]


async def test_the_oldest_is_taken_first_and_by_one_alone(desk: Desk) -> None:
    rows = []
    for _ in range(2):
        desk.clock.advance(1)
        row = transcription_of(await desk.recorded(), desk.clock.now())
        assert await desk.db.write(partial(store.request, one=row))
        assert not await desk.db.write(partial(store.request, one=row))
        rows.append(row)
    now = desk.clock.now()
    taken = [await desk.db.write(partial(store.lease, now=now, until=now + 9)) for _ in range(3)]
    assert [one and one.transcription_id for one in taken] == [
        rows[0].transcription_id,
        rows[1].transcription_id,
        None,
    ]
    await desk.db.write(
        partial(store.renew, transcription_id=rows[0].transcription_id, until=now + 99)
    )
    again = await desk.db.write(partial(store.lease, now=now + 10, until=now + 99))
    assert again is not None
    assert again.transcription_id == rows[1].transcription_id
    assert json.dumps(again.parts) == '""'
