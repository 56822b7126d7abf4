"""The part of ASGI that the API uses: what stands in a request, reading its body, answering."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, cast

import msgspec

from trunkline.contract.errors import BadRequest, BodyTooLarge

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
_GONE = "http.disconnect"

Headers = tuple[tuple[bytes, bytes], ...]


class ClientGoneError(Exception):
    """The caller hung up before its request was complete; nobody is left to answer."""


class HttpRequest(msgspec.Struct, frozen=True):
    """What the API reads of a request's head; text is undecoded (latin-1)."""

    method: str
    path: str
    query: str
    authorization: bytes
    content_type: str
    content_length: bytes
    remote_ip: str


class HttpAnswer(msgspec.Struct, frozen=True):
    """A complete answer; every one is JSON, also an empty one."""

    status: int
    body: bytes
    headers: Headers = ()


def read_head(scope: Scope) -> HttpRequest:
    """Take from an ASGI scope what the API needs."""
    authorization = content_type = content_length = b""
    for name, value in scope["headers"]:
        if name == b"authorization":
            authorization = value
        elif name == b"content-type":
            content_type = value
        elif name == b"content-length":
            content_length = value
    client = scope.get("client")
    return HttpRequest(
        method=scope["method"],
        path=_path(scope),
        query=scope["query_string"].decode("latin-1"),
        authorization=authorization,
        content_type=content_type.decode("latin-1"),
        content_length=content_length,
        remote_ip=client[0] if client else "",
    )


def _path(scope: Scope) -> str:
    raw = scope.get("raw_path")
    if raw is None:
        raw = cast(str, scope["path"]).encode("utf-8", "surrogateescape")
    return raw.decode("latin-1")


async def read_body(
    receive: Receive, head: HttpRequest, limit_bytes: int, timeout_s: float
) -> bytes:
    """Read the whole body.

    Raises:
        BodyTooLarge: more than `limit_bytes`, by its header or by count.
        BadRequest: not complete within `timeout_s`.
        ClientGoneError: the connection ended first.
    """
    length = head.content_length
    if length and (not length.isdigit() or len(length) > 18 or int(length) > limit_bytes):
        raise BodyTooLarge(limit_bytes)
    first = _arrived(receive)
    if first is not None and not first.get("more_body", False) and first["type"] != _GONE:
        body: bytes = first.get("body", b"")
        if len(body) > limit_bytes:
            raise BodyTooLarge(limit_bytes)
        return body
    try:
        async with asyncio.timeout(timeout_s):
            return await _read_all(receive, limit_bytes, first)
    except TimeoutError:
        raise BadRequest("request body did not arrive in time", "body") from None


def _arrived(receive: Receive) -> Message | None:
    """Return what is here already; None when it must be waited for.

    Most bodies come with their head. Then the time-out, 20 µs, is spared.
    """
    step = receive().__await__()
    try:
        next(step)
    except StopIteration as done:
        message: Message = done.value
        return message
    step.close()  # asked again, with a time-out
    return None


async def _read_all(receive: Receive, limit_bytes: int, first: Message | None) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive() if first is None else first
        first = None
        if message["type"] == _GONE:
            raise ClientGoneError
        part = message.get("body", b"")
        size += len(part)
        if size > limit_bytes:
            raise BodyTooLarge(limit_bytes)
        if not message.get("more_body", False):
            return b"".join((*parts, part)) if parts else part
        parts.append(part)


async def send_answer(send: Send, answer: HttpAnswer, api_id: str) -> None:
    """Send `answer` with the headers that every answer has."""
    body = answer.body
    # PLIVO SDKs: ruby needs the content type also on an empty 204
    headers = [
        (b"content-type", b"application/json"),
        (b"x-request-id", api_id.encode()),
        *answer.headers,
    ]
    if answer.status != 204:  # RFC 9110 8.6: no length on 204
        headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
