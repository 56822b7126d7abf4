"""A BYE for a call that another process had, as its peer sees it."""

import asyncio
from dataclasses import replace

import pytest

from trunkline.engines.sip import (
    Answered,
    Ended,
    Failed,
    Farewell,
    Hop,
    Invitation,
    Listener,
    Proceeding,
    Progress,
    Remains,
    TrunkRegistration,
    Unanswered,
    Unheard,
    remains_of,
)
from trunkline.protocols.sip import Malformed, Request, Response, parse, respond
from trunkline.protocols.sip.digest import Credentials
from trunkline.protocols.sip.transactions import Timing

QUICK = Timing(t1=0.02, t2=0.1, t4=0.1)
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


def answered(call) -> Farewell | None:
    remains = remains_of([call])
    return None if remains is None else remains.answered


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
    assert answered(call) is None
    await caller.got(call, Answered)
    other = await callee.first()
    ours, theirs = answered(call), answered(other)
    assert ours
    assert theirs
    for _ in range(3):
        assert (await call.send_digit("5")).status == 200
    assert await heir.agent.part(ours, reason=REASON) == 200
    assert await heir.agent.part(theirs, reason=REASON) == 200
    for party, one in ((callee, other), (caller, call)):
        ended = await party.got(one, Ended)
        assert (ended.side, ended.cause) == ("remote", REASON)
    assert remains_of([call]) is None


# -- what rang only ------------------------------------------------------------------------------


async def request_at(peer, method: str) -> Request:
    """Give the next request of a method, past those that are sent again."""
    while True:
        got = parse(await peer.receive())
        if isinstance(got, Request) and got.method == method:
            return got


async def ringing(lab, peer, **more):
    """Call a peer, and die; give its INVITE and what is left of ours, and the heir.

    The heir listens where the dead one did.
    """
    party = await lab.party(timing=QUICK)
    call = party.place(peer.port, **more)
    invite = await request_at(peer, "INVITE")
    assert not remains_of([call]).ringing[0].heard
    peer.send(respond(invite, 100).serialise(), party.agent.port())
    await party.got(call, Proceeding)
    left = remains_of([call])
    assert left.ringing[0].heard
    peer.send(respond(invite, 180, tag="theirs").serialise(), party.agent.port())
    await party.got(call, Progress)
    assert remains_of([call]) == left
    return invite, left, await heir_of(lab, party)


async def heir_of(lab, dead):
    """Let a party die, without a word, and start another in its place."""
    port, core = dead.agent.port(), dead.agent._core
    core.transports._udp.close()
    core.transports._udp = None
    for call in dead.agent.live():
        call.abandon()
    core.transactor.close()
    await asyncio.sleep(0)
    return await lab.party(timing=QUICK, listeners=(Listener("udp", "127.0.0.1", port),))


async def test_an_invite_that_rang_is_cancelled(lab):
    peer = lab.peer()
    invite, left, heir = await ringing(lab, peer, route=(f"<sip:127.0.0.1:{peer.port};lr>",))
    (word,) = left.words
    assert isinstance(word, Invitation)
    parting = asyncio.create_task(heir.agent.part(word, reason=REASON))
    cancel = await request_at(peer, "CANCEL")
    # RFC 3261 9.1
    assert (cancel.uri, cancel.call_id) == (invite.uri, invite.call_id)
    assert cancel.via.branch == invite.via.branch
    assert cancel.via.sent_by == invite.via.sent_by
    for name in ("from", "to", "route"):
        assert cancel.headers.get(name) == invite.headers.get(name)
    assert str(cancel.cseq.number) == str(invite.cseq.number)
    assert cancel.headers.get("reason") == REASON
    peer.send(respond(cancel, 200, tag="theirs").serialise(), heir.agent.port())
    assert not parting.done()
    ended = respond(invite, 487, tag="theirs").serialise()
    peer.send(ended, heir.agent.port())
    ack = await request_at(peer, "ACK")
    assert (ack.via.branch, ack.to.tag) == (invite.via.branch, "theirs")
    assert await parting == 487
    peer.send(ended, heir.agent.port())  # the ACK was lost
    assert (await request_at(peer, "ACK")).to.tag == "theirs"


