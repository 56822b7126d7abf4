"""Domains that name their SIP servers in DNS (SRV), asked for by real packets."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from functools import partial

import pytest
from free_ports import free_port
from name_server import NameServer

from trunkline.engines.sip import (
    Answered,
    Failed,
    Hop,
    Placing,
    RegistrationState,
    TrunkRegistration,
)
from trunkline.engines.sip.transport.resolve import Resolver
from trunkline.engines.sip.transport.services import Found, Record, Services, ask_dns
from trunkline.protocols.sip import parse_uri
from trunkline.protocols.sip.digest import Credentials

RECORDS = {
    "_sip._udp.acme.test": ["20 0 5062 localhost.", "10 0 5061 localhost."],
    "_sip._tcp.acme.test": [],
    "_sips._tcp.acme.test": ["1 0 5063 127.0.0.9.", "2 0 5064 nowhere.invalid."],
}


@pytest.fixture
def names() -> Iterator[NameServer]:
    made = NameServer(RECORDS)
    yield made
    made.stop()


def resolver(names: NameServer) -> Resolver:
    loop = asyncio.get_running_loop()
    return Resolver(loop, Services(loop, partial(ask_dns, at=names.at)))


async def hops(found: Resolver, uri: str) -> list[tuple[str, str, int, str]]:
    return [(*one[:3], one.name) for one in await found.hops(parse_uri(uri))]


async def test_servers_come_in_order_under_the_domains_name(names: NameServer) -> None:
    found = resolver(names)
    assert await hops(found, "sip:1@acme.test") == [
        ("udp", "127.0.0.1", 5061, "acme.test"),
        ("udp", "127.0.0.1", 5062, "acme.test"),
    ]
    assert await hops(found, "sips:1@acme.test") == [("tls", "127.0.0.9", 5063, "acme.test")]
    await hops(found, "sip:2@acme.test")
    assert names.asked == ["_sip._udp.acme.test", "_sips._tcp.acme.test"]  # each once


async def test_who_names_no_server_is_one(names: NameServer) -> None:
    found = resolver(names)
    assert await hops(found, "sip:1@localhost") == [("udp", "127.0.0.1", 5060, "localhost")]
    assert await hops(found, "sip:1@localhost:5070") == [("udp", "127.0.0.1", 5070, "localhost")]
    assert await hops(found, "sip:1@127.0.0.1") == [("udp", "127.0.0.1", 5060, "")]
    assert await hops(found, "sip:1@acme.test;transport=tcp") == []  # it has no address either
    assert await hops(found, "sip:1@acme.test;maddr=127.0.0.3") == [("udp", "127.0.0.3", 5060, "")]
    assert names.asked == ["_sip._udp.localhost", "_sip._tcp.acme.test"]


async def test_a_dead_name_server_holds_nothing_up_for_long() -> None:
    made = NameServer({})
    made.stop()
    found = resolver(made)
    async with asyncio.timeout(4):
        assert await hops(found, "sip:1@localhost") == [("udp", "127.0.0.1", 5060, "localhost")]


async def test_a_call_goes_to_the_server_that_is_named(lab) -> None:
    callee, caller = await lab.party(), await lab.party()

    async def ask(name: str) -> Found:
        assert name == "_sip._udp.acme.test"
        return Found([Record(1, 1, callee.agent.port(), "localhost")], 30.0)

    loop = asyncio.get_running_loop()
    caller.agent._core.resolver = Resolver(loop, Services(loop, ask))
    for uri, kind in (("sip:bob@acme.test", Answered), ("sip:bob@acme.invalid:5060", Failed)):
        call = caller.agent.place(Placing(uri, "sip:alice@trunkline", b"v=0\r\n"))
        caller.watch(call)
        await caller.got(call, kind)
        call.hang_up()


async def test_we_register_with_the_next_server_when_one_is_out(lab) -> None:
    home = await lab.party(trunks=[], secrets={"alice": "secret"})
    phone = await lab.party()
    ports = [free_port(), home.agent.port()]

    async def ask(_: str) -> Found:
        records = [Record(at, 1, port, "localhost") for at, port in enumerate(ports)]
        return Found(records, 30.0)

    loop = asyncio.get_running_loop()
    phone.agent._core.resolver = Resolver(loop, Services(loop, ask))
    states: list[RegistrationState] = []
    registration = phone.agent.register(
        TrunkRegistration(
            "sip:acme.test", "sip:alice@acme.test", Credentials("alice", "secret"), expires_s=60
        ),
        lambda _, state, __: states.append(state),
    )
    await lab.until(lambda: states)
    assert states == [RegistrationState.REGISTERED]
    (binding,) = home.agent.registrar.contacts("alice")
    assert binding.cseq == 3  # none is given twice: the first server had one
    await phone.agent.unregister(registration)  # where it registered, so at once
    assert home.agent.registrar.contacts("alice") == []


async def test_weights_share_out_and_priorities_rule() -> None:
    async def ask(_: str) -> Found:
        return Found(
            [Record(1, 90, 1, "a"), Record(1, 10, 2, "b"), Record(0, 0, 3, "c"),
             Record(0, 0, 4, "d")], 30.0,
        )  # fmt: skip

    services = Services(asyncio.get_running_loop(), ask)
    orders = [tuple(one.port for one in await services.of("x.test", "udp")) for _ in range(2_000)]
    assert {frozenset(one[:2]) for one in orders} == {frozenset({3, 4})}
    third = Counter(one[2] for one in orders)
    assert 0.85 < third[1] / 2_000 < 0.95
    assert 0.4 < Counter(one[0] for one in orders)[3] / 2_000 < 0.6


async def test_what_was_asked_is_remembered_for_its_time_and_a_failure_too() -> None:
    asked: list[str] = []
    answers: list[Found | OSError] = [OSError("no answer"), Found((), 1.0)]

    async def ask(name: str) -> Found:
        asked.append(name)
        answer = answers[len(asked) - 1]
        if isinstance(answer, OSError):
            raise answer
        return answer

    services = Services(asyncio.get_running_loop(), ask)
    for domain in ("a.test", "a.test", "b.test", "b.test"):
        assert await services.of(domain, "udp") == []
    assert asked == ["_sip._udp.a.test", "_sip._udp.b.test"]


def test_a_hop_is_shown_without_its_name() -> None:
    assert str(Hop("tls", "192.0.2.1", 5061, name="acme.test")) == "tls:192.0.2.1:5061"


async def test_an_address_is_reached_as_sockets_write_it() -> None:
    """So a connection is found by the address in a Contact, whoever wrote that."""
    resolver = Resolver(asyncio.get_running_loop())
    found: list[Hop | None] = []
    for host in ("[2001:DB8:0:0::0005]", "[2001:db8::5]"):
        uri = parse_uri(f"sip:ann@{host}:5070;transport=tcp")
        resolver.reach(uri, found.append)
        found += await resolver.hops(uri)
    assert found == [Hop("tcp", "2001:db8::5", 5070)] * 4
