"""`/carriers/whatsapp/{name}`: where WhatsApp's Cloud API sends statuses and messages."""

import hmac
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from trunkline.messaging.carriers.cloud_files import FileNotYet
from trunkline.protocols.whatsapp import events
from trunkline.protocols.whatsapp.signature import HEADER, is_genuine
from trunkline.rest.operator import answer, refuse
from trunkline.runtime.blobs import BlobsError
from trunkline.runtime.db import DatabaseError

log = structlog.get_logger(__name__)

PATH = "/carriers/whatsapp/"


@dataclass(frozen=True, slots=True)
class Hook:
    """One carrier's end: its secrets, and who takes what it says."""

    name: str
    app_secret: str = field(repr=False)
    verify_token: str = field(repr=False)
    take: Callable[[events.Event], Awaitable[None]]


def whatsapp_routes(hooks: Sequence[Hook]) -> list[BaseRoute]:
    """Return the paths of `hooks`: GET answers Meta's handshake, POST takes signed webhooks."""
    return [
        Route(PATH + hook.name + slash, endpoint, methods=[method])
        for hook in hooks
        for slash in ("", "/")
        for method, endpoint in (("GET", _Verify(hook).answer), ("POST", _Take(hook).answer))
    ]


@dataclass(frozen=True, slots=True)
class _Verify:
    """CLOUD webhooks: verification requests."""

    hook: Hook

    async def answer(self, request: Request) -> Response:
        query = request.query_params
        given = query.get("hub.verify_token", "")
        expected = self.hook.verify_token
        right = bool(expected) and hmac.compare_digest(given.encode(), expected.encode())
        if query.get("hub.mode") != "subscribe" or not right:
            return refuse(403, "the verify token is not this carrier's")
        return PlainTextResponse(query.get("hub.challenge", "")[:256])


@dataclass(frozen=True, slots=True)
class _Take:
    """CLOUD webhooks: event notifications; an answer other than 200 brings them again."""

    hook: Hook

    async def answer(self, request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return refuse(413, f"a webhook has at most {events.MAX_BODY} bytes")
        if not is_genuine(body, self.hook.app_secret, request.headers.get(HEADER, "")):
            log.warning("whatsapp.bad_signature", carrier=self.hook.name)
            return refuse(401, "the signature is not this app's")
        try:
            found = events.read(body)
        except events.NotAWebhook as error:
            return refuse(400, str(error))
        try:
            for event in found:
                await self.hook.take(event)
        except (DatabaseError, BlobsError, FileNotYet) as error:
            log.warning("whatsapp.not_stored", carrier=self.hook.name, error=str(error))
            return refuse(503, "not stored; send it again")
        return answer(200, {"message": "taken"})


async def _body(request: Request) -> bytes | None:
    parts: list[bytes] = []
    size = 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > events.MAX_BODY:
                return None
            parts.append(part)
    except ClientDisconnect:
        return b""
    return b"".join(parts)
