"""Conversations and statuses as values."""

from enum import IntEnum
from typing import NamedTuple

CONVERSATION_S = 24 * 3_600.0  # PLIVO messaging: a conversation expires after 24 hours
SERVICE = "service"
ORIGINS = ("utility", "authentication", "marketing", SERVICE)  # PLIVO messaging
TYPE = "whatsapp"
NO_CONVERSATION = 340  # PLIVO messaging: freeform without an active conversation


class Stage(IntEnum):
    """How far a message came; it never goes back."""

    TAKEN = 0
    SENT = 1
    DELIVERED = 2
    READ = 3
    FAILED = 9


class Conversation(NamedTuple):
    """What a message is part of; the empty one has no id."""

    id: str = ""
    origin: str = ""
    expires_at: float = 0.0


class Wish(NamedTuple):
    """A message that needs its conversation found, or opened if its kind may open one."""

    number: str
    handset: str
    origin: str
    at: float
    opens: bool


class StatusItem(NamedTuple):
    """What a carrier says about a message it has."""

    carrier: str
    wamid: str
    stage: Stage
    origin: str  # "" if it did not say
    error_code: int
    at: float
