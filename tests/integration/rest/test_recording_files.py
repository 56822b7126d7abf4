"""The audio behind recording_url: whole, in ranges, and for nobody without a right to it."""

import asyncio
from base64 import b64encode
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from starlette.applications import Starlette

from trunkline.accounts import store as accounts_store
from trunkline.accounts.directory import Directory
from trunkline.accounts.model import Account, NewAccount
from trunkline.messaging.media.links import Links
from trunkline.rest.voice.recordings import recording_routes
from trunkline.runtime.blobs.folder import FolderBlobs
from trunkline.runtime.clock import ControlledClock
from trunkline.runtime.db import Connection, Database
from trunkline.runtime.secrets import Keyring
from trunkline.voice.recordings.library import CHUNK, RecordingLibrary, of_call
from trunkline.voice.recordings.links import url_of
from trunkline.voice.recordings.model import Recording
from trunkline.voice.records.model import Call

KEYS = Keyring({"k1": bytes(32)})
BODY = bytes(range(256)) * (CHUNK // 128)


class Shelf:
    """One recording of a subaccount's, and those who may want it."""

    def __init__(self, db: Database, clock: ControlledClock, folder: Path) -> None:
        self.db, self.clock, self.folder = db, clock, folder
        self.accounts = Directory(KEYS)
        self.links = Links(KEYS, "https://api.example.com", 3600)
        blobs = FolderBlobs(folder / "media")
        self.library = RecordingLibrary(db=db, clock=clock, blobs=blobs)
        self.app = Starlette(
            routes=recording_routes(self.library, self.links, self.accounts, clock)
        )
        self.people: dict[str, Account] = {}
        self.one: Recording

    async def open(self) -> None:
        now = self.clock.now()

        def fill(conn: Connection) -> dict[str, Account]:
            main = accounts_store.create_account(conn, KEYS, NewAccount("main"), now)
            other = accounts_store.create_account(conn, KEYS, NewAccount("other"), now)
            sub, sibling = (
                accounts_store.create_subaccount(conn, KEYS, main, name, enabled=True, at=now)
                for name in ("sub", "sibling")
            )
            return {"main": main, "other": other, "sub": sub, "sibling": sibling}

        self.people = await self.db.write(fill)
        await self.accounts.refresh(self.db)
        main, sub = self.people["main"].auth_id, self.people["sub"].auth_id
        call = Call("c-1", main, sub, "inbound", "answered", "1", "2", now, node="x")
        draft = self.folder / "draft"
        draft.write_bytes(BODY)
        new = of_call(call, "wav", draft, now)
        await self.library.begin(new)
        kept = await self.library.finish(new, duration_ms=1)
        assert kept is not None
        self.one = kept

    @property
    def target(self) -> str:
        url = urlsplit(url_of(self.links, self.one, self.clock.now()))
        return f"{url.path}?{url.query}"

    def login(self, who: str, token: str = "") -> dict[str, str]:
        account = self.people[who]
        pair = f"{account.auth_id}:{token or account.auth_token}"
        return {"authorization": f"Basic {b64encode(pair.encode()).decode()}"}

    async def ask(
        self, target: str, method: str = "GET", **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        path, _, query = target.partition("?")
        sent: list[MutableMapping[str, Any]] = []

        async def receive() -> MutableMapping[str, Any]:
            return await asyncio.get_running_loop().create_future()  # nobody hangs up

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        scope = {
            "type": "http", "method": method, "path": path, "raw_path": path.encode(),
            "query_string": query.encode(), "root_path": "", "scheme": "http",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "client": ("192.0.2.1", 1), "server": ("127.0.0.1", 80),
        }  # fmt: skip
        await self.app(scope, receive, send)
        found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return sent[0]["status"], found, b"".join(part.get("body", b"") for part in sent[1:])


@pytest.fixture
async def shelf(database: Database, clock: ControlledClock, tmp_path: Path) -> Shelf:
    made = Shelf(database, clock, tmp_path)
    await made.open()
    return made


async def test_the_whole(shelf: Shelf) -> None:
    status, headers, body = await shelf.ask(shelf.target)
    assert (status, body) == (200, BODY)
    assert headers["content-type"] == "audio/x-wav"
    assert headers["content-length"] == str(len(BODY))
    assert headers["accept-ranges"] == "bytes"
    assert headers["content-disposition"] == f'inline; filename="{shelf.one.file_name}"'
    status, headers, body = await shelf.ask(shelf.target, "HEAD")
    assert (status, body, headers["content-length"]) == (200, b"", str(len(BODY)))


async def test_ranges(shelf: Shelf) -> None:
    size = len(BODY)
    cases: list[tuple[str, int, bytes, str]] = [
        ("bytes=0-0", 206, BODY[:1], f"bytes 0-0/{size}"),
        ("bytes=100-300000", 206, BODY[100:300_001], f"bytes 100-300000/{size}"),
        ("bytes=500000-", 206, BODY[500_000:], f"bytes 500000-{size - 1}/{size}"),
        ("bytes=-10", 206, BODY[-10:], f"bytes {size - 10}-{size - 1}/{size}"),
        (f"bytes=5-{size * 9}", 206, BODY[5:], f"bytes 5-{size - 1}/{size}"),
        (f"bytes=-{size * 9}", 206, BODY, f"bytes 0-{size - 1}/{size}"),
        (f"bytes={size}-", 416, b"", f"bytes */{size}"),
        ("bytes=-0", 416, b"", f"bytes */{size}"),
        ("bytes=9-5", 200, BODY, ""),
        ("bytes=-", 200, BODY, ""),
        ("bytes=0-1,5-6", 200, BODY, ""),
        ("lines=0-1", 200, BODY, ""),
        ("bytes=" + "9" * 99 + "-", 200, BODY, ""),
    ]
    for asked, status, body, told in cases:
        found = await shelf.ask(shelf.target, range=asked)
        assert (found[0], found[2]) == (status, body), asked
        assert found[1].get("content-range", "") == told, asked


async def test_who_may_have_it(shelf: Shelf) -> None:
    target = shelf.target
    path = target.partition("?")[0]
    for refused in (
        path,
        target[:-1],
        target.replace("expires=1", "expires=2"),
        f"{path}?{'x' * 9}",
    ):
        assert (await shelf.ask(refused))[0] == 403
    moved = target.replace(shelf.people["sub"].auth_id, shelf.people["main"].auth_id)
    assert (await shelf.ask(moved))[0] == 403
    shelf.clock.advance(3601)
    assert (await shelf.ask(target))[0] == 403
    # An address that is too old serves who has the account's credentials.
    for who, status in (("sub", 200), ("main", 200), ("sibling", 403), ("other", 403)):
        assert (await shelf.ask(target, **shelf.login(who)))[0] == status, who
    assert (await shelf.ask(target, **shelf.login("main", "wrong")))[0] == 403
    for rubbish in ("Basic", "Basic ???", "Bearer x", "Basic /w==", "Basic eA=="):
        assert (await shelf.ask(target, authorization=rubbish))[0] == 403, rubbish


async def test_what_is_not_there(shelf: Shelf) -> None:
    target = shelf.target
    login = shelf.login("sub")
    path = target.partition("?")[0]
    for other in (
        path.replace(".wav", ".mp3"),
        path.replace(".wav", ""),
        path.replace(shelf.one.recording_id, "0198a428-bfc7-7daf-9d06-000000000000"),
    ):
        assert (await shelf.ask(other, **login))[0] == 404
    await shelf.library.delete(shelf.one.recording_id)
    assert (await shelf.ask(target))[0] == 404


async def test_audio_that_cannot_be_read_is_an_answer(shelf: Shelf) -> None:
    for path in (shelf.folder / "media").rglob("*"):
        if path.is_file():
            path.unlink()
    assert (await shelf.ask(shelf.target))[0] == 503
