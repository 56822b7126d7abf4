"""A call's time in a gathering: waiting, music, keys, orders, until it leaves.

Conferences and multiparty calls differ in what they tell and to whom: that is their `Manner`.
"""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from trunkline.voice.causes import NORMAL, Source
from trunkline.voice.dialling.bridge import Patterns
from trunkline.voice.events import Digit, LegEvent, PlaybackEnded, Voice
from trunkline.voice.rooms.gathering import Gathering
from trunkline.voice.rooms.model import (
    ENDED,
    KICKED,
    TRANSFERRED,
    Member,
    RoomTold,
    Termination,
)
from trunkline.voice.session.music import Music
from trunkline.voice.session.orders import MemberAction, NotNow, ToMember
from trunkline.voice.session.session import Session
from trunkline.voice.session.signals import CallOver, GoOnWith, GoTo
from trunkline.voice.telephony import LegGone, Sound, TelephonyError

_STAR = "*"


@dataclass(frozen=True, slots=True)
class Rules:
    """What an element asks for; sounds are what members hear."""

    enter: Sequence[Sound] = ()
    leave: Sequence[Sound] = ()
    waiting: Sequence[Sound] = ()
    hold_music: Sequence[Sound] = ()
    hangup_on_star: bool = False
    digits_match: str = ""
    relay_digits: bool = True
    tell_voice: bool = False
    tell_every_key: bool = False
    ends_at: float | None = None  # of the whole gathering
    waits_until: float | None = None  # for it to start


def member_of(session: Session, gathering: Gathering) -> Member:
    """Make a member of a call, without any of what its element says of it."""
    facts = session.facts
    return Member(
        gathering.new_member_id(),
        session.leg,
        facts.call_uuid,
        facts.sender,
        facts.recipient,
        facts.caller_name,
        facts.direction,
        session.mailbox.tell,
        session.ports.clock.now(),
    )


class Manner(Protocol):
    """What is told of a member's time, and to whom."""

    def entered(self) -> None:
        """The member has come, be it to wait."""
        ...

    async def admitted(self) -> None:
        """The member is in the room, where others hear it."""
        ...

    def left(self) -> None:
        """It has left."""
        ...

    async def crowd(self) -> None:
        """Others have come or gone, or something of them was changed."""
        ...

    def digits(self, pattern: str) -> None:
        """It has pressed what was looked for."""
        ...

    def voice(self, *, active: bool) -> None:
        """It has begun or stopped to speak."""
        ...

    def changed(self, what: MemberAction) -> None:
        """It was muted, held and so on."""
        ...


