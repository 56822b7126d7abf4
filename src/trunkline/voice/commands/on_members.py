"""Commands to members of conferences and multiparty calls."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from trunkline.voice.commands import results, wire
from trunkline.voice.commands.desk import Desk, sounds_of
from trunkline.voice.commands.on_calls import record_leg
from trunkline.voice.commands.refusals import CommandRefused, NoSuch
from trunkline.voice.rooms.gathering import Gathering
from trunkline.voice.rooms.model import Member
from trunkline.voice.session import orders

T = TypeVar("T")


async def to_members(desk: Desk, command: wire.ToMembers) -> results.Members:
    """Do something to members, each by its own call."""
    gathering = desk.gathering(command.scope, command.which)
    wanted = members_of(gathering, command.members)

    def order(_member: Member) -> orders.Order:
        return orders.ToMember(
            action=command.action,
            sounds=sounds_of(command.audio),
            kind=command.kind,
            mix=command.mix,
        )

    done = await order_each(desk, wanted, order)
    return results.Members(done, gathering.name)


async def record(desk: Desk, command: wire.RecordMembers) -> results.Recorded:
    """Record members, each by itself."""
    gathering = desk.gathering(command.scope, command.which)
    wanted = members_of(gathering, command.members)
    if not wanted:  # the last one is just leaving
        raise CommandRefused(f"nobody is in {gathering.name!r}")

    async def begin(member: Member) -> results.Recorded:
        return await record_leg(desk, command.scope, member.call_uuid, command.tape)

    return (await _each(wanted, begin))[-1][1]


async def stop_recording(desk: Desk, command: wire.StopRecordingMembers) -> results.Text:
    """End what `record` has started."""
    gathering = desk.gathering(command.scope, command.which)
    await order_each(
        desk,
        members_of(gathering, command.members),
        lambda _: orders.StopRecording(tracks=command.tracks),
    )
    return results.Text()


async def pause_recording(desk: Desk, command: wire.PauseRecordingMembers) -> results.Text:
    """Let it pause, or go on."""
    gathering = desk.gathering(command.scope, command.which)
    await order_each(
        desk,
        members_of(gathering, command.members),
        lambda _: orders.PauseRecording(paused=command.paused, tracks=command.tracks),
    )
    return results.Text()


def members_of(gathering: Gathering, wanted: Sequence[str]) -> list[Member]:
    """Return members by their ids, all when none is named; raises NoSuch."""
    if not wanted:
        return list(gathering.members.values())
    for one in wanted:
        if one not in gathering.members:
            raise NoSuch(f"member {one!r} is not in {gathering.name!r}", "member_id")
    return [gathering.members[one] for one in dict.fromkeys(wanted)]


async def order_each(
    desk: Desk, members: Sequence[Member], order: Callable[[Member], orders.Order]
) -> list[str]:
    """Give each member's call an order; return the ids of those who obeyed.

    Raises OrderError when none did.
    """

    async def give(member: Member) -> str:
        return await desk.calls.do(member.call_uuid, order(member))

    return [member.member_id for member, _ in await _each(members, give)]


async def _each(
    members: Sequence[Member], what: Callable[[Member], Awaitable[T]]
) -> list[tuple[Member, T]]:
    """Do something to all at the same time; what some cannot do does not hold up the others."""
    results = await asyncio.gather(*map(what, members), return_exceptions=True)
    done: list[tuple[Member, T]] = []
    errors: list[BaseException] = []
    for member, result in zip(members, results, strict=True):
        if isinstance(result, BaseException):
            errors.append(result)
        else:
            done.append((member, result))
    for one in errors:
        if not isinstance(one, orders.OrderError) or not done:
            raise one
    return done