@pytest.mark.parametrize("status", [200, 481])
async def test_an_answer_that_crosses_the_cancel_is_taken_and_ended(lab, status):
    """481: it was answered before the CANCEL came, and the peer repeats its 200."""
    peer = lab.peer()
    invite, left, heir = await ringing(lab, peer)
    parting = asyncio.create_task(heir.agent.part(left.words[0], reason=REASON))
    cancel = await request_at(peer, "CANCEL")
    peer.send(respond(cancel, status, tag="theirs").serialise(), heir.agent.port())
    contact = [("Contact", f"<sip:bob@127.0.0.1:{peer.port}>")]
    answer = respond(invite, 200, tag="theirs", headers=contact).serialise()
    peer.send(answer, heir.agent.port())
    ack, bye = await request_at(peer, "ACK"), await request_at(peer, "BYE")
    assert ack.via.branch != invite.via.branch
    assert ack.cseq.number == invite.cseq.number
    assert bye.cseq.number > invite.cseq.number
    assert {one.to.tag for one in (ack, bye)} == {"theirs"}
    assert bye.headers.get("reason") == REASON
    peer.send(respond(bye, 200).serialise(), heir.agent.port())
    assert await parting == 200
    peer.send(answer, heir.agent.port())
    assert (await request_at(peer, "ACK")).serialise() == ack.serialise()


async def test_what_was_challenged_is_cancelled_by_its_last_invite(lab):
    peer, party = lab.peer(), await lab.party(timing=QUICK)
    call = party.place(peer.port, credentials=Credentials("us", "ours"))
    first = await request_at(peer, "INVITE")
    peer.send(respond(first, 100).serialise(), party.agent.port())
    challenge = [("Proxy-Authenticate", 'Digest realm="carrier", nonce="n", qop="auth"')]
    peer.send(respond(first, 407, tag="x", headers=challenge).serialise(), party.agent.port())
    second = await request_at(peer, "INVITE")
    assert not remains_of([call]).ringing[0].heard
    await party.got(call, Unheard)
    peer.send(respond(second, 100).serialise(), party.agent.port())
    await party.got(call, Proceeding, 2)
    left = remains_of([call])
    assert left
    heir = await heir_of(lab, party)
    parting = asyncio.create_task(heir.agent.part(left.words[0]))
    cancel = await request_at(peer, "CANCEL")
    assert cancel.via.branch == second.via.branch
    assert cancel.cseq.number == second.cseq.number
    contact = [("Contact", f"<sip:bob@127.0.0.1:{peer.port}>")]
    answer = respond(second, 200, tag="theirs", headers=contact)
    peer.send(answer.serialise(), heir.agent.port())
    ack = await request_at(peer, "ACK")  # RFC 3261 13.2.2.4
    proof = second.headers.get("proxy-authorization")
    assert ack.headers.get("proxy-authorization") == proof
    bye = await request_at(peer, "BYE")
    peer.send(respond(bye, 200).serialise(), heir.agent.port())
    assert await parting == 200


async def unheard(lab, peer):
    """Call a peer that says nothing, and die; give its INVITE, what is left of ours, the heir."""
    party = await lab.party(timing=QUICK)
    call = party.place(peer.port)
    invite = await request_at(peer, "INVITE")
    await party.got(call, Unheard)
    (word,) = remains_of([call]).words
    assert isinstance(word, Invitation)
    assert not word.heard
    heir = await heir_of(lab, party)
    while not await peer.silent(0.05):
        pass  # it was sent again before its process died
    return invite, word, heir


async def test_an_invite_that_nothing_came_to_is_cancelled_once_it_rings(lab):
    """RFC 3261 9.1: not before a provisional response."""
    peer = lab.peer()
    invite, word, heir = await unheard(lab, peer)
    parting = asyncio.create_task(heir.agent.part(word, reason=REASON))
    assert await peer.silent()
    for _ in range(2):
        peer.send(respond(invite, 180, tag="theirs").serialise(), heir.agent.port())
    cancel = await request_at(peer, "CANCEL")
    assert cancel.via.branch == invite.via.branch
    assert cancel.headers.get("reason") == REASON
    peer.send(respond(cancel, 200, tag="theirs").serialise(), heir.agent.port())
    peer.send(respond(invite, 487, tag="theirs").serialise(), heir.agent.port())
    ack = await request_at(peer, "ACK")
    assert (ack.via.branch, ack.to.tag) == (invite.via.branch, "theirs")
    assert await parting == 487


