"""Commands to conferences and multiparty calls as a whole."""

from dataclasses import replace

from trunkline.voice.commands import results, wire
from trunkline.voice.commands.desk import Desk
from trunkline.voice.commands.on_members import order_each
from trunkline.voice.commands.refusals import CommandRefused
from trunkline.voice.commands.tapes import GatheringTape, promised
from trunkline.voice.rooms.gathering import Gathering
from trunkline.voice.rooms.model import Member, Past, Termination
from trunkline.voice.session.orders import NotLive, ToMember


async def list_(desk: Desk, command: wire.ListGatherings) -> results.Gatherings:
    """Tell of all of the account, the oldest first; those that have ended come before."""
    rooms, account_id = desk.ports.rooms, command.scope.account_id
    found = rooms.past_of(command.kind, account_id) if command.past else []
    found += rooms.all_of(command.kind, account_id)
    return results.Gatherings([facts_of(one) for one in found])


async def get(desk: Desk, command: wire.GetGathering) -> results.GatheringFacts:
    """Tell of one; by its id also when it has ended."""
    return facts_of(desk.gathering(command.scope, command.which, past=True))


async def start(desk: Desk, command: wire.StartGathering) -> results.GatheringFacts:
    """Let those who wait come in."""
    gathering = desk.gathering(command.scope, command.which)
    gathering.start()
    return facts_of(gathering)


async def end(desk: Desk, command: wire.EndGathering) -> results.GatheringFacts:
    """End a multiparty call, or hang up a conference."""
    gathering = desk.gathering(command.scope, command.which)
    if gathering.kind == "multiparty":
        gathering.end(Termination.BY_API)
    else:
        await _hang_up(desk, gathering)
    return facts_of(gathering)


async def end_all(desk: Desk, command: wire.EndAllConferences) -> results.Text:
    """Hang up all conferences of the account."""
    for one in desk.ports.rooms.all_of("conference", command.scope.account_id):
        await _hang_up(desk, one)
    return results.Text()


async def record(desk: Desk, command: wire.RecordGathering) -> results.Recorded:
    """Record what is said in the room."""
    gathering = desk.gathering(command.scope, command.which)
    if gathering.running:
        raise CommandRefused(f"{gathering.name!r} is recorded already")
    member = next(iter(gathering.members.values()), None)
    if member is None:  # the last one is just leaving, or the first one not in yet
        raise CommandRefused(f"nobody is in {gathering.name!r}")
    facts = desk.call(command.scope, member.call_uuid).facts
    spec = replace(desk.spec(command.tape), aftermath=promised(gathering, facts, command.tape))
    tape = GatheringTape(desk.ports, gathering, facts, spec, command.tape)
    url = await gathering.record(spec, tape.finished, tape.paused)
    tape.begun(url)
    return results.Recorded(spec.recording_id, url)


async def stop_recording(desk: Desk, command: wire.StopRecordingGathering) -> results.Text:
    """End its recordings; nothing happens when there is none."""
    await desk.gathering(command.scope, command.which).stop_recording()
    return results.Text()


async def pause_recording(desk: Desk, command: wire.PauseRecordingGathering) -> results.Text:
    """Let its recordings pause, or go on."""
    gathering = desk.gathering(command.scope, command.which)
    if not await gathering.pause_recording(paused=command.paused):
        raise CommandRefused(f"{gathering.name!r} is not recorded")
    return results.Text()


async def _hang_up(desk: Desk, gathering: Gathering) -> None:
    members = list(gathering.members.values())
    if members:
        try:
            await order_each(desk, members, lambda _: ToMember(action="hangup"))
        except NotLive:
            return  # they have all left meanwhile


def facts_of(gathering: Gathering) -> results.GatheringFacts:
    """Return what is told of one."""
    paused = [one.paused for one in gathering.running.values()]
    return results.GatheringFacts(
        uuid=gathering.uuid,
        name=gathering.name,
        account_id=gathering.account_id,
        opened_at=gathering.opened_at,
        started_at=gathering.started_at,
        ended_at=gathering.ended_at,
        termination=gathering.termination.value,
        recording="not-recording" if not paused else "paused" if all(paused) else "recording",
        members=[_member(one) for one in gathering.members.values()],
        past=[_past(one) for one in gathering.past],
    )


def _member(one: Member) -> results.MemberFacts:
    return results.MemberFacts(
        member_id=one.member_id,
        call_uuid=one.call_uuid,
        address=one.address,
        role=one.role,
        starts=one.starts,
        ends=one.ends,
        joined_at=one.joined_at,
        sender=one.sender,
        recipient=one.recipient,
        caller_name=one.caller_name,
        direction="inbound" if one.direction == "inbound" else "outbound",
        muted=one.muted,
        deaf=one.deaf,
        held=one.held,
        coaching=one.coaching,
        stays_alone=one.stays_alone,
    )


def _past(one: Past) -> results.MemberFacts:
    return results.MemberFacts(
        member_id=one.member_id,
        call_uuid=one.call_uuid,
        address=one.address,
        role=one.role,
        starts=one.starts,
        ends=one.ends,
        joined_at=one.joined_at,
        stays_alone=one.stays_alone,
        left_at=one.left_at,
        exit_cause=one.exit_cause,
    )
