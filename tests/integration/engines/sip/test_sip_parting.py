"""A BYE for a call that another process had, as its peer sees it."""

import asyncio

import pytest

from trunkline.engines.sip import Answered, Ended, Farewell, Hop, farewell_of
from trunkline.protocols.sip import Malformed, Request, parse, respond
from trunkline.protocols.sip.digest import Credentials

REASON = 'Q.850;cause=41;text="Temporary failure"'


def farewell(port: int, **more) -> Farewell:
    fields = {
        "call_id": "c1",
        "local": '"Ann" <sip:ann@trunkline>;tag=ours',
        "remote": "<sip:bob@carrier>;tag=theirs",
        "target": f"sip:bob@127.0.0.1:{port}",
        "routes": (),
        "cseq": 3,
        **more,
    }
    return Farewell(**fields)


async def bye_at(peer) -> Request:
    got = parse(await peer.receive())
    assert isinstance(got, Request)
    return got


async def test_a_bye_by_the_route_set_is_proved_when_it_is_challenged(lab):
    party, peer = await lab.party(), lab.peer()
    proxy = f"<sip:127.0.0.1:{peer.port};lr>"
    left = farewell(peer.port, target="sip:bob@192.0.2.1", routes=(proxy,), username="us")
    parting = asyncio.create_task(
        party.agent.part(left, credentials=Credentials("us", "ours"), reason=REASON)
    )
    first = await bye_at(peer)
    assert (first.method, first.uri, first.call_id) == ("BYE", "sip:bob@192.0.2.1", "c1")
    assert (first.from_.tag, first.to.tag) == ("ours", "theirs")
    assert first.headers.get("route") == proxy
    assert first.headers.get("reason") == REASON
    assert first.cseq.number > 1_000
    challenge = [("Proxy-Authenticate", 'Digest realm="carrier", nonce="n", qop="auth"')]
    peer.send(respond(first, 407, headers=challenge).serialise(), party.agent.port())
    second = await bye_at(peer)
    assert second.cseq.number == first.cseq.number + 1
    assert 'username="us"' in (second.headers.get("proxy-authorization") or "")
    peer.send(respond(second, 200).serialise(), party.agent.port())
    assert await parting == 200


async def test_it_is_sent_again_until_it_is_clear_that_nobody_listens(lab):
    party, peer = await lab.party(), lab.peer()
    parting = asyncio.create_task(party.agent.part(farewell(peer.port)))
    first, again = await peer.receive(), await peer.receive()
    assert first == again
    assert await parting == 408


async def test_a_phone_behind_nat_is_reached_where_it_was(lab):
    party, peer = await lab.party(), lab.peer()
    hop = Hop("udp", "127.0.0.1", peer.port)
    left = farewell(peer.port, target="sip:bob@192.0.2.1:5060", hop=hop)
    parting = asyncio.create_task(party.agent.part(left))
    peer.send(respond(await bye_at(peer), 481).serialise(), party.agent.port())
    assert await parting == 481


async def test_what_leads_nowhere(lab):
    party = await lab.party()
    assert await party.agent.part(farewell(9, target="tel:+12125550100")) == 503
    with pytest.raises(Malformed):
        await party.agent.part(farewell(9, remote="rubbish"))


async def test_the_peer_of_a_call_takes_it_for_ours(lab):
    """Of calls both ways, whatever was sent in them meanwhile."""
    caller, callee, heir = await lab.party(), await lab.party(), await lab.party()
    call = caller.place(callee.hop())
    assert farewell_of(call) is None
    await caller.got(call, Answered)
    other = await callee.first()
    ours, theirs = farewell_of(call), farewell_of(other)
    assert ours
    assert theirs
    for _ in range(3):
        assert (await call.send_digit("5")).status == 200
    assert await heir.agent.part(ours, reason=REASON) == 200
    assert await heir.agent.part(theirs, reason=REASON) == 200
    for party, one in ((callee, other), (caller, call)):
        ended = await party.got(one, Ended)
        assert (ended.side, ended.cause) == ("remote", REASON)
    assert farewell_of(call) is None