async def test_an_invite_that_nothing_came_to_is_ended_when_it_is_answered(lab):
    peer = lab.peer()
    invite, word, heir = await unheard(lab, peer)
    parting = asyncio.create_task(heir.agent.part(word, reason=REASON))
    contact = [("Contact", f"<sip:bob@127.0.0.1:{peer.port}>")]
    answer = respond(invite, 200, tag="theirs", headers=contact).serialise()
    await asyncio.sleep(0)
    peer.send(answer, heir.agent.port())
    requests = [await bye_at(peer), await bye_at(peer)]
    assert [one.method for one in requests] == ["ACK", "BYE"]  # and no CANCEL
    peer.send(respond(requests[1], 200).serialise(), heir.agent.port())
    assert await parting == 200


async def test_an_invite_that_nothing_ever_comes_to_is_given_up(lab):
    peer, stranger = lab.peer(), await lab.party(timing=QUICK)
    _, word, heir = await unheard(lab, peer)
    loop = asyncio.get_running_loop()
    began = loop.time()
    assert await heir.agent.part(word) == 408
    assert loop.time() - began >= QUICK.limit - 0.01
    async with asyncio.timeout(QUICK.limit / 2):  # what comes would go to another address
        assert await stranger.agent.part(word) == 408
    assert await peer.silent(0.05)


async def test_who_is_heard_at_once_is_not_told_of_as_unheard(lab):
    peer, party = lab.peer(), await lab.party(timing=QUICK)
    call = party.place(peer.port)
    invite = await request_at(peer, "INVITE")
    peer.send(respond(invite, 100).serialise(), party.agent.port())
    await party.got(call, Proceeding)
    await asyncio.sleep(0.15)
    peer.send(respond(invite, 486, tag="theirs").serialise(), party.agent.port())
    await party.got(call, Failed)
    assert party.seen(call, Unheard) == []


async def test_silence_after_a_cancel_has_an_end(lab):
    peer = lab.peer()
    _, left, heir = await ringing(lab, peer)
    assert await heir.agent.part(left.words[0]) == 408
    # And one who knows of no INVITE, and does not answer it either.
    parting = asyncio.create_task(heir.agent.part(left.words[0]))
    cancel = await request_at(peer, "CANCEL")
    peer.send(respond(cancel, 481, tag="x").serialise(), heir.agent.port())
    assert await parting == 481


async def test_at_another_address_the_word_of_the_cancel_counts(lab):
    """Answers to the INVITE go to the dead process's address."""
    peer, stranger = lab.peer(), await lab.party(timing=QUICK)
    _, left, _ = await ringing(lab, peer)
    parting = asyncio.create_task(stranger.agent.part(left.words[0]))
    cancel = await request_at(peer, "CANCEL")
    peer.send(respond(cancel, 200, tag="x").serialise(), stranger.agent.port())
    assert await parting == 200


async def test_whoever_rings_hears_of_the_end(lab):
    caller, callee = await lab.party(timing=QUICK), await lab.party(timing=QUICK)
    callee.on_call = lambda call: call.ring(180)
    call = caller.place(callee.hop())
    await caller.got(call, Progress)
    left = remains_of([call])
    assert left
    heir = await heir_of(lab, caller)
    other = await callee.first()
    assert await heir.agent.part(left.words[0], reason=REASON) == 487
    ended = await callee.got(other, Ended)
    assert (ended.side, ended.status, ended.cause) == ("remote", 487, REASON)


async def test_a_caller_who_waits_is_refused(lab):
    party, peer = await lab.party(timing=QUICK), lab.peer()
    party.on_call = lambda call: call.ring(180)
    headers = [
        f"INVITE sip:us@127.0.0.1:{party.agent.port()} SIP/2.0",
        f"Via: SIP/2.0/UDP 127.0.0.1:{peer.port};branch=z9hG4bKfirst",
        "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKsecond",
        "From: <sip:bob@carrier>;tag=theirs",
        "To: <sip:us@trunkline>",
        "Call-ID: waits",
        "CSeq: 7 INVITE",
        f"Contact: <sip:bob@127.0.0.1:{peer.port}>",
        "Content-Length: 0",
    ]
    invite = "\r\n".join([*headers, "", ""]).encode()
    peer.send(invite, party.agent.port())
    ring = await response_at(peer, 180)
    left = remains_of([await party.first()])
    assert left
    heir = await heir_of(lab, party)
    (word,) = left.words
    assert isinstance(word, Unanswered)
    parting = asyncio.create_task(heir.agent.part(word, reason=REASON))
    refusal = await response_at(peer, 503)
    assert refusal.headers.lines("via") == ring.headers.lines("via")
    assert refusal.to.tag == ring.to.tag
    assert (refusal.call_id, refusal.cseq) == (ring.call_id, ring.cseq)
    assert refusal.headers.get("reason") == REASON
    await response_at(peer, 503)  # until it is acknowledged
    assert not parting.done()
    to = f"To: <sip:us@trunkline>;tag={ring.to.tag}"
    ack = [line.replace("INVITE", "ACK") for line in headers if not line.startswith("To")]
    peer.send("\r\n".join([*ack, to, "", ""]).encode(), heir.agent.port())
    assert await parting == 200
    # Who does not acknowledge is given up, and who asks anew is served.
    await lab.until(lambda: not heir.agent._core.transactor.servers)
    assert await heir.agent.part(word) == 408
    heir.on_call = lambda call: call.ring(180)
    peer.send(invite, heir.agent.port())
    await response_at(peer, 180)
    assert await heir.agent.part(word) == 482


