"""A listener for ESMEs: the SMSC side of SMPP."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from trunkline.engines.smpp.config import ServerConfig
from trunkline.engines.smpp.outcome import Outcome
from trunkline.engines.smpp.session import ServerSession
from trunkline.engines.smpp.wire import Wire
from trunkline.protocols.smpp import Bind, Request, Response

logger = logging.getLogger(__name__)

_TICK_S: Final = 1.0
_TICKS: Final = 4  # how often per time-out it is looked at

Authenticate = Callable[[ServerSession, Bind], int | Awaitable[int]]
OnSubmit = Callable[[ServerSession, Request], Response | None]
OnServerResult = Callable[[ServerSession, object, Outcome], None]


class Server:
    """Accepts binds and submits, sends deliveries; everything is told by callback, in the loop.

    authenticate(session, bind) -> command_status, or an awaitable of one.
    on_submit(session, pdu) -> the response, or None to answer later with `session.respond`. It
    gets submit_sm, data_sm, submit_multi, query_sm, cancel_sm and replace_sm.
    on_result(session, context, outcome): once for every `session.send` that returned True.
    on_room(session): a session that was full may be sent to again.
    """

    def __init__(
        self,
        config: ServerConfig,
        *,
        authenticate: Authenticate,
        on_submit: OnSubmit,
        on_result: OnServerResult | None = None,
        on_room: Callable[[ServerSession], None] | None = None,
        on_bound: Callable[[ServerSession], None] | None = None,
        on_closed: Callable[[ServerSession, str], None] | None = None,
    ) -> None:
        self.config: Final = config
        self.sessions: Final[set[ServerSession]] = set()
        """All connections, bound or not."""
        self._authenticate = authenticate
        self._on_submit = on_submit
        self._on_result = on_result
        self._on_room = on_room
        self._on_bound = on_bound
        self._on_closed = on_closed
        self._server: asyncio.Server | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tick_timer: asyncio.TimerHandle | None = None
        self._empty: asyncio.Event | None = None

    @property
    def port(self) -> int:
        """The port it listens on; 0 when it does not."""
        if self._server is None or not self._server.sockets:
            return 0
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self) -> None:
        """Listen; OSError when the port cannot be had."""
        self._loop = loop = asyncio.get_running_loop()
        config = self.config
        self._server = await loop.create_server(
            self._accept,
            config.host,
            config.port,
            ssl=config.tls,
            ssl_handshake_timeout=None if config.tls is None else config.bind_timeout_s,
        )
        self._tick()

    async def close(self, drain_s: float = 1.0) -> None:
        """Stop listening, unbind every session, cut after drain_s those that remain."""
        if self._server is None:
            return
        self._server.close()
        if self._tick_timer is not None:
            self._tick_timer.cancel()
        for session in tuple(self.sessions):
            if session.bind_mode is None:
                session.abort("server closing")
            session.unbind()
        await self._emptied(drain_s)
        for session in tuple(self.sessions):
            session.abort("server closing")
        await self._emptied(1.0)
        self._server = None

    # -- Handlers --------------------------------------------------------------------------------

    def authenticate(self, session: ServerSession, bind: Bind) -> int | Awaitable[int]:
        return self._authenticate(session, bind)

    def on_submit(self, session: ServerSession, pdu: Request) -> Response | None:
        return self._on_submit(session, pdu)

    def on_result(self, session: ServerSession, context: object, outcome: Outcome) -> None:
        if self._on_result is not None:
            self._on_result(session, context, outcome)

    def on_room(self, session: ServerSession) -> None:
        if self._on_room is not None:
            self._on_room(session)

    def on_bound(self, session: ServerSession) -> None:
        logger.info("smpp %s: bound as %s", session.name, session.bind_mode)
        if self._on_bound is not None:
            self._on_bound(session)

    def on_connected(self, session: ServerSession) -> None:
        if len(self.sessions) >= self.config.max_sessions:
            session.abort("too many sessions")
        self.sessions.add(session)

    def on_closed(self, session: ServerSession, reason: str) -> None:
        self.sessions.discard(session)
        logger.info("smpp %s: closed: %s", session.name, reason)
        if self._empty is not None and not self.sessions:
            self._empty.set()
        if self._on_closed is not None:
            self._on_closed(session, reason)

    # -- inside ----------------------------------------------------------------------------------

    def _accept(self) -> Wire:
        return ServerSession(self.config, self, asyncio.get_running_loop()).wire

    def _tick(self) -> None:
        loop = self._loop
        if loop is None:
            return
        config = self.config
        shortest = min(config.bind_timeout_s, config.idle_timeout_s, config.response_timeout_s)
        self._tick_timer = loop.call_later(min(_TICK_S, shortest / _TICKS), self._tick)
        now = loop.time()
        for session in tuple(self.sessions):
            session.tick(now)

    async def _emptied(self, within_s: float) -> None:
        if not self.sessions:
            return
        self._empty = asyncio.Event()
        try:
            async with asyncio.timeout(within_s):
                await self._empty.wait()
        except TimeoutError:
            logger.info("smpp server: %d sessions remain", len(self.sessions))
