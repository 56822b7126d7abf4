"""Every operation's handler over a real database, called without a socket or a carrier."""

import json
import sys
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import inspect, text

sys.path.insert(0, str(Path(__file__).parents[2] / "unit" / "voice" / "parts"))

from voice_control import Waiting
from voice_leg import ScriptedLeg
from voice_rig import Rig

from trunkline.accounts import store as accounts_store
from trunkline.accounts.model import NewAccount
from trunkline.billing import store as billing_store
from trunkline.contract.check import validate_response
from trunkline.contract.operation import Operation
from trunkline.numbers import store as numbers_store
from trunkline.numbers.model import NumberType, OwnedNumber
from trunkline.numbers.samples import sample_numbers
from trunkline.processes import api as api_process
from trunkline.processes import messaging, provision
from trunkline.processes.foundation import Foundation, lay
from trunkline.rest.api import RestApi
from trunkline.runtime.clock import ControlledClock
from trunkline.runtime.db import Connection
from trunkline.runtime.settings import load
from trunkline.voice.commands.server import CommandServer

SHORTCODE = "72345"
CREDIT = 100_000 * 100_000


@dataclass(frozen=True, slots=True)
class Caller:
    """An account and its credentials."""

    auth_id: str
    token: str

    @property
    def authorization(self) -> bytes:
        return b"Basic " + b64encode(f"{self.auth_id}:{self.token}".encode())


@dataclass(frozen=True, slots=True)
class Reply:
    """A status and the decoded body, {} when there is none."""

    status: int
    body: dict[str, Any]

    @property
    def error(self) -> str:
        return str(self.body.get("error", ""))


@dataclass(slots=True)
class WholeApi:
    """The API of two accounts, `ann` and `bob`, and of a subaccount of ann's.

    Calls are live on a rig of their own, with scripted parties.
    """

    base: Foundation
    api: RestApi
    ann: Caller
    bob: Caller
    sub: Caller
    rig: Rig
    ids: dict[str, str] = field(default_factory=dict[str, str])

    async def call(
        self,
        operation: Operation,
        caller: Caller,
        fields: Mapping[str, Any],
        path: Mapping[str, str],
        account_id: str = "",
    ) -> Reply:
        """Call an operation; its answer is held against the contract."""
        target = operation.path.replace("{auth_id}", account_id or caller.auth_id)
        for name in operation.path_parameters:
            target = target.replace(f"{{{name}}}", path[name])
        query = dict(operation.query)
        body = b""
        if operation.method == "GET":
            query |= {name: value for name, value in fields.items() if value is not None}
        else:
            body = json.dumps(dict(fields)).encode()
        status, answer = await self.ask(
            operation.method, target, caller, urlencode(query, doseq=True), body
        )
        validate_response(operation, status, answer)
        return Reply(status, json.loads(answer) if answer else {})

    async def ask(
        self,
        method: str,
        path: str,
        caller: Caller,
        query: str,
        body: bytes,
        content_type: str = "application/json",
    ) -> tuple[int, bytes]:
        """Make one request of the ASGI application."""
        headers = [(b"authorization", caller.authorization)]
        if body:
            headers.append((b"content-type", content_type.encode()))
            headers.append((b"content-length", str(len(body)).encode()))
        sent: list[MutableMapping[str, Any]] = []

        async def receive() -> MutableMapping[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": headers,
            "client": ("192.0.2.1", 1),
        }
        await self.api(scope, receive, send)
        return sent[0]["status"], b"".join(part.get("body", b"") for part in sent[1:])

    async def live_call(self, document: str) -> ScriptedLeg:
        """Let a call of ann's come in that does a document."""
        return await self.rig.arrives(document, account_id=self.ann.auth_id)

    async def content(self) -> dict[str, list[tuple[Any, ...]]]:
        """Read all rows of all tables."""

        def read(conn: Connection) -> dict[str, list[tuple[Any, ...]]]:
            names = set(inspect(conn).get_table_names()) - {"revisions"}  # a mere counter
            return {
                name: sorted(map(tuple, conn.execute(text(f'SELECT * FROM "{name}"'))), key=repr)
                for name in names
            }

        return await self.base.db.read(read)


@asynccontextmanager
async def open_whole_api(
    database_url: str, folder: Path, clock: ControlledClock
) -> AsyncIterator[WholeApi]:
    """Build the program's API role, without the parts that send and deliver."""
    environment = {
        "TRUNKLINE_DATA": str(folder / "data"),
        "TRUNKLINE_DATABASE": database_url,
        "TRUNKLINE_RATE_LIMIT_REQUESTS": "1000000",
    }
    settings = load(environment)
    settings.data.mkdir(parents=True, exist_ok=True)
    base = lay(settings, clock)
    base.db.start()
    parts = messaging.prepare(base)
    try:
        await provision.prices(base)
        ann, bob, sub = await base.db.write(lambda conn: _people(conn, base))
        await base.refresh()
        _, api = api_process.build(base, parts, "0", [], serves=True)
        rig = Rig()
        server = CommandServer(base.bus, rig.calls, rig.ports, Waiting(clock), lambda *_: None)
        yield WholeApi(base, api, ann, bob, sub, rig)
        server.close()
        await server.end_waiting()
        await rig.close()
        await api.aclose()
    finally:
        await base.db.close()


def _people(conn: Connection, base: Foundation) -> tuple[Caller, Caller, Caller]:
    now = base.clock.now()
    made: list[Caller] = []
    for name in ("Ann", "Bob"):
        one = accounts_store.create_account(conn, base.keyring, NewAccount(name=name), now)
        billing_store.credit(conn, one.auth_id, CREDIT, kind="test", resource_id="x", at=now)
        made.append(Caller(one.auth_id, one.auth_token))
    ann = accounts_store.find(conn, base.keyring, made[0].auth_id)
    assert ann is not None
    code = OwnedNumber(
        number=SHORTCODE,
        main_auth_id=ann.auth_id,
        account_id=ann.auth_id,
        country="US",
        number_type=NumberType.SHORTCODE,
        added_at=now,
    )
    numbers_store.add(conn, [*sample_numbers(ann.auth_id, now), code])
    sub = accounts_store.create_subaccount(conn, base.keyring, ann, "Sub", enabled=True, at=now)
    return made[0], made[1], Caller(sub.auth_id, sub.auth_token)
