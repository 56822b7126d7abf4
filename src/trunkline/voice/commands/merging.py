"""One outcome out of those of several nodes."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from trunkline.voice.commands import results

_encode = msgspec.msgpack.Encoder().encode
_kinds: Mapping[str, type[msgspec.Struct]] = {
    "gatherings": results.Gatherings,
    "uuid": results.GatheringFacts,
    "members": results.Members,
}


def refused(why: results.Why, message: str) -> results.Outcome:
    """Return an outcome without a result."""
    return results.Outcome(why=why, message=message)


def merged(outcomes: Sequence[results.Outcome]) -> results.Outcome:
    """Return what all have done together, or the first refusal; of recordings the first one.

    Raises:
        msgspec.DecodeError: a result cannot be read.
    """
    for one in outcomes:
        if one.why is not None:
            return one
    if len(outcomes) == 1:
        return outcomes[0]
    values = [_read(one) for one in outcomes]
    first = values[0]
    match first:
        case results.Gatherings():
            every = itertools.chain.from_iterable(one.gatherings for one in values)
            result = results.Gatherings(sorted(every, key=lambda one: (
                one.ended_at is None, one.opened_at)))  # fmt: skip
        case results.Members():
            every = itertools.chain.from_iterable(one.members for one in values)
            result = results.Members(list(every), first.name)
        case results.GatheringFacts():
            result = _as_one(values)
        case _:
            return outcomes[0]
    return results.Outcome(msgspec.Raw(_encode(result)))


def _read(outcome: results.Outcome) -> Any:
    """Results have no tag: what fields they have tells them apart."""
    fields = msgspec.msgpack.decode(outcome.result, type=dict[str, Any])
    for name, kind in _kinds.items():
        if name in fields:
            return msgspec.msgpack.decode(outcome.result, type=kind)
    return None


def _as_one(values: Sequence[results.GatheringFacts]) -> results.GatheringFacts:
    """Return several of one name as the oldest, with everybody's members."""
    oldest = min(values, key=lambda one: one.opened_at)
    return msgspec.structs.replace(
        oldest,
        members=sorted(_members(values), key=lambda one: one.joined_at),
        past=sorted((each for one in values for each in one.past), key=lambda one: one.joined_at),
    )


def _members(values: Sequence[results.GatheringFacts]) -> list[results.MemberFacts]:
    return [each for one in values for each in one.members]
