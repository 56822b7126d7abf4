"""Live calls with scripted parties behind the real HTTP application, and the SDK that asks it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import plivo
import plivo.rest.client
import pytest
from voice_control import Control
from voice_leg import ScriptedLeg
from voice_rig import ACCOUNT, Rig

from trunkline.accounts.directory import Directory as Accounts
from trunkline.contract.check import validate_response
from trunkline.contract.context import Principal
from trunkline.rest.api import RestApi
from trunkline.rest.app import RestApp
from trunkline.runtime.secrets import Keyring
from trunkline.voice.commands.api import (
    adding,
    calls,
    conferences,
    multiparty,
    participants,
    streams,
)

Result = TypeVar("Result")
BOB, SUB = "MABOBBOBBOBBOBBOBBOB", "SASUBSUBSUBSUBSUBSUB"
TOKENS = {ACCOUNT: ACCOUNT, BOB: BOB, SUB: ACCOUNT}
CONSTANTS = (
    "PLIVO_API_BASE_URI",
    "API_VOICE_BASE_URI",
    "API_VOICE_BASE_URI_FALLBACK_1",
    "API_VOICE_BASE_URI_FALLBACK_2",
)
ENDLESS = "<Response><Speak loop='0'>Hello</Speak></Response>"
UNKNOWN = "5b40a428-bfc7-4daf-9d06-726c558bf3b8"


class Everybody:
    """Who has which token: the id itself."""

    def authenticate(self, auth_id: str, token: str) -> Principal | None:
        if auth_id not in TOKENS or token != auth_id:
            return None
        return Principal(auth_id, TOKENS[auth_id], auth_id.startswith("SA"), True)

    def may_act_for(self, principal: Principal, auth_id: str) -> bool:
        return TOKENS.get(auth_id) == principal.auth_id


class Line:
    """Calls, and the SDK that controls them."""

    def __init__(self, rig: Rig, control: Control, port: int) -> None:
        self.rig = rig
        self.control = control
        self.port = port

    async def ask(
        self, use: Callable[[plivo.RestClient], Result], auth_id: str = ACCOUNT
    ) -> Result:
        """Run `use(client)` in a thread, while the calls go on here."""
        client = plivo.RestClient(auth_id, auth_id, timeout=20)
        try:
            return await asyncio.to_thread(use, client)
        finally:
            client.session.close()
            client.multipart_session.close()
            await self.rig.settle()

    async def talks(self) -> ScriptedLeg:
        return await self.rig.arrives(ENDLESS)


async def _ready() -> tuple[bool, list[str]]:
    return True, []


@asynccontextmanager
async def open_line(serve: Any, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Line]:
    """Serve calls on a socket."""
    rig = Rig()
    control = Control(rig)
    accounts = Accounts(Keyring({"k1": bytes(32)}))
    with control.served() as client:
        handlers = {
            **calls.handlers(client),
            **streams.handlers(client, accounts),
            **conferences.handlers(client),
            **multiparty.handlers(client, accounts),
            **participants.handlers(client, accounts),
            **adding.handlers(client),
        }
        api = RestApi(handlers, Everybody(), rig.clock.now)
        app = RestApp(api, version="0", ready=_ready, metrics=lambda: b"")
        async with serve(_checked(app, api)) as port:
            for constant in CONSTANTS:
                base = f"http://127.0.0.1:{port}/v1/Account"
                monkeypatch.setattr(plivo.rest.client, constant, base)
            yield Line(rig, control, port)
    await rig.close()


def _checked(app: RestApp, api: RestApi) -> Any:
    """Hold each answer against the contract."""

    async def checked(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        sent: list[Any] = []

        async def keep(message: Any) -> None:
            sent.append(message)

        await app(scope, receive, keep)
        body = b"".join(one.get("body", b"") for one in sent[1:])
        match = api._router.match(
            scope["method"], scope["raw_path"].decode(), scope["query_string"].decode()
        )
        validate_response(match.operation, sent[0]["status"], body)
        for message in sent:
            await send(message)

    return checked
