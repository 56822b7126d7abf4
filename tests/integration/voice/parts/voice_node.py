"""A node that places calls, with nobody at the other end: each is refused, and remembered."""

import asyncio
from collections.abc import Callable
from typing import Any

from voice_desk import Desk

from trunkline.billing.rates import Rates
from trunkline.runtime.db import Connection, Database, DatabaseUnavailable
from trunkline.values.ids import new_uuid
from trunkline.voice.causes import BUSY
from trunkline.voice.events import Sink
from trunkline.voice.journal import RecordedCalls
from trunkline.voice.live import LiveCalls
from trunkline.voice.placing.queue import CallQueue, QueueLimits
from trunkline.voice.records.book import CallBook
from trunkline.voice.rooms.register import Register
from trunkline.voice.session.ports import Callback, Ports
from trunkline.voice.telephony import Destination, Leg, Refused, Room


class Nobody:
    """Telephony that finds everybody busy."""

    def __init__(self) -> None:
        self.dialled: list[str] = []
        self.tried = asyncio.Event()  # until then a call is under way
        self.tried.set()

    async def place(self, uuid: str, destination: Destination, sink: Sink) -> Leg:
        self.dialled.append(destination.address)
        await self.tried.wait()
        raise Refused("busy", BUSY)

    async def open_room(self, uuid: str, sink: Sink) -> Room:
        raise Refused("no rooms")


class DoubtfulDatabase:
    """A database that can be away, or commit a write and then say that it has failed."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.doubts = 0
        self.away = 0  # reads that fail
        self.meanwhile: Callable[[], None] = lambda: None  # happens while something is written
        self.held: asyncio.Event | None = None  # writes are committed, and say so after that

    async def read(self, query: Callable[[Connection], Any]) -> Any:
        if self.away:
            self.away -= 1
            raise DatabaseUnavailable("nobody answers")
        return await self._db.read(query)

    async def write(self, unit: Callable[[Connection], Any], **options: Any) -> Any:
        result = await self._db.write(unit, **options)
        self.meanwhile()
        if self.held is not None:
            await self.held.wait()
        if self.doubts:
            self.doubts -= 1
            raise DatabaseUnavailable("the connection was lost")
        return result

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)


class Node:
    """Call control of one process, without its engines."""

    def __init__(self, desk: Desk, *, most: int = 1_000, **limits: float) -> None:
        self.db = DoubtfulDatabase(desk.db)
        self.telephony = Nobody()
        self.room = 1_000  # for legs
        book = CallBook(desk.db, desk.balances)
        self.journal = RecordedCalls(book, Rates(), f"elsewhere:1:{new_uuid()[-8:]}")
        self._desk = desk
        self.live = LiveCalls(self._make_ports, most=most)
        self.queue = CallQueue(
            db=self.db,  # type: ignore[arg-type]
            clock=desk.clock,
            live=self.live,
            ports=self._ports,
            journal=self.journal,
            limits=QueueLimits(**limits),
            room=lambda: self.room,
        )

    def _make_ports(self, live: LiveCalls) -> Ports:
        self._ports = Ports(
            clock=self._desk.clock,
            telephony=self.telephony,
            documents=self,  # type: ignore[arg-type]
            callbacks=self,
            journal=self.journal,
            calls=live,
            rooms=Register(clock=self._desk.clock, telephony=self.telephony, new_uuid=new_uuid),
            send_text=lambda _: None,
            new_uuid=new_uuid,
        )
        return self._ports

    def tell(self, callback: Callback) -> None:
        raise AssertionError(f"{callback.kind}: these calls tell of their end alone")

    async def close(self) -> None:
        await self.live.close()
