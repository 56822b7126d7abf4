"""The Cloud API carrier over real sockets, against the simulated Cloud API."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from trunkline.engines.http.client import HttpClient
from trunkline.engines.http.guard import AddressPolicy
from trunkline.messaging.carriers.port import Accepted, Outcome, Refused, Uncertain, Unsent
from trunkline.messaging.carriers.whatsapp import CloudConfig, WhatsappCarrier
from trunkline.messaging.model import Dispatch
from trunkline.protocols.whatsapp import outgoing
from trunkline.runtime.clock import ControlledClock
from trunkline.simulator.whatsapp.cloud import phone_number_id
from trunkline.simulator.whatsapp.server import TOKEN, VERSION, WhatsappSimulator

SENDER, HANDSET = "14155550100", "14155550123"


def dispatch(recipient: str = HANDSET, message: Any = None, sender: str = SENDER) -> Dispatch:
    body = json.dumps(message or outgoing.text("Hi"))
    return Dispatch(
        "uuid", "MA", "MA", "sending", "cloud", 0.0, 0, "", 9e9, 0.0, None, sender, recipient,
        "US", body, 1, 0, "", "POST", "", "", "", "", "whatsapp",
    )  # fmt: skip


@dataclass
class Rig:
    """A carrier, and what it told."""

    simulator: WhatsappSimulator
    carrier: WhatsappCarrier
    told: "asyncio.Queue[Outcome]" = field(default_factory=asyncio.Queue)

    async def ask(self, *given: Any, **named: Any) -> Outcome:
        self.carrier.submit(dispatch(*given, **named))
        return await asyncio.wait_for(self.told.get(), 10)


@pytest.fixture
async def rig(clock: ControlledClock) -> AsyncIterator[Rig]:
    simulator = WhatsappSimulator(clock)
    await simulator.start()
    made = carry(simulator, clock)
    yield made
    await made.carrier.close(1.0)
    await simulator.stop()


def carry(
    simulator: WhatsappSimulator, clock: ControlledClock, *, url: str = "", **more: Any
) -> Rig:
    told: asyncio.Queue[Outcome] = asyncio.Queue()
    given = {"token": TOKEN, "phone_number_id": phone_number_id, "window": 3, **more}
    policy = AddressPolicy(allow_loopback=True)
    carrier = WhatsappCarrier(
        config=CloudConfig(name="cloud", url=url or simulator.url, version=VERSION, **given),
        clock=clock,
        client=HttpClient(policy),
        looker=HttpClient(policy),
        on_outcome=lambda _, outcome: told.put_nowait(outcome),
        on_room=lambda: None,
    )
    return Rig(simulator, carrier, told)


async def test_taken(rig: Rig) -> None:
    outcome = await rig.ask()
    assert isinstance(outcome, Accepted)
    (part,) = outcome.parts
    assert part.key.startswith("wamid.")
    assert rig.simulator.cloud.accepted == 1


async def test_refused_for_good(rig: Rig) -> None:
    outcome = await rig.ask("15005558006")
    assert isinstance(outcome, Refused)
    assert (outcome.status.code, outcome.status.plivo_code) == (132001, 10)


async def test_throttled_waits_and_nothing_more_leaves_meanwhile(
    rig: Rig, clock: ControlledClock
) -> None:
    assert rig.carrier.capacity() == 3
    outcome = await rig.ask("15005558011")
    assert outcome == Unsent(1.0)
    assert (rig.carrier.capacity(), rig.carrier.is_up) == (0, True)
    clock.advance(1.1)
    assert rig.carrier.capacity() == 3
    assert isinstance(await rig.ask("15005558011"), Accepted)


async def test_the_rate_of_one_pair_stops_nobody_else(rig: Rig) -> None:
    assert await rig.ask("15005558015") == Unsent(6.0)
    assert rig.carrier.capacity() == 3


async def test_an_answer_that_says_nothing_is_uncertain(rig: Rig) -> None:
    assert isinstance(await rig.ask("15005558014"), Uncertain)


async def test_a_wrong_token_is_the_links_fault(rig: Rig, clock: ControlledClock) -> None:
    other = carry(rig.simulator, clock, token="wrong")
    outcome = await other.ask()
    assert isinstance(outcome, Refused)
    assert (outcome.status.plivo_code, outcome.status.alarm) == (90, True)
    await other.carrier.close(0.1)


async def test_nobody_there(rig: Rig, clock: ControlledClock) -> None:
    lost = carry(rig.simulator, clock, url="http://127.0.0.1:9")
    assert lost.carrier.is_up
    assert await lost.ask() == Unsent()
    assert (lost.carrier.is_up, lost.carrier.capacity()) == (False, 0)
    await lost.carrier.close(0.1)


async def test_silence_is_uncertain(rig: Rig, clock: ControlledClock) -> None:
    async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(never, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        silent = carry(rig.simulator, clock, url=f"http://127.0.0.1:{port}", timeout_s=0.2)
        assert isinstance(await silent.ask(), Uncertain)
        await silent.carrier.close(0.1)


async def test_a_link_cut_after_the_request_is_uncertain(rig: Rig, clock: ControlledClock) -> None:
    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(cut, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        broken = carry(rig.simulator, clock, url=f"http://127.0.0.1:{port}")
        assert isinstance(await broken.ask(), Uncertain)
        await broken.carrier.close(0.1)


async def test_a_sender_of_another_account(rig: Rig, clock: ControlledClock) -> None:
    narrow = carry(rig.simulator, clock, phone_number_id={"14155550101": "1"}.get)
    outcome = await narrow.ask()
    assert isinstance(outcome, Refused)
    assert outcome.status.plivo_code == 40
    await narrow.carrier.close(0.1)


async def test_files_are_asked_what_they_are(rig: Rig) -> None:
    media_id = rig.simulator.cloud.keep_file(b"x" * 100_000, "video/mp4")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: 4\r\n\r\nxxxx")
        await writer.drain()
        writer.close()

    assert media_id
    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        link = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/file"
        assert isinstance(await rig.ask(message=outgoing.media("media", link, "c")), Accepted)
    await asyncio.sleep(0.05)
    missing = await rig.ask(message=outgoing.media("media", "http://127.0.0.1:9/file"))
    assert isinstance(missing, Refused)


async def test_closing_tells_an_outcome_of_everything(rig: Rig, clock: ControlledClock) -> None:
    async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(never, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        silent = carry(rig.simulator, clock, url=f"http://127.0.0.1:{port}")
        silent.carrier.submit(dispatch())
        await asyncio.sleep(0.05)
        assert silent.carrier.capacity() == 2
        await silent.carrier.close(0.1)
        assert isinstance(silent.told.get_nowait(), Uncertain)
        assert await silent.ask() == Unsent()
