"""Two connections joined: what one side sends goes to the other until either has had enough."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final, NamedTuple

CHUNK_BYTES: Final = 65_536
IDLE_S: Final = 3_600.0
LINGER_S: Final = 60.0  # after a side has said all, for the other's last words
CONNECT_S: Final = 30.0
CLOSE_S: Final = 5.0

See = Callable[[bytes], None]


def _blind(_: bytes) -> None:
    """See nothing."""


class Wire(NamedTuple):
    """Both halves of a connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


async def connect(host: str, port: int, *, tls: bool = False) -> Wire:
    """Open a connection.

    Raises:
        OSError: it cannot be (TimeoutError: not in time).
    """
    async with asyncio.timeout(CONNECT_S):
        return Wire(*await asyncio.open_connection(host, port, ssl=tls or None))


async def join(near: Wire, far: Wire, asked: See = _blind, answered: See = _blind) -> None:
    """Carry octets both ways until one side ends; `asked` sees what the near side sends."""
    there = asyncio.create_task(_carry(near.reader, far.writer, asked))
    back = asyncio.create_task(_carry(far.reader, near.writer, answered))
    try:
        await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
        if not back.done():
            await asyncio.wait({back}, timeout=LINGER_S)
    finally:
        far.writer.close()  # before any wait, which may be cancelled
        there.cancel()
        back.cancel()
        await asyncio.wait({there, back}, timeout=CLOSE_S)
        await close(far.writer)


async def close(writer: asyncio.StreamWriter) -> None:
    """Close a connection that may be dead already."""
    writer.close()
    with contextlib.suppress(OSError, TimeoutError):  # ssl's errors are OSErrors
        async with asyncio.timeout(CLOSE_S):
            await writer.wait_closed()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, see: See) -> None:
    with contextlib.suppress(OSError):  # the side that left ends the conversation
        while data := await _read(reader):
            see(data)
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()


async def _read(reader: asyncio.StreamReader) -> bytes:
    async with asyncio.timeout(IDLE_S):
        return await reader.read(CHUNK_BYTES)
