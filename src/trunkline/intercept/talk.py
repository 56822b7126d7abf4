"""A conversation of a program that thinks it has reached Plivo: handed on, or refused."""

import asyncio
import contextlib
from typing import Final, NamedTuple

import msgspec

from trunkline.intercept.hosts import is_served
from trunkline.intercept.streams import CHUNK_BYTES, Wire, connect, join
from trunkline.intercept.watch import Asked, Caught, Tell, Watch
from trunkline.values.ids import new_uuid

REQUEST_S: Final = 30.0  # how long a request that is refused may take to come
MOST_BYTES: Final = 64 * 1024 * 1024

_REASONS: Final = {404: "Not Found", 502: "Bad Gateway"}


class Home(NamedTuple):
    """Where Trunkline answers."""

    host: str
    port: int


async def converse(wire: Wire, host: str, said: bytes, home: Home, tell: Tell) -> None:
    """Hand what a program says to `host` to Trunkline; `said` has been read of it already."""
    if not is_served(host):
        await refuse(wire, host, said, 404, f"{host} is not served by this Trunkline", tell)
        return
    try:
        far = await connect(*home)
    except OSError:
        why = f"Trunkline does not answer on {home.host}:{home.port}"
        await refuse(wire, host, said, 502, why, tell)
        return
    watch = Watch(host, tell)
    watch.asked(said)
    far.writer.write(said)
    try:
        await join(wire, far, watch.asked, watch.answered)
    finally:
        watch.close()


async def refuse(wire: Wire, host: str, said: bytes, status: int, why: str, tell: Tell) -> None:
    """Answer one request with an error in Plivo's form, and end the conversation."""
    asked = Asked()
    asked.feed(said)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(REQUEST_S):
            await _hear_out(wire.reader, asked)
    if not asked.begun:
        return
    method, path, agent = asked.begun.popleft()
    tell(Caught(method, host, path, agent, status, refused=True))
    error = f"{why}; the request was caught on this machine and nothing was sent to Plivo"
    body = msgspec.json.encode({"api_id": new_uuid(), "error": error})
    head = (
        f"HTTP/1.1 {status} {_REASONS[status]}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    wire.writer.write(head.encode() + (b"" if method == "HEAD" else body))
    await wire.writer.drain()


async def _hear_out(reader: asyncio.StreamReader, asked: Asked) -> None:
    """Read the whole request: who is answered before he has ended may not see the answer."""
    size = 0
    while not asked.ended and not asked.is_blind and size < MOST_BYTES:
        data = await reader.read(CHUNK_BYTES)
        if not data:
            return
        size += len(data)
        asked.feed(data)
