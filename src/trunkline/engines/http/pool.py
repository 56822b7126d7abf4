"""Kept-alive connections: who has one, who waits for one, and how many there may be."""

import asyncio
from collections import deque
from contextlib import suppress
from functools import partial

from trunkline.engines.http.connect import Connector
from trunkline.engines.http.connection import Connection
from trunkline.engines.http.errors import ClientClosed, ConnectTimedOut, TooManyConnections
from trunkline.engines.http.message import HttpLimits
from trunkline.engines.http.url import Origin


class _Lane:
    """The connections of one origin; `taken` counts the open and the opening ones."""

    __slots__ = ("idle", "taken", "waiting")

    def __init__(self) -> None:
        self.idle: list[Connection] = []
        self.taken = 0
        # A waiter is handed a connection, or None: "there is room, open one yourself".
        self.waiting: deque[asyncio.Future[Connection | None]] = deque()


class Pool:
    """Owns every connection of a client."""

    __slots__ = (
        "_closed",
        "_connector",
        "_empty",
        "_lanes",
        "_limits",
        "_loop",
        "_open",
        "_opening",
        "opened",
    )

    def __init__(self, connector: Connector, limits: HttpLimits) -> None:
        self._loop = asyncio.get_running_loop()
        self._connector = connector
        self._limits = limits
        self._lanes: dict[Origin, _Lane] = {}
        self._open: dict[Connection, Origin] = {}
        self._opening = 0
        self._empty = asyncio.Event()
        self._closed = False
        self.opened = 0

    def take(self, origin: Origin) -> Connection | None:
        """Return an idle connection of the origin, the most recently used one, or None."""
        lane = self._lanes.get(origin)
        if lane is not None:
            while lane.idle:
                connection = lane.idle.pop()
                if connection.usable:
                    return connection
        return None

    async def open(
        self, origin: Origin, connect_s: float, deadline: float, *, fresh: bool
    ) -> Connection:
        """Open a connection when the origin has room, else wait for one to come free.

        With `fresh` the connection has never been used.
        """
        lane = self._lanes.get(origin)
        if lane is None:
            lane = self._lanes[origin] = _Lane()
        if lane.taken < self._limits.connections_per_origin:
            lane.taken += 1
        else:
            given = await self._wait(origin, lane, deadline)
            if given is not None and not fresh:
                return given
            if given is not None:  # take its place
                self._open.pop(given, None)
                given.abort()
        try:
            return await self._connect(origin, min(self._loop.time() + connect_s, deadline))
        except BaseException:
            self._free(origin)
            raise

    def give_back(self, origin: Origin, connection: Connection) -> None:
        """Take a connection after its exchange; a waiting request gets it at once."""
        if not connection.usable:
            connection.close()
            return
        lane = self._lanes[origin]
        while lane.waiting:
            waiter = lane.waiting.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return
        connection.rest()
        lane.idle.append(connection)

    async def close(self, within_s: float) -> None:
        """Drop every connection; running exchanges raise ClientClosed."""
        self._closed = True
        for lane in self._lanes.values():
            for waiter in lane.waiting:
                if not waiter.done():
                    waiter.set_exception(ClientClosed("The HTTP client was closed."))
            lane.waiting.clear()
        for connection in list(self._open):
            connection.abort()
        if self._open:
            self._empty.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(within_s):
                    await self._empty.wait()

    async def _wait(self, origin: Origin, lane: _Lane, deadline: float) -> Connection | None:
        if len(lane.waiting) >= self._limits.waiting_per_origin:
            raise TooManyConnections(f"Too many requests wait for {origin}.")
        waiter: asyncio.Future[Connection | None] = self._loop.create_future()
        lane.waiting.append(waiter)
        timer = self._loop.call_at(deadline, _expire, waiter, origin)
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                given = waiter.result()
                if given is None:
                    self._free(origin)
                else:
                    self.give_back(origin, given)
            raise
        finally:
            timer.cancel()
            if not lane.waiting and lane.taken == 0:
                self._forget(origin, lane)

    async def _connect(self, origin: Origin, deadline: float) -> Connection:
        if self._closed:
            raise ClientClosed("The HTTP client was closed.")
        if len(self._open) + self._opening >= self._limits.connections and not self._evict():
            raise TooManyConnections("The HTTP client has no free connection.")
        make = partial(Connection, self._loop, self._limits, self._on_lost)
        self._opening += 1
        try:
            connection = await self._connector.open(origin, make, deadline)
        finally:
            self._opening -= 1
        if not connection.usable or self._closed:
            connection.abort()
            raise ClientClosed("The connection closed at once.")
        self._open[connection] = origin
        self.opened += 1
        return connection

    def _evict(self) -> bool:
        """Close an idle connection of some origin to make room."""
        for lane in self._lanes.values():
            if lane.idle:
                lane.idle.pop(0).close()
                return True
        return False

    def _on_lost(self, connection: Connection) -> None:
        origin = self._open.pop(connection, None)
        if origin is None:
            return  # lost while it was being opened: `open` frees the place
        lane = self._lanes[origin]
        if connection in lane.idle:
            lane.idle.remove(connection)
        self._free(origin)
        if not self._open:
            self._empty.set()

    def _free(self, origin: Origin) -> None:
        """Give the place of a connection to a waiting request, or back."""
        lane = self._lanes[origin]
        while lane.waiting:
            waiter = lane.waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
        lane.taken -= 1
        self._forget(origin, lane)

    def _forget(self, origin: Origin, lane: _Lane) -> None:
        if lane.taken == 0 and not lane.waiting and self._lanes.get(origin) is lane:
            del self._lanes[origin]


def _expire(waiter: asyncio.Future[Connection | None], origin: Origin) -> None:
    if not waiter.done():
        waiter.set_exception(ConnectTimedOut(f"No free connection to {origin} in time."))
