"""Settings of SIP: listeners, addresses that peers are told, trunks and their routes."""

import asyncio
import contextlib
import socket
from pathlib import Path
from types import SimpleNamespace

import pytest

from trunkline.engines.sip.trunks import TrunkTable
from trunkline.processes.voice import sip
from trunkline.processes.voice.peers import Peers
from trunkline.runtime.settings import Settings
from trunkline.runtime.settings.load import from_document

ACME = {"name": "acme", "host": "192.0.2.1", "routes": ["44"], "max_calls": 3}
BETA = {"name": "beta", "host": "192.0.2.2", "transport": "tls", "register": True,
        "username": "me", "password": "hush", "networks": ["198.51.100.0/24"]}  # fmt: skip


def read(**tables: object) -> Settings:
    return from_document(tables, {}, {})


def test_without_listeners_calls_are_served_in_local_mode_alone() -> None:
    assert sip.listens(read(), local=True)
    assert not sip.listens(read(), local=False)
    assert sip.listens(read(sip={"tcp": "127.0.0.1:0"}), local=False)


def test_a_taken_port_is_passed_over_in_local_mode() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        with contextlib.suppress(OSError):  # somebody else has it: as good
            taken.bind(sip.LOCAL)
        found = sip.listeners(read())
    assert [(one.transport, one.port) for one in found] == [("udp", 0), ("tcp", 0)]


def test_listeners_as_they_are_set() -> None:
    found = sip.listeners(read(sip={"udp": "127.0.0.1:5070", "tcp": "[::1]:5071"}))
    assert [(one.transport, one.host, one.port) for one in found] == [
        ("udp", "127.0.0.1", 5070),
        ("tcp", "::1", 5071),
    ]
    assert [sip.listened_at(one, 5080) for one in found] == ["127.0.0.1:5080", "[::1]:5080"]


def test_a_certificate_that_cannot_be_read(tmp_path: Path) -> None:
    pem = str(tmp_path / "none.pem")
    settings = read(sip={"tls": "127.0.0.1:0", "certificate": pem, "key": pem})
    with pytest.raises(sip.CannotServeCalls, match=r"none\.pem.*as PEM files"):
        sip.listeners(settings)


def test_authorities_that_cannot_be_read(tmp_path: Path) -> None:
    pem = tmp_path / "rubbish.pem"
    pem.write_text("rubbish")
    settings = read(sip={"authority": str(pem)}, trunks=[BETA])
    with pytest.raises(sip.CannotServeCalls, match=r"sip\.authority .*rubbish\.pem.*PEM file"):
        sip.agent_config(settings, sip.listeners(settings), local=True)


def test_what_peers_are_told() -> None:
    everywhere = read(sip={"udp": "0.0.0.0:5060"})
    with pytest.raises(sip.CannotServeCalls, match=r"set voice\.media_address"):
        sip.advertised(everywhere, sip.listeners(everywhere))
    behind = read(sip={"udp": "0.0.0.0:5060", "public_address": "203.0.113.5"})
    assert sip.advertised(behind, sip.listeners(behind)) == "203.0.113.5"
    assert sip.media_address(behind, sip.listeners(behind)) == "0.0.0.0"
    own = read(sip={"udp": "127.0.0.1:5060"}, voice={"media_address": "127.0.0.2"})
    assert sip.advertised(own, sip.listeners(own)) == "127.0.0.2"


def test_trunks() -> None:
    settings = read(trunks=[ACME, BETA])
    found = sip.ways(settings, 5080)
    assert {name: (way.host, way.port, way.transport) for name, way in found.items()} == {
        "acme": ("192.0.2.1", 5060, "udp"),
        "beta": ("192.0.2.2", 5061, "tls"),
        "simulator": ("127.0.0.1", 5080, "udp"),
    }
    assert sip.limits(settings)["acme"].max_calls == 3
    routes = [
        (one.carrier, one.prefixes, one.fallback) for one in sip.routes(settings, simulated=True)
    ]
    assert routes == [("acme", ("44",), False), ("beta", (), False), ("simulator", (), True)]
    peers = [(one.name, one.networks, one.only_asks) for one in sip.peers(settings, {})]
    assert peers == [
        ("acme", ("192.0.2.1",), False),
        ("beta", ("198.51.100.0/24",), False),
        ("beta", ("192.0.2.2",), True),
    ]
    (registration,) = sip.registrations(settings).values()
    assert registration.registrar == "sip:192.0.2.2:5061;transport=tls"
    assert "hush" not in repr(settings.trunks)


def test_a_trunk_that_is_a_domain() -> None:
    given = {"name": "acme", "host": "localhost", "register": True, "username": "me"}
    settings = read(trunks=[given, {**given, "name": "one", "port": 5070}, ACME | {"name": "ip"}])
    ways = sip.ways(settings, 0)
    assert [one.place for one in ways.values()] == ["localhost", "localhost:5070", "192.0.2.1:5060"]
    assert [(name, str(uri)) for name, uri in sip.domains(settings)] == [("acme", "sip:localhost")]
    servers = {"acme": {"192.0.2.7"}, "one": {"192.0.2.8"}}
    peers = {one.name: one.networks for one in sip.peers(settings, servers)}
    assert "192.0.2.7" in peers["acme"]
    assert "127.0.0.1" in peers["acme"]
    assert peers["ip"] == ("192.0.2.1",)
    registrars = {name: one.registrar for name, one in sip.registrations(settings).items()}
    assert registrars == {"acme": "sip:localhost", "one": "sip:localhost:5070"}


async def test_names_that_nobody_answers_keep_no_trunk_waiting() -> None:
    """Who is known by its networks delivers calls while DNS is silent."""
    asked, never = asyncio.Event(), asyncio.Event()

    async def hops(_: object) -> list[object]:
        asked.set()
        await never.wait()
        return []

    async def carriers(_: object) -> list[object]:
        return []

    named = {"name": "acme", "host": "sip.acme.example", "networks": ["198.51.100.0/24"]}
    base = SimpleNamespace(settings=read(trunks=[named]), db=SimpleNamespace(read=carriers))
    agent = SimpleNamespace(trunks=TrunkTable(), hops=hops)
    looking = asyncio.create_task(Peers(base, agent).look())  # type: ignore[arg-type]
    await asyncio.wait_for(asked.wait(), 5)
    assert agent.trunks.at("198.51.100.7") is not None
    assert agent.trunks.at("192.0.2.1") is None
    looking.cancel()
