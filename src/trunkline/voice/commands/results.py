"""What commands are answered with; times in seconds since 1970, texts "" when there is nothing."""

from collections.abc import Sequence
from typing import Literal

import msgspec

Why = Literal[
    "not_live", "no_leg", "not_now", "busy", "unanswered", "no_such", "invalid", "unavailable",
    "unread",
]  # fmt: skip
"""What is in the way: the call is not live, it has no such leg, its state forbids it, it has too
many orders, it did not answer in time; there is no such thing; a value is wrong; the
database is away, and nothing was done; the command cannot be read, nor was it done."""


class Text(msgspec.Struct, frozen=True):
    """A word, "" when there is nothing to say."""

    text: str = ""


class Recorded(msgspec.Struct, frozen=True):
    """A recording that has begun."""

    recording_id: str
    url: str


class StreamFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One stream of a call."""

    stream_id: str
    call_uuid: str
    url: str
    bidirectional: bool
    track: str
    status: Literal["initiated", "streaming", "stopped"]
    status_url: str
    created_at: float
    started_at: float | None
    ended_at: float | None


class Streams(msgspec.Struct, frozen=True):
    streams: Sequence[StreamFacts]


class MemberFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One member; `left_at` None: it is there."""

    member_id: str
    call_uuid: str
    address: str
    role: str
    starts: bool
    ends: bool
    joined_at: float
    sender: str = ""
    recipient: str = ""
    caller_name: str = ""
    direction: Literal["inbound", "outbound"] = "inbound"
    muted: bool = False
    deaf: bool = False
    held: bool = False
    coaching: bool = False
    stays_alone: bool = True
    left_at: float | None = None
    exit_cause: str = ""

    @property
    def lasted_s(self) -> int | None:
        """How long it was there, in whole seconds; None while it is."""
        return None if self.left_at is None else int(self.left_at - self.joined_at)


class GatheringFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A conference or multiparty call; `past` are members that have left."""

    uuid: str
    name: str
    account_id: str
    opened_at: float
    started_at: float | None
    ended_at: float | None
    termination: int
    recording: Literal["not-recording", "recording", "paused"]
    members: Sequence[MemberFacts]
    past: Sequence[MemberFacts] = ()


class Gatherings(msgspec.Struct, frozen=True):
    gatherings: Sequence[GatheringFacts]


class Members(msgspec.Struct, frozen=True):
    """Ids of members, and the name of what they are in."""

    members: Sequence[str]
    name: str


class AddedCall(msgspec.Struct, frozen=True):
    call_uuid: str
    sender: str
    recipient: str


class Added(msgspec.Struct, frozen=True):
    """The calls that were made, or fetched."""

    request_uuid: str
    calls: Sequence[AddedCall]


class Outcome(msgspec.Struct, frozen=True):
    """What the bus brings back: a result's MessagePack, or why there is none.

    `field` names what is wrong of the command in the words of the API, if one thing is.
    """

    result: msgspec.Raw = msgspec.Raw(b"\xc0")
    why: Why | None = None
    message: str = ""
    field: str = ""
