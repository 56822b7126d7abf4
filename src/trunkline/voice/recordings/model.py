"""A recording, and its transcription."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, NamedTuple

from trunkline.values.moments import Interval

Format = Literal["mp3", "wav"]
CONTENT_TYPES = {"mp3": "audio/mpeg", "wav": "audio/x-wav"}
DAY_S = 86_400.0
MINUTE_MS = 60_000


class Standing(StrEnum):
    """Whether there is audio yet."""

    PENDING = "pending"
    READY = "ready"


class Recording(NamedTuple):
    """A row of `recordings`, in the order of its columns.

    Of a call, of a conference (`conference_uuid`) or of a multiparty call (`mpc_uuid`); `draft` is
    the file that `node` writes while it is pending. `started_at` and `ended_at` are of the audio,
    `added_at` is since when it can be had. `aftermath` is JSON of what is to come of it, while
    it is pending. Times in seconds since 1970, `size` in octets.
    """

    recording_id: str
    main_id: str
    account_id: str
    call_uuid: str
    state: str
    format: Format
    started_at: float
    sender: str = ""
    recipient: str = ""
    conference_name: str = ""
    conference_uuid: str = ""
    mpc_name: str = ""
    mpc_uuid: str = ""
    node: str = ""
    draft: str = ""
    ended_at: float = 0.0
    duration_ms: int = 0
    size: int = 0
    added_at: float = 0.0
    aftermath: str = ""

    @property
    def file_name(self) -> str:
        return f"{self.recording_id}.{self.format}"


class TranscriptState(StrEnum):
    """Where a transcription stands."""

    IN_PROGRESS = "in-progress"
    SUCCESS = "success"
    FAILED = "failed"


class Transcription(NamedTuple):
    """A row of `transcriptions`: what was said in a recording.

    `parts` is JSON of all that was recognised; `rate` (of a minute) and `amount` are in 0.00001
    dollar. While it is in progress, `leased_until` is how long the process at work on it may be
    silent.
    """

    transcription_id: str
    recording_id: str
    main_id: str
    account_id: str
    state: str
    text: str
    parts: str
    rate: int
    amount: int
    created_at: float
    updated_at: float
    callback_url: str = ""
    callback_method: str = "POST"
    leased_until: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a list of recordings is narrowed to: equal columns, and when they were added."""

    main_id: str
    account_id: str | None = None
    equal: dict[str, str] = field(default_factory=dict[str, str])
    senders: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    added: Interval = field(default_factory=Interval)
