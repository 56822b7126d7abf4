"""What a medium is, and its bounds."""

from enum import StrEnum
from typing import NamedTuple

from trunkline.values.errors import TrunklineError

MAX_FILES = 10  # PLIVO media: 10 attachments in an upload, 10 media files in a message
MAX_UPLOAD_BYTES = 2 * 1024 * 1024  # PLIVO media: 2 MB per attachment
MAX_MESSAGE_BYTES = 5 * 1024 * 1024  # PLIVO messaging: an MMS of more than 5 MB fails with 120
UNUSED_LIFE_S = 6 * 3600.0  # PLIVO media: unused uploads live 6 hours


class Origin(StrEnum):
    """How a medium came here."""

    UPLOADED = "uploaded"
    FETCHED = "fetched"  # from an address of `media_urls`
    RECEIVED = "received"  # with an inbound message


class Standing(StrEnum):
    """Whether there is a body yet."""

    PENDING = "pending"
    READY = "ready"
    FAILED = "failed"


class Medium(NamedTuple):
    """A row of `media`, in the order of its columns; the body is the blob `media_id`.

    `used_at` is when a message first took it. What is `hidden` belongs to a message whose content
    is not to be logged: it is in no list, and goes when the message is final.
    """

    media_id: str
    main_id: str
    account_id: str
    origin: str
    state: str
    content_type: str
    file_name: str
    size: int
    source_url: str
    created_at: float
    used_at: float | None
    hidden: bool


class NewMedium(NamedTuple):
    """A body with its sniffed type and its name."""

    content_type: str
    file_name: str
    body: bytes


class Attachment(NamedTuple):
    """A medium of a message with its body, ready to be sent."""

    medium: Medium
    body: bytes


class MediaUnsendable(TrunklineError):
    """The media of a message can never be sent; `error_code` is what the message fails with."""

    def __init__(self, why: str, error_code: int) -> None:
        super().__init__(why)
        self.error_code = error_code


class MediaUnavailable(TrunklineError):
    """The media of a message cannot be had for now; worth another try."""