async def test_a_phone_on_a_connection_of_its_own_hears_by_the_next(lab):
    """What it called, and what calls it; by its first connection nobody is reached any more."""
    tcp = (Listener("tcp", "127.0.0.1", 0),)
    users = {"timing": QUICK, "trunks": [], "secrets": {"bob": "secret"}, "listeners": tcp}
    home, heir = await lab.party(**users), await lab.party(**users)
    phone = await lab.party(timing=QUICK, listeners=tcp)
    phone.on_call = home.on_call = lambda call: call.ring(180)
    await registered(lab, phone, home)
    binding = home.agent.registrar.contacts("bob")[0]
    called = home.place(binding.hop, uri=binding.contact)
    await home.got(called, Progress)
    secret = Credentials("bob", "secret")
    calls = phone.place(home.hop("tcp"), credentials=secret, uri="sip:us@trunkline")
    await phone.got(calls, Progress)
    words = [one for call in (called, await home.first()) for one in remains_of([call]).words]
    assert [word.hop.dial for word in words] == [False, False]
    assert await heir.agent.part(words[0]) == 503
    await registered(lab, phone, heir)
    new = heir.agent.registrar.contacts("bob")[0].hop
    for word, status in zip(words, (200, 202), strict=True):
        assert await heir.agent.part(replace(word, hop=new), reason=REASON) == status
    assert (await phone.got(calls, Failed)).status == 503
    assert (await phone.got(await phone.first(), Ended)).cause == REASON


async def registered(lab, phone, home):
    """Let bob's phone register with a process, by a connection of its own."""
    phone.agent.register(
        TrunkRegistration(
            registrar="sip:trunkline",
            address="sip:bob@trunkline",
            credentials=Credentials("bob", "secret"),
            hop=home.hop("tcp"),
        )
    )
    await lab.until(lambda: home.agent.registrar.contacts("bob"))


async def test_who_cannot_hear_the_acknowledgement_says_so(lab):
    caller, callee, stranger = [await lab.party(timing=QUICK) for _ in range(3)]
    callee.on_call = lambda call: call.ring(180)
    call = caller.place(callee.hop())
    await caller.got(call, Progress)
    left = remains_of([await callee.first()])
    assert left
    assert await stranger.agent.part(left.words[0], reason=REASON) == 202
    assert (await caller.got(call, Failed)).status == 503


async def test_a_caller_of_ours_takes_it_for_an_answer(lab):
    caller, callee = await lab.party(timing=QUICK), await lab.party(timing=QUICK)
    callee.on_call = lambda call: call.ring(180)
    call = caller.place(callee.hop())
    await caller.got(call, Progress)
    left = remains_of([await callee.first()])
    assert left
    heir = await heir_of(lab, callee)
    assert await heir.agent.part(left.words[0], reason=REASON) == 200
    failed = await caller.got(call, Failed)
    assert (failed.status, failed.headers.get("reason")) == (503, REASON)


async def test_what_is_answered_or_over_leaves_nothing_that_rings(lab):
    caller, callee = await lab.party(timing=QUICK), await lab.party(timing=QUICK)
    callee.on_call = lambda call: call.reject(486)
    call = caller.place(callee.hop())
    await caller.got(call, Failed)
    assert remains_of([call, await callee.first()]) is None
    assert Remains().words == []


async def response_at(peer, status: int) -> Response:
    while True:
        got = parse(await peer.receive())
        if isinstance(got, Response) and got.status == status:
            return got
