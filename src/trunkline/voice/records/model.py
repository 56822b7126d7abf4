"""A call as it is recorded, and what may become of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, NamedTuple

from trunkline.runtime.db import Connection
from trunkline.values.moments import Interval

Direction = Literal["inbound", "outbound"]

REACH_S = 90 * 86_400.0  # PLIVO call: records of the last 90 days
MINUTE_S = 60


class CallState(StrEnum):
    """Where a call stands; from COMPLETED on it is over."""

    QUEUED = "queued"  # waits for its turn
    RINGING = "ringing"  # a node has it: set up, ringing, early media
    ANSWERED = "answered"
    COMPLETED = "completed"  # it had been answered
    BUSY = "busy"
    FAILED = "failed"
    TIMEOUT = "timeout"  # rang for as long as it might
    NO_ANSWER = "no-answer"
    CANCELLED = "cancel"  # by the caller, or on demand, before it was answered


LIVE = (CallState.RINGING, CallState.ANSWERED)


class Stir(StrEnum):
    """What the caller's number is worth (PLIVO call: stir_verification; ATIS-1000074)."""

    VERIFIED = "Verified"  # attestation A
    NOT_VERIFIED = "Not Verified"  # attestation B, C or none
    NOT_APPLICABLE = "Not Applicable"  # no call of the US


class Hangup(NamedTuple):
    """Why a call ended, in the words of the list of hangup causes; `cause` is the switch's word."""

    code: int
    name: str
    source: str
    cause: str = ""


OUT_OF_CREDIT = Hangup(1010, "Canceled (Out Of Credits)", "Plivo", "OUTGOING_CALL_BARRED")
NODE_DIED = Hangup(5010, "Internal Error", "Error", "SWITCH_CONGESTION")
SOURCES = (
    "Caller", "Callee", "Plivo", "Carrier", "API Request", "Answer XML", "Error", "Unknown",
)  # fmt: skip


class Call(NamedTuple):
    """A row of `calls`, in the order of its columns.

    `sender` and `recipient` are digits without plus, or SIP URIs. `rate` is the price of a minute
    and `amount` that of the call in 0.00001 dollar; durations are whole seconds from answer to end,
    `billed_duration` in whole minutes. `node` has the call in hand ("" while it is queued), `extra`
    is call control's own JSON. What is told of its end goes to `hangup_url` ("": nowhere).
    """

    call_uuid: str
    main_id: str
    account_id: str
    direction: Direction
    state: str
    sender: str
    recipient: str
    initiated_at: float
    request_uuid: str = ""
    caller_name: str = ""
    parent_uuid: str = ""
    conference_uuid: str = ""
    app_id: str = ""
    endpoint_id: str = ""
    carrier: str = ""
    node: str = ""
    ringing_at: float | None = None
    answered_at: float | None = None
    ended_at: float | None = None
    bill_duration: int = 0
    billed_duration: int = 0
    rate: int = 0
    amount: int = 0
    network_group: str = ""
    hangup_code: int = 0
    hangup_name: str = ""
    hangup_source: str = ""
    hangup_cause: str = ""
    stir_verification: str = Stir.NOT_APPLICABLE.value
    stir_attestation: str = ""
    source_ip: str = ""
    cnam_lookup: str = ""
    hangup_url: str = ""
    hangup_method: str = "POST"
    extra: str = ""

    @property
    def is_over(self) -> bool:
        return self.ended_at is not None


class Begun(NamedTuple):
    """A node has taken a queued call in hand."""

    call_uuid: str
    node: str


class Rang(NamedTuple):
    """The other side rings."""

    call_uuid: str
    at: float


class Answered(NamedTuple):
    """The call is answered: from now on it costs."""

    call_uuid: str
    at: float


class Ended(NamedTuple):
    """The call is over; `state` None: completed if it was answered, else failed.

    `conference_uuid` is that of the last conference it was in, "" if it was in none. `tell` is
    called with the record in the transaction that writes it: for what is told of the end.
    """

    call_uuid: str
    at: float
    hangup: Hangup
    state: CallState | None = None
    conference_uuid: str = ""
    tell: Callable[[Connection, "Call"], None] | None = None


class Feedback(NamedTuple):
    """What somebody said of a call: a row of `call_feedback`; `rating` 1 to 5, 5 is best."""

    call_uuid: str
    at: float
    rating: float
    issues: str = ""  # joined with commas
    notes: str = ""


Step = Call | Begun | Rang | Answered | Ended
"""What call control says of a call, in the order of its life."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a list of calls is narrowed to; durations in seconds, both ends included.

    `senders` and `recipients` are beginnings of numbers, or whole SIP URIs; one must fit.
    """

    main_id: str
    account_id: str | None = None
    direction: Direction | None = None
    senders: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    ended: Interval = field(default_factory=Interval)
    shortest: int = 0
    longest: int | None = None
    parent_uuid: str | None = None
    hangup_code: int | None = None
    hangup_source: str | None = None
    stir_verification: str | None = None


def is_uri(end: str) -> bool:
    """Tell whether an end of a call is a SIP URI rather than a number."""
    return end[:5].lower().startswith(("sip:", "sips:"))
