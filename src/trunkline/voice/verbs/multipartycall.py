"""`<MultiPartyCall>`: agents, supervisors and customers in one call."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import structlog

from trunkline.voice.causes import MULTIPARTY_ENDED, MULTIPARTY_KICKED, Source
from trunkline.voice.gatherings.attendance import Attendance, Rules, member_of
from trunkline.voice.gatherings.recording import Tapes, notices_of
from trunkline.voice.gatherings.sounds import entrance_sounds, fetched_sounds
from trunkline.voice.rating import begun_minutes_s
from trunkline.voice.rooms.gathering import Gathering
from trunkline.voice.rooms.model import Member, Termination
from trunkline.voice.session.facts import Params, stamp
from trunkline.voice.session.orders import MemberAction
from trunkline.voice.session.prompts import sounds_of
from trunkline.voice.session.session import Session
from trunkline.voice.session.signals import CallOver, Signal
from trunkline.voice.telephony import Sound
from trunkline.voice.xml.document import Element

log = structlog.get_logger(__name__)

_STATE, _PARTICIPANT = "mpc-state-changes", "participant-state-changes"
_SPEAK, _DIGITS = "participant-speak-events", "participant-digit-input-events"
_CHANGES: dict[str, str] = {
    "mute": "ParticipantMute", "unmute": "ParticipantUnmute",
    "hold": "ParticipantHold", "unhold": "ParticipantUnhold",
    "coach": "ParticipantCoachModeStart", "uncoach": "ParticipantCoachModeStop",
}  # fmt: skip


async def run(element: Element, session: Session) -> None:
    """Take part until it ends or the participant leaves; then the exit action is asked."""
    await session.answer()
    facts = session.facts
    rules = await _rules(element, session)
    notices = await notices_of(element, session)
    # From here to `enter` nothing is waited for: meanwhile it could end, or others could come in.
    gathering = session.ports.rooms.find_or_open(
        "multiparty", facts.account_id, facts.main_auth_id, element.text
    )
    url, method = element.string("onExitActionUrl"), element.string("onExitActionMethod")
    if len(gathering.members) >= element.number("maxParticipants"):
        log.info("multiparty.full", call=facts.call_uuid, name=element.text)
        session.tell(url, method, "action", _exit_params(element, session, gathering, None))
        return
    member = _member(element, session, gathering)
    tapes = Tapes(element, session, gathering, member, notices)
    telling = _Telling(element, session, gathering, member, tapes)
    telling.opened()
    attendance = Attendance(session, gathering, member, rules, telling)
    try:
        await attendance.run()
    except (Signal, asyncio.CancelledError):  # its call is over, or goes on elsewhere
        session.tell(url, method, "action", telling.exit_params())
        raise
    finally:
        await tapes.end()
    session.tell(url, method, "action", telling.exit_params())
    if attendance.kicked:
        raise CallOver(MULTIPARTY_KICKED.by(Source.API))
    if attendance.dismissed:
        by_api = gathering.termination is Termination.BY_API
        raise CallOver(MULTIPARTY_ENDED.by(Source.API) if by_api else MULTIPARTY_ENDED)


def _member(element: Element, session: Session, gathering: Gathering) -> Member:
    role = element.string("role")
    return replace(
        member_of(session, gathering),
        muted=element.flag("mute"),
        starts=element.flag("startMpcOnEnter"),
        ends=element.flag("endMpcOnExit"),
        stays_alone=element.flag("stayAlone"),
        role=role,
        held=element.flag("hold"),
        coaching=role == "supervisor" and element.flag("coachMode"),
    )


async def _rules(element: Element, session: Session) -> Rules:
    now = session.ports.clock.now()
    waits_s = element.maybe("waitTime")
    return Rules(
        enter=await entrance_sounds(
            session, element.string("enterSound"), element.string("enterSoundMethod")
        ),
        leave=await entrance_sounds(
            session, element.string("exitSound"), element.string("exitSoundMethod")
        ),
        waiting=await fetched_sounds(
            session, element.string("waitMusicUrl"), element.string("waitMusicMethod")
        ),
        hold_music=await _hold_music(element, session),
        relay_digits=element.flag("relayDTMFInputs"),
        tell_every_key=True,
        tell_voice=_SPEAK in element.string("statusCallbackEvents"),
        ends_at=now + element.number("maxDuration"),
        waits_until=now + waits_s if waits_s else None,
    )


async def _hold_music(element: Element, session: Session) -> Sequence[Sound]:
    """A customer's, or an agent's: by URL, or in the document itself (Go's builder)."""
    customer = element.string("role") == "customer"
    wanted, prefix = ("CustomerHoldMusic", "customer") if customer else ("AgentHoldMusic", "agent")
    for child in element.children:
        if child.name == wanted:
            return sounds_of(child.children)
    return await fetched_sounds(
        session,
        element.string(f"{prefix}HoldMusicUrl"),
        element.string(f"{prefix}HoldMusicMethod"),
    )


class _Telling:
    """What the status callback is told (PLIVO multiparty: events)."""

    def __init__(
        self,
        element: Element,
        session: Session,
        gathering: Gathering,
        member: Member,
        tapes: Tapes,
    ) -> None:
        self._tapes = tapes
        self._element = element
        self._session = session
        self._gathering = gathering
        self._member = member
        self._events = element.string("statusCallbackEvents").split(",")

    def opened(self) -> None:
        """The first one to come has made it."""
        if not self._gathering.members and not self._gathering.past:
            self._tell(_STATE, "MPCInitialized")

    def entered(self) -> None:
        self._tell(_PARTICIPANT, "ParticipantJoin")

    async def admitted(self) -> None:
        if not self._gathering.announced:
            self._gathering.announced = True
            self._tell(_STATE, "MPCStart")
        await self._tapes.begin()

    async def crowd(self) -> None:
        await self._tapes.enough()

    def left(self) -> None:
        self._tell(_PARTICIPANT, "ParticipantExit")
        if self._element.string("statusCallbackUrl") and _STATE in self._events:
            self._gathering.last_words = self._ended
        if self._gathering.ended_at is not None and self._gathering.last_words is not None:
            self._gathering.last_words()  # with this one it has ended

    def _ended(self) -> None:
        started = self._gathering.started_at or self._gathering.opened_at
        duration = int(self._session.ports.clock.now() - started)
        billed = sum(begun_minutes_s(one.lasted_s) for one in self._gathering.past)
        params = {
            "MPCDuration": str(duration),
            "MPCBilledDuration": str(billed),
            "MPCBilledAmount": "0.00000",  # their calls are paid for, as any others
        }
        self._tell(_STATE, "MPCEnd", params)

    def digits(self, pattern: str) -> None:
        self._tell(_DIGITS, "ParticipantDigitInput", {"Digits": pattern})

    def voice(self, *, active: bool) -> None:
        self._tell(_SPEAK, "ParticipantSpeakStart" if active else "ParticipantSpeakStop")

    def changed(self, what: MemberAction) -> None:
        if what in _CHANGES:
            self._tell(_PARTICIPANT, _CHANGES[what])

    def exit_params(self) -> Params:
        """Return the parameters of the exit action."""
        return _exit_params(self._element, self._session, self._gathering, self._member)

    def _tell(self, group: str, event: str, extra: Params | None = None) -> None:
        if group not in self._events:
            return
        self._session.tell(
            self._element.string("statusCallbackUrl"),
            self._element.string("statusCallbackMethod"),
            "multiparty",
            {
                "EventName": event,
                "EventTimestamp": stamp(self._session.ports.clock.now()),
                "MPCUUID": self._gathering.uuid,
                "MPCName": self._gathering.name,
                "MemberID": self._member.member_id,
                "ParticipantRole": self._member.role,
                "ParticipantCallUUID": self._member.call_uuid,
                "ParticipantCoachMode": "true" if self._member.coaching else "false",
            }
            | (extra or {}),
        )


def _exit_params(
    element: Element, session: Session, gathering: Gathering, member: Member | None
) -> Params:
    """What the exit action is told; who found it full (None) has no id and never joined."""
    return {
        "MPCUUID": gathering.uuid,
        "MPCFriendlyName": gathering.name,
        "MemberID": member.member_id if member else "",
        "ParticipantCallUUID": session.facts.call_uuid,
        "ParticipantJoinTime": stamp(member.joined_at) if member else "",
        "ParticipantEndTime": stamp(session.ports.clock.now()),
        "ParticipantRole": element.string("role"),
    }
