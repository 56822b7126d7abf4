"""Participants whose calls wait: recorded from the start, cancelled, placed, or ended for them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import pytest
from sqlalchemy import text
from voice_desk import Desk
from voice_node import Node

from trunkline.runtime.bus import InProcessBus
from trunkline.voice.commands import results, wire
from trunkline.voice.commands.client import CallControl
from trunkline.voice.commands.server import CommandServer
from trunkline.voice.commands.wire import Scope
from trunkline.voice.live import LiveCalls
from trunkline.voice.orphans import tell_owners
from trunkline.voice.records.closing import SILENT_S, Closer
from trunkline.voice.records.store import nodes

STATUS = "https://app.test/status"
DELAY_S = 30.0


@dataclass
class Wanted:
    """A node with a participant that waits."""

    desk: Desk
    node: Node
    server: CommandServer
    control: CallControl
    scope: Scope
    call_uuid: str
    request_uuid: str

    async def queued(self) -> list[str]:
        await self.desk.db.write(lambda _: None)  # what was noted before is written
        return (await self.desk.call("call.list_queued", self.desk.main))["calls"]

    async def hangups(self) -> list[tuple[str, str, str]]:
        """Return URL, code and source of what was told, once all calls are over."""
        async with asyncio.timeout(20):
            while len(self.node.live):  # noqa: ASYNC110 - the calls' tasks end by themselves
                await asyncio.sleep(0.005)
        query = text("SELECT url, body FROM webhooks WHERE kind = 'voice.hangup'")
        found = await self.desk.db.read(lambda conn: conn.execute(query).all())
        told = [(url, dict(parse_qsl(body))) for url, body in found]
        return [(url, one["HangupCauseCode"], one["HangupSource"]) for url, one in told]


@asynccontextmanager
async def waiting(desk: Desk) -> AsyncIterator[Wanted]:
    node, bus, scope = Node(desk), InProcessBus(), Scope(desk.main, desk.main)
    server = CommandServer(bus, node.live, node._ports, node.queue, lambda *_: None)
    command = wire.AddParticipants(
        scope=scope,
        which=wire.Which(kind="multiparty", name="Sales"),
        attributes={"role": "agent"},
        to=(wire.Dialled(address="12065550100", delay_s=DELAY_S),),
        sender="14155550100",
        status_url=STATUS,
    )
    control = CallControl(bus)
    added = await control.ask(command, results.Added)
    uuid = added.calls[0].call_uuid
    yield Wanted(desk, node, server, control, scope, uuid, added.request_uuid)
    server.close()
    await server.end_waiting()
    await node.close()


async def test_it_is_queued_until_its_time_comes(desk: Desk) -> None:
    async with waiting(desk) as wanted:
        assert await wanted.queued() == [wanted.call_uuid]
        shown = await desk.call("call.get_queued", desk.main, call_uuid=wanted.call_uuid)
        assert (shown["to"], shown["call_status"]) == ("12065550100", "queued")
        assert await wanted.node.queue.place_what_may() > 0
        assert wanted.node.telephony.dialled == []  # no queue places it as well
        desk.clock.advance(DELAY_S)
        await asyncio.sleep(0.01)
        assert await wanted.hangups() == [(STATUS, "3010", "Callee")]
        assert wanted.node.telephony.dialled == ["12065550100"]
        assert await wanted.queued() == []


@pytest.mark.parametrize("how", ["call", "request", "all"])
async def test_it_can_be_cancelled(desk: Desk, how: str) -> None:
    async with waiting(desk) as wanted:
        scope, uuid = wanted.scope, wanted.call_uuid
        commands: dict[str, Any] = {
            "call": wire.HangUpCall(scope=scope, call_uuid=uuid),
            "request": wire.CancelRequest(scope=scope, request_uuid=wanted.request_uuid),
            "all": wire.HangUpAllCalls(scope=scope),
        }
        other = Scope(desk.other, desk.other)
        await wanted.node.queue.cancel(other)
        await wanted.control.do(wire.HangUpAllCalls(scope=other))
        assert await wanted.queued() == [uuid]
        await wanted.control.do(commands[how])
        assert await wanted.queued() == []
        assert await wanted.hangups() == [(STATUS, "1000", "API Request")]
        desk.clock.advance(DELAY_S)
        await asyncio.sleep(0.01)
        assert wanted.node.telephony.dialled == []


async def test_a_process_that_ends_says_so(desk: Desk) -> None:
    async with waiting(desk) as wanted:
        await wanted.server.end_waiting()
        assert await wanted.queued() == []
        assert await wanted.hangups() == [(STATUS, "5010", "Error")]


async def test_when_its_process_dies_it_ends_and_its_owner_is_told(desk: Desk) -> None:
    async with waiting(desk) as wanted:
        await wanted.queued()
        node, now = wanted.node.journal.node, desk.clock.now()
        await desk.db.write(lambda conn: nodes.seen(conn, node, now))
        desk.clock.advance(SILENT_S + 1)
        owners = [tell_owners]
        closer = Closer(db=desk.db, clock=desk.clock, balances=desk.balances, on_closed=owners)
        assert await closer.sweep() == 1
        assert await wanted.queued() == []
        assert await wanted.hangups() == [(STATUS, "5010", "Error")]


async def test_it_waits_for_room_too(desk: Desk) -> None:
    async with waiting(desk) as wanted:
        live: LiveCalls = wanted.node.live
        live._most = 0
        desk.clock.advance(DELAY_S)
        await asyncio.sleep(0.01)
        assert await wanted.queued() == [wanted.call_uuid]
        live._most = 1
        desk.clock.advance(1.0)
        await asyncio.sleep(0.01)
        assert await wanted.hangups() == [(STATUS, "3010", "Callee")]


async def test_a_multiparty_call_forgets_whom_it_has_called_in_vain(desk: Desk) -> None:
    async with waiting(desk) as wanted:
        rooms = wanted.node._ports.rooms
        gathering = rooms.find_or_open("multiparty", desk.main, desk.main, "Sales")

        async def add(delay_s: float) -> str:
            command = wire.AddParticipants(
                scope=wanted.scope, which=wire.Which(kind="multiparty", name="Sales"),
                attributes={"role": "agent"}, sender="14155550100",
                to=(wire.Dialled(address="12065550101", delay_s=delay_s),),
            )  # fmt: skip
            return (await wanted.control.ask(command, results.Added)).calls[0].call_uuid

        desk.clock.advance(5.0)  # its account's turn
        waits = await add(60.0)
        for _ in range(3):
            await add(0.0)  # nobody is there
            await wanted.hangups()
            desk.clock.advance(5.0)
        newest = await add(60.0)
        assert set(gathering.invited) == {waits, newest}
        assert len(await wanted.queued()) == 3
        gathering.end()
        async with asyncio.timeout(20):  # who was asked for before it began waits on
            while await wanted.queued() != [wanted.call_uuid]:  # noqa: ASYNC110 - records follow
                await asyncio.sleep(0.005)
