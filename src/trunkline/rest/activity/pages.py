"""`/admin/messages/{uuid}` and `/admin/carriers`: one message's story, and how carriers stand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from trunkline.messaging.store import activity
from trunkline.rest.activity.events import of_message, of_webhook
from trunkline.rest.activity.feed import Feed
from trunkline.rest.operator import Page, answer, refuse
from trunkline.runtime.db import Connection, Database
from trunkline.values.ids import is_uuid
from trunkline.webhooks.store import log

MOST_WEBHOOKS = 100


class CarrierState(msgspec.Struct, frozen=True, kw_only=True):
    """A carrier as it is set up and as it stands; 0 where its protocol has no such thing."""

    name: str
    protocol: str  # smpp | mm7 | whatsapp
    address: str
    up: int  # binds that are up; for carriers over HTTP 1 when they can be used
    binds: int
    window: int  # of all binds
    window_used: int
    rate: float  # parts a second agreed on; 0: no limit
    sent: int
    failed: int
    throttled: int
    reconnects: int
    last_error: str


Carriers = Callable[[], Sequence[CarrierState]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityPages:
    """What these pages work with; `carriers` tells how each of them stands now."""

    db: Database
    carriers: Carriers
    stopping: Callable[[], bool]

    def pages(self) -> list[Page]:
        """Return the pages: events, one message, carriers."""
        return [
            ("/admin/events", "GET", Feed(self.db, self.stopping).page),
            ("/admin/messages/{uuid}", "GET", self.message),
            ("/admin/carriers", "GET", self.list_carriers),
        ]

    async def message(self, request: Request) -> Response:
        """Tell all that is known of one message: its steps, queue, parts and webhooks."""
        uuid = request.path_params["uuid"].lower()
        if not is_uuid(uuid):
            return refuse(404, "message_uuid must be a uuid")
        story = await self.db.read(lambda conn: _story(conn, uuid))
        if story is None:
            return refuse(404, f"message {uuid} not found")
        return answer(200, story)

    async def list_carriers(self, _request: Request) -> Response:
        """List the carriers with what waits for each."""
        queues = await self.db.read(activity.queue_lengths)
        states = self.carriers()
        shown = [{**msgspec.to_builtins(one), **_queue(queues, one.name)} for one in states]
        return answer(200, {"objects": shown})


def _queue(queues: Mapping[tuple[str, str], int], name: str) -> dict[str, int]:
    waiting, sending = queues.get((name, "waiting"), 0), queues.get((name, "sending"), 0)
    return {"queue": waiting, "sending": sending}


def _story(conn: Connection, uuid: str) -> dict[str, Any] | None:
    found = activity.of(conn, [uuid])
    if not found:
        return None
    wanted = log.WebhookFilter(resource_uuid=uuid)
    told: list[dict[str, Any]] = []
    for one in reversed(log.list_webhooks(conn, wanted, limit=MOST_WEBHOOKS)):
        full = log.get_webhook(conn, one.id)
        attempts = [] if full is None else full[1]
        steps = of_webhook(one, [(each.started_at, each.status, each.error) for each in attempts])
        shown = {**msgspec.to_builtins(one, enc_hook=str), "state": one.state.name.lower()}
        told.append({**shown, "steps": steps})
    row = found[0]
    return {
        "message_uuid": uuid,
        "account": row.account_id,
        "steps": of_message(row),
        "queue": activity.queue_of(conn, uuid),
        "parts": activity.parts_of(conn, uuid),
        "webhooks": told,
    }
