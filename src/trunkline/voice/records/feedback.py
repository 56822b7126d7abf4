"""What people say of a call's quality: taken from the API, kept with the call's record."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from trunkline.contract.context import Handler, RequestContext
from trunkline.contract.errors import Conflict, MissingParameter, NotFound
from trunkline.contract.operations.voice.feedback import (
    BEST,
    CallFeedbackCreate,
    CallFeedbackCreated,
)
from trunkline.runtime.db import Connection, Database
from trunkline.voice.records.model import CallState, Feedback
from trunkline.voice.records.store import feedback, lists


@dataclass(frozen=True, slots=True)
class FeedbackApi:
    """What the operation works with."""

    db: Database

    async def create(
        self, context: RequestContext, request: CallFeedbackCreate
    ) -> CallFeedbackCreated:
        """Keep what is said of a call.

        Raises:
            MissingParameter: a rating below the best without a reason.
            NotFound: no call of this account.
            Conflict: a call that has not begun.
        """
        if request.rating < BEST and not request.issues:
            raise MissingParameter("issues")
        await self.db.write(partial(_keep, context=context, request=request))
        return CallFeedbackCreated(message="Feedback has been posted", status="success")


def _keep(conn: Connection, context: RequestContext, request: CallFeedbackCreate) -> None:
    main_id, uuid = context.principal.main_auth_id, request.call_uuid.lower()
    call = lists.get(conn, main_id, context.account_id, uuid)
    if call is None:
        raise NotFound(f"call {request.call_uuid[:64]!r} not found", "call_uuid")
    if call.state == CallState.QUEUED:
        raise Conflict(f"call {uuid} has not begun", "call_uuid")
    feedback.put(
        conn,
        Feedback(
            call_uuid=uuid,
            at=context.now,
            rating=request.rating,
            issues=",".join(sorted(set(request.issues or ()))),
            notes=request.notes,
        ),
    )


def handlers(api: FeedbackApi) -> Mapping[str, Handler]:
    """Return the handler of the operation by its id."""
    return {"call_feedback.create": api.create}
