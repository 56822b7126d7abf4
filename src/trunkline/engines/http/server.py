"""Serving HTTP by uvicorn, as one part of a program among others."""

import asyncio
import contextlib
import socket
from collections.abc import Generator
from typing import Final

import uvicorn
from starlette.applications import Starlette

STOP_S: Final = 5.0


class HttpServer(uvicorn.Server):
    """Leaves signals to whoever runs it, and tells when it serves."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.serving = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.serving.set()

    async def stop(self) -> None:
        """Take no more requests, answer those under way."""
        self.should_exit = True

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


class LoopbackServer:
    """An application on a free port of 127.0.0.1; the port stays known after `stop`."""

    def __init__(self, app: Starlette, name: str) -> None:
        self._app = app
        self._name = name
        self._port = 0
        self._server: HttpServer | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Where it listens, without a path; "" before it has started."""
        return f"http://127.0.0.1:{self._port}" if self._port else ""

    async def start(self) -> None:
        """Listen; OSError when there is no port."""
        listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._port = listener.getsockname()[1]
        config = uvicorn.Config(
            self._app,
            http="httptools",
            ws="none",
            loop="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=1,
        )
        self._server = HttpServer(config)
        self._task = asyncio.create_task(self._server.serve([listener]), name=self._name)
        await self._server.serving.wait()

    async def stop(self) -> None:
        """Stop listening; who does not finish is cut off."""
        if self._server is None or self._task is None:
            return
        await self._server.stop()
        _, late = await asyncio.wait({self._task}, timeout=STOP_S)
        for task in late:
            task.cancel()
        self._task = None
