"""A server and a client on loopback, with everything they tell written down."""

import asyncio
from collections.abc import Callable

import pytest

from trunkline.engines.smpp import (
    Client,
    ClientConfig,
    LinkConfig,
    LinkState,
    NoResponse,
    Server,
    ServerConfig,
)
from trunkline.protocols.smpp import SubmitSm, SubmitSmResp, status

WAIT_S = 5.0


def message(text: bytes = b"hello", **fields) -> SubmitSm:
    return SubmitSm(
        source_addr="TRUNK", destination_addr="15551234567", short_message=text, **fields
    )


class Carrier:
    """A server that accepts every bind with the password `secret` and answers as told."""

    def __init__(self, **config) -> None:
        config.setdefault("bind_timeout_s", 2.0)
        self.submits: list[SubmitSm] = []
        self.sessions: list = []
        self.closed: list[str] = []
        self.results: list = []
        self.rooms = 0
        self.reply: Callable | None = self.accept
        self.verdict: Callable = lambda bind: (
            status.ESME_ROK if bind.password == "secret" else status.ESME_RINVPASWD
        )
        self.server = Server(
            ServerConfig(**config),
            authenticate=lambda session, bind: self.verdict(bind),
            on_submit=self.on_submit,
            on_result=lambda session, context, outcome: self.results.append((context, outcome)),
            on_room=self.on_room,
            on_bound=self.sessions.append,
            on_closed=lambda session, reason: self.closed.append(reason),
        )

    @property
    def session(self):
        return self.sessions[-1]

    def on_room(self, session):
        self.rooms += 1

    def on_submit(self, session, pdu):
        self.submits.append(pdu)
        return self.reply(session, pdu) if self.reply is not None else None

    def accept(self, session, pdu):
        return SubmitSmResp(sequence_number=pdu.sequence_number, message_id=f"M{len(self.submits)}")


class Esme:
    """A client that writes down what it is told."""

    def __init__(
        self, carrier_port: int, *, binds=1, tps=None, burst=None, more=(), **link
    ) -> None:
        config = LinkConfig(
            **{
                "name": "carrier",
                "host": "127.0.0.1",
                "port": carrier_port,
                "system_id": "trunkline",
                "password": "secret",
                "reconnect_min_s": 0.05,
                "reconnect_max_s": 0.2,
                "refused_min_s": 0.1,
                **link,
            }
        )
        self.results: list = []
        self.delivered: list = []
        self.states: list = []
        self.alerts: list = []
        self.capacities = 0
        self.ack_at_once = True
        self.client = Client(
            ClientConfig(config, binds=binds, tps=tps, burst=burst, more=more),
            on_result=lambda context, outcome: self.results.append((context, outcome)),
            on_deliver=self.on_deliver,
            on_capacity=self.on_capacity,
            on_state=lambda link, state, reason: self.states.append((link.name, state, reason)),
            on_alert=lambda pdu, link: self.alerts.append((pdu, link)),
        )

    def on_deliver(self, pdu, delivery):
        self.delivered.append((pdu, delivery))
        if self.ack_at_once:
            delivery.ack()

    def on_capacity(self):
        self.capacities += 1

    @property
    def link(self):
        return self.client.links[0]

    async def up(self, links: int = 1) -> None:
        await until(lambda: self.client.up == links)

    def lost(self) -> list:
        return [context for context, outcome in self.results if isinstance(outcome, NoResponse)]

    def reasons(self, state: LinkState) -> list[str]:
        return [reason for _, seen, reason in self.states if seen is state]


async def until(condition: Callable[[], object], timeout_s: float = WAIT_S) -> None:
    """Wait for a condition; fails the test when it does not come."""
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110  it looks at what the engine shows
            await asyncio.sleep(0.005)


class Lab:
    """Starts carriers and clients and closes them in order."""

    def __init__(self) -> None:
        self.open: list = []
        self.until = until
        self.message = message

    async def carrier(self, **config) -> Carrier:
        carrier = Carrier(**config)
        await carrier.server.start()
        self.open.append(carrier.server)
        return carrier

    async def esme(self, port: int, *, wait: bool = True, **config) -> Esme:
        esme = Esme(port, **config)
        self.open.append(esme.client)
        await esme.client.start()
        if wait:
            await esme.up(len(esme.client.links))
        return esme

    async def pair(self, carrier: dict | None = None, **link) -> tuple[Carrier, Esme]:
        made = await self.carrier(**(carrier or {}))
        return made, await self.esme(made.server.port, **link)

    async def close(self) -> None:
        for each in reversed(self.open):
            await each.close(drain_s=0.1)


@pytest.fixture
def new_lab():
    return Lab


@pytest.fixture
async def lab():
    made = Lab()
    yield made
    await made.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    assert not [task for task in others if "smpp" in (task.get_name() or "")]
