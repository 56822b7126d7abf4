"""`<Conference>`: talk with everybody in the room of that name."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import structlog

from trunkline.voice.aftermath import Aftermath, Transcribing, aftermath_of, outcome_of, written
from trunkline.voice.events import RecordingEnded
from trunkline.voice.gatherings.attendance import Attendance, Rules, member_of
from trunkline.voice.gatherings.sounds import entrance_sounds, fetched_sounds
from trunkline.voice.keys import keys_of
from trunkline.voice.rooms.gathering import Gathering
from trunkline.voice.rooms.model import Member
from trunkline.voice.session.facts import Params
from trunkline.voice.session.orders import MemberAction
from trunkline.voice.session.ports import Recorded
from trunkline.voice.session.promised import promised
from trunkline.voice.session.session import Session
from trunkline.voice.session.signals import CallOver
from trunkline.voice.telephony import RecordingSpec, Refused, Sound
from trunkline.voice.xml.document import Element

log = structlog.get_logger(__name__)


async def run(element: Element, session: Session) -> None:
    """Be a member until it ends or the caller leaves; then the action is told, or if it is full."""
    await session.answer()
    facts = session.facts
    rules = await _rules(element, session)
    gathering = session.ports.rooms.find_or_open(
        "conference", facts.account_id, facts.main_auth_id, element.text
    )
    if len(gathering.members) >= element.number("maxMembers"):
        log.info("conference.full", call=facts.call_uuid, name=element.text)
        await session.act(element, _names(gathering, member_id=""))
        return
    member = _member(element, session, gathering)
    manner = _Telling(element, session, gathering, member)
    attendance = Attendance(session, gathering, member, rules, manner)
    try:
        await attendance.run()
    except (CallOver, asyncio.CancelledError):
        session.act_hung_up(element, manner.params())
        raise
    await session.act(element, manner.params())


def _member(element: Element, session: Session, gathering: Gathering) -> Member:
    return replace(
        member_of(session, gathering),
        muted=element.flag("muted"),
        starts=element.flag("startConferenceOnEnter"),
        ends=element.flag("endConferenceOnExit"),
        stays_alone=element.flag("stayAlone"),
    )


async def _rules(element: Element, session: Session) -> Rules:
    enter: Sequence[Sound] = await entrance_sounds(session, element.string("enterSound"))
    return Rules(
        enter=enter,
        leave=await entrance_sounds(session, element.string("exitSound")),
        waiting=await fetched_sounds(session, element.string("waitSound")),
        hangup_on_star=element.flag("hangupOnStar"),
        digits_match=element.string("digitsMatch"),
        relay_digits=element.flag("relayDTMF"),
        tell_voice=element.flag("floorEvent"),
        ends_at=session.ports.clock.now() + element.number("timeLimit"),
    )


class _Telling:
    """What a conference's callback is told (PLIVO XML Conference: callbackUrl)."""

    def __init__(
        self, element: Element, session: Session, gathering: Gathering, member: Member
    ) -> None:
        self._element = element
        self._session = session
        self._gathering = gathering
        self._member = member
        self._recording_id = ""
        self._record_url = ""

    def params(self) -> Params:
        """Return what the action and every callback have."""
        params = _names(self._gathering, self._member.member_id)
        if self._recording_id:
            params |= {"RecordUrl": self._record_url, "RecordingID": self._recording_id}
        return params

    def entered(self) -> None:
        self._session.facts.conference_uuid = self._gathering.uuid
        self._tell("enter", {"ConferenceFirstMember": _word(self._member.first)})

    async def admitted(self) -> None:
        keys, tone_ms = keys_of(self._element.string("sendDigits"))
        if keys:
            await self._session.leg.send_digits(keys, tone_ms=tone_ms)
        await self._record()

    async def crowd(self) -> None:
        if not self._gathering.taped:
            await self._record()

    def left(self) -> None:
        self._tell("exit", {"ConferenceLastMember": _word(self._member.last)})

    def digits(self, pattern: str) -> None:
        self._tell("digits", {"ConferenceDigitsMatch": pattern})

    def voice(self, *, active: bool) -> None:
        if active:
            self._tell("floor", {})

    def changed(self, what: MemberAction) -> None:
        """Nothing is told of that."""

    def _tell(self, action: str, extra: Params) -> None:
        self._session.tell(
            self._element.string("callbackUrl"),
            self._element.string("callbackMethod"),
            "conference",
            {"ConferenceAction": action, **self.params(), **extra},
            event=f"Conference{action.capitalize()}",
        )

    async def _record(self) -> None:
        """The first member that asks for it starts the recording of the whole conference."""
        gathering = self._gathering
        if not self._element.flag("record") or gathering.running or gathering.untaped:
            return
        if not self._element.flag("recordWhenAlone") and len(gathering.inside) < 2:
            return
        spec = RecordingSpec(
            self._session.ports.new_uuid(),
            "wav" if self._element.string("recordFileFormat") == "wav" else "mp3",
            "mono",
            aftermath=self._promised(),
        )
        try:
            self._record_url = await gathering.record(
                spec,
                lambda event: self._recorded(spec, event),
                alone=self._element.flag("recordWhenAlone"),
            )
        except Refused as refusal:  # too much is recorded already: nobody is let go for that
            log.warning("conference.unrecorded", name=gathering.name, reason=str(refusal))
        else:
            self._recording_id = spec.recording_id

    def _recorded(self, spec: RecordingSpec, event: RecordingEnded) -> None:
        if event.error:
            return
        wanted = self._transcribing()
        self._session.ports.journal.recorded(
            Recorded(
                self._session.facts, spec, event, self._gathering.name,
                self._element.string("transcriptionType") if wanted else "",
                wanted.url if wanted else "", wanted.method if wanted else "POST",
                self._gathering.uuid,
            )
        )  # fmt: skip
        self._tell(
            "record",
            written("conference", outcome_of(event)),
        )

    def _transcribing(self) -> Transcribing | None:
        url = self._element.string("transcriptionUrl")
        if not url or not self._element.string("transcriptionType"):
            return None
        return Transcribing(url, self._element.string("transcriptionMethod"))

    def _promised(self) -> Aftermath | None:
        return aftermath_of(
            promised(
                self._session.facts,
                self._element.string("callbackUrl"),
                self._element.string("callbackMethod"),
                "conference",
                "conference",
                {"ConferenceAction": "record", **self.params()},
                event="ConferenceRecord",
            ),
            transcribing=self._transcribing(),
        )


def _names(gathering: Gathering, member_id: str) -> dict[str, str]:
    return {
        "ConferenceName": gathering.name,
        "ConferenceUUID": gathering.uuid,
        "ConferenceMemberID": member_id,  # "": it was full
    }


def _word(value: bool) -> str:
    return "true" if value else "false"
