"""One conference or multiparty call: its members and its room."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from trunkline.runtime.clock import Clock
from trunkline.voice.events import LegEvent, PlaybackEnded, RecordingEnded
from trunkline.voice.rooms.model import (
    MOST_PAST,
    Kind,
    Member,
    News,
    Past,
    Recording,
    RecordingNews,
    Termination,
)
from trunkline.voice.telephony import (
    LegGone,
    RecordingSpec,
    Room,
    Sound,
    Telephony,
    TelephonyError,
)


@dataclass(slots=True, eq=False)
class Gathering:
    """Made by the register; ends when its last member leaves, or when somebody ends it."""

    kind: Kind
    name: str
    uuid: str
    account_id: str
    main_id: str
    clock: Clock
    telephony: Telephony
    forget: Callable[["Gathering"], None]
    opened_at: float
    members: dict[str, Member] = field(default_factory=dict[str, Member])
    started_at: float | None = None
    ended: bool = False
    had_company: bool = False
    announced: bool = False  # its start was told
    taped: bool = False  # it is, or was, recorded
    untaped: bool = False  # its recording was stopped by a request, and none was begun since
    recordings: dict[str, Recording] = field(default_factory=dict[str, Recording])
    invited: dict[str, Callable[[], None]] = field(default_factory=dict[str, Callable[[], None]])
    """Calls that are called into it and not in yet, and how they are told that it is over."""
    last_words: Callable[[], None] | None = None
    """Tells its end: of who has left last of those that want it told."""
    next_member: int = 1
    ended_at: float | None = None
    termination: Termination = Termination.NOBODY_LEFT
    past: "deque[Past]" = field(default_factory=lambda: deque[Past](maxlen=MOST_PAST))
    _room: Room | None = None
    _leaving: int = 0  # members that are no longer, but not out of the room yet
    _taped_alone: bool = True
    _awaited: "dict[str, asyncio.Future[str]]" = field(
        default_factory=dict[str, "asyncio.Future[str]"]
    )
    _opening: "asyncio.Lock" = field(default_factory=asyncio.Lock)

    @property
    def started(self) -> bool:
        """Members hear each other; before, they wait."""
        return self.started_at is not None

    @property
    def inside(self) -> list[Member]:
        """Those in the room."""
        return [member for member in self.members.values() if member.inside]

    @property
    def running(self) -> dict[str, Recording]:
        """Recordings that go on; those that were stopped are told of once their file is there."""
        return {id_: one for id_, one in self.recordings.items() if not one.stopped}

    def new_member_id(self) -> str:
        """Return the next member's id: small numbers, as in conferences they are spoken of."""
        number = self.next_member
        self.next_member += 1
        return str(number)

    async def enter(self, member: Member) -> None:
        """Add a member; it is let into the room, or has to wait until it is told `started`."""
        member.first = not self.members
        self.members[member.member_id] = member
        self.invited.pop(member.call_uuid, None)
        if member.starts:
            self.start(besides=member)
        if self.started:
            await self.admit(member)

    def start(self, besides: Member | None = None) -> None:
        """Let those who wait come in; nothing happens when it has started."""
        if self.started:
            return
        self.started_at = self.clock.now()
        for other in list(self.members.values()):
            if other is not besides:
                other.hears("started")

    async def admit(self, member: Member) -> None:
        """Let a member into the room."""
        if member.inside or self.ended or member.member_id not in self.members:
            return
        member.inside = True
        # Who is on hold is in the room, too: without anybody it could not be recorded.
        room = await self._opened()
        await room.add(member.leg, muted=member.silent, deaf=member.secluded)
        await self._set(member)
        await self._set_coaches()
        self.had_company = self.had_company or len(self.inside) > 1
        await self._tape_company()
        self._tell_others(member, "changed")

    async def leave(self, member: Member) -> None:
        """Take a member out; with the last one it all ends, when it is out."""
        if self.members.pop(member.member_id, None) is None:
            return
        member.inside = False
        member.last = not self.members
        self.past.append(self._past_of(member))
        self._leaving += 1
        try:
            await self._let_out(member)
        finally:
            self._leaving -= 1
        if not self.members and not self._leaving:
            await self._close()

    def end(self, termination: Termination = Termination.NOBODY_LEFT) -> None:
        """Tell everybody to leave."""
        if not self.ended:
            self.ended = True
            self.termination = termination
            for member in list(self.members.values()):
                member.hears("ended")
            self._take_back_invitations()

    def alone(self, member: Member) -> bool:
        """Whether a member is in the room with nobody else."""
        return self.inside == [member]

    def hearers(self, member: Member) -> list[Member]:
        """Those who hear a member."""
        if not member.inside or member.silent:
            return []
        return [
            one
            for one in self.inside
            if one is not member and not one.secluded and (one.is_agent or not member.coaching)
        ]

    async def change(self, member: Member) -> None:
        """Make the room follow what was changed of a member: muted, deaf, held, coaching."""
        if member.inside:
            await self._set(member)
            await self._set_coaches()

    async def play(self, sounds: Sequence[Sound]) -> str:
        """Let everybody hear something; return the playback's id, "" when nobody is there."""
        if not sounds or not self.inside or self.ended:
            return ""
        return await (await self._opened()).play(sounds)

    async def played(self, playback: str) -> str:
        """Wait until a playback that has just begun is over; return what it broke off by."""
        self._awaited[playback] = asyncio.get_running_loop().create_future()
        try:
            return await self._awaited[playback]
        finally:
            del self._awaited[playback]

    async def stop_playing(self, playback: str) -> None:
        """End a playback; nothing happens when it has ended."""
        if playback and self._room is not None:
            with contextlib.suppress(TelephonyError):  # with those who heard it
                await self._room.stop_playing(playback)

    async def record(
        self,
        spec: RecordingSpec,
        finished: Callable[[RecordingEnded], None],
        told: Callable[[RecordingNews], None] | None = None,
        farewell: Sequence[Sound] = (),
        *,
        alone: bool = True,
    ) -> str:
        """Record the mix, with `alone` False only while there are two; return the URL."""
        self.taped, self.untaped, self._taped_alone = True, False, alone
        room = await self._opened()
        recording = Recording(spec, "", finished, told=told, farewell=farewell)
        self.recordings[spec.recording_id] = recording
        try:
            recording.url = await room.record(spec)
        except BaseException:
            del self.recordings[spec.recording_id]
            self.taped = False
            raise
        return recording.url

    async def stop_recording(self) -> bool:
        """End all recordings; False when there was none."""
        running = self.running
        self.untaped = self.untaped or bool(running)
        for recording_id, recording in running.items():
            await (await self._opened()).stop_recording(recording_id)
            recording.stopped = True
            await self.play(recording.farewell)
        return bool(running)

    async def pause_recording(self, *, paused: bool) -> bool:
        """Let all recordings pause, or go on; False when there is none."""
        running = self.running
        for recording_id, recording in running.items():
            await (await self._opened()).pause_recording(recording_id, paused=paused)
            if recording.paused != paused and recording.told is not None:
                recording.told("paused" if paused else "resumed")
            recording.paused = paused
        return bool(running)

    async def _tape_company(self) -> None:
        """Leave out of the recording the time that somebody is alone, if that is wanted."""
        if not self._taped_alone and self.running and self.inside:
            with contextlib.suppress(TelephonyError):
                await self.pause_recording(paused=len(self.inside) < 2)

    def on_room(self, event: LegEvent) -> None:
        """Take what the room tells: a `Sink`."""
        if isinstance(event, RecordingEnded):
            recording = self.recordings.pop(event.recording_id, None)
            if recording is not None:
                recording.finished(event)
        elif isinstance(event, PlaybackEnded) and event.playback in self._awaited:
            waiting = self._awaited[event.playback]
            if not waiting.done():
                waiting.set_result(event.error)

    async def _let_out(self, member: Member) -> None:
        if self._room is not None:
            with contextlib.suppress(TelephonyError):  # it is out, one way or the other
                await self._room.remove(member.leg)
        if member.ends:
            self.end()
        await self._tape_company()
        self._tell_others(member, "changed")

    def _past_of(self, member: Member) -> Past:
        return Past(
            member.member_id,
            member.call_uuid,
            member.address,
            member.role,
            member.starts,
            member.ends,
            member.stays_alone,
            member.joined_at,
            self.clock.now(),
            member.exit_cause,
        )

    def _tell_others(self, member: Member, what: News) -> None:
        for other in list(self.members.values()):
            if other is not member:
                other.hears(what)

    async def _set(self, member: Member) -> None:
        # PLIVO multiparty: a coach is heard by agents alone; others are heard by all.
        if self._room is None:
            return
        agents = [one.leg for one in self.inside if one.is_agent and not one.held]
        heard_by = agents if member.coaching else ()
        muted = member.silent or (member.coaching and not agents)
        await self._room.set(member.leg, muted=muted, deaf=member.secluded, heard_by=heard_by)

    async def _set_coaches(self) -> None:
        """Whom coaches are heard by may have changed."""
        for coach in [one for one in self.inside if one.coaching]:
            with contextlib.suppress(LegGone):
                await self._set(coach)

    async def _opened(self) -> Room:
        async with self._opening:
            if self._room is None:
                self._room = await self.telephony.open_room(self.uuid, self.on_room)
            return self._room

    def _take_back_invitations(self) -> None:
        invited, self.invited = self.invited, {}
        for take_back in invited.values():
            take_back()

    async def _close(self) -> None:
        self.ended = True
        self.ended_at = self.clock.now()
        self.forget(self)
        self._take_back_invitations()
        if self._room is not None:
            room, self._room = self._room, None
            # With its last leg a room has ended its recordings by itself, and takes no orders.
            for recording_id in self.running:
                with contextlib.suppress(TelephonyError):
                    await room.stop_recording(recording_id)
            with contextlib.suppress(TelephonyError):
                await room.close()
