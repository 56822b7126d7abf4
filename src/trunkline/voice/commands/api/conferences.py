"""Wire ↔ domain for conferences and their members."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from trunkline.contract.context import Handler, RequestContext
from trunkline.contract.errors import NotFound
from trunkline.contract.operations.voice.conferences import (
    ConferenceAnswer,
    ConferenceGet,
    ConferenceHangUp,
    ConferenceHangUpAll,
    ConferenceList,
    ConferenceMember,
    ConferenceNames,
    ConferenceRecord,
    ConferenceRecordStop,
)
from trunkline.contract.operations.voice.members import (
    MemberPlay,
    MemberRequest,
    MembersAnswer,
    MemberSpeak,
)
from trunkline.contract.operations.voice.words import RecordingStarted
from trunkline.voice.commands import wire
from trunkline.voice.commands.api.audio import files, speech
from trunkline.voice.commands.client import CallControl, scope_of
from trunkline.voice.commands.results import (
    GatheringFacts,
    Gatherings,
    Members,
    Recorded,
)
from trunkline.voice.session.orders import MemberAction

ALL = "all"


@dataclass(frozen=True, slots=True)
class ConferenceApi:
    """The operations on conferences."""

    control: CallControl

    async def list(self, context: RequestContext, _request: ConferenceList) -> ConferenceNames:
        """Tell which there are."""
        command = wire.ListGatherings(scope=scope_of(context), kind="conference")
        found = await self.control.ask(command, Gatherings)
        names = dict.fromkeys(one.name for one in found.gatherings)  # several nodes may have one
        return ConferenceNames(conferences=list(names))

    async def get(self, context: RequestContext, request: ConferenceGet) -> ConferenceAnswer:
        """Tell of one."""
        command = wire.GetGathering(scope=scope_of(context), which=_which(request.conference_name))
        found = await self.control.ask(command, GatheringFacts)
        return ConferenceAnswer(
            conference_name=found.name,
            conference_run_time=str(int(context.now - found.opened_at)),
            conference_member_count=str(len(found.members)),
            members=[
                ConferenceMember(
                    member_id=one.member_id,
                    call_uuid=one.call_uuid,
                    from_=one.sender,
                    to=one.recipient,
                    caller_name=one.caller_name,
                    direction=one.direction,
                    join_time=str(int(context.now - one.joined_at)),
                    muted=one.muted,
                    deaf=one.deaf,
                )
                for one in found.members
            ],
        )

    async def hang_up(self, context: RequestContext, request: ConferenceHangUp) -> None:
        """Hang up one."""
        command = wire.EndGathering(scope=scope_of(context), which=_which(request.conference_name))
        await self.control.ask(command, GatheringFacts)

    async def hang_up_all(self, context: RequestContext, _request: ConferenceHangUpAll) -> None:
        """Hang up all."""
        await self.control.do(wire.EndAllConferences(scope=scope_of(context)))

    async def record(self, context: RequestContext, request: ConferenceRecord) -> RecordingStarted:
        """Start a recording."""
        told = request.transcription_url or ""
        tape = wire.Tape(
            format=request.file_format,
            channels="mono",
            max_s=request.time_limit or 0,
            callback_url=request.callback_url or "",
            callback_method=request.callback_method,
            transcription=request.transcription_type if told else "",
            transcription_url=told,
            transcription_method=request.transcription_method,
            api_id=context.api_id,
        )
        which = _which(request.conference_name)
        command = wire.RecordGathering(scope=scope_of(context), which=which, tape=tape)
        found = await self.control.ask(command, Recorded)
        return RecordingStarted(
            message="conference recording started", recording_id=found.recording_id, url=found.url
        )

    async def stop_recording(self, context: RequestContext, request: ConferenceRecordStop) -> None:
        """End its recordings."""
        which = _which(request.conference_name)
        await self.control.do(wire.StopRecordingGathering(scope=scope_of(context), which=which))

    # --- members ---------------------------------------------------------------------------------

    async def play(self, context: RequestContext, request: MemberPlay) -> MembersAnswer:
        """Play a file to members."""
        return await self.to_members(
            context, request, action="play", message="play queued into conference",
            audio=files([request.url]),
        )  # fmt: skip

    async def speak(self, context: RequestContext, request: MemberSpeak) -> MembersAnswer:
        """Speak to members."""
        audio = speech(request.text, request.voice, request.language, ssml=request.type == "ssml")
        return await self.to_members(
            context, request, action="play", message="speak queued into conference",
            audio=audio, kind="speak",
        )  # fmt: skip

    async def to_members(
        self,
        context: RequestContext,
        request: MemberRequest,
        *,
        action: MemberAction,
        message: str = "",
        audio: tuple[wire.Audio, ...] = (),
        kind: wire.SoundKind = "play",
    ) -> MembersAnswer:
        """Do something to members."""
        command = wire.ToMembers(
            scope=scope_of(context),
            which=_which(request.conference_name),
            members=members_of(request.member_id, "member_id"),
            action=action,
            audio=audio,
            kind=kind,
        )
        found = await self.control.ask(command, Members)
        return MembersAnswer(message=message, member_id=list(found.members))


def members_of(written: str, field: str) -> tuple[str, ...]:
    """Return the ids that a path names; none for `all`.

    Raises:
        NotFound: it names nobody.
    """
    if written.strip().lower() == ALL:
        return ()
    found = tuple(part for one in written.split(",") if (part := one.strip()))
    if not found:
        raise NotFound(f"there is no {field} {written!r}", field)
    return found


def handlers(control: CallControl) -> Mapping[str, Handler]:
    """Return the handler of each operation by its id."""
    api = ConferenceApi(control)

    def to(action: MemberAction, message: str = "", kind: wire.SoundKind = "play") -> Handler:
        return partial(api.to_members, action=action, message=message, kind=kind)

    return {
        "conference.list": api.list,
        "conference.get": api.get,
        "conference.hangup_all": api.hang_up_all,
        "conference.hangup": api.hang_up,
        "conference.record_start": api.record,
        "conference.record_stop": api.stop_recording,
        "conference_member.hangup": to("hangup", "hangup"),
        "conference_member.kick": to("kick", "kicked"),
        "conference_member.mute": to("mute", "muted"),
        "conference_member.unmute": to("unmute"),
        "conference_member.deaf": to("deaf", "deaf"),
        "conference_member.undeaf": to("undeaf"),
        "conference_member.play": api.play,
        "conference_member.play_stop": to("stop"),
        "conference_member.speak": api.speak,
        "conference_member.speak_stop": to("stop", kind="speak"),
    }


def _which(name: str) -> wire.Which:
    return wire.Which(kind="conference", name=name)
