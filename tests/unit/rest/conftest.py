"""Calls an ASGI application in-process, without a server."""

from base64 import b64encode
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

Call = Callable[..., Awaitable["Seen"]]


@dataclass(frozen=True, slots=True)
class Seen:
    """An answer as it left the application."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)


async def _call(
    app: Any,
    method: str,
    target: str,
    body: bytes | str = b"",
    *,
    auth: tuple[str, str] | bytes | None = ("MA2025RK4E639VJFZAGV", "token"),
    headers: dict[str, str] | None = None,
    parts: list[bytes] | None = None,
    hang_up: bool = False,
    address: str = "192.0.2.1",
) -> Seen | None:
    path, _, query = target.partition("?")
    given = {name.lower(): value for name, value in (headers or {}).items()}
    raw = [(name.encode(), value.encode("latin-1")) for name, value in given.items()]
    if auth is not None:
        pair = auth if isinstance(auth, bytes) else b"Basic " + b64encode(":".join(auth).encode())
        raw.append((b"authorization", pair))
    body = body.encode() if isinstance(body, str) else body
    pieces = parts if parts is not None else [body]
    waiting: list[MutableMapping[str, Any]] = [
        {"type": "http.request", "body": piece, "more_body": hang_up or at < len(pieces) - 1}
        for at, piece in enumerate(pieces)
    ]
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "root_path": "",
        "headers": raw,
        "client": (address, 1),
        "server": ("127.0.0.1", 80),
    }
    await app(scope, receive, send)
    if not sent:
        return None
    assert [message["type"] for message in sent[:2]] == [
        "http.response.start",
        "http.response.body",
    ]
    return Seen(
        sent[0]["status"],
        {name.decode(): value.decode() for name, value in sent[0]["headers"]},
        b"".join(message.get("body", b"") for message in sent[1:]),
    )


@pytest.fixture
def call() -> Any:
    return _call
