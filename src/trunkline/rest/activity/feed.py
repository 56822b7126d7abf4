"""`GET /admin/events`: what happens, as server-sent events, while somebody watches.

The event `activity` has one event of `events.py` as JSON; its id says where to go on, and comes
back as `Last-Event-ID` (or `?after=`): then what was told may come again, and nothing is missed.
`dropped` says how many old rows are no longer followed. A comment line comes every HEARTBEAT_S.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from trunkline.messaging.store import activity as messages
from trunkline.messaging.store.records import Record
from trunkline.rest.activity import events
from trunkline.rest.activity.events import Event
from trunkline.rest.activity.follow import Follow, Rows
from trunkline.rest.operator import refuse
from trunkline.runtime.clock import SystemClock
from trunkline.runtime.db import Connection, Database, DatabaseError
from trunkline.voice.records.model import Call
from trunkline.voice.records.store import activity as calls
from trunkline.webhooks.model import State
from trunkline.webhooks.store import activity as webhooks
from trunkline.webhooks.store.log import WebhookRecord

LOOK_S = 0.25
HEARTBEAT_S = 15.0
KINDS = ("message", "call", "webhook")

Stopping = Callable[[], bool]


class Cursor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where each table's watcher goes on; None: now."""

    message: str | None = None
    call: str | None = None
    webhook: int | None = None


def _message_events(
    conn: Connection, rows: Sequence[Record]
) -> Iterable[tuple[Record, list[Event]]]:
    del conn
    return [(row, events.of_message(row)) for row in rows]


def _call_events(conn: Connection, rows: Sequence[Call]) -> Iterable[tuple[Call, list[Event]]]:
    del conn
    return [(row, events.of_call(row)) for row in rows]


def _webhook_events(
    conn: Connection, rows: Sequence[WebhookRecord]
) -> Iterable[tuple[WebhookRecord, list[Event]]]:
    tried = [row.id for row in rows if row.attempts or row.state is not State.WAITING]
    made = webhooks.attempts_of(conn, tried)
    return [(row, events.of_webhook(row, made.get(row.id, []))) for row in rows]


MESSAGES: Rows[str, Record] = Rows(
    key=lambda row: row.message_uuid,
    is_over=events.message_is_over,
    newest=messages.newest,
    after=messages.after,
    last=messages.last,
    keys=messages.uuids,
    of=messages.of,
    events=_message_events,
)
CALLS: Rows[str, Call] = Rows(
    key=lambda row: row.call_uuid,
    is_over=lambda row: row.is_over,
    newest=calls.newest,
    after=calls.after,
    last=calls.last,
    keys=calls.uuids,
    of=calls.of,
    events=_call_events,
)
WEBHOOKS: Rows[int, WebhookRecord] = Rows(
    key=lambda row: row.id,
    is_over=lambda row: row.state is not State.WAITING,
    newest=webhooks.newest,
    after=webhooks.after,
    last=webhooks.last,
    keys=webhooks.ids,
    of=webhooks.of,
    events=_webhook_events,
)


@dataclass(slots=True)
class Watch:
    """One watcher: which kinds, whose, from where on."""

    kinds: Sequence[str]
    account: str | None
    start: Cursor
    _follows: dict[str, Follow[Any, Any]] = field(init=False)
    _found: list[Event] = field(init=False, default_factory=list[Event])

    def __post_init__(self) -> None:
        every: dict[str, Follow[Any, Any]] = {
            "message": Follow(MESSAGES, self.start.message),
            "call": Follow(CALLS, self.start.call),
            "webhook": Follow(WEBHOOKS, self.start.webhook),
        }
        self._follows = {kind: every[kind] for kind in self.kinds}

    def look(self, conn: Connection, now: float) -> list[Event]:
        """Return what happened since the last look, in order of time."""
        for follow in self._follows.values():
            self._found += follow.look(conn, now)  # kept when a later look fails
        found, self._found = self._found, []
        wanted = [one for one in found if self.account in (None, one["account"])]
        return sorted(wanted, key=lambda one: one["at"])

    @property
    def cursor(self) -> Cursor:
        """Where another watcher would go on without missing anything."""
        return Cursor(**{kind: follow.resume for kind, follow in self._follows.items()})

    @property
    def dropped(self) -> int:
        """How many old rows are followed no more, for there are too many."""
        return sum(follow.dropped for follow in self._follows.values())


@dataclass(frozen=True, slots=True)
class Feed:
    """Serves the feed; it ends by itself soon after `stopping` says so."""

    db: Database
    stopping: Stopping

    async def page(self, request: Request) -> Response:
        """Stream events; `kind` (comma-joined), `account` and `after` narrow them."""
        query = request.query_params
        kinds = tuple(dict.fromkeys(filter(None, query.get("kind", "").split(",")))) or KINDS
        unknown = [kind for kind in kinds if kind not in KINDS]
        if unknown:
            return refuse(400, f"kind must be of {', '.join(KINDS)}, not {unknown[0]}")
        after = request.headers.get("last-event-id") or query.get("after") or "{}"
        try:
            start = msgspec.json.decode(after.encode(), type=Cursor)
        except msgspec.DecodeError as error:
            return refuse(400, f"after is no id of an event: {error}")
        watch = Watch(kinds, query.get("account"), start)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(
            self._stream(watch), media_type="text/event-stream", headers=headers
        )

    async def _stream(self, watch: Watch) -> AsyncGenerator[bytes]:
        loop = asyncio.get_running_loop()
        heard_at = loop.time()
        dropped = 0
        system = SystemClock()  # time of the machine: a controlled clock may stand still
        yield await self._look(watch) or b": watching\n\n"
        while not self.stopping():
            await system.sleep(LOOK_S)
            told = await self._look(watch)
            if watch.dropped > dropped:
                dropped = watch.dropped
                told += b'event: dropped\ndata: {"dropped":%d}\n\n' % dropped
            if not told and loop.time() - heard_at >= HEARTBEAT_S:
                told = b": nothing new\n\n"
            if told:
                heard_at = loop.time()
                yield told

    async def _look(self, watch: Watch) -> bytes:
        now = asyncio.get_running_loop().time()
        try:
            found = await self.db.read(lambda conn: watch.look(conn, now))
        except DatabaseError:
            return (
                b": the database is away\n\n"  # what is committed meanwhile is told when it is back
            )
        if not found:
            return b""
        # An id is worth giving once all events before it are told: with the last of them.
        told = [b"event: activity\ndata: %b\n\n" % msgspec.json.encode(one) for one in found]
        return b"".join(told[:-1]) + b"id: %b\n" % msgspec.json.encode(watch.cursor) + told[-1]
