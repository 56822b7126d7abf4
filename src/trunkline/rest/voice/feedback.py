"""`GET /admin/feedback`: what people say of calls, with what the operator wants to know of them."""

import math
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from trunkline.rest.operator import MAX_PAGE, Page, answer, refuse
from trunkline.runtime.db import Database
from trunkline.voice.records.model import Call, Feedback
from trunkline.voice.records.store import feedback


def feedback_pages(db: Database) -> list[Page]:
    """Return the page, for `operator_routes`."""
    return [("/admin/feedback", "GET", partial(_list, db))]


async def _list(db: Database, request: Request) -> Response:
    query = request.query_params
    numbers: dict[str, float] = {}
    for name, otherwise in (("limit", 20.0), ("rating", 5.0), ("before", math.inf)):
        try:
            numbers[name] = float(query.get(name, str(otherwise)))
        except ValueError:
            numbers[name] = math.nan
        if math.isnan(numbers[name]):
            return refuse(400, f"{name} must be a number, not {query[name][:40]!r}")
    found = await db.read(
        partial(
            feedback.latest,
            account_id=query.get("account"),
            most=numbers["rating"],
            before=numbers["before"] if "before" in query else None,
            limit=int(max(1, min(numbers["limit"], MAX_PAGE))),
        )
    )
    return answer(200, {"objects": [_shown(*one) for one in found]})


def _shown(said: Feedback, call: Call) -> dict[str, Any]:
    return {
        "call_uuid": said.call_uuid,
        "account": call.account_id,
        "at": said.at,
        "rating": said.rating,
        "issues": said.issues.split(",") if said.issues else [],
        "notes": said.notes,
        "direction": call.direction,
        "from": call.sender,
        "to": call.recipient,
        "carrier": call.carrier,
        "initiated_at": call.initiated_at,
        "seconds": call.bill_duration,
        "hangup": call.hangup_name,
    }
