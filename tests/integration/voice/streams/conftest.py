import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "parts"))
sys.path.insert(0, str(Path(__file__).parents[2] / "engines" / "media" / "parts"))

from stream_rig import StreamRig


@pytest.fixture
async def rig() -> AsyncIterator[StreamRig]:
    made = StreamRig()
    yield made
    await made.close()


@pytest.fixture
async def serve() -> AsyncIterator[Callable[..., Awaitable[str]]]:
    """Start raw servers: each gets the streams of its connections; the URL is returned."""
    servers: list[asyncio.Server] = []

    async def start(
        serves: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
    ) -> str:
        async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await serves(reader, writer)
            except (OSError, EOFError):
                pass
            finally:
                writer.close()

        server = await asyncio.start_server(served, "127.0.0.1", 0)
        servers.append(server)
        return f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/audio"

    yield start
    for server in servers:
        server.close()
