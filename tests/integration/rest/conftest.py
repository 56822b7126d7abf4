"""Serves an ASGI application on a real socket, as the program does."""

import asyncio
import contextlib
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

sys.path.insert(0, str(Path(__file__).parents[2] / "unit" / "voice" / "parts"))
sys.path.insert(0, str(Path(__file__).parent / "parts"))

from live_line import Line, open_line


@contextlib.asynccontextmanager
async def _serve(app: Any) -> AsyncIterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, http="httptools", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    # The socket listens already: callers wait in its backlog until the server has started.
    serving = asyncio.create_task(server.serve([listener]))
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        async with asyncio.timeout(10):
            await serving
        listener.close()


@pytest.fixture
def serve() -> Any:
    return _serve


@pytest.fixture
async def line(serve: Any, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Line]:
    async with open_line(serve, monkeypatch) as made:
        yield made
