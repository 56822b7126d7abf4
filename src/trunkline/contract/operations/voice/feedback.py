"""What people say of a call's quality."""

from typing import Annotated, Literal

from msgspec import Meta

from trunkline.contract.operation import Confirmation, Operation, Request
from trunkline.contract.operations.voice.words import CallUuid

BEST = 5
Issue = Literal[
    "AUDIO_LAG", "BROKEN_AUDIO", "CALL_DROPPED", "CALLERID_ISSUE", "DIGITS_NOT_CAPTURED", "ECHO",
    "HIGH_CONNECT_TIME", "LOW_AUDIO_LEVEL", "ONE_WAY_AUDIO", "OTHERS", "ROBOTIC_AUDIO",
]  # fmt: skip


class CallFeedbackCreate(Request, kw_only=True, frozen=True):
    """A rating of a call that has begun; another one takes its place."""

    call_uuid: CallUuid
    rating: Annotated[float, Meta(ge=1, le=BEST, description="5 is best; fractions may be given.")]
    issues: Annotated[
        Annotated[list[Issue], Meta(max_length=11)] | None,
        Meta(description="What was wrong; needed when `rating` is below 5."),
    ] = None
    notes: Annotated[str, Meta(max_length=2_000, description="In words.")] = ""


class CallFeedbackCreated(Confirmation, kw_only=True):
    """The feedback is kept."""

    status: str


OPERATIONS = (
    Operation(
        id="call_feedback.create",
        method="POST",
        path="/v1/Call/{call_uuid}/Feedback/",  # PLIVO SDKs: stats.plivo.com, without an account
        request=CallFeedbackCreate,
        response=CallFeedbackCreated,
        success_status=201,
        summary="Rate the quality of a call",
        source="PLIVO call insights: post feedback",
        tags=("call",),
        request_example={"rating": 2, "issues": ["ECHO"], "notes": "I heard myself."},
        response_example={"message": "Feedback has been posted", "status": "success"},
    ),
)
