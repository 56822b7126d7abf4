"""The API in the same process, asked as if over HTTP: through its own gate, checks and counters."""

from typing import Any
from urllib.parse import unquote

from starlette.types import ASGIApp, Message

from trunkline.client.answer import Answer, decoded
from trunkline.client.request import Prepared


class InsideApi:
    """Asks an ASGI application, without a socket."""

    def __init__(self, application: ASGIApp) -> None:
        self._application = application

    async def __call__(self, request: Prepared, caller: str) -> Answer:
        """Make a request on behalf of whoever is at the address `caller`."""
        content = request.content or b""
        status = 0
        parts: list[bytes] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                parts.append(message.get("body", b""))

        await self._application(_scope(request, len(content), caller), receive, send)
        return Answer(status, decoded(b"".join(parts)))


def _scope(request: Prepared, length: int, caller: str) -> dict[str, Any]:
    path, _, query = request.target.partition("?")
    headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in request.headers]
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http",
        "method": request.method,
        "path": unquote(path),
        "raw_path": path.encode("ascii"),
        "query_string": query.encode("ascii"),
        "headers": [*headers, (b"content-length", b"%d" % length)],
        "client": (caller, 0),
        "server": None,
    }
