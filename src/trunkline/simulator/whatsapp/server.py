"""The simulated Cloud API's HTTP: messages, uploads and downloads, on a loopback port."""

import hmac
from typing import Any, Final, cast

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from trunkline.engines.http.server import LoopbackServer
from trunkline.runtime.clock import Clock
from trunkline.simulator.agenda import Agenda
from trunkline.simulator.whatsapp.cloud import Answer, Cloud
from trunkline.simulator.whatsapp.post import Post

VERSION: Final = "v21.0"
TOKEN: Final = "simulated-token"  # noqa: S105 - loopback only, documented
APP_SECRET: Final = "simulated-app-secret"  # noqa: S105 - as above
VERIFY_TOKEN: Final = "simulated-verify-token"  # noqa: S105 - as above
MAX_BODY: Final = 1_000_000


class WhatsappSimulator:
    """Listens on a free port of 127.0.0.1; webhooks go to `webhook_url` once it is set."""

    def __init__(self, clock: Clock, *, receipt_delay_s: float = 0.2) -> None:
        self._agenda = Agenda(clock)
        self._post = Post(APP_SECRET, self._agenda)
        self.cloud = Cloud(clock, self._agenda, self._post, receipt_delay_s)
        self._server = LoopbackServer(self._app(), "simulator-whatsapp-http")

    @property
    def url(self) -> str:
        """The API's address, without a version."""
        return self._server.url

    @property
    def webhook_url(self) -> str:
        """Where webhooks go."""
        return self._post.url

    @webhook_url.setter
    def webhook_url(self, url: str) -> None:
        self._post.url = url

    async def start(self) -> None:
        """Listen; OSError when there is no port."""
        self._agenda.start()
        self._post.start()
        await self._server.start()

    async def stop(self) -> None:
        """Stop listening and forget what was planned; inboxes stay readable."""
        await self._agenda.stop()
        await self._post.stop()
        await self._server.stop()

    def _app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/files/{media_id}", self._file, methods=["GET"]),
                Route("/{version}/{number_id}/messages", self._messages, methods=["POST"]),
                Route("/{version}/{media_id}", self._media, methods=["GET"]),
            ]
        )

    async def _messages(self, request: Request) -> Response:
        if not _authorised(request):
            return _json(401, {"error": {"code": 190, "message": "bad access token"}})
        body = await request.body()
        try:
            found = msgspec.json.decode(body) if len(body) <= MAX_BODY else None
        except msgspec.DecodeError:
            found = None
        if not isinstance(found, dict):
            return _json(400, {"error": {"code": 100, "message": "the body is no JSON object"}})
        answer = await self.cloud.take(
            request.path_params["number_id"], cast("dict[str, Any]", found), body
        )
        return Response(b"") if answer.status == 0 else _json(*answer)

    async def _media(self, request: Request) -> Response:
        if not _authorised(request):
            return _json(401, {"error": {"code": 190, "message": "bad access token"}})
        answer: Answer = self.cloud.describe_file(request.path_params["media_id"], self.url)
        return _json(*answer)

    async def _file(self, request: Request) -> Response:
        stored = self.cloud.files.get(request.path_params["media_id"])
        if not _authorised(request) or stored is None:
            return Response(status_code=404)
        return Response(stored.content, media_type=stored.mime_type)


def _authorised(request: Request) -> bool:
    given = request.headers.get("authorization", "")
    return hmac.compare_digest(given.encode(), f"Bearer {TOKEN}".encode())


def _json(status: int, body: dict[str, Any]) -> Response:
    return Response(msgspec.json.encode(body), status, media_type="application/json")
