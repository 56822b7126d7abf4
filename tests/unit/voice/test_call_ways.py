"""Ways to numbers: one for each trunk, or for each server of a trunk that is a domain."""

import socket
from collections.abc import Sequence

import pytest

from trunkline.engines.http.guard import AddressPolicy
from trunkline.engines.sip import Hop
from trunkline.protocols.sip import Uri
from trunkline.voice.switch.routes import Routes, TrunkWay
from trunkline.voice.telephony import Destination, Refused

TO = Destination("442071838750", "14155550100")


def routes(*trunks: TrunkWay, hops: Sequence[Hop] = ()) -> tuple[Routes, list[str]]:
    asked: list[str] = []

    async def reach(uri: Uri) -> Sequence[Hop]:
        asked.append(str(uri))
        return hops

    made = Routes(
        ["phone.plivo.com"],
        lambda _: (),
        lambda _: trunks,
        AddressPolicy(allow_loopback=True),
        reach,
    )
    return made, asked


async def test_each_server_of_a_domain_is_a_way() -> None:
    servers = [Hop("tcp", f"192.0.2.{n}", 5060 + n, name="acme.test") for n in (1, 2)]
    acme = TrunkWay("acme", "acme.test", 0, "tcp", prefix="00", plus=False)
    made, asked = routes(acme, TrunkWay("beta", "192.0.2.9"), hops=servers)
    ways = await made.ways(TO)
    assert [way.name for way in ways] == ["acme", "acme", "beta"]
    targets = [way.targets[0] for way in ways]
    assert [target.hop for target in targets] == [*servers, Hop("udp", "192.0.2.9", 5060)]
    assert targets[0].uri == targets[1].uri == "sip:00442071838750@acme.test;transport=tcp"
    assert asked == [targets[0].uri]


async def test_each_server_of_a_domain_that_is_called_directly_is_a_way() -> None:
    servers = [
        Hop("tcp", "127.0.0.1", 5071, name="pbx.test"),
        Hop("tcp", "192.168.1.1", 5072, name="pbx.test"),  # in a network that is not called
        Hop("tcp", "9.9.9.9", 5073, name="pbx.test"),
    ]
    made, asked = routes(hops=servers)
    ways = await made.ways(Destination("sip:ann@pbx.test;transport=tcp", "14155550100"))
    assert [way.targets[0].hop for way in ways] == [servers[0], servers[2]]
    assert {way.targets[0].uri for way in ways} == {"sip:ann@pbx.test;transport=tcp"} == {*asked}


@pytest.mark.parametrize(
    ("address", "hops"),
    [("sip:ann@nowhere.test", []), ("sip:ann@in.test", [Hop("udp", "10.0.0.1", 5060)]),
     ("sip:ann@10.0.0.1", [])],
)  # fmt: skip
async def test_where_no_server_is_to_be_called(address: str, hops: list[Hop]) -> None:
    made, _ = routes(hops=hops)
    with pytest.raises(Refused) as refused:
        await made.ways(Destination(address, "14155550100"))
    assert refused.value.cause is not None
    assert refused.value.cause.code == 5020


async def test_a_domain_without_servers_and_a_server_are_found_by_the_user_agent() -> None:
    made, asked = routes(TrunkWay("acme", "acme.test", 0), TrunkWay("beta", "b.test", 5070))
    ways = await made.ways(TO)
    assert [(way.name, way.targets[0].hop) for way in ways] == [("acme", None), ("beta", None)]
    assert [way.targets[0].uri.rpartition("@")[2] for way in ways] == ["acme.test", "b.test:5070"]
    assert asked == ["sip:+442071838750@acme.test"]


async def test_an_address_is_called_as_sockets_write_it() -> None:
    """However it is written in the settings, its connections are found again."""
    written = "2001:DB8:0:0::0005"
    made, _ = routes(TrunkWay("acme", written, 5061, "tls"))
    (way,) = await made.ways(TO)
    at = socket.inet_ntop(socket.AF_INET6, socket.inet_pton(socket.AF_INET6, written))
    assert way.targets[0].hop == Hop("tls", at, 5061)
    assert way.targets[0].uri == f"sip:+{TO.address}@[{written}]:5061;transport=tls"
