"""What becomes of a request, and the handle that answers a delivery."""

from dataclasses import dataclass
from typing import Final, Literal

from trunkline.protocols.smpp import Response, status

NoResponseReason = Literal["timeout", "disconnected", "malformed"]

THROTTLES: Final = frozenset({status.ESME_RTHROTTLED, status.ESME_RMSGQFUL})
"""A command_status that is about the rate, not about the message."""


@dataclass(slots=True)
class Answered:
    """The peer answered: `status` 0 says yes. message_id is "" where there is none."""

    status: int
    message_id: str
    link: str
    pdu: Response


@dataclass(slots=True)
class Throttled:
    """The carrier has had enough for now (RTHROTTLED, RMSGQFUL): send it again, first of all."""

    status: int
    link: str


@dataclass(slots=True)
class NoResponse:
    """It was sent, and nobody knows what became of it."""

    reason: NoResponseReason
    link: str


Outcome = Answered | Throttled | NoResponse