class Attendance:
    """From entering to leaving; afterwards `kicked` says whether it was sent away."""

    def __init__(
        self, session: Session, gathering: Gathering, member: Member, rules: Rules, manner: Manner
    ) -> None:
        self._session = session
        self._gathering = gathering
        self._member = member
        self._rules = rules
        self._manner = manner
        self._patterns = Patterns(rules.digits_match)
        self._music = Music(session)
        self._entered = self._admitted = False
        self._leaving = False
        self.kicked = False
        self.dismissed = False  # the whole has ended

    async def run(self) -> None:
        """Attend until the gathering or the call ends."""
        session = self._session
        session.membership = self
        try:
            await self._gathering.enter(self._member)
            await self._come_in()
            if self._rules.tell_voice:
                await session.leg.watch_voice(on=True)
            await self._attend()
        except (GoTo, GoOnWith):
            self._member.exit_cause = TRANSFERRED
            raise
        except LegGone:
            if not session.leg.over:
                raise
            # It left as it was let in: what is told of the end is told of this one, too.
            raise await session.departed() from None
        finally:
            session.membership = None
            await self._go_out()

    async def _attend(self) -> None:
        clock = self._session.ports.clock
        while not self._leaving:
            await self._keep_music()
            due = self._due()
            event = await self._session.next(None if due is None else due - clock.now())
            if event is not None:
                await self._hear(event)
            elif due is not None and clock.now() >= due:
                if self._member.inside:
                    self._gathering.end(Termination.MAX_DURATION)  # it is everybody's
                else:
                    self._leaving = True

    def _due(self) -> float | None:
        if self._member.inside:
            return self._rules.ends_at
        times = [at for at in (self._rules.ends_at, self._rules.waits_until) if at is not None]
        return min(times, default=None)

    async def _come_in(self) -> None:
        admitted = self._member.inside and not self._admitted
        if admitted:
            self._admitted = True
            await self._manner.admitted()
        if not self._entered:
            # Applications call an agent when they are told that a caller has come to wait.
            self._entered = True
            self._manner.entered()
        if admitted:
            with contextlib.suppress(TelephonyError):  # sounds end no call
                await self._gathering.play(self._rules.enter)

    async def _go_out(self) -> None:
        with contextlib.suppress(LegGone):
            await self._music.stop()
            if self._rules.tell_voice:
                await self._session.leg.watch_voice(on=False)
        was_inside = self._member.inside
        await self._gathering.leave(self._member)
        if self._entered:
            self._manner.left()
        if was_inside:
            with contextlib.suppress(TelephonyError):
                await self._gathering.play(self._rules.leave)

    async def _hear(self, event: LegEvent) -> None:
        match event:
            case RoomTold():
                await self._told(event)
            case Digit(digit=digit) if event.leg == self._session.leg.uuid:
                await self._key(digit, heard=event.audible)
            case Voice(active=active) if event.leg == self._session.leg.uuid:
                if self._rules.tell_voice:
                    self._manner.voice(active=active)
            case PlaybackEnded():
                await self._music.hear(event)
            case _:
                pass

    async def _told(self, event: RoomTold) -> None:
        match event.what:
            case "started":
                await self._gathering.admit(self._member)
                await self._come_in()
            case "ended":
                self._leaving = self.dismissed = True
                self._member.exit_cause = ENDED
            case "kicked":
                self._leaving = self.kicked = True
                self._member.exit_cause = KICKED
            case _:
                # PLIVO XML Conference: with stayAlone false it ends when one remains.
                alone = self._gathering.alone(self._member) and self._gathering.had_company
                if alone and not self._member.stays_alone:
                    self._leaving = True
                    self._member.exit_cause = ENDED
                    self._gathering.end(Termination.ALONE)
                elif self._admitted:
                    await self._manner.crowd()

    async def _key(self, digit: str, *, heard: bool) -> None:
        if digit == _STAR and self._rules.hangup_on_star:
            self._leaving = True
            return
        pattern = digit if self._rules.tell_every_key else self._patterns.take(digit)
        if pattern:
            self._manner.digits(pattern)
        if heard:
            return  # a tone in the audio reaches the others by itself
        if self._rules.relay_digits:
            for other in self._gathering.hearers(self._member):
                with contextlib.suppress(TelephonyError):
                    await other.leg.send_digits(digit)

    # --- music -----------------------------------------------------------------------------------

    async def _keep_music(self) -> None:
        """Who waits, is alone or on hold hears music, over and over."""
        wanted: Sequence[Sound] = ()
        if self._member.held:
            wanted = self._rules.hold_music
        elif not self._member.inside or self._gathering.alone(self._member):
            wanted = self._rules.waiting
        await self._music.want(wanted)

    # --- orders ----------------------------------------------------------------------------------

    async def obey(self, action: MemberAction, order: ToMember) -> None:
        """Carry out an order to the member."""
        member = self._member
        match action:
            case "kick":
                member.hears("kicked")
            case "hangup":
                cause = NORMAL.by(Source.API)
                await self._session.leg.hang_up(cause)
                order.done()
                raise CallOver(cause)
            case "play":
                if member.deaf:
                    raise NotNow("The member is deaf.")
                playback = await member.leg.play(
                    order.sounds, layer="mix" if order.mix else "cover"
                )
                playing = self._session.beside.overlays.setdefault(f"member's {order.kind}", [])
                playing.append((member.leg, playback))
            case "stop":
                for leg, playback in list(
                    self._session.beside.overlays.get(f"member's {order.kind}", ())
                ):
                    await leg.stop_playing(playback)
            case _:
                await self._change(action)
        order.done()

    async def _change(self, action: MemberAction) -> None:
        member = self._member
        before = (member.muted, member.deaf, member.held, member.coaching)
        on = not action.startswith("un")
        match action.removeprefix("un"):
            case "mute":
                member.muted = on
            case "deaf":
                member.deaf = on
            case "hold":
                member.held = on
            case _:  # PLIVO multiparty: coach_mode is a supervisor's
                member.coaching = on and member.role == "supervisor"
        if before != (member.muted, member.deaf, member.held, member.coaching):
            await self._gathering.change(member)
            self._manner.changed(action)
            member.hears("changed")  # so that music follows
