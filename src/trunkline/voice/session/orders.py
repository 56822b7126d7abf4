"""What may be asked of a live call from outside: each order has one answer.

OrderError
├── NotLive      the call has ended, or never was
├── NoSuchLeg    there is no other leg to do it to
├── NoSuchRecording   none under way has that address
├── NotNow       the call cannot do it in its present state
├── Busy         too many orders are waiting
└── Unanswered   the call did not answer in time; it may still do it
"""

import asyncio
from dataclasses import dataclass, field
from typing import Literal

from trunkline.values.errors import TrunklineError
from trunkline.voice.causes import Cause
from trunkline.voice.events import LegEvent
from trunkline.voice.telephony import RecordingSpec, Sound, StreamSpec, Tracks
from trunkline.voice.xml.document import Document

Legs = Literal["aleg", "bleg", "both"]


class OrderError(TrunklineError):
    """The order was not carried out; the text says why."""


class NotLive(OrderError):
    """The call is not live."""


class NoSuchLeg(OrderError):
    """There is no other leg."""


class NoSuchRecording(OrderError):
    """No recording under way has that address."""


class NotNow(OrderError):
    """Not in this state of the call."""


class Busy(OrderError):
    """The call has too many orders waiting."""


class Unanswered(OrderError):
    """The call did not answer in time; it may still do it."""


def _future() -> "asyncio.Future[str]":
    return asyncio.get_running_loop().create_future()


@dataclass(slots=True, kw_only=True)
class Order:
    """An order; `result` is set exactly once, to a text (mostly "") or an OrderError."""

    result: "asyncio.Future[str]" = field(default_factory=_future)

    def done(self, text: str = "") -> None:
        """Answer it, unless nobody waits any longer."""
        if not self.result.done():
            self.result.set_result(text)

    def refuse(self, error: OrderError) -> None:
        """Answer it with an error."""
        if not self.result.done():
            self.result.set_exception(error)


@dataclass(slots=True, kw_only=True)
class HangUp(Order):
    """End the call, or only the leg it is connected with.

    `cause` is set when the platform itself has one (out of credits, …), `at` when the call was to
    end before now.
    """

    leg: Literal["aleg", "bleg"] = "aleg"
    cause: Cause | None = None
    at: float | None = None


@dataclass(slots=True, kw_only=True)
class GiveUp(Order):
    """End a leg that a Dial has called and not taken yet."""

    uuid: str


@dataclass(slots=True, kw_only=True)
class Transfer(Order):
    """Go on with other documents: the call, the leg it is connected with, or both."""

    legs: Legs = "aleg"
    aleg_url: str = ""
    aleg_method: str = "POST"
    bleg_url: str = ""
    bleg_method: str = "POST"


@dataclass(slots=True, kw_only=True)
class GoOn(Order):
    """Let a leg go on with a document that is here; the other one goes its own way."""

    document: Document
    leg: Literal["aleg", "bleg"] = "aleg"


@dataclass(slots=True, kw_only=True)
class Play(Order):
    """Play sounds beside what the call does; `kind` is what `Stop` names; `length_s` 0: all.

    `leg` is the one by whose uuid it is asked for.
    """

    sounds: tuple[Sound, ...]
    kind: Literal["play", "speak"] = "play"
    legs: Legs = "aleg"
    leg: Literal["aleg", "bleg"] = "aleg"
    mix: bool = True
    length_s: float = 0.0


@dataclass(slots=True, kw_only=True)
class Stop(Order):
    """End what `Play` has started, of one kind: what a leg hears, or was asked for by its uuid."""

    kind: Literal["play", "speak"] = "play"
    leg: Literal["aleg", "bleg"] = "aleg"


@dataclass(slots=True, kw_only=True)
class Record(Order):
    """Record a leg; the answer is the recording's URL."""

    spec: RecordingSpec
    leg: Literal["aleg", "bleg"] = "aleg"
    callback_url: str = ""
    callback_method: str = "POST"
    api_id: str = ""
    transcription: str = ""
    transcription_url: str = ""
    transcription_method: str = "POST"


@dataclass(slots=True, kw_only=True)
class StopRecording(Order):
    """End one recording of `Record` by its URL, those of some tracks, or all of a leg."""

    url: str = ""
    leg: Literal["aleg", "bleg"] = "aleg"
    tracks: Tracks | None = None


@dataclass(slots=True, kw_only=True)
class PauseRecording(Order):
    """Let recordings of `Record` pause, or go on: those of some tracks, or all of a leg."""

    paused: bool = True
    leg: Literal["aleg", "bleg"] = "aleg"
    tracks: Tracks | None = None


@dataclass(slots=True, kw_only=True)
class SendDigits(Order):
    """Send keys on a leg, or on both."""

    digits: str
    leg: Legs = "aleg"
    tone_ms: int = 0


@dataclass(slots=True, kw_only=True)
class StartStream(Order):
    """Stream a leg's audio; the answer is the stream's id."""

    spec: StreamSpec
    leg: Literal["aleg", "bleg"] = "aleg"
    status_url: str = ""
    status_method: str = "POST"


@dataclass(slots=True, kw_only=True)
class StopStream(Order):
    """End one stream of a leg, or all."""

    stream_id: str = ""
    leg: Literal["aleg", "bleg"] = "aleg"


MemberAction = Literal["kick", "hangup", "mute", "unmute", "deaf", "undeaf", "play", "stop",
                       "hold", "unhold", "coach", "uncoach"]  # fmt: skip


@dataclass(slots=True, kw_only=True)
class ToMember(Order):
    """Do something to the call as a member of a conference; `kind` is what `stop` ends."""

    action: MemberAction
    sounds: tuple[Sound, ...] = ()
    kind: Literal["play", "speak"] = "play"
    mix: bool = True


@dataclass(frozen=True, slots=True)
class Departed(LegEvent):
    """A leg has left the call and goes on as a call of its own.

    No event of the engines, but it comes among them.
    """
