"""Several ring at once: the first to answer, and to confirm if it must, is taken."""

import contextlib
from collections.abc import Sequence

import structlog

from trunkline.voice.causes import (
    CANCELED,
    CONFIRM_FAILED,
    LOST_RACE,
    MACHINE_DETECTED,
    RING_TIMEOUT,
    Cause,
)
from trunkline.voice.dialling.party import Called
from trunkline.voice.events import (
    Answered,
    Digit,
    Ended,
    LegEvent,
    MachineJudged,
    PlaybackEnded,
    Ringing,
)
from trunkline.voice.session.music import Music
from trunkline.voice.session.session import Session
from trunkline.voice.telephony import LegGone, MachineSpec, Refused, Sound
from trunkline.voice.xml.document import Element

log = structlog.get_logger(__name__)

_STAR = "*"
DEFAULT_CONFIRM_S = 120.0  # PLIVO XML Dial: confirmTimeout
_DETECTION = MachineSpec()
_JUDGING_S = _DETECTION.time_ms / 1000 + 1.0


class Race:
    """The ringing part of a Dial."""

    def __init__(
        self,
        dial: Element,
        session: Session,
        parties: Sequence[Called],
        confirm: Sequence[Sound],
        music: Music,
    ) -> None:
        self._dial = dial
        self._session = session
        self._by_uuid = {party.uuid: party for party in parties}
        self._confirm = tuple(confirm)
        self._music = music
        self._key = dial.string("confirmKey")
        self._playing: dict[str, str] = {}  # confirming parties: playback → uuid
        self._confirm_by: dict[str, float] = {}  # confirming parties: uuid → until when
        self._judged_by: dict[str, float] = {}  # perhaps machines: uuid → until when
        self.rang = False
        self.early: Called | None = None  # the one whose early media the caller hears
        self.starred = False

    @property
    def running(self) -> list[Called]:
        """Those that may still be taken."""
        return [party for party in self._by_uuid.values() if party.cause is None]

    @property
    def cause(self) -> Cause:
        """Why nobody was taken: of several reasons the one that says most."""
        causes = [party.cause for party in self._by_uuid.values() if party.cause is not None]
        ranked = sorted(causes, key=lambda one: _RANKS.index(one.unanswered))
        return ranked[0] if ranked else CANCELED

    async def run(self) -> Called | None:
        """Return who is taken; None when nobody is. Whatever happens, the others are ended."""
        winner: Called | None = None
        rings_until = self._session.ports.clock.now() + self._dial.number("timeout")
        self._session.called = {party.uuid: party for party in self.running}
        try:
            while self.running and winner is None and not self.starred:
                winner = await self._step(rings_until)
        finally:
            self._session.called = {}
            await self._end_others(winner)
        return winner

    async def _step(self, rings_until: float) -> Called | None:
        clock = self._session.ports.clock
        dues = [*self._confirm_by.values(), *self._judged_by.values()]
        if len(dues) < len(self.running):
            dues.append(rings_until)
        event = await self._session.next(max(0.0, min(dues) - clock.now()))
        try:
            if event is None:
                return await self._overdue(rings_until)
            if event.leg == self._session.leg.uuid:
                await self._hear_caller(event)
                return None
            party = self._by_uuid.get(event.leg)
            if party is None or party.cause is not None:
                return None
            return await self._hear(party, event)
        except LegGone:  # its Ended is on the way
            return None

    async def _hear_caller(self, event: LegEvent) -> None:
        if isinstance(event, Digit):
            self.starred = self._dial.flag("hangupOnStar") and event.digit == _STAR
        else:
            await self._music.hear(event)

    async def _hear(self, party: Called, event: LegEvent) -> Called | None:
        match event:
            case Ringing(early_media=early):
                self.rang = True
                await party.rings()
                if early:
                    await self._let_hear(party)
            case Answered():
                return await self._answered(party)
            case MachineJudged(machine=machine):
                return await self._judged(party, machine=machine)
            case Digit(digit=digit) if party.asked and digit in self._key:
                await self._quiet(party)
                return party
            case PlaybackEnded(playback=playback) if self._playing.pop(playback, ""):
                if not self._key:
                    return party  # it has heard what it had to
                self._confirm_by[party.uuid] = self._session.ports.clock.now() + self._confirm_s()
            case Ended(cause=cause, at=at):
                await self._lost(party, cause, at)
            case _:
                pass
        return None

    async def _answered(self, party: Called) -> Called | None:
        self.rang = True
        await party.answers()
        self._tell(party, "answer")
        if self._dial.string("machineDetection") and await self._listens(party):
            return None
        return await self._accepted(party)

    async def _listens(self, party: Called) -> bool:
        """Look for a machine: beside the call, or with `hangup` before anything else is done."""
        try:
            await party.leg.judge_machine(_DETECTION)
        except Refused as refusal:
            log.warning("call.unjudged", call=party.uuid, reason=str(refusal))
            return False
        if self._dial.string("machineDetection") != "hangup":
            return False
        self._judged_by[party.uuid] = self._session.ports.clock.now() + _JUDGING_S
        return True

    async def _judged(self, party: Called, *, machine: bool) -> Called | None:
        party.machine = machine
        if self._judged_by.pop(party.uuid, None) is None:
            return None
        if machine:
            await self._let_go(party, MACHINE_DETECTED)
            return None
        return await self._accepted(party)

    async def _accepted(self, party: Called) -> Called | None:
        """Take a party that is there, unless it has something to confirm."""
        if not self._key and not self._confirm:
            return party
        party.asked = True
        self._confirm_by[party.uuid] = self._session.ports.clock.now() + self._confirm_s()
        if self._confirm:
            self._playing[await party.leg.play(self._confirm)] = party.uuid
        return None

    async def _quiet(self, party: Called) -> None:
        for playback, uuid in self._playing.items():
            if uuid == party.uuid:
                await party.leg.stop_playing(playback)

    def _confirm_s(self) -> float:
        return float(self._dial.maybe("confirmTimeout") or DEFAULT_CONFIRM_S)

    async def _let_hear(self, party: Called) -> None:
        """PLIVO XML Dial: with dialMusic `real` the caller hears the far end before it answers."""
        if self._dial.string("dialMusic") != "real" or self.early is not None:
            return
        self.early = party
        if not self._session.answered:
            await self._session.open_early()
        await self._session.leg.connect(party.leg)

    async def _lost(self, party: Called, cause: Cause, at: float | None) -> None:
        self._confirm_by.pop(party.uuid, None)
        self._judged_by.pop(party.uuid, None)
        if self.early is party:
            self.early = None
        await party.end(cause, at)
        if party.answered:
            self._tell(party, "hangup")

    def _tell(self, party: Called, action: str) -> None:
        party.tell(self._dial.string("callbackUrl"), self._dial.string("callbackMethod"), action)

    async def _let_go(self, party: Called, cause: Cause) -> None:
        """Hang up; of one that has answered it is told, as its answer was."""
        await party.hang_up(cause)
        if self.early is party:
            self.early = None
        if party.answered:
            self._tell(party, "hangup")

    async def _overdue(self, rings_until: float) -> Called | None:
        now = self._session.ports.clock.now()
        for party in self.running:
            judged_by = self._judged_by.get(party.uuid)
            until = self._confirm_by.get(party.uuid, judged_by)
            if until is None and now >= rings_until:
                await party.hang_up(RING_TIMEOUT)
            elif until is None or now < until:
                continue
            elif judged_by is None:
                self._confirm_by.pop(party.uuid, None)
                await self._let_go(party, CONFIRM_FAILED)
            else:  # nothing was found out: a human gets the benefit
                del self._judged_by[party.uuid]
                winner = await self._accepted(party)
                if winner is not None:
                    return winner
        return None

    async def _end_others(self, winner: Called | None) -> None:
        if self.early is not None and self.early is not winner:
            with contextlib.suppress(LegGone):
                await self._session.leg.disconnect()
        for party in self.running:
            if party is not winner:
                await self._let_go(party, LOST_RACE if winner is not None else CANCELED)


_RANKS = ("completed", "busy", "failed", "timeout", "no-answer", "cancel")
