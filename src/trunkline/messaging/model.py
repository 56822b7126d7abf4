"""What a message is on its way: states, the work item of an outbound message, results."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from trunkline.runtime.db import Connection
from trunkline.webhooks import NewWebhook


class State(StrEnum):
    """Plivo's message_state (PLIVO messaging: MDR attributes)."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    REJECTED = "rejected"
    RECEIVED = "received"
    READ = "read"


# PLIVO messaging: queued → sent → delivered | undelivered; queued → failed; read after delivered;
# inbound received → delivered | undelivered. Sent may stay when no receipt ever comes.
TRANSITIONS: dict[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.SENT, State.FAILED}),
    State.SENT: frozenset({State.DELIVERED, State.UNDELIVERED}),
    State.DELIVERED: frozenset({State.READ}),
    State.RECEIVED: frozenset({State.DELIVERED, State.UNDELIVERED}),
}
FINAL = frozenset({State.FAILED, State.DELIVERED, State.UNDELIVERED, State.REJECTED, State.READ})


class ErrorCode:
    """Plivo's message error codes (PLIVO messaging: troubleshooting, error codes)."""

    NONE = 0
    INVALID_MESSAGE = 10
    NETWORK = 20
    INVALID_SOURCE = 40
    INVALID_DESTINATION = 50
    NO_ROUTE = 90
    PROHIBITED = 100
    TOO_LONG = 110
    MEDIA_TOO_LARGE = 120
    DLT = 160
    OPTED_OUT = 200
    INTERNAL = 300
    EXPIRED = 420
    COUNTRY_BARRED = 450
    NO_CREDIT = 900
    ACCOUNT_DISABLED = 910
    UNKNOWN = 1000


ERROR_TEXTS: dict[int, str] = {
    10: "Invalid message",
    20: "Network error",
    30: "Spam detected",
    40: "Invalid source number",
    50: "Invalid destination number",
    60: "Loop detected",
    70: "Destination permanently unavailable",
    80: "Destination temporarily unavailable",
    90: "No route available",
    100: "Prohibited by carrier",
    110: "Message too long",
    120: "Media too large",
    160: "Invalid DLT parameters",
    200: "Source number blocked by STOP from destination number",
    201: "Outbound messages from US toll-free numbers to Canada are blocked",
    300: "Failed to dispatch message",
    340: "No active conversation",
    420: "Message expired in queue",
    450: "Destination country barred",
    900: "Insufficient credit",
    910: "Account disabled",
    1000: "Unknown error",
}


class Dispatch(NamedTuple):
    """An outbound message on its way, as the dispatches table holds it (same order)."""

    message_uuid: str
    account_id: str
    payer: str  # main account whose balance is debited
    state: str  # waiting | sending | sent
    carrier: str
    due_at: float
    attempts: int
    owner: str
    expires_at: float
    created_at: float
    sent_at: float | None
    sender: str
    recipient: str
    country: str
    body: str
    units: int
    rate: int
    callback_url: str
    callback_method: str
    requester_ip: str
    powerpack_uuid: str
    tried: str  # carriers already tried, comma-joined
    extra: str  # JSON of rarely used fields: DLT parameters
    type: str = "sms"  # sms | mms | whatsapp
    network: str = ""  # the recipient's: mcc/mnc/name
    fee_rate: int = 0  # what networks take on top of each unit

    @property
    def cost(self) -> int:
        """What is charged when a carrier took it, fees included."""
        return (self.rate + self.fee_rate) * self.units


WAITING = "waiting"
SENDING = "sending"
SENT = "sent"


class Part(NamedTuple):
    """One short message of a message, as the carrier knows it."""

    key: str  # normalised id of the carrier's response
    number: int  # 1-based
    total: int


class Sent(NamedTuple):
    """All parts were accepted by the carrier."""

    dispatch: Dispatch
    carrier: str
    parts: tuple[Part, ...]
    at: float
    callback: NewWebhook | None = None  # when made ahead: transactions are to be short


class Failed(NamedTuple):
    """The message will not be sent."""

    dispatch: Dispatch
    error_code: int
    at: float


class Released(NamedTuple):
    """The message goes back to the queue: another try later, perhaps by another carrier."""

    dispatch: Dispatch
    carrier: str
    due_at: float
    attempts: int
    tried: str


class Report(NamedTuple):
    """A sent message's final state, put together from the receipts of its parts."""

    dispatch: Dispatch
    state: State
    error_code: int
    at: float


class ReceiptItem(NamedTuple):
    """A delivery receipt as it came, reduced to what the state change needs."""

    carrier: str
    keys: tuple[str, ...]  # candidates, likeliest first
    recipient: str  # receipt's source address: the handset
    state: State | None  # None: not final
    error_code: int
    at: float
    raw: str


Row = tuple[Any, ...]

Attach = Callable[[Connection, Sequence[str]], None]
"""Stores what belongs to messages, given by uuid, in the transaction that stores them."""
