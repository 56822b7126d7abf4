"""Commands where several processes (nodes) have calls: who is asked, and one answer out of many.

A call is in one node, which alone is asked. A conference or multiparty call is in the node where
its first member came in; members whose calls are elsewhere are in another of the same name, so
what is asked by name is asked of each that has one. Nothing is sent twice to a node.
"""

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec

from trunkline.runtime.bus import Bus, NobodyServes, RequestTimeout
from trunkline.voice.commands import results, wire
from trunkline.voice.commands.merging import merged, refused

_encode = msgspec.msgpack.Encoder().encode
_outcomes = msgspec.msgpack.Decoder(results.Outcome)
_facts = msgspec.msgpack.Decoder(results.GatheringFacts)

_EVERYWHERE = (
    wire.HangUpAllCalls, wire.CancelRequest, wire.ListGatherings, wire.EndAllConferences,
)  # fmt: skip
FIND_S = 1.0  # what may pass until it is known who has a conference; then the command has its time
_NONE = ("not_live", "no_such")  # a node that says so has not what is asked for


class Whereabouts(Protocol):
    """Where calls are."""

    async def holder(self, call_uuid: str) -> str | None:
        """Return the node that has a call, "" while it is queued, None when nothing is known."""
        ...

    async def living(self) -> list[str]:
        """Return all nodes; raises DatabaseError when nothing is known of them."""
        ...


class NodeAway(NobodyServes):
    """A node that should have what is asked for cannot be reached."""


@dataclass(frozen=True, slots=True)
class _Holder:
    node: str
    facts: results.GatheringFacts


