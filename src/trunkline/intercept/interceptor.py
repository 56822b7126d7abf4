"""The listeners, and the tasks of their connections."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

import structlog

from trunkline.intercept.authority import Authority
from trunkline.intercept.front import Front
from trunkline.intercept.leaves import Leaves
from trunkline.intercept.outward import Outward
from trunkline.intercept.streams import CLOSE_S, Wire, close
from trunkline.intercept.talk import Home
from trunkline.intercept.watch import Tell

MOST_CONNECTIONS: Final = 1_000  # the next are closed unread
HANDSHAKE_S: Final = 30.0

logger = structlog.get_logger(__name__)


class Interceptor:
    """Between `start` and `close`, programs that are led to `port` find Trunkline for Plivo."""

    def __init__(
        self,
        authority: Authority,
        home: Home,
        tell: Tell,
        now: Callable[[], float],
        outward: Outward | None = None,
    ) -> None:
        self._front = Front(home, Leaves(authority, now), tell, outward or Outward())
        self._servers: list[asyncio.Server] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen on the outer port, 0 for a free one.

        Raises:
            OSError: there is no such port.
        """
        context = self._front.leaves.context()
        inner = await self._listen(self._front.serve_tls, "127.0.0.1", 0, context)
        self._front.tls_port = inner
        self.port = await self._listen(self._front.serve, host, port)

    async def listen_also(self, host: str, port: int) -> int:
        """Listen on a further address, such as port 443 for a hosts file; return the port.

        Raises:
            OSError: there is no such port.
        """
        return await self._listen(self._front.serve, host, port)

    async def close(self) -> None:
        """Stop listening; conversations under way are cut off."""
        for server in self._servers:
            server.close()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=CLOSE_S)

    async def _listen(
        self,
        serve: Callable[[Wire], Awaitable[None]],
        host: str,
        port: int,
        context: ssl.SSLContext | None = None,
    ) -> int:
        accept = partial(self._accept, serve)
        handshake = HANDSHAKE_S if context is not None else None
        server = await asyncio.start_server(
            accept, host, port, ssl=context, ssl_handshake_timeout=handshake
        )
        self._servers.append(server)
        return server.sockets[0].getsockname()[1]

    def _accept(
        self,
        serve: Callable[[Wire], Awaitable[None]],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        if len(self._tasks) >= MOST_CONNECTIONS:
            logger.warning("intercept.full", connections=len(self._tasks))
            writer.close()
            return
        task = asyncio.create_task(_serve(serve, Wire(reader, writer)))
        self._tasks.add(task)
        task.add_done_callback(partial(self._forget, writer))

    def _forget(self, writer: asyncio.StreamWriter, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        writer.close()  # of a task that was cancelled before it began, too


async def _serve(serve: Callable[[Wire], Awaitable[None]], wire: Wire) -> None:
    try:
        await serve(wire)
    except OSError as error:  # the program left, or its TLS broke
        logger.debug("intercept.lost", error=str(error))
    except Exception:
        logger.exception("intercept.failed")
    finally:
        await close(wire.writer)
