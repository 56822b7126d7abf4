"""Wire ↔ domain for participants of multiparty calls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import msgspec

from trunkline.accounts.directory import Directory as Accounts
from trunkline.contract.context import Handler, RequestContext
from trunkline.contract.errors import BadRequest, NotFound
from trunkline.contract.operations.voice.multiparty import (
    MpcConfirmation,
    MpcRecordingStarted,
)
from trunkline.contract.operations.voice.participants import (
    ParticipantAnswer,
    ParticipantGet,
    ParticipantList,
    ParticipantPage,
    ParticipantPlay,
    ParticipantRecord,
    ParticipantRequest,
    ParticipantSpeak,
    ParticipantsPlayedTo,
    ParticipantTrack,
    ParticipantUpdate,
    ParticipantUpdated,
)
from trunkline.contract.operations.voice.streams import CountedMeta
from trunkline.values.money import format_amount
from trunkline.voice.commands import wire
from trunkline.voice.commands.api.audio import files, speech
from trunkline.voice.commands.api.conferences import members_of
from trunkline.voice.commands.api.multiparty import named, tape_of, which_of
from trunkline.voice.commands.api.times import short_time
from trunkline.voice.commands.client import CallControl, scope_of
from trunkline.voice.commands.results import GatheringFacts, MemberFacts, Members, Recorded
from trunkline.voice.rating import begun_minutes_s
from trunkline.voice.session.orders import MemberAction
from trunkline.voice.telephony import Tracks

_PAGE = 20
_CHANGES: Mapping[str, tuple[MemberAction, MemberAction, str]] = {
    # field → what true and false do, and what is answered
    "coach_mode": ("coach", "uncoach", "coach_mode enable/disable succeeded"),
    "mute": ("mute", "unmute", "mute/unmute member(s) succeeded"),
    "hold": ("hold", "unhold", "hold/unhold member(s) succeeded"),
}


@dataclass(frozen=True, slots=True)
class ParticipantApi:
    """The operations on participants."""

    control: CallControl
    accounts: Accounts

    async def page(self, context: RequestContext, request: ParticipantList) -> ParticipantPage:
        """Tell all: a multiparty call has few."""
        call = await self._gathering(context, request.mpc_id)
        wanted = (request.call_uuid or "").lower()
        found = [one for one in _everybody(call) if wanted in ("", one.call_uuid)]
        meta = CountedMeta(
            count=len(found), limit=max(_PAGE, len(found)), next=None, offset=0, previous=None
        )
        return ParticipantPage(
            meta=meta, objects=[self._answer(context, call, one) for one in found]
        )

    async def get(self, context: RequestContext, request: ParticipantGet) -> ParticipantAnswer:
        """Tell of one."""
        call = await self._gathering(context, request.mpc_id)
        for one in _everybody(call):
            if one.member_id == request.participant_id:
                return self._answer(context, call, one)
        raise NotFound(f"participant {request.participant_id!r} not found", "participant_id")

    async def update(
        self, context: RequestContext, request: ParticipantUpdate
    ) -> ParticipantUpdated:
        """Change what is given."""
        wanted = {"coach_mode": request.coach_mode, "mute": request.mute, "hold": request.hold}
        given = {field: value for field, value in wanted.items() if value is not None}
        if not given:
            raise BadRequest("nothing is to be changed: give coach_mode, mute or hold")
        answer = ParticipantUpdated(request_uuid=context.api_id)
        for field, value in given.items():
            on, off, said = _CHANGES[field]
            done = await self._to_members(context, request, on if value else off)
            setattr(answer, field, f"MPC: {done.name} {said}")
        return answer

    async def kick(self, context: RequestContext, request: ParticipantRequest) -> MpcConfirmation:
        """Send participants away."""
        done = await self._to_members(context, request, "kick")
        return MpcConfirmation(
            message=f"MPC: {done.name} kick member(s) succeeded", request_uuid=context.api_id
        )

    async def record(
        self, context: RequestContext, request: ParticipantRecord
    ) -> MpcRecordingStarted:
        """Start recordings."""
        which = which_of(request.mpc_id)
        command = wire.RecordMembers(
            scope=scope_of(context),
            which=which,
            members=_members(request),
            tape=_tape(context, request),
        )
        found = await self.control.ask(command, Recorded)
        return MpcRecordingStarted(
            message=f"MPC: {named(which)} record started",
            recording_id=found.recording_id,
            recording_url=found.url,
            request_uuid=context.api_id,
        )

    async def stop_recording(self, context: RequestContext, request: ParticipantTrack) -> None:
        """End recordings."""
        await self.control.do(
            wire.StopRecordingMembers(
                scope=scope_of(context),
                which=which_of(request.mpc_id),
                members=_members(request),
                tracks=_tracks(request),
            )
        )

    async def pause_recording(
        self, context: RequestContext, request: ParticipantTrack, *, paused: bool
    ) -> None:
        """Let recordings pause, or go on."""
        await self.control.do(
            wire.PauseRecordingMembers(
                scope=scope_of(context),
                which=which_of(request.mpc_id),
                members=_members(request),
                tracks=_tracks(request),
                paused=paused,
            )
        )

    async def play(self, context: RequestContext, request: ParticipantPlay) -> ParticipantsPlayedTo:
        """Play a file."""
        done = await self._to_members(context, request, "play", files([request.url]))
        return _played_to("play queued into MPC", done)

    async def speak(
        self, context: RequestContext, request: ParticipantSpeak
    ) -> ParticipantsPlayedTo:
        """Speak a text."""
        audio = speech(request.text, request.voice, request.language, ssml=request.type == "ssml")
        done = await self._to_members(context, request, "play", audio, "speak", mix=request.mix)
        return _played_to("speak queued into MPC", done)

    async def stop(
        self, context: RequestContext, request: ParticipantRequest, *, kind: wire.SoundKind
    ) -> None:
        """Stop what is played or spoken."""
        await self._to_members(context, request, "stop", kind=kind)

    async def _to_members(
        self,
        context: RequestContext,
        request: ParticipantRequest,
        action: MemberAction,
        audio: tuple[wire.Audio, ...] = (),
        kind: wire.SoundKind = "play",
        *,
        mix: bool = True,
    ) -> Members:
        command = wire.ToMembers(
            scope=scope_of(context),
            which=which_of(request.mpc_id),
            members=_members(request),
            action=action,
            audio=audio,
            kind=kind,
            mix=mix,
        )
        return await self.control.ask(command, Members)

    async def _gathering(self, context: RequestContext, mpc_id: str) -> GatheringFacts:
        command = wire.GetGathering(scope=scope_of(context), which=which_of(mpc_id))
        return await self.control.ask(command, GatheringFacts)

    def _answer(
        self, context: RequestContext, call: GatheringFacts, one: MemberFacts
    ) -> ParticipantAnswer:
        gone = one.left_at is not None
        lasted = one.lasted_s
        path = f"/v1/Account/{context.account_id}/MultiPartyCall/uuid_{call.uuid}/"
        return ParticipantAnswer(
            billed_amount=format_amount(0) if gone else None,
            billed_duration=None if lasted is None else begun_minutes_s(lasted),
            call_uuid=one.call_uuid,
            coach_mode=one.coaching,
            duration=lasted,
            end_mpc_on_exit=one.ends,
            exit_cause=one.exit_cause if gone else None,
            exit_time=short_time(self.accounts, context, one.left_at),
            hold=one.held,
            join_time=short_time(self.accounts, context, one.joined_at) or "",
            member_address=one.address,
            member_id=one.member_id,
            mpc_uuid=call.uuid,
            mute=one.muted,
            resource_uri=f"{path}Participant/{one.member_id}/",
            role=one.role,
            start_mpc_on_enter=one.starts,
        )


def handlers(control: CallControl, accounts: Accounts) -> Mapping[str, Handler]:
    """Return the handler of each operation by its id."""
    api = ParticipantApi(control, accounts)
    return {
        "mpc_participant.list": api.page,
        "mpc_participant.get": api.get,
        "mpc_participant.update": api.update,
        "mpc_participant.kick": api.kick,
        "mpc_participant.record_start": api.record,
        "mpc_participant.record_stop": api.stop_recording,
        "mpc_participant.record_pause": partial(api.pause_recording, paused=True),
        "mpc_participant.record_resume": partial(api.pause_recording, paused=False),
        "mpc_member.play_start": api.play,
        "mpc_member.play_stop": partial(api.stop, kind="play"),
        "mpc_member.speak_start": api.speak,
        "mpc_member.speak_stop": partial(api.stop, kind="speak"),
    }


def _everybody(call: GatheringFacts) -> Sequence[MemberFacts]:
    """Return all, the first to come first."""
    return sorted([*call.past, *call.members], key=lambda one: int(one.member_id))


def _members(request: ParticipantRequest) -> tuple[str, ...]:
    return members_of(request.participant_id, "participant_id")


def _tape(context: RequestContext, request: ParticipantRecord) -> wire.Tape:
    if request.record_track_type == "all":
        return tape_of(context, request, "stereo")
    tape = tape_of(context, request, "mono")
    return msgspec.structs.replace(tape, tracks=request.record_track_type)


def _tracks(request: ParticipantTrack) -> Tracks | None:
    return None if request.record_track_type == "all" else request.record_track_type


def _played_to(message: str, done: Members) -> ParticipantsPlayedTo:
    return ParticipantsPlayedTo(
        message=message, mpc_member_id=list(done.members), mpc_name=done.name
    )
