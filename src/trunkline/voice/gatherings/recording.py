"""What a `<MultiPartyCall>` has recorded: all that is said in it, and what its participant says."""

import contextlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from trunkline.voice.aftermath import (
    Aftermath,
    Transcribing,
    aftermath_of,
    outcome_of,
    under_way,
    written,
)
from trunkline.voice.events import RecordingEnded
from trunkline.voice.gatherings.sounds import fetched_sounds
from trunkline.voice.rooms.gathering import Gathering
from trunkline.voice.rooms.model import Member, RecordingNews
from trunkline.voice.session.facts import Params, stamp
from trunkline.voice.session.ports import Recorded
from trunkline.voice.session.promised import promised
from trunkline.voice.session.session import Session
from trunkline.voice.telephony import LegGone, RecordingSpec, Refused, Sound
from trunkline.voice.xml.document import Element

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Notices:
    """What all hear when their recording begins and ends."""

    begins: Sequence[Sound] = ()
    ends: Sequence[Sound] = ()


async def notices_of(element: Element, session: Session) -> Notices:
    """Fetch them, if all is to be recorded."""
    if not element.flag("record"):
        return Notices()
    begins, ends = [
        await fetched_sounds(
            session,
            element.string(f"{name}RecordingAudio"),
            element.string(f"{name}RecordingAudioMethod"),
        )
        for name in ("start", "stop")
    ]
    return Notices(begins, ends)


class Tapes:
    """The recordings that one participant's element asks for."""

    def __init__(
        self,
        element: Element,
        session: Session,
        gathering: Gathering,
        member: Member,
        notices: Notices,
    ) -> None:
        self._element = element
        self._session = session
        self._gathering = gathering
        self._member = member
        self._notices = notices
        self._track = ""
        self._told = Counter[str]()  # of each recording

    async def begin(self) -> None:
        """The participant is inside: record, if it is wanted and nobody did before."""
        try:
            await self._record_all()
            await self._record_track()
        except Refused as refusal:  # it is recorded too often already: nobody is let go for that
            log.warning("multiparty.unrecorded", name=self._gathering.name, reason=str(refusal))

    async def enough(self) -> None:
        """Others have come: record now, if that is what was waited for."""
        try:
            if not self._gathering.taped:
                await self._record_all()
        except Refused as refusal:
            log.warning("multiparty.unrecorded", name=self._gathering.name, reason=str(refusal))

    async def end(self) -> None:
        """The participant leaves: what it says now is no longer part of it."""
        track, self._track = self._track, ""
        if track in self._session.beside.recordings:
            with contextlib.suppress(LegGone):  # its recordings have ended with it
                await self._session.leg.stop_recording(track)

    async def _record_track(self) -> None:
        if self._element.flag("recordParticipantTrack") and not self._track:
            spec = self._spec(session=True)
            url = await self._session.beside.record(
                spec, lambda event: self._kept(spec, event), self._session.leg
            )
            self._track = spec.recording_id
            told = under_way(spec.recording_id, url) | self._whose()
            self._tell("MPCRecordingInitiated", spec.recording_id, told)

    async def _record_all(self) -> None:
        gathering, element = self._gathering, self._element
        enough = len(gathering.inside) >= element.number("recordMinMemberCount")
        if not element.flag("record") or gathering.running or gathering.untaped or not enough:
            return
        spec = self._spec()

        def paused(what: RecordingNews) -> None:
            told = under_way(spec.recording_id, url)
            self._tell(f"MPCRecording{what.capitalize()}", spec.recording_id, told)

        url = await gathering.record(
            spec, lambda event: self._kept_all(spec, event), paused, self._notices.ends
        )
        self._tell("MPCRecordingInitiated", spec.recording_id, under_way(spec.recording_id, url))
        await gathering.play(self._notices.begins)

    def _spec(self, *, session: bool = False) -> RecordingSpec:
        return RecordingSpec(
            self._session.ports.new_uuid(),
            "wav" if self._element.string("recordFileFormat") == "wav" else "mp3",
            "mono",
            session=session,
            tracks="inbound" if session else "both",
            aftermath=self._promised(self._whose() if session else {}),
        )

    def _promised(self, whose: Params) -> Aftermath | None:
        extra = {
            "EventName": "MPCRecordingCompleted",
            "MPCUUID": self._gathering.uuid,
            "MPCName": self._gathering.name,
        }
        return aftermath_of(
            promised(
                self._session.facts,
                self._element.string("recordingCallbackUrl"),
                self._element.string("recordingCallbackMethod"),
                "multiparty",
                "multiparty",
                extra | whose,
            ),
            transcribing=self._transcribing(),
        )

    def _transcribing(self) -> Transcribing | None:
        wanted = self._element.flag("transcript")
        return Transcribing(self._element.string("transcriptionUrl")) if wanted else None

    def _kept_all(self, spec: RecordingSpec, event: RecordingEnded) -> None:
        self._keep(spec, event, self._gathering.name, self._gathering.uuid, multiparty=True)
        self._tell_end(event)

    def _kept(self, spec: RecordingSpec, event: RecordingEnded) -> None:
        self._keep(spec, event)
        self._tell_end(event, self._whose())

    def _keep(
        self,
        spec: RecordingSpec,
        event: RecordingEnded,
        name: str = "",
        uuid: str = "",
        *,
        multiparty: bool = False,
    ) -> None:
        if event.error:
            return
        wanted = self._transcribing()
        self._session.ports.journal.recorded(
            Recorded(
                self._session.facts,
                spec,
                event,
                name,
                transcription="" if wanted is None else "auto",
                transcription_url="" if wanted is None else wanted.url,
                conference_uuid=uuid,
                multiparty=multiparty,
            )
        )

    def _whose(self) -> Params:
        member = self._member
        return {
            "MemberID": member.member_id,
            "ParticipantRole": member.role,
            "ParticipantCallUUID": member.call_uuid,
        }

    def _tell_end(self, event: RecordingEnded, whose: Params | None = None) -> None:
        if event.later:
            return
        what = "MPCRecordingFailed" if event.error else "MPCRecordingCompleted"
        told = written("multiparty", outcome_of(event))
        self._tell(what, event.recording_id, told | (whose or {}))

    def _tell(self, event: str, recording_id: str, params: Params) -> None:
        self._told[recording_id] += 1
        self._session.tell(
            self._element.string("recordingCallbackUrl"),
            self._element.string("recordingCallbackMethod"),
            "multiparty",
            {
                "EventName": event,
                "EventTimestamp": stamp(self._session.ports.clock.now()),
                "MPCUUID": self._gathering.uuid,
                "MPCName": self._gathering.name,
                "SequenceNumber": str(self._told[recording_id]),
            }
            | params,
        )
