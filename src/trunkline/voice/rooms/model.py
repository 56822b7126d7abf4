"""What conferences and multiparty calls are made of: members, what they are told, recordings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

from trunkline.voice.events import LegEvent, RecordingEnded
from trunkline.voice.telephony import Leg, RecordingSpec, Sound

News = Literal["started", "changed", "ended", "kicked", "held", "resumed"]
Kind = Literal["conference", "multiparty"]
RecordingNews = Literal["paused", "resumed"]

# PLIVO multiparty: exit_cause
HUNG_UP, KICKED, ENDED = "Participant Call Hangup", "Participant Kicked", "MPC Ended"
TRANSFERRED = "Participant Call Transferred"
MOST_PAST = 1_000  # members that have left, of one gathering, that are remembered


class Termination(IntEnum):
    """Why a multiparty call has ended (PLIVO multiparty: termination_cause_code)."""

    NOBODY_LEFT = 1000
    ALONE = 1010
    MAX_DURATION = 2000
    BY_API = 3000


@dataclass(frozen=True, slots=True)
class RoomTold(LegEvent):
    """What a gathering tells a member, by its mailbox, among the events of its leg."""

    what: News


@dataclass(slots=True, eq=False)
class Member:
    """One member; `starts` and `ends` say whether its coming and going do so for all."""

    member_id: str
    leg: Leg
    call_uuid: str
    sender: str
    recipient: str
    caller_name: str
    direction: str
    tell: Callable[[LegEvent], None]
    joined_at: float
    muted: bool = False
    deaf: bool = False
    starts: bool = True
    ends: bool = False
    stays_alone: bool = True
    role: str = ""
    held: bool = False
    coaching: bool = False
    inside: bool = False  # in the room, and not waiting before it
    first: bool = False  # nobody was there when it came
    last: bool = False  # nobody was left when it went
    exit_cause: str = HUNG_UP  # means something once it has left

    @property
    def address(self) -> str:
        """The far end: its number or SIP address."""
        return self.sender if self.direction == "inbound" else self.recipient

    @property
    def is_agent(self) -> bool:
        """Whether coaches speak to it."""
        return self.role in ("agent", "ai-agent")

    @property
    def silent(self) -> bool:
        """Whether nobody in the room hears it."""
        return self.muted or self.held

    @property
    def secluded(self) -> bool:
        """Whether it does not hear the room."""
        return self.deaf or self.held

    def hears(self, what: News) -> None:
        """Tell the member's call."""
        self.tell(RoomTold(self.leg.uuid, what))


@dataclass(frozen=True, slots=True)
class Past:
    """What is remembered of a member that has left."""

    member_id: str
    call_uuid: str
    address: str
    role: str
    starts: bool
    ends: bool
    stays_alone: bool
    joined_at: float
    left_at: float
    exit_cause: str

    @property
    def lasted_s(self) -> int:
        """How long it was a member, in whole seconds."""
        return int(self.left_at - self.joined_at)


@dataclass(slots=True, eq=False)
class Recording:
    """A recording of the room that is under way, or whose file is still being finished."""

    spec: RecordingSpec
    url: str
    finished: Callable[[RecordingEnded], None]
    paused: bool = False
    told: Callable[[RecordingNews], None] | None = None  # hears of pauses
    farewell: Sequence[Sound] = ()  # heard by all when it is stopped
    stopped: bool = False  # its file is finished; nothing is added to it any more
