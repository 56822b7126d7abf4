"""What commands are carried out with, and how they find what they are about."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from trunkline.voice.call import Call
from trunkline.voice.causes import Cause
from trunkline.voice.commands.refusals import NoSuch
from trunkline.voice.commands.wire import Audio, Scope, Tape, Which
from trunkline.voice.live import LiveCalls
from trunkline.voice.rooms.gathering import Gathering
from trunkline.voice.session.orders import NotLive, Order
from trunkline.voice.session.ports import Ports
from trunkline.voice.telephony import File, RecordingSpec, Sound, Speech


class Queue(Protocol):
    """Calls that were asked for and are not placed yet."""

    def turn(self, main_id: str) -> float:
        """Take a main account's turn to start a call: 0; or the seconds until it may have one."""
        ...

    async def cancel(self, scope: Scope, *, call_uuid: str = "", request_uuid: str = "") -> int:
        """End a queued call, those of a request, or all of the account; return how many."""
        ...


CallerRule = Callable[[str, str, str], Cause | None]
"""Why a main account may not call somebody under a number: (main id, sender, recipient)."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The live calls, what they were made with, and those that wait."""

    calls: LiveCalls
    ports: Ports
    queue: Queue
    bars: CallerRule

    def call(self, scope: Scope, call_uuid: str) -> Call:
        """Return a live call of the account; raises NotLive."""
        found = self.calls.find(call_uuid)
        if found is None or not scope.covers(found.facts.account_id, found.facts.main_auth_id):
            raise NotLive(f"call {call_uuid!r} is not live")
        return found

    async def order(self, scope: Scope, call_uuid: str, order: Order) -> str:
        """Give an order to a call of the account; raises OrderError."""
        self.call(scope, call_uuid)
        return await self.calls.do(call_uuid, order)

    def gathering(self, scope: Scope, which: Which, *, past: bool = False) -> Gathering:
        """Return a conference or multiparty call; raises NoSuch.

        A main account names its subaccounts' by their uuids: each account has names of its own.
        """
        rooms = self.ports.rooms
        if which.uuid:
            found = rooms.by_uuid(which.kind, which.uuid)
            if found is not None and not scope.covers(found.account_id, found.main_id):
                found = None
        else:
            found = rooms.find(which.kind, scope.account_id, which.name)
        if found is None or (found.ended_at is not None and not past):
            what = "conference" if which.kind == "conference" else "multiparty call"
            raise NoSuch(f"{what} {(which.name or which.uuid)!r} is not live")
        return found

    def spec(self, tape: Tape) -> RecordingSpec:
        """Return what is to be recorded, under a new id."""
        uuid = self.ports.new_uuid()
        return RecordingSpec(
            uuid, tape.format, tape.channels, tape.max_s, session=True, tracks=tape.tracks
        )


def sounds_of(audio: tuple[Audio, ...]) -> tuple[Sound, ...]:
    """Return what is to be heard."""
    return tuple(
        File(one.url, one.times)
        if one.url
        else Speech(one.text, one.voice, one.language, one.times, one.ssml)
        for one in audio
    )
