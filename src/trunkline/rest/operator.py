"""`/admin/`: the operator's API: webhooks and their attempts, replay, time."""

import hmac
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from trunkline.runtime.clock import Clock, ControlledClock
from trunkline.runtime.db import Database
from trunkline.values.ids import new_uuid
from trunkline.webhooks.model import State
from trunkline.webhooks.replay import replay
from trunkline.webhooks.store import log as webhook_log

MAX_PAGE = 100
Endpoint = Callable[[Request], Awaitable[Response]]
Page = tuple[str, str, Endpoint]


def answer(status: int, body: dict[str, Any]) -> Response:
    """Answer with JSON."""
    return Response(
        msgspec.json.encode({"api_id": new_uuid(), **body}, enc_hook=str),
        status_code=status,
        media_type="application/json",
    )


def refuse(status: int, error: str) -> Response:
    """Refuse as the API does."""
    return answer(status, {"error": error})


def operator_routes(
    db: Database,
    clock: Clock,
    *,
    token: str | None,
    local: bool,
    pages: Sequence[Page] = (),
) -> list[Route]:
    """Return the operator's routes; they need the bearer token, or nothing in local mode.

    `pages` are further ones: path, method, endpoint. Besides them there are
    `GET /admin/webhooks`, `GET /admin/webhooks/{id}`, `POST /admin/webhooks/{id}/replay`,
    `GET /admin/clock`, `POST /admin/clock/advance`.
    """

    def guarded(endpoint: Endpoint) -> Endpoint:
        async def checked(request: Request) -> Response:
            return await endpoint(request) if _may(request, token, local) else _closed(token)

        return checked

    routes: list[Page] = [
        *pages,
        ("/admin/webhooks", "GET", partial(_list, db)),
        ("/admin/webhooks/{id:int}", "GET", partial(_one, db)),
        ("/admin/webhooks/{id:int}/replay", "POST", partial(_replay, db, clock)),
        ("/admin/clock", "GET", partial(_clock, clock)),
        ("/admin/clock/advance", "POST", partial(_advance, clock)),
    ]
    return [
        Route(path + slash, guarded(endpoint), methods=[method])
        for path, method, endpoint in routes
        for slash in ("", "/")
    ]


def _may(request: Request, token: str | None, local: bool) -> bool:
    if token is None:
        return local
    given = request.headers.get("authorization", "")
    expected = f"Bearer {token}"
    return hmac.compare_digest(given.encode(), expected.encode())


def _closed(token: str | None) -> Response:
    if token is None:
        return refuse(403, "the operator's API is closed: set http.admin_token to open it")
    return refuse(401, "give the operator's token: Authorization: Bearer <http.admin_token>")


async def _list(db: Database, request: Request) -> Response:
    query = request.query_params
    try:
        wanted = webhook_log.WebhookFilter(
            account_ids=[query["account"]] if "account" in query else (),
            kind=query.get("kind"),
            state=State[query["state"].upper()] if "state" in query else None,
            resource_uuid=query.get("resource"),
            since=float(query["since"]) if "since" in query else None,
            until=float(query["until"]) if "until" in query else None,
        )
        limit = min(int(query.get("limit", "20")), MAX_PAGE)
        before_id = int(query["before"]) if "before" in query else None
    except KeyError as error:
        names = ", ".join(state.name.lower() for state in State)
        return refuse(400, f"state must be one of {names}, not {error}")
    except ValueError as error:
        return refuse(400, f"limit, before, since and until must be numbers: {error}")
    found = await db.read(
        partial(webhook_log.list_webhooks, wanted=wanted, limit=max(1, limit), before_id=before_id)
    )
    objects = [_shown(record) for record in found]
    following = found[-1].id if len(found) == limit else None
    return answer(200, {"objects": objects, "next_before": following})


async def _one(db: Database, request: Request) -> Response:
    webhook_id = request.path_params["id"]
    found = await db.read(partial(webhook_log.get_webhook, webhook_id=webhook_id))
    if found is None:
        return refuse(404, f"webhook {webhook_id} not found")
    record, attempts = found
    return answer(200, {**_shown(record), "attempts_made": attempts})


async def _replay(db: Database, clock: Clock, request: Request) -> Response:
    webhook_id = request.path_params["id"]
    copy = await replay(db, clock, webhook_id)
    if copy is None:
        return refuse(404, f"webhook {webhook_id} not found")
    return answer(202, {"message": "queued again", "id": copy, "replay_of": webhook_id})


async def _clock(clock: Clock, _request: Request) -> Response:
    controlled = isinstance(clock, ControlledClock)
    return answer(200, {"now": clock.now(), "controlled": controlled})


async def _advance(clock: Clock, request: Request) -> Response:
    if not isinstance(clock, ControlledClock):
        return refuse(409, "time is the system's: start with `trunkline up --clock controlled`")
    try:
        body = msgspec.json.decode(await request.body(), type=dict[str, float])
        seconds = body["seconds"]
        now = clock.advance(seconds)
    except (msgspec.DecodeError, KeyError, ValueError) as error:
        return refuse(400, f'body must be {{"seconds": n}} with n ≥ 0: {error}')
    return answer(200, {"now": now})


def _shown(record: webhook_log.WebhookRecord) -> dict[str, Any]:
    shown = msgspec.to_builtins(record, enc_hook=str)
    return {**shown, "state": record.state.name.lower()}