@dataclass(frozen=True, slots=True)
class Spread:
    """Asks nodes over the bus; each gets `answer_s` to answer."""

    bus: Bus
    where: Whereabouts
    answer_s: float
    _turns: "itertools.count[int]" = field(default_factory=itertools.count)

    async def carry(self, command: wire.Command) -> results.Outcome:
        """Have a command carried out where it must be.

        Raises:
            BusError: as `Bus.request`; NodeAway, NobodyServes: nothing was done.
            DatabaseError: it is not known where.
            msgspec.DecodeError: an answer cannot be read.
        """
        if isinstance(command, _EVERYWHERE):
            return await self._everywhere(command)
        if isinstance(command, wire.AddParticipants):
            return await self._add(command)
        which: wire.Which | None = getattr(command, "which", None)
        if which is not None:
            return await self._gathering(command, which)
        return await self._call(command, getattr(command, "call_uuid", ""))

    # --- calls -----------------------------------------------------------------------------------

    async def _call(self, command: wire.Command, call_uuid: str) -> results.Outcome:
        holder = await self.where.holder(call_uuid)
        outcome = await self._at(holder, command)
        if outcome.why not in _NONE or holder is None:
            return outcome
        # It may have had its turn in the queue, or been handed on, between the two.
        now = await self.where.holder(call_uuid)
        return outcome if now in (holder, None) else await self._at(now, command)

    async def _at(self, holder: str | None, command: wire.Command) -> results.Outcome:
        if holder is None:
            return await self._anybody_who_has(command)
        return await (self._one(holder, command) if holder else self._any(command))

    async def _anybody_who_has(self, command: wire.Command) -> results.Outcome:
        """Ask all: the database has no call of this name, or cannot be asked."""
        outcomes, away = await self._all(command)
        found = [one for one in outcomes if one.why not in _NONE]
        if not found and away is not None:
            raise away
        return (found or outcomes)[0]

    async def _any(self, command: wire.Command) -> results.Outcome:
        """Ask one, in turn; one that cannot be reached has done nothing, so the next is asked."""
        nodes = await self._nodes()
        first = next(self._turns) % len(nodes)
        for node in (*nodes[first:], *nodes[:first]):
            try:
                return await self._one(node, command)
            except NodeAway:
                continue
        raise NobodyServes("no process with calls can be reached")

    # --- conferences and multiparty calls --------------------------------------------------------

    async def _gathering(self, command: wire.Command, which: wire.Which) -> results.Outcome:
        holders, refusal = await self._holders(command.scope, which)
        if isinstance(command, wire.GetGathering) and holders:
            return merged([_done(one.facts) for one in holders])
        if not holders:
            return refusal
        wanted: tuple[str, ...] = getattr(command, "members", ())
        if not wanted:
            nodes = [one.node for one in holders]
            return merged(await asyncio.gather(*(self._one(node, command) for node in nodes)))
        return await self._to_members(command, holders, wanted)

    async def _to_members(
        self, command: wire.Command, holders: Sequence[_Holder], wanted: Sequence[str]
    ) -> results.Outcome:
        """Ask each node for its own members; an id that several have names nobody for certain."""
        owners: dict[str, list[str]] = {
            one: [at.node for at in holders if one in _members(at.facts)] for one in wanted
        }
        for member, nodes in owners.items():
            if len(nodes) > 1:
                name = holders[0].facts.name
                return refused("not_now", f"several voice processes have a member {member} of"
                               f" {name!r}; name it by its call")  # fmt: skip
        by_node: dict[str, list[str]] = {}
        for member, nodes in owners.items():
            by_node.setdefault(nodes[0] if nodes else holders[0].node, []).append(member)
        parts: list[tuple[str, Any]] = [
            (node, msgspec.structs.replace(command, members=tuple(members)))
            for node, members in by_node.items()
        ]
        return merged(await asyncio.gather(*(self._one(node, part) for node, part in parts)))

    async def _add(self, command: wire.AddParticipants) -> results.Outcome:
        """Have participants called by the node where the others are."""
        holders, refusal = await self._holders(command.scope, command.which)
        live = [one.node for one in holders if one.facts.ended_at is None]
        if not command.call_uuid:
            if live:
                return await self._one(live[0], command)
            return refusal if command.which.uuid else await self._any(command)
        if live and (holder := await self.where.holder(command.call_uuid)) and holder not in live:
            return refused("not_now", "the call is in another voice process than"
                           f" {command.which.name or command.which.uuid!r}")  # fmt: skip
        return await self._call(command, command.call_uuid)

    async def _holders(
        self, scope: wire.Scope, which: wire.Which
    ) -> tuple[list[_Holder], results.Outcome]:
        """Return who has one, the oldest first, and what to answer when nobody has."""
        nodes = await self._nodes()
        question = wire.GetGathering(scope=scope, which=which)
        found: list[_Holder] = []
        refusal, away = refused("no_such", ""), None
        answers = await self._ask(nodes, question, FIND_S)
        for node, outcome in zip(nodes, answers, strict=True):
            if isinstance(outcome, NodeAway):
                away = outcome
            elif outcome.why is None:
                found.append(_Holder(node, _facts.decode(outcome.result)))
            else:
                refusal = outcome
        if not found and away is not None:
            raise away
        return sorted(found, key=lambda one: one.facts.opened_at), refusal

    # --- nodes -----------------------------------------------------------------------------------

    async def _everywhere(self, command: wire.Command) -> results.Outcome:
        """Ask all. Where one cannot be reached the answer would be wrong, so there is none."""
        outcomes, away = await self._all(command)
        if isinstance(command, wire.CancelRequest):
            found = [one for one in outcomes if one.why is None]
            if not found and away is not None:
                raise away
            return (found or outcomes)[0]
        if away is not None:
            raise away
        return merged(outcomes)

    async def _all(self, command: wire.Command) -> tuple[list[results.Outcome], NodeAway | None]:
        """Return what the nodes say that can be reached, and the error of one that cannot."""
        answers = await self._ask(await self._nodes(), command)
        outcomes = [one for one in answers if not isinstance(one, NodeAway)]
        away = next((one for one in answers if isinstance(one, NodeAway)), None)
        if not outcomes and away is not None:
            raise away
        return outcomes, away

    async def _ask(
        self, nodes: Sequence[str], command: wire.Command, find_s: float | None = None
    ) -> list[results.Outcome | NodeAway]:
        """Ask nodes at the same time; with `find_s` only a question, which may go unanswered."""

        async def ask(node: str) -> results.Outcome | NodeAway:
            try:
                return await self._one(node, command, find_s)
            except NodeAway as error:
                return error
            except RequestTimeout:
                if find_s is None:
                    raise
                return NodeAway(node)

        return await asyncio.gather(*map(ask, nodes))

    async def _nodes(self) -> list[str]:
        nodes = await self.where.living()
        if not nodes:
            raise NobodyServes("no process has the role voice")
        return nodes

    async def _one(
        self, node: str, command: wire.Command, within_s: float | None = None
    ) -> results.Outcome:
        try:
            answer = await self.bus.request(
                wire.subject_of(node), _encode(command), timeout_s=within_s or self.answer_s
            )
        except NobodyServes:
            raise NodeAway(node) from None
        return _outcomes.decode(answer)


def _members(facts: results.GatheringFacts) -> set[str]:
    return {one.member_id for one in facts.members}


def _done(facts: results.GatheringFacts) -> results.Outcome:
    return results.Outcome(msgspec.Raw(_encode(facts)))
